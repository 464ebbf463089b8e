"""The tags that translate say what Django's say."""

from typing import Any

import pytest
from django.core.checks import run_checks
from django.template import Context, Template
from django.template.backends.django import DjangoTemplates
from django.utils import translation
from django.utils.safestring import mark_safe
from pytest_django import Settings

SENTENCES = [
    '{% translate "Views" %}',
    "{% trans 'Copied' %}",
    '{% translate "100%" %}',
    '{% translate "Newest" context "order" %}',
    '{% translate "Views" as words %}[{{ words }}]',
    "{% translate name %}",
    '{% translate "views"|upper %}',
    "{% translate 'Views' noop %}",
    "{% blocktranslate trimmed with number=count %}Open message {{ number }}{% endblocktranslate %}",
    "{% blocktrans %}of {{ name }}{% endblocktrans %}",
    "{% blocktranslate %}of {{ name }} and {{ nobody }}, 100 %{% endblocktranslate %}",
    "{% blocktranslate with name=safe %}of {{ name }}{% endblocktranslate %}",
    "{% blocktrans count n=count with number=count %}{{ number }} view"  # noqa: ISC004 - one
    "{% plural %}{{ number }} views{% endblocktrans %}",
    "{% blocktranslate count n=1 %}{{ n }} view{% plural %}{{ n }} views{% endblocktranslate %}",
    '{% blocktranslate context "order" %}Newest{% endblocktranslate %}',
    "{% blocktranslate asvar words %}of {{ name }}{% endblocktranslate %}[{{ words }}]",
    "{% for name in names %}{% blocktranslate %}of {{ name }}{% endblocktranslate %}{% endfor %}",
]
SAID: dict[str, Any] = {
    "count": 12_345,
    "name": "<b>",
    "names": ["one", "two"],
    "safe": mark_safe("<i>"),
}


def plain(settings: Settings) -> Any:
    """An engine with Django's own tags."""
    options = {
        **settings.TEMPLATES[0]["OPTIONS"],
        "libraries": {"i18n": "django.templatetags.i18n"},
    }
    params = {"NAME": "plain", "DIRS": [], "APP_DIRS": False, "OPTIONS": options}
    return DjangoTemplates(params).engine


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_is_the_same_each_time(sentence: str, language: str, settings: Settings) -> None:
    text = "{% load i18n %}" + sentence
    ours = Template(text)
    theirs = Template(text, engine=plain(settings))
    with translation.override("en" if language == "ru" else "ru"):
        ours.render(Context(SAID))  # what another language said is not kept for this one
    with translation.override(language):
        said = [ours.render(Context(SAID)) for _ in range(2)]
        assert said == [theirs.render(Context(SAID))] * 2


def test_a_translation_that_is_broken_gives_way_to_the_sentence_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    template = Template("{% load i18n %}{% blocktranslate %}of {{ name }}{% endblocktranslate %}")
    monkeypatch.setattr(
        translation, "gettext", lambda text: "%(nom)s" if translation.get_language() else text
    )
    assert template.render(Context({"name": "Ada"})) == "of Ada"


def test_they_stand_in_place_of_djangos() -> None:
    template = Template('{% load i18n %}{% translate "Views" %}')
    assert type(template.nodelist[1]).__module__ == "dashboard.templatetags.translating"


def test_no_command_warns_that_they_do() -> None:
    assert [found for found in run_checks() if not found.is_silenced()] == []
