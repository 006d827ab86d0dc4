"""The cookies that the portal sets, held against its page about them."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase

_own = HttpResponseBase.set_cookie


def set_one_that_is_described(
    answer: HttpResponseBase, key: str, value: str = "", max_age: Any = None, **more: Any
) -> None:
    """Set a cookie as Django does, where the page about cookies describes it and says that it is kept for so long."""
    # Not before Django is set up.
    from hub import cookie_list

    cookie = cookie_list.described(key)
    assert cookie, f"the page about cookies does not describe {key}: hub/cookie_list.py"
    lasts = cookie.lasts.total_seconds() if cookie.lasts else 0
    assert (max_age or 0) <= lasts, f"{key} is kept for longer than the page about cookies says: hub/cookie_list.py"
    _own(answer, key, value, max_age, **more)
