"""The model as Telegram writes it: TL objects and their bytes."""
