"""What a person types into the search box: words, and filters written as `name:value`. Knows no
Django; which channels and senders are meant is found out by `archive.asking`.
"""

from archive.query.grammar import clean, parse
from archive.query.known import ARE, HAS, KINDS
from archive.query.parts import Either, Mistake, Question, Term, Token, Unwanted
from archive.query.spelled import joined, spelled, spelled_token
from archive.query.tokens import TOKENS, TokenType
from archive.query.unfinished import Unfinished, unfinished

__all__ = [
    "ARE",
    "HAS",
    "KINDS",
    "TOKENS",
    "Either",
    "Mistake",
    "Question",
    "Term",
    "Token",
    "TokenType",
    "Unfinished",
    "Unwanted",
    "clean",
    "joined",
    "parse",
    "spelled",
    "spelled_token",
    "unfinished",
]
