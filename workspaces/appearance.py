"""Whose choice of light and dark a page follows."""

from typing import Final

from django.http import HttpRequest

from workspaces.models import Appearance

#: Where a browser keeps it, for pages before the login.
COOKIE: Final = "tgadmin_appearance"


def appearance_of(request: HttpRequest) -> Appearance:
    """The person's own; else that of this browser's cookie; else the system's."""
    chosen = getattr(getattr(request, "user", None), "appearance", "")
    return parse(chosen) or parse(request.COOKIES.get(COOKIE, "")) or Appearance.SYSTEM


def parse(text: str) -> Appearance | None:
    """None for what is no appearance."""
    return Appearance(text) if text in Appearance.values else None
