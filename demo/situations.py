"""The situations that a person of the demo can be in, and what goes with them."""

from __future__ import annotations

import enum

from django.utils.translation import gettext_noop

from accounts.models.role import Role


class Situation(enum.Enum):
    """What the person finds when they try to get in. The value is in English: `demo.people` translates it."""

    ORDINARY = gettext_noop("Everything is in order")
    LOCKED = gettext_noop("Locked")
    NEVER_LOGGED_IN = gettext_noop("Has never had a password")
    VOLUNTEER = gettext_noop("A volunteer")
    TWO_EMPLOYERS = gettext_noop("Two employers, one mailbox")
    MUST_CHANGE = gettext_noop("Must change the password")
    ENDED = gettext_noop("Has left")
    CARE_IDENTITY_ONLY = gettext_noop("Smartcard only")
    NOT_YET_STARTED = gettext_noop("Has not started yet")
    HAS_AN_APP = gettext_noop("Has an authenticator app")
    LOST_THE_PHONE = gettext_noop("Has lost the phone")
    NEEDS_A_SECOND_STEP = gettext_noop("Must set up a second step")
    DORMANT = gettext_noop("Was away for long")
    LEAVING = gettext_noop("Leaves soon")
    HELPDESK = gettext_noop("The helpdesk")
    LEAD = gettext_noop("The helpdesk’s lead")
    AUDITOR = gettext_noop("An auditor")
    ADMINISTRATOR = gettext_noop("The administrator of all organisations")


# What those who may open the admin may do there.
ROLES = {
    Situation.HELPDESK: Role.AGENT,
    Situation.LEAD: Role.LEAD,
    Situation.AUDITOR: Role.AUDITOR,
    Situation.ADMINISTRATOR: Role.NATIONAL_ADMIN,
}
# Those who have set up an app as their second step.
WITH_AN_APP = frozenset({Situation.HAS_AN_APP, Situation.LOST_THE_PHONE, *ROLES})
# Those whose code stands beside them on the demo page. The helpdesk's stands above.
WITH_A_CODE = WITH_AN_APP - {Situation.LOST_THE_PHONE, Situation.HELPDESK}
