"""What is left of a request's Content-Type: the kind of its body and, of a form in parts, the boundary.

Everything here is UTF-8, and forms are sent in the encoding of their page. Django believes a request that says
otherwise, before any middleware: with an encoding that is none the answer would be the web server's bare 500, and
Python's punycode takes minutes for a megabyte.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

# RFC 2046, 5.1.1: at most 70 of these characters. Browsers send no others.
_BOUNDARY = re.compile(r";\s*boundary=\"?([0-9A-Za-z'()+_,./:=?-]{1,70})", re.IGNORECASE)
# The longest registered media type has some 80 characters.
_LONGEST = 200


def read_as_utf_8(application: WSGIApplication) -> WSGIApplication:
    """Return `application` as it is to be served: told nothing of encodings."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["CONTENT_TYPE"] = _without_encoding(environ.get("CONTENT_TYPE", ""))
        return application(environ, start_response)

    return answer


def _without_encoding(content_type: str) -> str:
    kind = content_type[:_LONGEST].partition(";")[0].strip().lower()
    boundary = _BOUNDARY.search(content_type) if kind == "multipart/form-data" else None
    return f'{kind}; boundary="{boundary[1]}"' if boundary else kind
