"""The NHS.UK components, rendered by their official Jinja macros.

Names and parameters are those of https://service-manual.nhs.uk/design-system/components, so "inset-text" takes
``text`` or ``html`` here as it does there.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop
from jinja2 import ChainableUndefined, Environment, PackageLoader, TemplateNotFound
from markupsafe import Markup

from nhsuk.kept_bytecode import KeptAsPythonKeeps

# The macros are written for trim_blocks and lstrip_blocks; without them blank lines get into links and buttons.
_environment = Environment(
    loader=PackageLoader("nhsuk_frontend_jinja"),
    undefined=ChainableUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
    cache_size=-1,
    bytecode_cache=KeptAsPythonKeeps(),
)
# "html", and what a component calls its own: "descriptionHtml", "titleHtml" …
_HTML_PARAMETER = re.compile(r"(html|[a-z]Html)\Z")
# What components say where they are told nothing else, by the parameter that says it instead.
_OWN_WORDS: dict[str, dict[str, str]] = {
    "error-message": {"visuallyHiddenText": gettext_noop("Error")},
    "header-account": {"ariaLabel": gettext_noop("Account")},
    "inset-text": {"visuallyHiddenText": gettext_noop("Information")},
    "notification-banner": {"titleText": gettext_noop("Important")},
    "notification-banner/success": {"titleText": gettext_noop("Success")},
    "password-input": {
        "showPasswordText": gettext_noop("Show"),
        "hidePasswordText": gettext_noop("Hide"),
        "showPasswordAriaLabelText": gettext_noop("Show password"),
        "hidePasswordAriaLabelText": gettext_noop("Hide password"),
        "passwordShownAnnouncementText": gettext_noop("Your password is visible"),
        "passwordHiddenAnnouncementText": gettext_noop("Your password is hidden"),
    },
    "warning-callout": {"visuallyHiddenText": gettext_noop("Important")},
}


class UnknownComponent(Exception):
    """There is no NHS.UK component of this name."""


def render_component(name: str, params: Mapping[str, Any], *, inner: SafeString | None = None) -> SafeString:
    """Return the markup of the component `name`, e.g. "summary-list".

    Everything in `params` is escaped. Parameters named ``html`` keep their markup if they are safe strings, and are
    escaped like the rest if they are not. `inner` is markup to put inside the component. Parameters that are None
    are left out. Raises UnknownComponent.
    """
    macro = _macro(name)
    # `inner` is marked safe by its type, and the macro escapes what is in the parameters.
    caller = {} if inner is None else {"caller": lambda: Markup(inner)}  # noqa: S704
    return SafeString(macro(_plain(_in_our_language(name, params)), **caller).strip())


def _own_words(name: str) -> dict[str, str]:
    """Return the parameters with which a component says in the language of the page what it says in English itself."""
    said = {param: (gettext(words), words) for param, words in _OWN_WORDS.get(name, {}).items()}
    return {param: ours for param, (ours, theirs) in said.items() if ours != theirs}


def _in_our_language(name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return `params` with the words that the component has of its own, and those of the parts that it shows."""
    is_of_success = name == "notification-banner" and params.get("variant") == "success"
    translated = {**_own_words(f"{name}/success" if is_of_success else name), **params}
    for part, component in (("errorMessage", "error-message"), ("account", "header-account")):
        if isinstance(params.get(part), Mapping):
            translated[part] = {**_own_words(component), **params[part]}
    service = params.get("service")
    if name == "header" and isinstance(service, Mapping) and "href" in service:
        # Put together by the macro otherwise.
        home = gettext("NHS %(service)s homepage") % {"service": service.get("text", "")}
        translated["logo"] = {"ariaLabel": home, **params.get("logo", {})}
    return translated


@lru_cache
def _macro(name: str) -> Callable[..., str]:
    """Return the macro of a component. Raises UnknownComponent."""
    # A row has its folder inside its list's: "summary-list-row" is summary-list/row.
    folder = name.replace("summary-list-row", "summary-list/row")
    try:
        module = _environment.get_template(f"nhsuk/components/{folder}/macro.jinja").module
    except TemplateNotFound:
        raise UnknownComponent(name) from None
    first, *others = name.split("-")
    macro: Callable[..., str] = getattr(module, first + "".join(word.capitalize() for word in others))
    return macro


def _plain(value: Any, *, is_html: bool = False) -> Any:
    """Return `value` with every string in it made harmless: plain text, or Markup where HTML is meant.

    The macros put safe strings into attributes unescaped and pass ``html`` through whatever it is.
    """
    if isinstance(value, Mapping):
        kept = {key: _plain(item, is_html=_HTML_PARAMETER.search(key) is not None) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Promise):
        value = str(value)
    if isinstance(value, str):
        return Markup(conditional_escape(value)) if is_html else _text(value)  # noqa: S704 (escaped)
    return value


def _text(value: str) -> str:
    """Return a string as plain text, which the macros escape.

    What a tag has put into a variable (`firstof … as x`, `blocktranslate asvar x`) is escaped already, and marked safe.
    """
    if isinstance(value, SafeString):
        return _ESCAPED.sub(lambda found: _CHARACTERS[found[0]], value)
    return value


# What Django escapes.
_CHARACTERS = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'"}
_ESCAPED = re.compile("|".join(_CHARACTERS))
