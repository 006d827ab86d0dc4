"""No script has a word of its own that a person reads: the page gives it, in the language of the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
TEMPLATES = {path: path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html")}

# A comment, a regular expression, or a literal. In `${…}` of a template literal stands code.
_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|(?<=[(,=:] )/(?:\\.|[^/\n])+/|(?<=\()/(?:\\.|[^/\n])+/"""
    r"""|"(?:\\.|[^"\n])*"|'(?:\\.|[^'\n])*'|`(?:\\.|[^`])*`""",
    re.DOTALL,
)
# Where a literal is a selector: what is shown is looked up by it.
_SELECTS = re.compile(r"(querySelector(All)?|closest|matches)\(\Z")
_TWO_WORDS = re.compile(r"[^\W\d_]\S* +\S*[^\W\d_]")
# A word alone, as on a button: in capitals first, or with the sign that something follows.
_ONE_WORD = re.compile(r"\A[A-Z][a-z]+[.:!?]? ?\Z")
# What keys are called, what requests are sent by, and headers.
_NAMES = {"Escape", "Infinity"}


def literals(script: str) -> list[str]:
    """Return the literals of a script that no selector is: the code in a template literal left out."""
    found = []
    for token in _TOKEN.finditer(script):
        text = token.group()
        if not text.startswith("/") and not _SELECTS.search(script[: token.start()]):
            found.append(re.sub(r"\$\{[^}]*\}", "…", text[1:-1]))
    return found


def words_in(script: str) -> list[str]:
    """Return the literals of a script that a person could read."""
    return [
        text for text in literals(script) if text not in _NAMES and (_TWO_WORDS.search(text) or _ONE_WORD.search(text))
    ]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_has_no_words_of_its_own(script: Path) -> None:
    assert not words_in(script.read_text(encoding="utf-8"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_each_word_that_a_script_asks_the_page_for_is_there(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    used = set(re.findall(r"\bwords\.(\w+)|wordsOf\(\w+\)\.(\w+)", text))
    asked = {first or second for first, second in used}
    if "words[state]" in text:
        asked |= {"kept", "broken"}
    given = {name for page in TEMPLATES.values() for name in re.findall(r'data-word="(\w+)"', page)}
    assert asked <= given
    assert bool(asked) == ("wordsOf" in text)


def test_no_page_has_words_for_a_script_that_are_not_used() -> None:
    scripts = "".join(script.read_text(encoding="utf-8") for script in SCRIPTS)
    given = [name for page in TEMPLATES.values() for name in re.findall(r'data-word="(\w+)"', page)]
    assert len(given) == len(set(given))
    assert not [name for name in given if not re.search(rf"\b{name}\b", scripts)]


@pytest.mark.parametrize(
    "script",
    [
        'button.textContent = "Send again";',
        "status.textContent = `You can send it again in ${left()} seconds.`;",
        "const GOOD = 'This password is good';",
        'text = { kept: "Done: " };',
    ],
)
def test_words_in_a_script_are_found(script: str) -> None:
    assert words_in(script)


def test_comments_selectors_and_names_are_no_words_of_a_script() -> None:
    script = """
    // This page is out of date.
    /* So is this one. */
    root.querySelector("form [data-status]").textContent = words.good;
    document.body.className += " js-enabled";
    const atLeast = /minlength: (\\d+)/.exec(text);
    if (event.key === "Escape") { post("logged_out"); }
    """
    assert not words_in(script)
