"""What a shell is rendered from: its key, a placeholder for each word, a request without a person. See shells.py."""

from __future__ import annotations

import functools
import itertools
import secrets
from typing import Any, TypeAlias

from django.http import HttpRequest
from django.template import engines

from nhsuk import new_form, shell_forms

# Where a fact is in the context: "person.organisation.name", in parts.
Path: TypeAlias = tuple[str, ...]
# A word that is there: its path alone. Anything else: its path, and the value, or of a form what it is like.
Fact: TypeAlias = tuple[Path] | tuple[Path, Any]

# What no text holds but by a guess at 128 bits: it is another in each process.
MARK = f"word{secrets.token_hex(16)}n"
# How this comes out tells how the template escapes the word: see shells.py.
END = '"/'
FORM = new_form.Later(new_form.markup(name=f"{MARK}name", token=f"{MARK}token"))


class NotAShell(Exception):
    """A page asks for more than its key, or does not show a word as it is, escaped: it is no shell."""


class Context:
    """What a shell is rendered from. `asked_in_vain` is what the template has asked for that the key does not have."""

    def __init__(self, key: tuple[Fact, ...], unnamed: frozenset[str]) -> None:
        self.asked_in_vain: list[str] = []
        number = itertools.count()

        def placeholder() -> str:
            return f"{MARK}{next(number)}{END}"

        tree = _Tree(of_processors(_WithoutAPerson()), self.asked_in_vain)
        for path, *values in key:
            value = values[0] if values else placeholder()
            tree.put(path, shell_forms.form_like(value, placeholder) if isinstance(value, shell_forms.Like) else value)
        # A template calls what can be called.
        in_vain = {name: functools.partial(self.asked_in_vain.append, name) for name in unnamed}
        self.facts = {**tree.rest, **in_vain, **tree.facts, "csrf_token": FORM}


def of_processors(request: HttpRequest) -> dict[str, Any]:
    """Return what context processors tell each page."""
    told: dict[str, Any] = {}
    for processor in engines["django"].engine.template_context_processors:  # type: ignore[attr-defined]
        told.update(processor(request))
    return told


class _Tree:
    """What a template finds under a name that has parts: facts of the key, and else what is there without a person."""

    def __init__(self, rest: Any, asked_in_vain: list[str]) -> None:
        self.rest = rest
        self.facts: dict[str, Any] = {}
        self._asked_in_vain = asked_in_vain

    def put(self, path: Path, fact: Any) -> None:
        """Put a fact where its path says."""
        first, *others = path
        if not others:
            self.facts[first] = fact
            return
        rest = self.rest.get(first) if isinstance(self.rest, dict) else getattr(self.rest, first, None)
        self.facts.setdefault(first, _Tree(rest, self._asked_in_vain)).put(tuple(others), fact)

    def __getitem__(self, name: str) -> Any:
        return self.facts[name]

    def __getattr__(self, name: str) -> Any:
        if self.rest is None and not name.startswith("__"):
            self._asked_in_vain.append(name)
        return getattr(self.rest, name)


class _Nothing(dict[str, Any]):
    """What a request without a person says. It has no CSRF secret: a token of it would be everyone's."""

    def __setitem__(self, key: str, value: Any) -> None:
        raise NotAShell(key)

    def update(self, *args: Any, **kwargs: Any) -> None:
        raise NotAShell(*kwargs)


class _WithoutAPerson(HttpRequest):
    """A request of no browser: no session, no user, no cookies, no headers, and nothing typed."""

    def __init__(self) -> None:
        super().__init__()
        self.META = _Nothing()
