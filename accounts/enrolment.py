"""A person who may set up ways to show a second step now: in the middle of a log-in that needs one, or logged in."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from accounts.browser import about
from accounts.models import User
from accounts.services import proving_again, second_step
from accounts.stages import SecondStepStage

if TYPE_CHECKING:
    from django.http import HttpRequest


@dataclasses.dataclass(frozen=True, slots=True)
class Enrolment:
    """Whose ways are set up, what the forms are about, and the stage of a log-in under way, or None in a session."""

    user: User
    about: str
    stage: SecondStepStage | None

    @property
    def is_for_the_first(self) -> bool:
        """Whether only what is not there yet may be set up: in a log-in that has shown no more than a password."""
        return self.stage is not None and not self.stage.may_replace


def held(request: HttpRequest) -> str | None:
    """Return what a form would be about that sets up ways in this browser, or None where there is no person."""
    if isinstance(request.user, User):
        return about.person(request.user)
    stage = SecondStepStage.of(request)
    return stage.about if stage else None


def of(request: HttpRequest) -> Enrolment | None:
    """Return who may set up ways in this browser now, or None.

    In a session it is a person to whom the second step is offered and who proved lately who they are. In the middle of
    a log-in it is one who has none yet, or whose log-in may set up a new one (SecondStepStage.may_enrol).
    """
    if isinstance(request.user, User):
        is_proved = proving_again.is_lately(user=request.user, session=request.session)
        may = is_proved and second_step.is_offered(user=request.user)
        return Enrolment(request.user, about.person(request.user), None) if may else None
    stage = SecondStepStage.of(request)
    return Enrolment(stage.user, stage.about, stage) if stage is not None and stage.may_enrol else None
