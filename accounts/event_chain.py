"""How security events are made into digests, and seals into a chain. Pure functions, and the keys of the environment.

An event is its JSON list of FIELDS; a block, which is the events of one kind and day, is the SHA-256 of the SHA-256 of
each in the order of their keys. A seal's link is the SHA-256 of the link before and of what the seal says, so the last
link stands for the whole chain; its MAC is that link under HMAC-SHA256 (RFC 2104), with a key derived from
SECOND_STEP_KEYS. The newest key makes it, each verifies: and what an old key made is covered by the next seal that a
newer one makes, so that an old key may go after that.
"""

from __future__ import annotations

import array
import datetime
import hashlib
import hmac
import itertools
import json
import sys
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from accounts.models import EventSeal

# What of an event is sealed, in this order. Changing it makes every seal wrong.
FIELDS = ("pk", "at", "event", "user_id", "by_id", "address", "device", "reason", "reference", "note")
# What the first seal names as the link before.
BEGINNING = "0" * 64
# Of each event: four bytes for how far its key is from the one before, and two of its digest.
_TAG = 2
_FARTHEST = 2**32 - 1
_KEY_NAME = 6
# Characters of a link in the head, as the log has it: 128 bits.
_HEAD = 32


class Block:
    """The events of one kind and day: how many, from which key to which, their digest and their marks."""

    def __init__(self) -> None:
        self.events = 0
        self.first_key: int | None = None
        self.last_key: int | None = None
        self._digest = hashlib.sha256()
        self._steps = array.array("I")
        self._tags = bytearray()

    def add(self, row: tuple[Any, ...]) -> None:
        """Add the next event: its FIELDS, in the order of keys."""
        key, digest = row[0], digest_of(row)
        self.first_key = key if self.first_key is None else self.first_key
        step = key - (self.first_key if self.last_key is None else self.last_key)
        # Keys that are so far apart are not the portal's: the digest has them all the same.
        self._steps.append(step if 0 <= step <= _FARTHEST else 0)
        self._tags += digest[:_TAG]
        self._digest.update(digest)
        self.events += 1
        self.last_key = key

    @property
    def digest(self) -> str:
        """The digest of all."""
        return self._digest.hexdigest()

    def marks(self) -> bytes:
        """Return what `read_marks` reads."""
        steps = array.array("I", self._steps)
        if sys.byteorder == "big":
            steps.byteswap()
        return steps.tobytes() + bytes(self._tags)


def digest_of(row: tuple[Any, ...]) -> bytes:
    """Return the digest of one event, its FIELDS: the same on both databases."""
    key, at, *others = row
    text = json.dumps([key, at.astimezone(datetime.UTC).isoformat(), *others], separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).digest()


def tag(digest: bytes) -> bytes:
    """Return the part of an event's digest that is in the marks."""
    return digest[:_TAG]


def read_marks(marks: bytes, *, first_key: int) -> dict[int, bytes]:
    """Return the tag of each event by its key."""
    each = array.array("I").itemsize + _TAG
    number = len(marks) // each
    steps = array.array("I", marks[: number * (each - _TAG)])
    if sys.byteorder == "big":
        steps.byteswap()
    tags = marks[number * (each - _TAG) :]
    keys = (first_key + far for far in itertools.accumulate(steps))
    return {key: bytes(tags[_TAG * place : _TAG * (place + 1)]) for place, key in enumerate(keys)}


def blocks(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, Block]]:
    """Return each kind with its block, of rows that are in the order of kinds and then of keys."""
    for kind, alike in itertools.groupby(rows, key=lambda row: str(row[2])):
        block = Block()
        for row in alike:
            block.add(row)
        yield kind, block


def link_of(*, before: str, seal: EventSeal) -> str:
    """Return the link of a seal, given the link of the one before it."""
    says = [
        *(before, seal.number, seal.day.isoformat(), seal.kind, seal.generation, seal.why, seal.events, seal.gone),
        *(seal.first_key, seal.last_key, seal.digest, seal.made_at.astimezone(datetime.UTC).isoformat()),
    ]
    return hashlib.sha256(json.dumps(says, separators=(",", ":")).encode("ascii")).hexdigest()


def sign(seal: EventSeal) -> None:
    """Put the newest key's MAC of its link on a seal."""
    key = settings.SECOND_STEP_KEYS[0]
    seal.key_name, seal.mac = _name(key), _mac(key, seal.link)


def is_signed(seal: EventSeal) -> bool | None:
    """Return whether the MAC of a seal is that of its link; None where its key is not in SECOND_STEP_KEYS."""
    keys = keys_by_name()
    if seal.key_name not in keys:
        return None
    return hmac.compare_digest(_mac(keys[seal.key_name], seal.link), seal.mac)


def is_by_newest_key(seal: EventSeal) -> bool:
    """Return whether the newest key made the MAC of a seal."""
    return seal.key_name == _name(settings.SECOND_STEP_KEYS[0])


def keys_by_name() -> Mapping[str, str]:
    """Return the keys of the environment by their names, none of which tells a key."""
    return {_name(key): key for key in settings.SECOND_STEP_KEYS}


def head_of(seal: EventSeal) -> str:
    """Return what stands for the chain up to this seal, as the log has it: "1234-5f0c…"."""
    return f"{seal.number}-{seal.link[:_HEAD]}"


def _mac(key: str, link: str) -> str:
    derived = hashlib.sha256(f"seals of security events {key}".encode()).digest()
    return hmac.new(derived, link.encode("ascii"), hashlib.sha256).hexdigest()


def _name(key: str) -> str:
    return hashlib.sha256(f"name of seals {key}".encode()).hexdigest()[:_KEY_NAME]
