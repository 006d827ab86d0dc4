"""Every address of the admin, by the role of its caller and whose record it is: what comes of it, as a table.

`python -m tests.support.desk_matrix` writes it into docs/security.md; tests/security/test_helpdesk_matrix.py holds the
portal against it.
"""

from __future__ import annotations

import dataclasses
import re
import sys
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "security.md"
BEGIN = "<!-- roles: written by python -m tests.support.desk_matrix -->"
END = "<!-- roles: end -->"

# In the order of the columns.
ROLES = ("agent", "lead", "auditor", "organisation_admin", "national_admin")
HEADINGS = ("agent", "lead", "auditor", "organisation administrator", "national administrator")
# `yes`: answered, and done where it is sent. `no`: 403. `gone`: 404, as for a record that there is not.
RESULTS = {"yes": "yes", "no": "no", "gone": "not found"}

# Name of the address, method, whose record: "own" and "other" organisation, "self", "more" (a person of the own
# organisation with more rights than the caller), "-" where it is about none.
_TABLE = """
second_steps GET - yes yes yes yes yes
second_steps CSV - no yes yes yes yes
second_steps POST - no no no no no
index GET - yes yes yes yes yes
login GET - yes yes yes yes yes
autocomplete GET - no no no no no
jsi18n GET - yes yes yes yes yes
hub_application_changelist GET - yes yes yes yes yes
hub_application_add GET - yes yes no yes yes
hub_application_add POST - yes yes no yes yes
hub_application_history GET own yes yes yes yes yes
hub_application_history GET other gone gone gone gone yes
hub_application_delete POST own yes yes no yes yes
hub_application_delete POST other gone gone gone gone yes
hub_application_change GET own yes yes yes yes yes
hub_application_change GET other gone gone gone gone yes
hub_application_change POST own yes yes no yes yes
hub_application_change POST other gone gone gone gone yes
accounts_secondstepexcuse_changelist GET - yes yes yes yes yes
accounts_secondstepexcuse_add GET - yes yes no no yes
accounts_secondstepexcuse_add POST - yes yes no no yes
accounts_secondstepexcuse_history GET own yes yes yes yes yes
accounts_secondstepexcuse_history GET other gone gone gone gone yes
accounts_secondstepexcuse_delete POST own yes yes no no yes
accounts_secondstepexcuse_delete POST other gone gone gone gone yes
accounts_secondstepexcuse_change GET own yes yes yes yes yes
accounts_secondstepexcuse_change GET other gone gone gone gone yes
accounts_secondstepexcuse_change POST own yes yes no no yes
accounts_secondstepexcuse_change POST other gone gone gone gone yes
hub_notice_changelist GET - yes yes yes yes yes
hub_notice_add GET - no no no no yes
hub_notice_add POST - no no no no yes
hub_notice_history GET own yes yes yes yes yes
hub_notice_delete POST own no no no no yes
hub_notice_change GET own yes yes yes yes yes
hub_notice_change POST own no no no no yes
accounts_organisation_changelist GET - yes yes yes yes yes
accounts_organisation_add GET - no no no no yes
accounts_organisation_add POST - no no no no yes
accounts_organisation_history GET own yes yes yes yes yes
accounts_organisation_history GET other gone gone gone gone yes
accounts_organisation_delete POST own no no no no no
accounts_organisation_delete POST other gone gone gone gone no
accounts_organisation_change GET own yes yes yes yes yes
accounts_organisation_change GET other gone gone gone gone yes
accounts_organisation_change POST own no no no yes yes
accounts_organisation_change POST other gone gone gone gone yes
accounts_outboxmessage_changelist GET - no no no no yes
accounts_outboxmessage_add GET - no no no no no
accounts_outboxmessage_add POST - no no no no no
accounts_outboxmessage_history GET own gone gone gone gone yes
accounts_outboxmessage_delete POST own gone gone gone gone no
accounts_outboxmessage_change GET own gone gone gone gone yes
accounts_outboxmessage_change POST own gone gone gone gone no
accounts_user_unlock GET own no no no no no
accounts_user_unlock POST own yes yes no no yes
accounts_user_unlock POST other gone gone gone gone yes
accounts_user_unlock POST self no no no no no
accounts_user_unlock POST more no no no no yes
accounts_user_send_recovery_email GET own no no no no no
accounts_user_send_recovery_email POST own yes yes no no yes
accounts_user_send_recovery_email POST other gone gone gone gone yes
accounts_user_send_recovery_email POST self no no no no no
accounts_user_send_recovery_email POST more no no no no yes
accounts_user_give_internet_access GET own no no no no no
accounts_user_give_internet_access POST own yes yes no no yes
accounts_user_give_internet_access POST other gone gone gone gone yes
accounts_user_give_internet_access POST self no no no no no
accounts_user_give_internet_access POST more no no no no yes
accounts_user_withdraw_internet_access GET own no no no no no
accounts_user_withdraw_internet_access POST own yes yes no no yes
accounts_user_withdraw_internet_access POST other gone gone gone gone yes
accounts_user_withdraw_internet_access POST self no no no no no
accounts_user_withdraw_internet_access POST more no no no no yes
accounts_user_lift_wait GET own no no no no no
accounts_user_lift_wait POST own yes yes no no yes
accounts_user_lift_wait POST other gone gone gone gone yes
accounts_user_lift_wait POST self no no no no no
accounts_user_lift_wait POST more no no no no yes
accounts_user_changelist GET - yes yes yes yes yes
accounts_user_add GET - yes yes no no yes
accounts_user_add POST - yes yes no no yes
accounts_user_history GET own yes yes yes yes yes
accounts_user_history GET other gone gone gone gone yes
accounts_user_history GET self yes yes yes yes yes
accounts_user_history GET more yes yes yes yes yes
accounts_user_delete POST own no no no no no
accounts_user_delete POST other gone gone gone gone no
accounts_user_delete POST self no no no no no
accounts_user_delete POST more no no no no no
accounts_user_change GET own yes yes yes yes yes
accounts_user_change GET other gone gone gone gone yes
accounts_user_change GET self yes yes yes yes yes
accounts_user_change GET more yes yes yes yes yes
accounts_user_change POST own yes yes no yes yes
accounts_user_change POST other gone gone gone gone yes
accounts_user_change POST self no no no no no
accounts_user_change POST more no no no no yes
accounts_recoveryrequest_changelist GET - yes yes yes yes yes
accounts_recoveryrequest_add GET - no no no no no
accounts_recoveryrequest_add POST - no no no no no
accounts_recoveryrequest_history GET own gone gone gone gone yes
accounts_recoveryrequest_delete POST own gone gone gone gone no
accounts_recoveryrequest_change GET own gone gone gone gone yes
accounts_recoveryrequest_change POST own gone gone gone gone no
accounts_securityevent_changelist GET - yes yes yes yes yes
accounts_securityevent_add GET - no no no no no
accounts_securityevent_add POST - no no no no no
accounts_securityevent_history GET own yes yes yes yes yes
accounts_securityevent_history GET other gone gone gone gone yes
accounts_securityevent_delete POST own no no no no no
accounts_securityevent_delete POST other gone gone gone gone no
accounts_securityevent_change GET own yes yes yes yes yes
accounts_securityevent_change GET other gone gone gone gone yes
accounts_securityevent_change POST own no no no no no
accounts_securityevent_change POST other gone gone gone gone no
accounts_switchedoff_changelist GET - no no no no yes
accounts_switchedoff_switch POST - no no no no yes
desk_find GET - yes yes yes yes yes
desk_requests GET - yes yes yes yes yes
desk_events GET - yes yes yes yes yes
desk_events CSV - no yes yes yes yes
desk_events POST - no no no no no
desk_person GET own yes yes yes yes yes
desk_person GET other gone gone gone gone yes
desk_person GET self yes yes yes yes yes
desk_person GET more yes yes yes yes yes
desk_unlock GET own no no no no no
desk_unlock POST own yes yes no no yes
desk_unlock POST other gone gone gone gone yes
desk_unlock POST self no no no no no
desk_unlock POST more no no no no yes
desk_send_recovery_email GET own no no no no no
desk_send_recovery_email POST own yes yes no no yes
desk_send_recovery_email POST other gone gone gone gone yes
desk_send_recovery_email POST self no no no no no
desk_send_recovery_email POST more no no no no yes
desk_lift_wait GET own no no no no no
desk_lift_wait POST own yes yes no no yes
desk_lift_wait POST other gone gone gone gone yes
desk_lift_wait POST self no no no no no
desk_lift_wait POST more no no no no yes
desk_give_internet_access GET own no no no no no
desk_give_internet_access POST own yes yes no no yes
desk_give_internet_access POST other gone gone gone gone yes
desk_give_internet_access POST self no no no no no
desk_give_internet_access POST more no no no no yes
desk_withdraw_internet_access GET own no no no no no
desk_withdraw_internet_access POST own yes yes no no yes
desk_withdraw_internet_access POST other gone gone gone gone yes
desk_withdraw_internet_access POST self no no no no no
desk_withdraw_internet_access POST more no no no no yes
desk_end_sessions GET own no no no no no
desk_end_sessions POST own yes yes no no yes
desk_end_sessions POST other gone gone gone gone yes
desk_end_sessions POST self no no no no no
desk_end_sessions POST more no no no no yes
desk_must_change GET own no no no no no
desk_must_change POST own yes yes no no yes
desk_must_change POST other gone gone gone gone yes
desk_must_change POST self no no no no no
desk_must_change POST more no no no no yes
desk_freeze GET own no no no no no
desk_freeze POST own yes yes no no yes
desk_freeze POST other gone gone gone gone yes
desk_freeze POST self no no no no no
desk_freeze POST more no no no no yes
desk_date_of_birth GET own yes yes no no yes
desk_date_of_birth POST own yes yes no no yes
desk_date_of_birth POST other gone gone gone gone yes
desk_date_of_birth POST self no no no no no
desk_date_of_birth POST more no no no no yes
desk_last_day GET own yes yes no no yes
desk_last_day POST own yes yes no no yes
desk_last_day POST other gone gone gone gone yes
desk_last_day POST self no no no no no
desk_last_day POST more no no no no yes
desk_change_email GET own yes yes no no yes
desk_change_email POST own yes yes no no yes
desk_change_email POST other gone gone gone gone yes
desk_change_email POST self no no no no no
desk_change_email POST more no no no no yes
desk_confirm_email GET own yes yes no no yes
desk_confirm_email POST own yes yes no no yes
desk_confirm_email POST other gone gone gone gone yes
desk_confirm_email POST self no no no no no
desk_confirm_email POST more no no no no yes
desk_link_care_identity GET own yes yes no no yes
desk_link_care_identity POST own yes yes no no yes
desk_link_care_identity POST other gone gone gone gone yes
desk_link_care_identity POST self no no no no no
desk_link_care_identity POST more no no no no yes
desk_unlink_care_identity GET own yes yes no no yes
desk_unlink_care_identity POST own yes yes no no yes
desk_unlink_care_identity POST other gone gone gone gone yes
desk_unlink_care_identity POST self no no no no no
desk_unlink_care_identity POST more no no no no yes
desk_remove_second_step GET own yes yes no no yes
desk_remove_second_step POST own yes yes no no yes
desk_remove_second_step POST other gone gone gone gone yes
desk_remove_second_step POST self no no no no no
desk_remove_second_step POST more no no no no yes
desk_make_bootstrap_code GET own yes yes no no yes
desk_make_bootstrap_code POST own yes yes no no yes
desk_make_bootstrap_code POST other gone gone gone gone yes
desk_make_bootstrap_code POST self no no no no no
desk_make_bootstrap_code POST more no no no no yes
desk_unfreeze GET own yes yes no no yes
desk_unfreeze POST own yes yes no no yes
desk_unfreeze POST other gone gone gone gone yes
desk_unfreeze POST self no no no no no
desk_unfreeze POST more no no no no yes
desk_proposals GET - yes yes yes yes yes
desk_proposal GET own yes yes yes yes yes
desk_proposal GET other gone gone gone gone yes
desk_proposal_approve GET own no no no no no
desk_proposal_approve POST own no yes no no yes
desk_proposal_approve POST other gone gone gone gone yes
desk_proposal_refuse GET own no no no no no
desk_proposal_refuse POST own no yes no no yes
desk_proposal_refuse POST other gone gone gone gone yes
desk_proposal_withdraw POST own no no no no no
desk_proposal_withdraw POST other gone gone gone gone no
desk_proposal_code POST own no no no no no
desk_proposal_code POST other gone gone gone gone no
app_list GET - yes yes yes yes yes
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One address, asked for in one way, about one kind of record."""

    name: str
    method: str
    whose: str
    results: tuple[str, ...]


def rows() -> list[Row]:
    """Return the rows of the table."""
    split = (line.split() for line in _TABLE.strip().splitlines())
    return [Row(name, method, whose, tuple(results)) for name, method, whose, *results in split]


def as_markdown() -> str:
    """Return the table as the document has it, between its marks: what is alike stands in one row."""
    alike: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for row in rows():
        alike.setdefault((row.name, row.method, row.results), []).append(row.whose)
    lines = [["address", "method", "record", *HEADINGS], ["---"] * (3 + len(ROLES))]
    lines += [
        [f"`{name}`", method, ", ".join(whose), *(RESULTS[result] for result in results)]
        for (name, method, results), whose in alike.items()
    ]
    return "\n".join([BEGIN, "", *(f"| {' | '.join(line)} |" for line in lines), "", END])


def with_table(document: str) -> str:
    """Return the text of the document with the table of today in it."""
    return re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: as_markdown(), document, flags=re.DOTALL)


def main() -> int:
    """Write the table into the document."""
    DOCUMENT.write_text(with_table(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
