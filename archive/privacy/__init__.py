"""Sharing without giving people away, looking for what gives them away, and forgetting them."""

from archive.privacy.choices import BUILT_IN, Profile, profile, profiles, renewed

__all__ = ["BUILT_IN", "Profile", "profile", "profiles", "renewed"]
