"""The tables of accounts, care_identity and hub."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.personal_data.kinds import AtErasure, Table

GOES, LOOKED_FOR, STAYS = AtErasure.GOES, AtErasure.LOOKED_FOR, AtErasure.STAYS

_PEOPLE = (
    Table(
        label="accounts.User",
        heading=_("Your record"),
        person="pk",
        told="username given_name family_name email employee_number person_type organisation starts_on ends_on"
        " is_active role must_change_password password_changed_at care_identity_only internet_access_since"
        " internet_access_withdrawn_at wrong_passwords_before lock_mailed_at password_frozen_at links_held_until"
        " dormancy_warned_at dormancy_warned_again_at dormant_since welcomed_at leaving_mailed_for created_at"
        " language last_language",
        in_full="date_of_birth",
        kept_back="password search_words",
        plain="id is_staff is_superuser",
        at_erasure=GOES,
    ),
    Table(
        label="accounts.CareIdentity",
        heading=_("Your Care Identity"),
        person="user",
        told="uid linked_at",
        plain="id user",
        at_erasure=GOES,
    ),
    Table(
        label="accounts.GivenAddress",
        heading=_("Other email addresses that you gave"),
        person="user",
        told="purpose email given_at card_shown_at confirmed_at",
        kept_back="link_digest link_expires_at",
        plain="id user",
        at_erasure=GOES,
    ),
    Table(
        label="accounts.FormerEmail",
        heading=_("Former email addresses that are still to be told"),
        person="user",
        told="email changed_at",
        plain="id user",
        at_erasure=GOES,
    ),
    Table(
        label="accounts.PasswordHistory",
        heading=_("When you set your last passwords"),
        person="user",
        told="created_at",
        kept_back="password",
        plain="id user",
        at_erasure=GOES,
    ),
    Table(
        label="accounts.ErasedPerson",
        kept_back="id number_digest username_digest",
        plain="organisation erased_at why",
        at_erasure=STAYS,
    ),
)

_WAYS_IN = (
    Table(
        label="accounts.RecoveryCodes",
        heading=_("Your recovery codes"),
        person="user",
        told="made_at",
        kept_back="sealed",
        plain="id user name confirmed",
        at_erasure=GOES,
    ),
    Table(
        label="accounts.BootstrapCode",
        heading=_("Codes from the helpdesk for a new second step"),
        person="user",
        told="made_at ends_at wrong_tries",
        kept_back="digest made_by",
        plain="id user",
        at_erasure=GOES,
    ),
    Table(
        label="accounts.SecondStepRecord",
        heading=_("Wrong codes, and when your second step was last used"),
        person="user",
        told="wrong_in_a_row wrong_today day_began_at last_wrong_at wrong_recovery_in_a_row wrong_recovery_today"
        " last_wrong_recovery_at passkey_offered_at shown_to_work_at",
        plain="user",
        at_erasure=GOES,
    ),
    Table(
        label="accounts.SecondStepExcuse",
        heading=_("Your excuse from the second step"),
        person="user",
        told="review_on made_at",
        in_full="reason",
        kept_back="made_by",
        plain="id user",
        at_erasure=GOES,
    ),
    Table(
        label="accounts.RememberedBrowser",
        heading=_("Browsers that are not asked for a second step"),
        person="user",
        told="device made_at used_at",
        kept_back="series counter password_digest",
        plain="id user",
        at_erasure=GOES,
    ),
    Table(
        label="accounts.DeviceCookie",
        heading=_("Browsers in which you have logged in"),
        person="user",
        told="made_at",
        kept_back="digest password_digest",
        plain="id user",
        at_erasure=GOES,
    ),
    Table(
        label="accounts.Session",
        # What of it can be read is in its data: services/own_data.py asks services/signed_in.py.
        person="user_id",
        kept_back="session_key session_data expire_date user_id care_identity_uid care_identity_session",
        at_erasure=GOES,
    ),
    Table(
        label="accounts.RecoveryLink",
        heading=_("Links to set a password"),
        person="user",
        # That there was a link says that a date of birth was right.
        in_full="email expires_at used_at created_at",
        kept_back="token_digest password_digest message_id last_message_id",
        plain="id user",
        at_erasure=GOES,
    ),
    Table(
        label="accounts.RecoveryRequest",
        heading=_("Requests for a link that were sent with your email address"),
        told="reference created_at",
        in_full="decided_at outcome",
        kept_back="email_digest email date_of_birth_digest network",
        plain="id turn_at language",
        at_erasure=LOOKED_FOR,
    ),
    Table(
        label="accounts.Lockout",
        kept_back="username_digest browser_digest failures in_a_row last_failure_at locked_at",
        plain="id",
        at_erasure=LOOKED_FOR,
    ),
    Table(label="accounts.CareIdentityLogOut", kept_back="uid session at", plain="id", at_erasure=LOOKED_FOR),
    Table(label="accounts.SpentChallenge", plain="digest at"),
    Table(label="care_identity.SpentLogoutToken", plain="jti_digest kept_until"),
    Table(label="care_identity.SpentState", plain="state_digest kept_until"),
)

_HELPDESK = (
    Table(
        label="accounts.CallerCheck",
        heading=_("How the helpdesk found out that a caller is you"),
        person="user",
        told="begun_at ends_at passed_at kind wrong_tries",
        # The number that the helpdesk calls back: who has the session, and could have calls to it, would be the person.
        in_full="called",
        kept_back="agent",
        plain="id user",
        at_erasure=GOES,
    ),
    Table(
        label="accounts.Proposal",
        heading=_("Changes that the helpdesk asked for on your behalf"),
        person="user",
        told="action asked_at check_kind card_shown_at decided_at done_at",
        # How it stands, and with what: no page of the person's says that while the helpdesk may be talked into it.
        in_full="value before second state reason decision",
        kept_back="asked_by decided_by",
        plain="id user",
        at_erasure=GOES,
    ),
    Table(
        label="accounts.OutageUnlock",
        kept_back="asked_by people note address",
        plain="id asked_at organisation cause begins_at ends_at left_out confirmed_at to_let_in done_at why_ended"
        " unlocked",
        at_erasure=LOOKED_FOR,
    ),
    Table(
        label="accounts.PeopleUpload",
        kept_back="file_name uploaded_by faults sample guarded digest confirmed_by reason decided_by decision",
        plain="id organisation sealed_as uploaded_at state done of added changed ended unchanged left_out unseen"
        " has_changed confirmed_at with_guarded decided_at applied_to ended_at",
        at_erasure=LOOKED_FOR,
    ),
    Table(label="accounts.PeopleUploadPiece", kept_back="sealed", plain="id upload number", at_erasure=STAYS),
    Table(
        label="accounts.OutboxMessage",
        heading=_("Emails to you"),
        told="kind created_at sent_at bounced_at",
        kept_back="about",
        plain="id due_at turn_at leased_until attempts last_error bounce_status",
        at_erasure=LOOKED_FOR,
    ),
)

_EVENTS = (
    Table(
        label="accounts.SecurityEvent",
        heading=_("What happened to your account"),
        told="at event device",
        in_full="address reason reference note",
        kept_back="user by",
        plain="id",
        at_erasure=STAYS,
    ),
    Table(
        label="accounts.FiledEvent",
        kept_back="address by",
        plain="id at organisation kind",
        at_erasure=STAYS,
    ),
    Table(
        label="accounts.EventSeal",
        plain="number day kind generation why events gone first_key last_key digest made_at link key_name mac",
    ),
    Table(label="accounts.EventMarks", plain="seal marks"),
    Table(label="accounts.DailyCount", plain="id day organisation what count"),
    Table(label="accounts.CountedDay", plain="day counted_at begun_at"),
    Table(label="accounts.WorkerHeartbeat", plain="id machine version began_at seen_at parts"),
    Table(label="accounts.LastRun", plain="job ended_at went_well_at"),
    Table(label="accounts.CheckUp", plain="reach asked_at begun_at ended_at machine findings"),
)

_ORGANISATIONS = (
    Table(
        label="accounts.Organisation",
        plain="id code name welsh_name support_email it_support_email requires_internet_access care_identity_level"
        " second_step second_step_share dormant_after_days payslip_address payslip_words welsh_payslip_words"
        " events_kept_days events_kept_since leavers_kept_days leavers_kept_since",
    ),
    Table(label="accounts.EmailDomain", plain="id organisation domain"),
    Table(label="accounts.TrustedNetwork", plain="id organisation network is_shared first last"),
    Table(label="accounts.SwitchedOff", kept_back="by", plain="part at reason", at_erasure=LOOKED_FOR),
    Table(label="accounts.DemoMark", kept_back="part row", plain="id model made_at", at_erasure=LOOKED_FOR),
    Table(
        label="hub.Application", plain="id organisation name welsh_name address description welsh_description position"
    ),
    Table(
        label="hub.Notice",
        plain="id organisation title text welsh_title welsh_text kind shown_from changed_at shown_until",
    ),
)

OURS = (*_PEOPLE, *_WAYS_IN, *_HELPDESK, *_EVENTS, *_ORGANISATIONS)
