"""Shells: pages that are rendered once a process and filled in. That each is as rendered: tests/support/shells.py."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import pytest
from django import forms
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.base import BaseStorage
from django.middleware.csrf import get_token
from django.shortcuts import render as rendered
from django.template import engines
from django.test import RequestFactory

from nhsuk import new_form, shell_context, shells
from tests.support.shells import FROM_SHELL, alike

if TYPE_CHECKING:
    from django.http import HttpRequest

HOSTILE = (
    """' " < > & &amp; &quot; &#x27; {{ x }} {% y %} %(name)s %25 \\ \\0""",
    "\u202eright to left\u202c \u0645\u0631\u062d\u0628\u0627 \u2066x",
    "word0123456789abcdef0123456789abcdefn0&quot;/",
    "a" * 5000,
    "\x00\x07\ufeff\U0001f600",
)
# Words as our templates show them: in Django's markup, in a component, in an address, in a sentence, in a form.
TEMPLATE = """{% load nhsuk %}{% csrf_token %}{{ name }}|<a title="{{ name }}" href="?next={{ name|urlencode:"" }}">|
{% nhs "button" text=name href=name %}{% nhs "summary-list-row" key="Name" value=person.name %}
{% nhsblock "inset-text" %}{{ person.name }}{% if person.is_staff %} is of the helpdesk{% endif %}{% endnhsblock %}
{% blocktranslate with a=name asvar sentence %}It is {{ a }}.{% endblocktranslate %}{{ sentence }}
{% nhs "button" text=sentence %}{{ number }}
{% if form %}{% error_summary form %}{{ form }}{% endif %}{% csrf_token %}"""


class _Form(forms.Form):
    username = forms.CharField()
    address = forms.EmailField(required=False)
    password = forms.CharField(widget=forms.PasswordInput)
    tick = forms.BooleanField(required=False)
    next = forms.CharField(required=False, widget=forms.HiddenInput)


@dataclasses.dataclass
class _Person:
    name: str
    is_staff: bool = False


class _Messages(BaseStorage):
    def _get(self, *args: Any, **kwargs: Any) -> tuple[list[Any], bool]:
        return [], True


