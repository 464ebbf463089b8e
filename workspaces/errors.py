"""What people are told when something cannot be done."""


class WorkspaceError(Exception):
    """A sentence for a person: what happened, and what to do. Nothing was changed."""
