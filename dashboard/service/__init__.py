"""Service messages as sentences, in the reader's language.

The archive keeps what happened and its values (https://core.telegram.org/type/MessageAction); the
sentence is made here, each time it is shown. Names in it are set apart by Unicode's isolates
(https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates), so that an Arabic title does
not turn the words around it.
"""

from django.utils.translation import gettext as _

from dashboard.service.facts import Facts
from dashboard.service.names import Meta, Names, isolated, name_of, people_in, whole
from dashboard.service.sentences import CHOICES, KNOWN, SENTENCES

__all__ = ["KNOWN", "Names", "isolated", "name_of", "people_in", "sentence", "whole"]


def sentence(meta: Meta, who: str = "", names: Names | None = None) -> str:
    """What happened. `who` did it; `names` are those of marked ids."""
    action = str(meta.get("action") or "")
    facts = Facts(meta, who or str(_("Somebody")), names or {})
    choose = CHOICES.get(action)
    words = choose(meta) if choose else SENTENCES.get(action)
    if words is None:
        name = action.replace("_", " ")
        return _("Something this version does not know: %(name)s") % {"name": name}
    return str(words) % facts
