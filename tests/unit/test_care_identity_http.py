"""Care Identity may be slow, broken or down: we wait for it a bounded time, in few threads, and fail in one way."""

from __future__ import annotations

import contextlib
import gzip
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from care_identity.services import authorization, http
from care_identity.services.refusals import Page, Refused
from tests.support import threads
from tests.support.openid_provider import OpenIDProvider
from tests.support.openid_server import Answer
from tests.support.travel import Travel

PATH = "/somewhere"


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Know of no server that was slow, as a new process does."""
    http.forget()


def refusal(url: str, *, seconds: float = 20) -> str:
    """Return why nothing can be read at `url`."""
    with pytest.raises(Refused) as refused:
        http.read(url, deadline=http.Deadline(seconds))
    assert refused.value.page is Page.UNAVAILABLE
    return refused.value.reason


def nobody_waits() -> bool:
    """Return whether all the threads that were given to Care Identity are back within some seconds."""
    waiting = [thread for thread in threading.enumerate() if thread.name == "care-identity"]
    for thread in waiting:
        thread.join(10)
    return not any(thread.is_alive() for thread in waiting)


def test_an_object_is_read(openid_provider: OpenIDProvider) -> None:
    openid_provider.answers[PATH] = Answer(b'{"said": "so"}')
    assert http.read(openid_provider.issuer + PATH, deadline=http.Deadline()) == {"said": "so"}


BROKEN = {
    "HTML": Answer(b"<!doctype html><title>Sorry</title>"),
    "nothing": Answer(b""),
    "half": Answer(b'{"said": '),
    "a list": Answer(b"[]"),
    "a number": Answer(b"1"),
    "null": Answer(b"null"),
    "NaN": Answer(b'{"said": NaN}'),
    "a name twice": Answer(b'{"said": 1, "said": 2}'),
    "another character set": Answer('{"said": "so"}'.encode("utf-16")),
    "no character set": Answer(b'{"said": "\xff"}'),
    "too deep": Answer(b'{"a":' * 40_000),
    "packed": Answer(gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"}),
    "longer than it says": Answer(b'{"said": "so"}', headers={"Content-Length": "5"}),
    "shorter than it says": Answer(b'{"said": "so"}', headers={"Content-Length": "500"}),
    "an error": Answer(b'{"said": "so"}', status=500),
    "another error": Answer(b'{"said": "so"}', status=404),
    "created": Answer(b'{"said": "so"}', status=201),
    "a status that there is not": Answer(b'{"said": "so"}', status=999),
    "a length that is none": Answer(b"{}", headers={"Content-Length": "many", "Transfer-Encoding": "chunked"}),
    "a header without end": Answer(headers={"X": "x" * 70_000}),
    "headers without end": Answer(headers={f"X-{number}": "x" for number in range(200)}),
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_a_broken_answer_is_a_refusal(openid_provider: OpenIDProvider, answer: Answer) -> None:
    """Threat: something unexpected from outside becomes an error page, or is half believed."""
    openid_provider.answers[PATH] = answer
    assert refusal(openid_provider.issuer + PATH).startswith("provider_")


def test_an_answer_without_end_is_not_read(openid_provider: OpenIDProvider) -> None:
    """Threat: an answer of gigabytes fills the memory."""
    openid_provider.answers[PATH] = Answer(b'{"said": "' + b"x" * http.LONGEST_ANSWER + b'"}')
    assert refusal(openid_provider.issuer + PATH) == "provider_answered_too_much"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(openid_provider: OpenIDProvider, status: int) -> None:
    """Threat: an answer sends us, with what we carry, to a server inside our own network."""
    openid_provider.answers[PATH] = Answer(status=status, headers={"Location": f"{openid_provider.issuer}/inside"})
    assert refusal(openid_provider.issuer + PATH) == "provider_failed"
    assert openid_provider.count("/inside") == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/", "http://nobody.invalid/", "http://[::1", "http://", "ftp://127.0.0.1/", "file:///etc/passwd",
        "http://127.0.0.1:99999/", "http://256.1.1.1/",
    ],
)  # fmt: skip
def test_where_nobody_answers_is_a_refusal(url: str) -> None:
    assert refusal(url) == "provider_failed"


def test_the_environment_leads_nowhere(
    openid_provider: OpenIDProvider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Threat: a proxy or a password that is set for other programs sees or changes what is said."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    openid_provider.answers[PATH] = Answer()
    assert http.read(openid_provider.issuer + PATH, deadline=http.Deadline()) == {}
    assert "Authorization" not in openid_provider.last(PATH).headers


@pytest.fixture
def tls_server() -> Iterator[str]:
    """Return the address of a server whose certificate is signed by an unknown authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = listener.accept()
        with connection, pytest.raises(ssl.SSLError):
            context.wrap_socket(connection, server_side=True).close()

    thread = threading.Thread(target=answer)
    thread.start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}/"
    thread.join(10)
    listener.close()


def test_an_unknown_certificate_is_a_refusal(tls_server: str) -> None:
    """Threat: an attacker on the way answers in Care Identity's place."""
    assert refusal(tls_server) == "provider_failed"


SLOW = {
    "silence": Answer(is_silent=True),
    "drops of a header": Answer(drips="header"),
    "drops of a body": Answer(b" " * 1000, drips="body"),
    "drops of a body without end": Answer(b" " * 1000, drips="body", headers={"Content-Length": "100000000"}),
}


