"""A browser in plain words."""

from __future__ import annotations

import pytest
from django.utils import translation

from accounts import user_agents

MOZILLA = "Mozilla/5.0"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64) {CHROME}", "Chrome on Windows"),
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64) {CHROME} Edg/142.0.0.0", "Edge on Windows"),
        (f"{MOZILLA} (Windows NT 10.0; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Windows"),
        (f"{MOZILLA} (X11; CrOS x86_64 16093.68.0) {CHROME}", "Chrome on ChromeOS"),
        (f"{MOZILLA} (Linux; Android 14; SM-S911B) {CHROME}", "Chrome on Android"),
        (
            f"{MOZILLA} (Linux; Android 14; SAMSUNG SM-S911B) {CHROME} SamsungBrowser/28.0",
            "Samsung Internet on Android",
        ),
        (f"{MOZILLA} (X11; Linux x86_64) {CHROME}", "Chrome on Linux"),
        (
            f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15",
            "Safari on Mac",
        ),
        (
            f"{MOZILLA} (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            f"{MOZILLA} (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 CriOS/142.0 Safari/604.1",
            "Chrome on iPhone",
        ),
        (
            f"{MOZILLA} (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 FxiOS/145.0 Safari/605.1",
            "Firefox on iPad",
        ),
        (f"{MOZILLA} (Windows NT 10.0; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer on Windows"),
        (
            f"{MOZILLA} (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 EdgiOS/142.0 Safari/604",
            "Edge on iPhone",
        ),
        (f"{MOZILLA} (Linux; Android 10; K) {CHROME} DuckDuckGo/5", "DuckDuckGo on Android"),
        (f"{MOZILLA} (X11; Ubuntu; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64) {CHROME} OPR/110.0.0.0", "Opera on Windows"),
        ("curl/8.5.0", ""),
        ("Something (Windows)", "Windows"),
        ("Firefox/145.0", "Firefox"),
        ("", ""),
        ("<script>alert(1)</script>", ""),
    ],
)
def test_a_browser_is_named_with_its_system(user_agent: str, words: str) -> None:
    assert user_agents.describe(user_agent=user_agent) == words


@pytest.mark.parametrize(
    "user_agent", ["Call-us-on-0900-1234-Bot/1.0", "evil.example/1.0 (spider)", "Win-a-prize crawler"]
)
def test_no_word_of_a_header_itself_is_shown(user_agent: str) -> None:
    """Threat: an attacker writes a message into their User-Agent, and the person reads it as the portal's."""
    assert user_agents.describe(user_agent=user_agent) == ""


def test_a_hostile_header_is_looked_at_in_part() -> None:
    """Threat: an attacker sends headers that the rules take long for, with each try of a log-in."""
    long = "Mozilla/5.0 " + "x" * user_agents.LOOKED_AT
    assert user_agents.describe(user_agent=f"{long} Firefox/145.0") == ""
    user_agents._recognised.cache_clear()
    for end in ("a", "b"):
        user_agents.describe(user_agent=long + end)
    assert user_agents._recognised.cache_info().misses == 1


def test_every_pair_of_words_fits_its_column() -> None:
    from accounts.models import SecurityEvent

    browsers, systems = (max(words.values(), key=len) for words in (user_agents._BROWSERS, user_agents._SYSTEMS))
    assert len(f"{browsers} on {systems}") <= (SecurityEvent._meta.get_field("device").max_length or 0)


def test_the_longest_words_fit_their_column() -> None:
    from accounts.models import SecurityEvent

    longest = max(
        user_agents.describe(user_agent=f"SamsungBrowser/ {mark}") for mark in ("Windows", "CrOS", "Macintosh")
    )
    assert len(longest) <= (SecurityEvent._meta.get_field("device").max_length or 0)


def test_what_is_stored_of_a_browser_is_the_same_in_every_language() -> None:
    """Threat: a browser that is remembered is taken for another one when its person changes the language."""
    header = f"{MOZILLA} (Windows NT 10.0; Win64; x64) {CHROME}"
    with translation.override("cy"):
        assert user_agents.describe(user_agent=header) == "Chrome on Windows"


@pytest.mark.parametrize(
    ("stored", "in_english", "in_welsh"),
    [
        ("Chrome on Windows", "Chrome on Windows", "Chrome ar Windows"),
        ("Samsung Internet on Android", "Samsung Internet on Android", "Samsung Internet ar Android"),
        ("Firefox on iPad", "Firefox on iPad", "Firefox ar iPad"),
        ("Safari", "Safari", "Safari"),
        ("", "", ""),
        # What a person has called a passkey stays.
        ("Phone on my desk", "Phone on my desk", "Phone on my desk"),
        ("Chrome on %(system)s", "Chrome on %(system)s", "Chrome on %(system)s"),
    ],
)
def test_it_is_shown_in_the_language_of_the_page(stored: str, in_english: str, in_welsh: str) -> None:
    assert user_agents.in_words(stored) == in_english
    with translation.override("cy"):
        assert user_agents.in_words(stored) == in_welsh
