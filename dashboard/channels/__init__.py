"""What the pages about many channels are made of."""
