"""The waveform of a voice message."""

import base64
import binascii
from typing import Any, Final

#: Samples of five bits each (https://core.telegram.org/constructor/documentAttributeAudio).
_BITS: Final = 5
_TOP: Final = 31
#: Strokes that are drawn, and how high the drawing is.
_STROKES: Final = 48
_HEIGHT: Final = 24


def wave(packed: Any) -> str:
    """The path of an SVG that is 48 * 4 wide and 24 high; empty where there is no waveform."""
    if not isinstance(packed, str):
        return ""
    try:
        data = base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        return ""
    samples = _samples(data)
    if not samples:
        return ""
    strokes = []
    for number in range(_STROKES):
        first = number * len(samples) // _STROKES
        last = max(first + 1, (number + 1) * len(samples) // _STROKES)
        height = max(2, round(max(samples[first:last], default=0) / _TOP * _HEIGHT))
        strokes.append(f"M{number * 4 + 2} {(_HEIGHT - height) // 2}v{height}")
    return "".join(strokes)


def _samples(data: bytes) -> list[int]:
    """Packed from the lowest bit on."""
    bits = int.from_bytes(data, "little")
    return [bits >> place & _TOP for place in range(0, len(data) * 8 - _BITS + 1, _BITS)]
