"""The id of a request: made here, or believed of a trusted proxy in two forms."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from accounts import this_request
from esr_portal.forwarded import Proxies
from esr_portal.logs import JSONFormatter
from esr_portal.request_ids import with_request_ids

PROXY = "10.0.0.5"
OF_NGINX = "0123456789abcdef0123456789abcdef"
A_UUID = "01234567-89ab-cdef-0123-456789abcdef"


def answered(sent: str, *, peer: str = PROXY) -> tuple[str, str]:
    """Return the id in the header of the answer to a request with this id, and the one while it was answered."""
    seen: list[str] = []
    headers: list[tuple[str, str]] = []

    def application(environ: Any, start_response: Any) -> list[bytes]:
        seen.append(this_request.current_id())
        start_response("200 OK", [("Content-Length", "0")])
        return []

    def start(status: str, given: list[tuple[str, str]], *exc_info: Any) -> Any:
        headers.extend(given)

    portal = Proxies([PROXY], served_over_tls=False).believe(with_request_ids(application))
    portal({"REMOTE_ADDR": peer, "PATH_INFO": "/health/live", "HTTP_X_REQUEST_ID": sent}, start)
    return dict(headers)["X-Request-ID"], seen[0]


@pytest.mark.parametrize("sent", [OF_NGINX, A_UUID])
def test_the_id_of_a_trusted_proxy_is_the_requests(sent: str) -> None:
    assert answered(sent) == (sent, sent)


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "jo.smith",
        OF_NGINX.upper(),
        OF_NGINX + "0",
        OF_NGINX[:-1],
        f"{OF_NGINX}\n",
        f" {OF_NGINX}",
        "٠" * 32,
        A_UUID[:-1] + "g",
        f'{OF_NGINX[:-2]}"}}',
    ],
)
def test_what_is_no_id_is_not_repeated_not_even_of_a_proxy(sent: str) -> None:
    """Threat: lines of the log, or a header, that a stranger has written."""
    in_the_header, while_answered = answered(sent)
    assert in_the_header == while_answered != sent
    assert re.fullmatch(r"[0-9a-f]{32}", in_the_header)


@pytest.mark.parametrize("peer", ["198.51.100.4", "", "a socket"])
def test_a_stranger_chooses_no_id(peer: str) -> None:
    """Threat: an attacker's requests have the id of another person's in the log."""
    in_the_header, while_answered = answered(OF_NGINX, peer=peer)
    assert in_the_header == while_answered != OF_NGINX


def test_each_request_has_another_and_after_it_there_is_none() -> None:
    assert answered("")[0] != answered("")[0]
    assert this_request.current_id() == this_request.code("") == this_request.spoken_code() == ""


@contextmanager
def answering(request_id: str) -> Iterator[dict[str, Any]]:
    with this_request.named(request_id):
        line = JSONFormatter().format(logging.makeLogRecord({"msg": "something", "name": "esr_portal"}))
        yield json.loads(line)


@pytest.mark.parametrize("request_id", [OF_NGINX, A_UUID])
def test_a_line_of_the_log_has_the_id_and_the_code_that_is_read_aloud(request_id: str) -> None:
    with answering(request_id) as line:
        assert line["request_id"] == request_id
        assert re.fullmatch(r"[0-9]{8}", line["code"])
        assert this_request.spoken_code().replace(" ", "") == line["code"]


def test_a_line_outside_of_a_request_has_neither() -> None:
    with answering("") as line:
        assert not {"request_id", "code"} & line.keys()
