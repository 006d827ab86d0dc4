"""The sentences of the diagnosis of a person who can get in: how, and what comes between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from helpdesk import second_step_state

if TYPE_CHECKING:
    from helpdesk.facts import Facts


def yes(facts: Facts) -> str:
    """Return how a person gets in who can, and what comes between their password and the pages."""
    sentences = [_how(facts)]
    if facts.person.must_change_password:
        sentences.append(_("They must set a new password at the next log-in with it."))
    if facts.second_step_is_missing and second_step_state.is_asked_outside_alone(person=facts.person):
        sentences.append(
            _(
                "They must set up a second step at the next log-in with a password from outside the organisation’s "
                "network, before anything else."
            )
        )
    elif facts.second_step_is_missing:
        sentences.append(_("They must set up a second step at the next log-in with a password, before anything else."))
    else:
        sentences += _waits(facts)
    return " ".join(sentences)


def _how(facts: Facts) -> str:
    with_card = facts.care_identity is not None
    if facts.works_outside:
        return _("Yes, with Care Identity or a password.") if with_card else _("Yes.")
    if with_card:
        return _(
            "With Care Identity. With a password only from the organisation’s network: they have no internet access."
        )
    return _("Only from the organisation’s network: they have no internet access.")


def _waits(facts: Facts) -> list[str]:
    """Return which codes of a person are not looked at now, after wrong ones."""
    sentences = []
    if facts.waits.app:
        sentences.append(
            _("No code of their app is looked at now, after wrong ones: lift the wait, or let them use another way.")
        )
    if facts.waits.recovery_codes_are_closed:
        sentences.append(
            _("No recovery code of theirs is looked at, after wrong ones: lift the wait, or let them use another way.")
        )
    return sentences
