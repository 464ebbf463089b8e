"""Phone numbers, as they are written anywhere: what looks like one, and is one in the numbering plan
of a country (https://github.com/daviddrysdale/python-phonenumbers).
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber

from archive.redaction.kinds import Kind, Span

#: Countries in whose plans a number without a country is looked for. Where several have it, it is
#: the first's.
REGIONS: Final = (
    "RU", "US", "GB", "DE", "FR", "IT", "ES", "UA", "BY", "KZ", "UZ", "TR", "IR", "IN", "BR", "MX",
    "PL", "NL", "PT", "RO", "IL", "AE", "SA", "EG", "ID", "MY", "SG", "TH", "VN", "KR", "JP", "CN",
    "NG", "KE", "ZA", "AR", "AU",
)  # fmt: skip
_FEWEST: Final = 7
_MOST: Final = 15

#: Digits with what stands between them; with a country's code in front, or not.
_CANDIDATE: Final = re.compile(
    r"(?<![\w.,/+=#№$€£¥₽₴₹%&-])(?<!\d[ :])\+?\(?\d(?:[ ./()-]{0,3}\d){6,16}(?![\w%°€$£¥₽₴₹]|[.,:/-]\d| ?(?:€|\$|₽|₴|₹|%))"
)
#: Words that say of the number behind them that it is a phone's, in many languages.
_SAYS_PHONE: Final = re.compile(
    r"(?:\b(?:tel(?:e(?:f[oó]no?|fon[eou]?|phone))?|phone|call|cell|mobile?|mob|sms|whats ?app|wa|viber|signal|text me(?: at)?|fax|"
    r"ph|hotline|contact|m[oó]vil|celular|llam\w+|ligue|zap|portable|appel\w+|handy|anruf\w*|ruf\w*|cellulare|chiama\w*|"
    r"telep?on|numer|gsm|ara(?:yın)?|hubungi|nomor|hp|số|gọi|đt|sđt)|"
    r"тел(?:ефон\w*)?|т\.|моб(?:ильн\w+)?|звон\w+|позвон\w+|звоните|вотсап|ватсап|вайбер|номер\w*|дзвон\w+|зателефон\w+|смс|"
    r"טל(?:פון)?|נייד|תלפון|هاتف|جوال|موبايل|تلفن|تماس|واتساب|اتصل|शफोन|फोन|मोबाइल|कॉल|電話|电话|手机|手機|連絡先|热线|전화|휴대폰|연락처|โทร|เบอร์|[☎📞📱☏])"
    r"[\s:.=\-–—/№#)(]*(?:\w{1,3}[ .:]+)?$",
    re.IGNORECASE,
)
#: What a number behind these words is instead.
_SAYS_OTHER: Final = re.compile(
    r"(?:order|invoice|заказ\w*|счет\w*|счёт\w*|трек\w*|track(?:ing)?(?: no| number)?|isbn|инн|снилс|огрн|кпп|бик|id|imei|"
    r"бестелл\w*|bestell\w*|rechnung\w*|auftrag\w*|pedido|factura|fattura|ordine|commande|facture|артикул|sku|uid|"
    r"парт(?:ия|ии)|serial|s/n|лот|lot|ref|код|code|msg|message|post|amount|price|цена|сумма|total|lat|lon|"
    r"балансе?|views|просмотр\w*|注文|订单|訂單|주문)\W{0,4}(?:no|nr|№|number|номер|番号|号|번호)?[\s.:#№=-]*$",
    re.IGNORECASE,
)
_DATE: Final = re.compile(
    r"(?:(?:19|20)\d\d([./ -])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])|(?:0?[1-9]|[12]\d|3[01])([./ -])(?:0?[1-9]|1[0-2])\2(?:19|20)?\d\d)"
    r"(?:[ T]+\d{1,2}(?:[.:-]?\d\d)*)?"
)
#: Years with a dash, thousands with spaces or points.
_OTHER_NUMBERS: Final = re.compile(
    r"(?:(?:19|20)\d\d ?[-/] ?(?:19|20)\d\d|\d{1,3}(?:([ .])\d{3})(?:\1\d{3})+|(?:19|20)\d{6}(?:[ -]?\d{4,6})?|\d+\.\d+)"
)
_NUMBER_LINK: Final = re.compile(r"(?:wa\.me/|tel:|sms:|callto:|phone=)\+?$", re.IGNORECASE)
_BEHIND: Final = re.compile(
    r"(?:wa\.me/|tel:|sms:|callto:|phone=)\+?(\d{7,15})(?!\d)", re.IGNORECASE
)
_NOT_A_DIGIT: Final = re.compile(r"\D")
_LOOK_BACK: Final = 32


def phones(text: str, words: str | None = None, regions: Sequence[str] = REGIONS) -> Iterator[Span]:
    """With a country's code: what is in that country's plan. Without one: what is in the plan of
    one of `regions`, and is written as phone numbers are, or stands behind a word that says so,
    which is looked for in `words`: the text as it is.
    """
    for found in _BEHIND.finditer(text):
        value = _international(f"+{found.group(1)}")
        if value:
            yield Span(Kind.PHONE, found.start(1), found.end(1), value)
    for found in _CANDIDATE.finditer(text):
        span = _weigh(words or text, found, regions)
        if span:
            yield span


def _weigh(words: str, found: re.Match[str], regions: Sequence[str]) -> Span | None:
    written = found.group()
    digits = _NOT_A_DIGIT.sub("", written)
    if not _FEWEST <= len(digits) <= _MOST or _DATE.fullmatch(written):
        return None
    before = words[max(found.start() - _LOOK_BACK, 0) : found.start()]
    start = found.start()
    value = None
    if written.startswith(("+", "(+")):
        value = _international(f"+{digits}")
    elif digits.startswith("00") and len(digits) > 10:
        value = _international(f"+{digits[2:]}")
    if value is None and not _SAYS_OTHER.search(before):
        said = bool(_SAYS_PHONE.search(before))
        if said or (_is_written_as_phone(written) and not _OTHER_NUMBERS.fullmatch(written)):
            value = _national(digits, regions, said=said)
    return Span(Kind.PHONE, start, found.end(), value) if value else None


def _is_written_as_phone(written: str) -> bool:
    """In groups, as `8 (495) 123-45-67`, `06 12 34 56 78` and `212-555-0123` are."""
    groups = [group for group in re.split(r"\D+", written) if group]
    digits = sum(map(len, groups))
    if not 9 <= digits <= 12 or len(groups) < 3:
        return False
    return "(" in written or written[0] in "0178" or "-" in written


def _international(number: str) -> str | None:
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException:
        return None
    return _e164(parsed) if phonenumbers.is_possible_number(parsed) and _is_valid(parsed) else None


def _is_valid(parsed: PhoneNumber) -> bool:
    return phonenumbers.is_valid_number(parsed)


def _national(digits: str, regions: Sequence[str], *, said: bool) -> str | None:
    if said and (value := _international(f"+{digits}")):
        return value
    for region in regions:
        try:
            parsed = phonenumbers.parse(digits, region)
        except NumberParseException:
            continue
        if _is_valid(parsed):
            return _e164(parsed)
    return None


def _e164(parsed: PhoneNumber) -> str:
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
