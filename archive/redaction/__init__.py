"""Taking out of messages what gives people away, and counting it. Knows no Django."""

from archive.redaction.finding import find
from archive.redaction.kinds import Action, Kind, Span
from archive.redaction.names import People
from archive.redaction.redactor import Redactor
from archive.redaction.rules import SHARE_OUTSIDE, Rules

__all__ = ["SHARE_OUTSIDE", "Action", "Kind", "People", "Redactor", "Rules", "Span", "find"]