@pytest.mark.parametrize("answer", SLOW.values(), ids=SLOW)
def test_a_slow_answer_is_cut_off(openid_provider: OpenIDProvider, answer: Answer) -> None:
    """Threat: a server that sends a byte now and then holds our threads for hours."""
    openid_provider.answers[PATH] = answer
    started = time.monotonic()
    assert refusal(openid_provider.issuer + PATH, seconds=0.5) == "provider_too_slow"
    # It would have gone on for a quarter of an hour. What a busy machine does besides is not the question.
    assert time.monotonic() - started < 10
    assert nobody_waits()


def test_a_slow_answer_over_tls_is_cut_off_too(tmp_path: Path) -> None:
    """Threat: as above; over TLS a connection is cut in another way."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    was_cut_off = threading.Event()

    def drip(listener: socket.socket) -> None:
        with listener.accept()[0] as plain, context.wrap_socket(plain, server_side=True) as connection:
            connection.settimeout(0.1)
            while not was_cut_off.is_set():
                connection.sendall(b"H")
                with contextlib.suppress(TimeoutError):
                    if not connection.recv(4096):
                        was_cut_off.set()

    def ask(timeout: float) -> Any:
        with http.new_session() as session:
            session.verify = str(tmp_path / "authority.pem")
            return session.request("GET", url, withhold_token=True, timeout=timeout)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        server = threading.Thread(target=drip, args=[listener], name="a slow server")
        server.start()
        with pytest.raises(Refused, match="provider_too_slow"):
            http.call(ask, url=url, deadline=http.Deadline(1))
        assert nobody_waits()
        server.join(10)
    assert was_cut_off.is_set()


def test_a_page_comes_within_five_seconds(openid_provider: OpenIDProvider) -> None:
    """Threat: people wait for a page that never comes. The whole way is measured, with our own patience."""
    begun = authorization.begin()
    parameters = openid_provider.visit(begun.address)
    openid_provider.answers["/userinfo"] = Answer(drips="header")
    started = time.monotonic()
    with pytest.raises(Refused, match="provider_too_slow") as refused:
        authorization.finish(parameters=parameters, begun=begun)
    assert refused.value.page is Page.UNAVAILABLE
    # The promise is kept by the patience; what a busy machine does besides comes on top of it here.
    assert http.PATIENCE < 5
    assert time.monotonic() - started < http.PATIENCE + 5


def test_who_was_too_slow_is_left_alone_for_some_seconds(openid_provider: OpenIDProvider, travel: Travel) -> None:
    """Threat: people wait, one after the other, for a server that is down."""
    openid_provider.answers[PATH] = Answer(is_silent=True)
    assert refusal(openid_provider.issuer + PATH, seconds=0.2) == "provider_too_slow"
    openid_provider.answers[PATH] = Answer()
    assert refusal(openid_provider.issuer + PATH) == "provider_resting"
    assert openid_provider.count(PATH) == 1
    travel(seconds=http.REST + 1)
    assert http.read(openid_provider.issuer + PATH, deadline=http.Deadline()) == {}


def test_few_threads_wait_at_a_time(openid_provider: OpenIDProvider) -> None:
    """Threat: a slow Care Identity takes all the threads, and people cannot log in with a password either."""
    openid_provider.answers[PATH] = Answer(is_silent=True)

    def ask() -> str:
        return refusal(openid_provider.issuer + PATH, seconds=4)

    asked = sorted(threads.all_at_once([ask] * 4))
    assert asked == ["provider_busy"] * 2 + ["provider_too_slow"] * 2
    assert openid_provider.count(PATH) == 2
    assert nobody_waits()


def test_a_turn_is_given_back_whatever_happens(openid_provider: OpenIDProvider) -> None:
    """Threat: each failure costs a turn, until none is left."""
    for answer in [*BROKEN.values()][:6]:
        openid_provider.answers[PATH] = answer
        refusal(openid_provider.issuer + PATH)
    openid_provider.answers[PATH] = Answer()
    assert http.read(openid_provider.issuer + PATH, deadline=http.Deadline()) == {}


def test_a_turn_is_given_back_where_no_thread_is_left(
    openid_provider: OpenIDProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot_start(_: threading.Thread) -> None:
        msg = "can't start new thread"
        raise RuntimeError(msg)

    with monkeypatch.context() as machine:
        machine.setattr(threading.Thread, "start", cannot_start)
        assert [refusal(openid_provider.issuer + PATH) for _ in range(3)] == ["provider_no_thread"] * 3
    openid_provider.answers[PATH] = Answer()
    assert http.read(openid_provider.issuer + PATH, deadline=http.Deadline()) == {}


def test_failures_are_logged_with_their_reason_and_nothing_else(
    openid_provider: OpenIDProvider, caplog: pytest.LogCaptureFixture
) -> None:
    """Threat: the log has a token, a code or a secret, which the texts of libraries' exceptions quote."""
    begun = authorization.begin()
    parameters = openid_provider.visit(begun.address)
    openid_provider.token = {"expires_in": "access-1 is no number"}
    with caplog.at_level(logging.DEBUG, "esr_portal"), pytest.raises(Refused, match="provider_failed") as refused:
        authorization.finish(parameters=parameters, begun=begun)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None
    (record,) = caplog.records
    extra: dict[str, Any] = record.__dict__
    assert (record.getMessage(), extra["reason"], extra["kind"]) == (
        "Care Identity is unavailable",
        "provider_failed",
        "ValueError",
    )


@pytest.mark.parametrize("name", ["urllib3", "urllib3.connectionpool", "requests", "authlib", "joserfc"])
def test_the_libraries_say_nothing_below_a_warning(name: str) -> None:
    """Threat: a library writes addresses, tokens or the code verifier to the log when it explains itself (DEBUG)."""
    assert logging.getLogger(name).getEffectiveLevel() >= logging.WARNING
