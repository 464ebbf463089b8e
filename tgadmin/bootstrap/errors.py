class SetupError(Exception):
    """The set-up cannot go on; the text says what happened and what to do."""
