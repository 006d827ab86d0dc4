"""Browser contexts that journeys use one after the other: the pages of a new one are loaded and compiled anew.

A context is a person's browser. Each journey begins with one that knows no cookie and no open page, as a new one does;
what stays is what Chromium has fetched of the static files, and the processes in which scripts are compiled.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from tests.support import axe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playwright.sync_api import Browser, BrowserContext, Page

# A page without scripts: while it is open, the process for the pages of its site stays.
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


def give_back(context: BrowserContext, *, portal: str, others: Iterable[str] = ()) -> None:
    """Close the pages of a context, and forget what a person leaves in a browser.

    `portal` and `others` are the origins where it was used.
    """
    browser, made_for = context.browser, _made_for.get(context)
    if browser is None or made_for is None:
        context.close()
        return
    context.unroute_all()
    context.set_offline(False)
    context.clear_cookies()
    context.clear_permissions()
    context.set_extra_http_headers({})
    open_page = _keep_open(context, portal, others)
    open_page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    if open_page.evaluate(CLOCK_WAS_MOVED):
        context.close()
        return
    context.clear_cookies()
    _free[browser][made_for].append(context)


def _keep_open(context: BrowserContext, portal: str, others: Iterable[str]) -> Page:
    """Leave a page open at each site where the context was ever used, and no other; return that at the portal."""
    staying = {_site(page.url): page for page in context.pages if urlsplit(page.url).path == STAYS_OPEN}
    left = [page for page in context.pages if page not in staying.values()]
    for origin in (portal, *others):
        site = _site(origin)
        is_new = site not in staying
        if is_new:
            staying[site] = left.pop(0) if left else context.new_page()
        # What is kept in the browser for the portal is of its port.
        if is_new or (origin == portal and staying[site].url != portal + STAYS_OPEN):
            _bring(staying[site], origin + STAYS_OPEN)
    for page in left:
        page.close()
    return staying[_site(portal)]


def _bring(page: Page, address: str) -> None:
    """Open an address of a server that may have been told to answer wrongly, or not at all."""
    page.unroute_all()
    page.route(address, lambda route: route.fulfill(body="", content_type="text/plain"))
    page.goto(address)
    page.unroute_all()


def _site(address: str) -> tuple[str, str]:
    """Return what Chromium takes for one site here: it asks for no port."""
    scheme, host, *_ = urlsplit(address)
    return scheme, host.partition(":")[0]
