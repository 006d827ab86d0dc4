"""Talking to Care Identity without ever waiting long for it.

The portal has few threads a process (granian's blocking threads), and people who log in with a password need them. So
a whole journey to Care Identity has one deadline; only a few threads wait for it at a time; and once it has been slow
it is left alone for some seconds. A call runs in a thread of its own and is cut off at the deadline, because the
time-outs of sockets start anew with every byte: a server that drips one a second would hold us for hours.

Nothing of what is said is logged: the texts of exceptions quote codes and secrets, so only their kinds are.
"""

from __future__ import annotations

import contextlib
import io
import logging
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import requests
from authlib.integrations.requests_client import OAuth2Session
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from care_identity.services.json_objects import json_object
from care_identity.services.refusals import Page, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
logger = logging.getLogger("esr_portal.care_identity")

# Seconds for a whole journey: what Care Identity is and its keys, the token, and about the person. A page must come
# within 5.
PATIENCE = 4.5
# Threads of a process that may wait for Care Identity at a time; the others serve the other people.
MOST_AT_ONCE = 2
# Seconds that a further thread waits for its turn.
PATIENCE_FOR_A_TURN = 0.5
# Seconds for which a server is left alone once it was too slow.
REST = 10
# Bytes of an answer. The longest that occurs, a person's roles at many organisations, has some tens of thousands.
LONGEST_ANSWER = 256 * 1024

_turns = threading.BoundedSemaphore(MOST_AT_ONCE)
# When each server (host and port) was last too slow, in seconds since 1970.
_too_slow_at: dict[str, float] = {}
# The call that a thread is on: its connections are closed at the deadline.
_this_thread = threading.local()


class Deadline:
    """When a journey has to be over."""

    def __init__(self, seconds: float = PATIENCE) -> None:
        self._at = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """The seconds that are left, never below 0."""
        return max(0.0, self._at - time.monotonic())


def new_session(**options: Any) -> OAuth2Session:
    """Return Authlib's client, which goes nowhere but where it is sent and takes no more than LONGEST_ANSWER."""
    # No proxies, passwords (netrc) or certificates that happen to be in the environment, and no redirects.
    session = OAuth2Session(**options, trust_env=False, max_redirects=0)
    session.headers.update({"Accept": "application/json", "Accept-Encoding": "identity"})
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter())
    return session


def read(url: str, *, deadline: Deadline, access_token: str = "") -> dict[str, Any]:
    """Return the JSON object at `url`, asked for with `access_token` where there is one.

    Raises Refused where there is none, for whatever reason.
    """
    token = {"access_token": access_token, "token_type": "Bearer"} if access_token else None

    def ask(timeout: float) -> dict[str, Any]:
        with new_session(token=token) as session:
            answer = session.request("GET", url, withhold_token=not access_token, timeout=timeout)
            return the_object(answer)

    return call(ask, url=url, deadline=deadline)


def the_object(answer: requests.Response) -> dict[str, Any]:
    """Return the JSON object that an answer is. Raises Refused where it says that it failed; ValueError for no JSON."""
    if answer.status_code != requests.codes.ok:
        raise unavailable(f"provider_answered_{answer.status_code}")
    return json_object(answer.content)


def call(ask: Callable[[float], T], *, url: str, deadline: Deadline) -> T:
    """Return what `ask` returns, which talks to the server of `url` and gets the seconds that it may wait for a byte.

    Raises Refused: what `ask` raises of those, and with Page.UNAVAILABLE where it raises anything else, where it is not
    done by the deadline, where others are waiting already, and where the server was too slow a moment ago.
    """
    # Scheme, host and port, as far as they are there.
    server = "/".join(url.split("/")[:3])
    if 0 <= time.time() - _too_slow_at.get(server, 0) < REST:
        raise unavailable("provider_resting")
    if not _turns.acquire(timeout=min(PATIENCE_FOR_A_TURN, deadline.left)):
        raise unavailable("provider_busy")
    work = _Call(ask, timeout=deadline.left)
    if not work.begins():
        raise unavailable("provider_no_thread")
    work.join(deadline.left)
    if work.is_alive() or work.was_too_slow:
        work.cut_off()
        _too_slow_at[server] = time.time()
        raise unavailable("provider_too_slow")
    if work.refused is not None:
        raise work.refused
    if work.failure:
        raise unavailable("provider_failed", kind=work.failure)
    return work.result


def forget() -> None:
    """Forget which servers were too slow, as a new process has."""
    _too_slow_at.clear()


def unavailable(reason: str, *, kind: str = "") -> Refused:
    """Return the refusal to raise where it is Care Identity that fails, and log it: operators want to know.

    `kind` is the class of the exception that showed it.
    """
    logger.warning("Care Identity is unavailable", extra={"reason": reason, **({"kind": kind} if kind else {})})
    return Refused(Page.UNAVAILABLE, reason)


class _Call(threading.Thread, Generic[T]):
    """One call. It has a turn when it is made, and gives it back once it is over, however late."""

    result: T

    def __init__(self, ask: Callable[[float], T], *, timeout: float) -> None:
        super().__init__(name="care-identity", daemon=True)
        self._ask = ask
        # Sockets take 0 for "at once or not at all".
        self._timeout = max(timeout, 0.001)
        self._sockets: list[socket.socket] = []
        self._is_cut_off = False
        self.refused: Refused | None = None
        self.failure = ""
        self.was_too_slow = False

    def begins(self) -> bool:
        """Begin, and return True; give the turn back and return False where the machine has no thread left."""
        try:
            self.start()
        except RuntimeError:
            _turns.release()
            return False
        return True

    def run(self) -> None:
        """Ask, and keep what came of it."""
        _this_thread.call = self
        try:
            self.result = self._ask(self._timeout)
        except Refused as refused:
            self.refused = refused
        except requests.Timeout:
            self.was_too_slow = True
        except Exception as error:  # noqa: BLE001 - whatever the server did to the client, the log-in is refused.
            self.failure = type(error).__name__
        finally:
            _turns.release()

    def watch(self, connected: socket.socket) -> None:
        """Remember a connection, which is cut at the deadline."""
        self._sockets.append(connected)
        if self._is_cut_off:
            self.cut_off()

    def cut_off(self) -> None:
        """End every connection of this call, which ends its waiting for them."""
        self._is_cut_off = True
        for connected in self._sockets:
            # It may be over by itself.
            with contextlib.suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)


class _Watched:
    """A connection that the call on this thread knows of."""

    sock: socket.socket

    def connect(self) -> None:
        """Connect. The time-out bounds each step of this by itself, so it needs no watching until it is done."""
        super().connect()  # type: ignore[misc]  # Mixed into urllib3's connections.
        _this_thread.call.watch(self.sock)


class _HTTPConnection(_Watched, HTTPConnection):
    pass


class _HTTPSConnection(_Watched, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class _Adapter(HTTPAdapter):
    """Reads an answer as far as LONGEST_ANSWER, over connections that are watched."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        answer = super().send(request, *arguments, **{**options, "stream": True})
        with contextlib.closing(answer.raw) as raw:
            answer.raw = io.BytesIO(_body(raw))
        return answer


def _body(raw: Any) -> bytes:
    """Return the body of an answer. Its end is asked for too: only then does urllib3 say that some is missing."""
    body = b""
    while part := raw.read(LONGEST_ANSWER, decode_content=False):
        body += part
        if len(body) > LONGEST_ANSWER:
            raise unavailable("provider_answered_too_much")
    return body