@pytest.fixture(autouse=True)
def template(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a template with words in all kinds of places, and no shells yet."""
    engine = engines["django"].engine  # type: ignore[attr-defined]
    found = engine.find_template
    made = engine.from_string(TEMPLATE)
    monkeypatch.setattr(engine, "find_template", lambda name, **_: (made, None) if name == "words" else found(name))
    shells.forget()


@pytest.fixture
def request_(rf: RequestFactory) -> HttpRequest:
    """Return a visitor's request."""
    request = rf.get("/")
    request.user = AnonymousUser()
    return request


def both(request: HttpRequest, context: dict[str, Any], **names: tuple[str, ...]) -> tuple[bytes | None, bytes]:
    """Return a page from its shell, without what is new each time, and as Django renders it."""
    page = FROM_SHELL(request, "words", context, names.get("words", ()), names.get("varies_by", ()))
    return alike(page.content) if page else None, alike(rendered(request, "words", context).content)


NAMES: dict[str, tuple[str, ...]] = {
    "words": ("name", "person.name", "number"),
    "varies_by": ("form", "person.is_staff"),
}


@pytest.mark.parametrize("word", [*HOSTILE, ""])
@pytest.mark.parametrize("is_staff", [True, False])
def test_a_page_from_a_shell_is_what_django_renders(request_: HttpRequest, word: str, is_staff: bool) -> None:
    sent = _Form({"username": word, "password": word, "tick": "on", "next": word})
    sent.full_clean()
    refused = _Form({"username": word or "x", "password": "x"})
    refused.add_error(None, f"Not right: {word}.")
    for form in (None, _Form(), _Form(initial={"username": word, "address": word, "tick": True}), sent, refused):
        for number in (0, 900):
            context = {"name": word, "person": _Person(word, is_staff), "form": form, "number": number}
            page, expected = both(request_, context, **NAMES)
            has_an_error_in_a_field = form is not None and bool(form.errors.keys() - {"__all__"})
            assert page == (None if has_an_error_in_a_field else expected)


def test_no_word_is_in_a_shell(request_: HttpRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threat: what one person typed, or is called, is shown to the next one."""
    kept = []
    make = shells._shell

    def kept_shell(*key: Any) -> shells.Shell | None:
        kept.append(make(*key))
        return kept[-1]

    monkeypatch.setattr(shells, "_shell", kept_shell)
    secret = "Xyzzy-Plugh-1980"
    request_.META["CSRF_COOKIE"] = "S" * 32
    request_.META["HTTP_USER_AGENT"] = request_.COOKIES["a"] = secret
    form = _Form({"username": secret, "password": secret, "next": secret})
    form.add_error(None, secret)
    context = {"name": secret, "person": _Person(secret), "form": form, "number": 4711, "not_named": secret}
    page = FROM_SHELL(request_, "words", context, NAMES["words"], NAMES["varies_by"])
    assert page is not None
    assert page.content.count(secret.encode()) > 8
    (shell,) = kept
    assert shell
    for text in (secret, "S" * 32, "4711"):
        assert text.encode() not in b"".join(shell.pieces)
    others = {**context, "name": "Jo", "person": _Person("Jo"), "form": None}
    other = FROM_SHELL(request_, "words", others, *NAMES.values())
    assert other is not None
    assert secret not in other.text


def test_words_make_no_shells(request_: HttpRequest) -> None:
    """Threat: an attacker fills the memory by typing something else each time."""
    for number in range(30):
        word = f"word {number}"
        form = _Form(initial={"username": word})
        both(request_, {"name": word, "person": _Person(word), "number": number + 1, "form": form}, **NAMES)
    assert shells._shell.cache_info().currsize == 1
    assert shells._shell.cache_info().maxsize == shells.MOST_KEPT


def test_each_form_and_each_page_has_fields_of_its_own(request_: HttpRequest) -> None:
    pages = [shells.render(request_, "words", {"name": "a"}, words=("name",)).text for _ in range(3)]
    names = [name for page in pages for name in re.findall('name="page-([0-9a-f]{16})"', page)]
    assert len(names) == len(set(names)) == 6
    assert len({re.findall('csrfmiddlewaretoken" value="([A-Za-z0-9]{64})"', page)[0] for page in pages}) == 3


@pytest.mark.parametrize("word", ["two\nlines", "a\u2028b", " blank", "blank\t", "\r", "a\x85b"])
def test_a_word_that_a_component_would_change_is_rendered_as_ever(request_: HttpRequest, word: str) -> None:
    """Components indent lines and trim blanks, of a placeholder too, which has none."""
    assert both(request_, {"name": word}, words=("name",))[0] is None


def test_markup_is_no_word(request_: HttpRequest) -> None:
    """Threat: it would be escaped in one page and not in the other."""
    safe = engines["django"].from_string("<b>{{ x }}</b>").render({"x": "y"})
    assert both(request_, {"name": safe}, words=("name",))[0] is None


def test_where_a_message_waits_the_page_is_rendered_as_ever(request_: HttpRequest) -> None:
    request_._messages = _Messages(request_)  # type: ignore[attr-defined]
    assert both(request_, {"name": "a"}, words=("name",))[0] is not None
    messages.info(request_, "You were logged out")
    assert both(request_, {"name": "a"}, words=("name",))[0] is None


@pytest.mark.parametrize(
    "shown", ["{% autoescape off %}{{ name }}{% endautoescape %}", "{{ name|upper }}", "{{ name|slugify }}"]
)
def test_a_page_that_changes_a_word_or_does_not_escape_it_is_rendered_as_ever(
    request_: HttpRequest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, shown: str
) -> None:
    engine = engines["django"].engine  # type: ignore[attr-defined]
    made = engine.from_string(shown)
    monkeypatch.setattr(engine, "find_template", lambda *_, **__: (made, None))
    assert both(request_, {"name": "<b>"}, words=("name",))[0] is None
    assert "words is rendered anew each time" in caplog.text


def test_a_shell_has_no_token_of_its_own() -> None:
    """Threat: a token that is made while the shell is rendered would be everyone's."""
    for make in (new_form.token, get_token):
        with pytest.raises(shell_context.NotAShell):
            make(shell_context._WithoutAPerson())


@pytest.mark.parametrize(
    "shown",
    ["{{ other }}", "{% if name and other %}x{% endif %}", "{{ other.name }}", "{% if person.age > 3 %}x{% endif %}"],
)
def test_a_page_that_asks_for_what_its_view_does_not_name_is_rendered_as_ever(
    request_: HttpRequest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, shown: str
) -> None:
    """What is missing from a shell would be missing from the page."""
    made = engines["django"].engine.from_string(shown)  # type: ignore[attr-defined]
    monkeypatch.setattr(engines["django"].engine, "find_template", lambda *_, **__: (made, None))  # type: ignore[attr-defined]
    context = {"name": "a", "other": None, "person": _Person("Jo")}
    assert both(request_, context, words=("name", "person.name"))[0] is None
    assert "words is rendered anew each time" in caplog.text
