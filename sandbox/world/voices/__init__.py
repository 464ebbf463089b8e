"""How each channel writes: grammar templates in several scripts."""

from sandbox.world.voices import arabic, cjk, cyrillic, english, latin
from sandbox.world.voices.base import Voice

VOICES: dict[str, Voice] = {
    voice.name: voice
    for module in (english, latin, cyrillic, arabic, cjk)
    for voice in module.VOICES
}

__all__ = ["VOICES", "Voice"]
