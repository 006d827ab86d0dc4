"""Every word that a person can read in a template goes through a translation tag, in whole sentences."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.utils.translation import templatize

from bench import layout
from tests.support import template_words
from tests.support.template_words import Found

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = [
    path for path in layout.tracked(ROOT, "*.html", "*.txt") if "templates" in path.relative_to(ROOT).parts[:-1]
]
# Markup that a translator has to keep as it is.
INLINE = {"a", "b", "br", "code", "span", "strong"}
# Phrases of one word or two that stand alone, each beside what it belongs to.
SHORT_PHRASES = {
    "born %(day)s",  # Under a person's name.
    "on %(day)s",  # After the tag "Withdrawn".
    "passcode",  # Before the passcode.
    "since %(day)s",  # After the tag "On".
}
_TAG = re.compile(r"</?([a-z0-9]+)")
_PLACEHOLDER = re.compile(r"%\(\w+\)s")
_MARKUP = re.compile(r"<[^>]*>")
_TITLE = re.compile(r"{% block title %}(.*?){% endblock", re.DOTALL)
# A msgid in what Django makes of a template for xgettext: gettext(u"…"), ngettext(u"…", u"…", count) or _("…").
_TAKEN = re.compile(r"""(?:\(|, )u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


def is_html(path: Path) -> bool:
    return path.suffix == ".html"


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def faults(sentence: str) -> list[str]:
    """Return what keeps a msgid from being translated as it stands."""
    found = [f"<{tag}> in it" for tag in _TAG.findall(sentence) if tag not in INLINE]
    if sentence != sentence.strip() or "\n" in sentence:
        found.append("a blank at its end, or a line of its own in it")
    words = _PLACEHOLDER.sub("%", _MARKUP.sub("", sentence)).strip()
    if not re.match(r"[\w“%(]", words):
        found.append("begins in the middle of a sentence")
    if len(words.split()) < 3 and words[:1].islower() and sentence not in SHORT_PHRASES:
        found.append("a piece of a sentence")
    if not re.search(r"[^\W\d_]", words):
        found.append("no word in it")
    return found


def taken(source: str) -> set[str]:
    """Return the msgids that `manage.py makemessages` takes from a template."""
    return {ast.literal_eval(found).replace("%%", "%") for found in _TAKEN.findall(templatize(source))}


def test_there_are_templates_of_each_kind() -> None:
    suffixes = {(name(path).split("/", maxsplit=1)[0], path.suffix) for path in TEMPLATES}
    assert suffixes == {("templates", ".html"), ("templates", ".txt"), ("demo", ".html")}


def test_every_word_goes_through_a_translation_tag() -> None:
    assert not [
        f"{name(path)}:{line}: {words}"
        for path in TEMPLATES
        for line, words in template_words.bare(path.read_text(encoding="utf-8"), is_html=is_html(path))
    ]


def test_what_a_translator_gets_is_a_sentence() -> None:
    assert not [
        f"{name(path)}:{line}: {sentence!r}: {fault}"
        for path in TEMPLATES
        for line, sentence in template_words.sentences(path.read_text(encoding="utf-8"))
        for fault in faults(sentence)
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<h1>\n Log in</h1>", [(2, "Log in")]),
        ('<p>{% translate "Log in" %} now</p>', [(1, "now")]),
        ("{% blocktranslate %}Log\nin{% endblocktranslate %}\n{% if x %}or{% endif %}", [(3, "or")]),
        ("{# Why. #}{% comment %}\nWhy.\n{% endcomment %}<i>W</i>", [(3, "W")]),
        ("<p>&nbsp;&copy; 3 / {{ name }}</p><style>p {}</style><script>let x</script><p>é", [(1, "é")]),
        ('<img alt="A card">', [(1, "alt: A card")]),
        ('\n<nav aria-label="pages {{ x }}">', [(2, "aria-label: pages ")]),
        ('<input type="submit" value="Go"><input name="x" value="Go">', [(1, "value: Go")]),
        ('<p data-over="Time is over" data-kind="over" class="a b">', [(1, "data-over: Time is over")]),
        ('{% nhs "button" text="Go on" classes="a b" name="x" %}', [(1, "Go on")]),
        ('{% nhs "button" text=_("Go on") label__text="Name" %}', [(1, "Name")]),
        ('{% include "a/b.html" with lead="Why?" %}{% if a == "ON" %}{% endif %}', [(1, "Why?")]),
        ('{{ lead|default:"Something else?" }}{{ names|join:" and " }}', [(1, " and "), (1, "Something else?")]),
        ("<b>{{ n }}</b>{{ n|pluralize }}", [(1, "|pluralize")]),
        ('<a href="{% url "log_in" %}">{% translate "Log in" %}</a>{% load nhsuk %}', []),
    ],
)
def test_a_bare_word_on_a_page_is_found(source: str, expected: list[Found]) -> None:
    assert template_words.bare(source, is_html=True) == expected


def test_a_bare_word_in_a_mail_is_found() -> None:
    source = 'A <b>\n{% translate "Hello," %}\n{% if x %}1. {{ y }}\n{% else %}Hello {{ y }},\n{% endif %}'
    assert template_words.bare(source, is_html=False) == [(1, "A <b>"), (4, "Hello ,")]


def test_the_sentences_of_a_template_are_those_that_makemessages_takes() -> None:
    source = (
        '{% translate "One" %}\n{% nhs "button" text=_("Two") %}{{ x|default:_("Three") }}{# {% translate "No" %} #}'
        "{% blocktranslate trimmed count n=m %}\n {{ n }} is\n 4%\n{% plural %}{{ n }} are{% endblocktranslate %}"
    )
    found = template_words.sentences(source)
    assert found == [(1, "One"), (2, "%(n)s are"), (2, "%(n)s is 4%"), (2, "Three"), (2, "Two")]
    for text in (source, *(path.read_text(encoding="utf-8") for path in TEMPLATES)):
        assert {words for _, words in template_words.sentences(text)} == taken(text)


@pytest.mark.parametrize(
    "sentence",
    [
        "<p>Log in</p>",
        " found",
        "Log in ",
        "Log\nin",
        ", from %(device)s",
        ". They will check",
        "and",
        "<b>or</b>",
        "– found",
        "%(a)s",
    ],
)
def test_what_is_no_sentence_is_found(sentence: str) -> None:
    assert faults(sentence)


@pytest.mark.parametrize("sentence", ["Log in", "use the keyboard alone", "%(a)s and %(b)s", '<a href="%(b)s">Go</a>'])
def test_what_can_be_translated_is_left_alone(sentence: str) -> None:
    assert not faults(sentence)


def test_only_the_layouts_put_error_before_a_title() -> None:
    """`layouts/base.html` does so for every page whose form has errors: said by the page too, it is read out twice."""
    titles = {name(path): " ".join(_TITLE.findall(path.read_text())) for path in TEMPLATES}
    assert sum(map(bool, titles.values())) > 100
    assert [page for page, title in titles.items() if "Error" in title] == []
