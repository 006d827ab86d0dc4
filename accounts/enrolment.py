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
    # Whether only what is not there yet may be set up: no more than a password was shown.
    is_for_the_first: bool


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
        if not (is_proved and second_step.is_offered(user=request.user)):
            return None
        is_first = not proving_again.has_shown_one(user=request.user, session=request.session)
        return Enrolment(request.user, about.person(request.user), None, is_first)
    stage = SecondStepStage.of(request)
    if stage is None or not stage.may_enrol:
        return None
    return Enrolment(stage.user, stage.about, stage, not stage.may_replace)
