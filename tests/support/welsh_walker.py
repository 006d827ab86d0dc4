"""A person at a browser who reads Welsh: does what an English story says, by the Welsh words of the pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.support import said_in_welsh
from tests.support.browser import Walker

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.support.smtp import Mail

# Between two sentences, which may be two messages.
_SENTENCES = re.compile(r"(?<=[.?!:]) ")


class WelshWalker(Walker):
    """Takes the words of a story in English, and finds what a page in Welsh has for them.

    Each page has to be in Welsh, and to say so.
    """

    language = "cy"

    def follow(self, link: str | re.Pattern[str], *, within: str = "body", status: int = 200) -> None:
        """Follow a link by its words."""
        super().follow(_named(link) if isinstance(link, str) else link, within=within, status=status)

    def tick(self, *labels: str) -> None:
        """Tick boxes, or select radio buttons, by their words."""
        self.tally.presses += len(labels)
        for label in labels:
            self.page.get_by_label(_named(label)).check()

    def button(self, name: str) -> Locator:
        """Return the button of this name."""
        return self.page.get_by_role("button", name=_named(name))

    def field(self, label: str) -> Locator:
        """Return the field with this label."""
        return self.page.get_by_label(_named(label))

    def sees(self, *texts: str) -> None:
        """Wait for texts to be visible. Raises AssertionError."""
        from playwright.sync_api import expect

        for text in texts:
            for sentence in _sentences(text):
                found = self.page.get_by_text(_any(sentence)).locator("visible=true").first
                expect(found, f"{text!r} in Welsh").to_be_visible()

    def does_not_see(self, *texts: str) -> None:
        """Make sure that texts are not visible. Raises AssertionError."""
        body = self.page.inner_text("body")
        assert not [text for text in texts if text in body or _any(text).search(body)], body

    def called(self, words: str) -> str:
        """Return what a page calls what a story calls so."""
        return said_in_welsh.whole(words)[0]

    @property
    def heading(self) -> str:
        """The page's h1, in English."""
        return in_english(self.page.locator("h1").inner_text().strip())


def in_english(said: str) -> str:
    """Return what a Welsh text is in English. Raises AssertionError where it may be one of several."""
    found = said_in_welsh.english_of(said)
    assert len(found) == 1, found
    return found[0]


def wording(person: Walker, words: str) -> str | re.Pattern[str]:
    """Return what a page has where the English one has these words."""
    return _any(words) if person.language == WelshWalker.language else words


def subject(mail: Mail) -> str:
    """Return the subject of a mail, in English."""
    return in_english(mail.subject) if _is_welsh(mail) else mail.subject


def says(mail: Mail, *texts: str) -> bool:
    """Return whether a mail says what these English words say."""
    if not _is_welsh(mail):
        return all(text in mail.text for text in texts)
    written = " ".join(mail.text.split())
    return all(_any(sentence).search(written) for text in texts for sentence in _sentences(text))


def _is_welsh(mail: Mail) -> bool:
    return bool(mail.message["Content-Language"] == "cy")


def _named(name: str) -> re.Pattern[str]:
    # Playwright writes it between slashes.
    either = "|".join(re.escape(each).replace("/", r"\/") for each in said_in_welsh.whole(name))
    return re.compile(rf"^\s*(?:{either})\s*$", re.IGNORECASE)


def _sentences(text: str) -> list[str]:
    return [text] if said_in_welsh.is_said(text) else _SENTENCES.split(text)


def _any(words: str) -> re.Pattern[str]:
    either = "|".join(each.pattern.replace("/", r"\/") for each in said_in_welsh.part(words))
    return re.compile(either, re.DOTALL)
