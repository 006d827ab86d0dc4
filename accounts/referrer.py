"""What the browser tells the next site of the page it comes from: nothing, after a page whose address had a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpResponse


def withhold(response: HttpResponse) -> HttpResponse:
    """Have the browser send no Referer from this page; return the same response.

    Not on a page with a form: the browser would then send "Origin: null" with it, which the CSRF check must refuse.
    The site's own policy, "same-origin", holds there, and its address has no token.
    """
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
