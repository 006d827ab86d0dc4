"""What a browser says that it is: in plain words, for "when you last logged in, and from what", and what it keeps.

ua-parser, whose rules are kept by its community and released monthly, recognises browser and system. Its words are
never shown: some of its rules copy a name out of the header, which an attacker can have written.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from ua_parser import Resolver

# Characters of the header that are looked at. Browsers send fewer than 200, and apps that show pages add some of their
# own; the rules take time that grows with the length.
LOOKED_AT = 256
# Headers whose words are remembered: a hospital's computers have a few dozen.
REMEMBERED = 1024

# Between browser and system, as it is stored.
_ON = " on "
_IPAD = "iPad"
# By the first word of the name that ua-parser gives ("Chrome Mobile iOS", "Mobile Safari"), what people call it.
_BROWSERS = {
    "Chrome": "Chrome",
    "Chromium": "Chromium",
    "DuckDuckGo": "DuckDuckGo",
    "Edge": "Edge",
    "Firefox": "Firefox",
    "HeadlessChrome": "Chrome",
    "IE": "Internet Explorer",
    "Mobile": "Safari",
    "Opera": "Opera",
    "Safari": "Safari",
    "Samsung": "Samsung Internet",
    "Silk": "Silk",
    "UC": "UC Browser",
    "Vivaldi": "Vivaldi",
    "Yandex": "Yandex",
}
_SYSTEMS = {
    "Android": "Android",
    "Chrome": "ChromeOS",
    "Debian": "Linux",
    "Fedora": "Linux",
    "Linux": "Linux",
    "Mac": "Mac",
    "Ubuntu": "Linux",
    "Windows": "Windows",
    "iOS": "iPhone",
}
# For a header that ua-parser does not know, or takes for something else than a browser: the first that is found names
# it, because most browsers also claim to be the ones below them.
_MARKS_OF_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_MARKS_OF_SYSTEMS = (("Windows", "Windows"), ("CrOS", "ChromeOS"), ("Macintosh", "Mac"))


def describe(*, user_agent: str) -> str:
    """Return browser and system ("Chrome on Windows") from a User-Agent header; "" where it tells neither.

    It is English in each language: it is stored, and compared with what was stored.
    """
    return _ON.join(filter(None, _recognised(user_agent[:LOOKED_AT])))


def in_words(device: str) -> str:
    """Return what `describe` has said, in the language of the page. What it cannot have said comes back as it is."""
    browser, on, system = device.partition(_ON)
    if on and browser in _BROWSERS.values() and system in {*_SYSTEMS.values(), _IPAD}:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return device


def warm_up() -> None:
    """Read ua-parser's rules now, and compile those that most browsers reach, so that no log-in waits for them."""
    describe(user_agent="Chrome/142.0.0.0;Windows")


@functools.lru_cache(maxsize=REMEMBERED)
def _recognised(user_agent: str) -> tuple[str, str]:
    """Return what people call the browser and the system, "" for what is not known."""
    from ua_parser import Domain

    found = _parser()(user_agent, Domain.USER_AGENT | Domain.OS)
    browser = _called(found.user_agent.family, _BROWSERS) if found.user_agent else ""
    system = _called(found.os.family, _SYSTEMS) if found.os else ""
    if system == "iPhone" and "iPad" in user_agent:
        system = _IPAD
    return browser or _marked(user_agent, _MARKS_OF_BROWSERS), system or _marked(user_agent, _MARKS_OF_SYSTEMS)


def _called(family: str, names: dict[str, str]) -> str:
    return names.get(family.partition(" ")[0], "")


def _marked(user_agent: str, marks: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in marks if mark in user_agent), "")


@functools.cache
def _parser() -> Resolver:
    """Return ua-parser with its own rules, in Python alone: each rule is compiled when it is first reached."""
    from ua_parser import BasicResolver, load_lazy_builtins

    return BasicResolver(load_lazy_builtins())


def keeps_pages_in_memory(*, user_agent: str) -> bool:
    """Return whether this is Firefox (not the one on an iPhone), which keeps `no-store` pages until it is closed."""
    return "Gecko/" in user_agent and "Firefox/" in user_agent
