"""Amounts as Telegram tells them: in the smallest units of a currency."""

from typing import Final

from django.utils.translation import ngettext

from dashboard import wording

#: Digits after the point, where they are not two
#: (https://core.telegram.org/bots/payments/currencies.json; TON counts in 10⁻⁹).
_DIGITS: Final = {
    "CLP": 0, "ISK": 0, "JPY": 0, "KRW": 0, "PYG": 0, "UGX": 0, "VND": 0, "BHD": 3, "IQD": 3,
    "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3, "TON": 9,
}  # fmt: skip


def money(amount: int, currency: str) -> str:
    """`24.50 EUR`, `4,800 JPY`, `250 stars`."""
    if currency == "XTR":
        return ngettext("%(n)s star", "%(n)s stars", amount) % {"n": wording.number(amount)}
    digits = _DIGITS.get(currency, 2)
    shown = wording.number(amount / 10**digits, digits if digits <= 3 else 2)
    return f"{shown} {currency}".strip()
