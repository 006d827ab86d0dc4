"""What a browser says that it is: in plain words, for "when you last logged in, and from what", and what it keeps."""

from django.utils.translation import gettext as _

# The first that is found names it: most browsers also claim to be the ones below them.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("Trident/", "Internet Explorer"),
    ("MSIE ", "Internet Explorer"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def describe(*, user_agent: str) -> str:
    """Return browser and system in words ("Chrome on Windows") from a User-Agent header; "" where it tells neither."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system


def keeps_pages_in_memory(*, user_agent: str) -> bool:
    """Return whether this is Firefox (not the one on an iPhone), which keeps `no-store` pages until it is closed."""
    return "Gecko/" in user_agent and "Firefox/" in user_agent
