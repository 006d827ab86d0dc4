"""What the browser tells the next page of the one it comes from: nothing, after an address that had a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpResponseRedirect


def withhold(response: HttpResponseRedirect) -> HttpResponseRedirect:
    """Have the browser send no Referer on from this address; return the same response.

    It is no page: each has forms for a person who is logged in ("Log out"), with which the browser would then send
    "Origin: null", and the CSRF check must refuse that. On pages the site's own policy holds, "same-origin", and their
    addresses have no token.
    """
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
