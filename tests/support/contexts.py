"""Browser contexts that journeys use one after the other: the pages of a new one are loaded and compiled anew.

A context is a person's browser. Each journey begins with one that knows no cookie and no open page, as a new one does;
what stays is what Chromium has fetched of the static files, and the process in which their scripts are compiled.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from tests.support import axe

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

# A page of the portal without scripts: while it is open, the process for the portal's pages stays.
STAYS_OPEN = "/health/live"
# A moved clock stays moved in each page to come.
CLOCK_WAS_MOVED = "() => '__pwClock' in globalThis"

_free: WeakKeyDictionary[Browser, dict[str, list[BrowserContext]]] = WeakKeyDictionary()
_made_for: WeakKeyDictionary[BrowserContext, str] = WeakKeyDictionary()


def take(browser: Browser, **options: Any) -> BrowserContext:
    """Return a context made with these options of Playwright's `new_context`, which remembers no person."""
    wanted = json.dumps(options, sort_keys=True, default=repr)
    free = _free.setdefault(browser, {}).setdefault(wanted, [])
    if free:
        return free.pop()
    context = browser.new_context(**options)
    axe.hand_out(context)
    _made_for[context] = wanted
    return context


def give_back(context: BrowserContext, *, portal: str) -> None:
    """Close the pages of a context, and forget what a person leaves in a browser. `portal` is where it was used."""
    browser, made_for = context.browser, _made_for.get(context)
    if browser is None or made_for is None:
        context.close()
        return
    open_page, *others = context.pages or [context.new_page()]
    for page in others:
        page.close()
    context.unroute_all()
    context.set_offline(False)
    context.clear_cookies()
    context.clear_permissions()
    context.set_extra_http_headers({})
    open_page.unroute_all()
    if open_page.url != portal + STAYS_OPEN:
        open_page.goto(portal + STAYS_OPEN)
    open_page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    if open_page.evaluate(CLOCK_WAS_MOVED):
        context.close()
        return
    context.clear_cookies()
    _free[browser][made_for].append(context)
