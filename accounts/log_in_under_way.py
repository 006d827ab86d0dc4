"""A log-in between the first right answer and the session: what its stages know together.

allauth keeps it in the session as JSON between two pages, and forgets everything of the person but the primary key.
"""

from __future__ import annotations

import dataclasses
import secrets
from typing import TYPE_CHECKING, Any, Self

from accounts import proof as proofs

if TYPE_CHECKING:
    from collections.abc import Mapping


def _new_number() -> str:
    return secrets.token_urlsafe(16)


class NotOurs(Exception):
    """A session holds a log-in in another form: it began before the portal was upgraded."""


@dataclasses.dataclass(frozen=True, slots=True)
class CameFrom:
    """The session that a person leaves for another account by the same Care Identity.

    The new session has its clocks, in seconds since 1970: going back and forth makes none last longer, and proves
    nothing anew.
    """

    user_id: int
    started_at: float
    proved_at: float


@dataclasses.dataclass(frozen=True, slots=True)
class LogInUnderWay:
    """What is known of a log-in so far.

    `password_fingerprint` is that of the password it began with; `browser` is the digest of a browser that knows the
    person, or ""; `shared` is whether other people use the computer too, as the person says; `proof` is what Care
    Identity proved and `id_token` what it signed, sealed, where it is the way in; `passkey` is the primary key of the
    passkey that is the way in, or None; `second_step` is what the session will know the passed second step by, or "";
    `remember` is whether the person wishes this browser to be remembered as having passed it, and `remembered` the
    primary key of the browser that is remembered so, or None, with `remembered_ways`, a digest of what the person could
    show as a second step then; `came_from` is the session of the same person's other account that they switch from, or
    None. `number` tells this log-in from every other, of the same person too: its forms are about it.
    """

    password_fingerprint: str
    browser: str = ""
    shared: bool = False
    proof: proofs.Proof | None = None
    id_token: str = ""
    passkey: int | None = None
    second_step: str = ""
    remember: bool = False
    remembered: int | None = None
    remembered_ways: str = ""
    came_from: CameFrom | None = None
    number: str = dataclasses.field(default_factory=_new_number)

    @property
    def both_steps_passed(self) -> bool:
        """Whether a second step was passed, or the way in counts as both: a passkey, or Care Identity at its level."""
        if self.second_step or self.remembered is not None or self.passkey is not None:
            return True
        return self.proof is not None and self.proof.counts_as_both_steps

    @property
    def second_step_shown(self) -> str:
        """By what more than a password was shown in this very log-in, or "": a remembered browser shows nothing."""
        if self.second_step:
            return self.second_step
        return proofs.AS_SECOND_STEP if self.proof is not None and self.proof.counts_as_both_steps else ""

    @property
    def leans_on_a_row(self) -> bool:
        """Whether what was passed is a row that another request may take away: Care Identity's is the link."""
        return self.remembered is not None or bool(self.second_step) or self.proof is not None

    @property
    def by_password(self) -> bool:
        """Whether username and password are the way in."""
        return self.proof is None and self.passkey is None

    def to_state(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "password_fingerprint": self.password_fingerprint,
            "browser": self.browser,
            "shared": self.shared,
            "proof": self.proof.as_dict() if self.proof else None,
            "id_token": self.id_token,
            "passkey": self.passkey,
            "second_step": self.second_step,
            "remember": self.remember,
            "remembered": self.remembered,
            "remembered_ways": self.remembered_ways,
            "came_from": dataclasses.asdict(self.came_from) if self.came_from else None,
            "number": self.number,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Return the log-in that `to_state` made this of. Raises NotOurs for one that it did not make."""
        try:
            facts = {field.name: state[field.name] for field in dataclasses.fields(cls)}
        except KeyError as missing:
            raise NotOurs from missing
        proof = proofs.from_dict(facts["proof"]) if facts["proof"] else None
        came_from = CameFrom(**facts["came_from"]) if facts["came_from"] else None
        return cls(**{**facts, "proof": proof, "came_from": came_from})
