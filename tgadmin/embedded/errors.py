"""What can go wrong with the embedded servers, in words."""


class ServerError(Exception):
    """A server could not be found, started or used; the text says why and what to do."""
