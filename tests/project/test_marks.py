"""Every sentence of a template is marked for translation.

When this fails, put what it names into `{% translate %}` or `{% blocktranslate %}`, and run
`python3 manage.py catalogue`. What is the same in every language belongs into `NAMES`.
"""

import re
from html.parser import HTMLParser

import pytest

from tests.project.files import BASE

TEMPLATES = BASE / "templates"

#: Words that are the same in every language: names of programs, formats, fields of Telegram's.
NAMES = {
    *("tgadmin", "Telegram", "Linux", "macOS", "Windows"),
    *("CSV", "JSON", "gzip", "Zstandard", "SHA", "IPv6", "api_id", "example.org"),
}

#: What people read of a tag besides what is in it.
ATTRIBUTES = {
    *("title", "placeholder", "alt", "label"),
    *("aria-label", "aria-description", "aria-roledescription", "aria-valuetext"),
}
#: What is in them is no sentence.
CODE = {"code", "kbd", "pre", "samp", "script", "style", "svg"}
#: What `yesno` writes into attributes that are on or off.
FLAGS = {"true,false", "false,true"}

#: What is no text of the page: comments, marked sentences, attributes that a page gives its body,
#: tags and variables.
_NO_TEXT = [
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"{%\s*comment\b.*?{%\s*endcomment\s*%}|{#.*?#}",
        r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}",
        r"{%\s*block body_attributes\s*%}.*?{%\s*endblock\s*%}",
        r"{%.*?%}|{{.*?}}",
    )
]
#: With what is around it, so that `api_id` and `example.org` are one word each.
_WORD = re.compile(r"[\w.]*[A-Za-z]{2}\w*(?:\.\w+)*")
#: A sentence that a filter puts in where a value is missing, or for yes and no.
_FILLED_IN = re.compile(r"""\|(?:default|default_if_none|yesno|pluralize|add):("[^"]*"|'[^']*')""")
_ADDRESS = re.compile(r"@\w+|\bt\.me\S*|\w+://\S+")


def unmarked(source: str) -> list[str]:
    """The texts and attributes of a template that hold a word outside of any mark."""
    filled_in = [
        words
        for words in _FILLED_IN.findall(source)
        if _has_words(words) and words[1:-1] not in FLAGS
    ]
    for pattern in _NO_TEXT:
        source = pattern.sub(_gap, source)
    reader = _Reader()
    reader.feed(source)
    reader.close()
    return [*reader.found, *filled_in]


def _has_words(text: str) -> bool:
    return any(word.strip(".") not in NAMES for word in _WORD.findall(_ADDRESS.sub(" ", text)))


def _gap(found: re.Match[str]) -> str:
    """What stands for a tag: nothing that is a word, and lines stay lines."""
    return "\n" * found[0].count("\n")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._code: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ATTRIBUTES:
                self._look(value or "", f" ({name})")
        if tag in CODE:
            self._code.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._code and self._code[-1] == tag:
            self._code.pop()

    def handle_data(self, data: str) -> None:
        if not self._code:
            self._look(data, "")

    def _look(self, text: str, where: str) -> None:
        if _has_words(text):
            self.found.append(f"line {self.getpos()[0]}: {' '.join(text.split())}{where}")


def test_every_sentence_of_a_template_is_marked() -> None:
    found = {
        str(path.relative_to(TEMPLATES)): texts
        for path in TEMPLATES.rglob("*.*")
        if (texts := unmarked(path.read_text()))
    }
    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        "<p>Nothing was found</p>",
        '<p>{% translate "Found" %}: nothing</p>',
        "<p>{{ number }} lines</p>",
        "<button aria-label='Close'>×</button>",
        '<input placeholder="a word">',
        '<img alt="A map" src="map.png">',
        '<svg><path d="M0 0"/></svg> Search',
        "<p><code>up</code> starts it</p>",
        "<p>{{ name|default:'Nobody' }}</p>",
        "{% if found %}<h2>{% icon 'eye' %}Results</h2>{% endif %}",
        "{% comment %}of this part{% endcomment %}<p>Part</p>",
    ],
)
def test_what_is_not_marked_is_found(source: str) -> None:
    assert len(unmarked(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        '<p title="{% translate "Close it" %}">{% translate "Close" %}</p>',
        "{% blocktranslate count n=n %}{{ n }} line{% plural %}{{ n }} lines{% endblocktranslate %}",
        "{# a part #}{% comment %}`id`: what it is called{% endcomment %}",
        "<p>tgadmin · CSV, JSON · 10 s</p>",
        "<kbd>Ctrl</kbd><pre>python3 manage.py up</pre><svg><text>have</text></svg>",
        '<input class="in wide" placeholder="@telegram"><a href="/runs/">–</a>',
        "{% block body_attributes %} class='door'{% endblock %}",
        "<script>var a = 'some text';</script>{{ n|default:'–' }}",
    ],
)
def test_what_is_marked_or_no_sentence_is_not(source: str) -> None:
    assert unmarked(source) == []
