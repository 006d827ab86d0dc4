"""Secrets with a mark in them, and a search for them everywhere: none is anywhere but where it must be."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from typing import TYPE_CHECKING

from bench.attacks import canary_places
from bench.attacks.attack import Attack, Result
from bench.attacks.canary_places import Places
from bench.attacks.canary_walk import Walk
from bench.attacks.postgresql import PostgreSQL

if TYPE_CHECKING:
    from bench.attacks.canary_forms import Canary
    from bench.attacks.rig import Rig


@dataclasses.dataclass(frozen=True)
class OnPurpose:
    """Which canaries are where on purpose, by patterns of the whole of their names, and why."""

    canary: str
    place: str
    why: str


ON_PURPOSE = (
    OnPurpose(
        "date of birth",
        r"database: accounts_user\.date_of_birth",
        "the record, with which a recovery form and a caller are compared",
    ),
    OnPurpose(
        "number that was called back",
        r"database: accounts_callercheck\.called",
        "an auditor asks HR whether it is theirs; a day after the check counts no more it is deleted",
    ),
    OnPurpose(
        "recovery link", "mails to the person|addresses asked for", "what the mail is for; no log has the address"
    ),
    OnPurpose(
        "link of “this was not me”",
        "mails to the person|addresses asked for",
        "what the mail is for; no log has the address",
    ),
    OnPurpose(
        "(state|code) of Care Identity",
        "addresses asked for",
        "OpenID Connect brings them so; each works once, and no log has the address",
    ),
    OnPurpose(
        "(state|nonce) of Care Identity",
        "page /care-identity/log-in/",
        "where the browser goes on to, by OpenID Connect",
    ),
    OnPurpose("secret of the app.*", "page /second-step/set-up/app/", "shown to be typed into the app"),
    OnPurpose("recovery code .*", "page /second-step/set-up/codes/(file/)?", "shown once, and saved as a file"),
    OnPurpose("code for the helpdesk", "page /my-esr/helpdesk-code/", "shown to be read to the agent"),
    OnPurpose(
        "wrong code for the helpdesk",
        r"page /admin/desk/people/\d+/link_care_identity/",
        "the agent's box comes back as it was typed, to mend a digit; a right code does not",
    ),
    OnPurpose("password as a username", "page /log-in/", "the box for the username comes back as it was typed"),
)


def run(rig: Rig, share: float) -> Result:
    """Let people do what they do once, whatever the share, and search."""
    return search(rig)


def search(rig: Rig) -> Result:
    """Walk, and look for what was marked in every place."""
    result, places = Result(), Places(rig)
    walk = Walk(rig, places.look_at_the_database)
    with contextlib.closing(walk):
        walk.go()
    secrets = [each for each in walk.canaries if not each.is_personal]
    tables = {found[1] for each in ON_PURPOSE if (found := re.match(r"database: (\w+)", each.place))}
    searched, size, seen, leaks = 0, 0, set(), []
    for place in places.all(walk, without=tables):
        searched, size = searched + 1, size + len(place.content)
        result.must(place.control in place.content, f"there was nothing to search in: {place.name}")
        lowered = place.content.lower()
        for canary in walk.canaries if place.of_machines else secrets:
            around = canary.found_in(place.content, lowered)
            if not around:
                continue
            allowed = [
                each
                for each in ON_PURPOSE
                if re.fullmatch(each.canary, canary.name) and re.fullmatch(each.place, place.name)
            ]
            seen |= set(allowed)
            if not allowed:
                leaks.append(f"{canary.name} in {place.name}")
                print(f"    {leaks[-1]}: …{around}…", flush=True)
    # The files of a server that others use too, as the tests' is, hold what is theirs.
    if isinstance(rig.postgresql, PostgreSQL):
        leaks += _on_the_disk(places, secrets)
    result.say("Secrets with a mark", len(secrets))
    result.say("Names, usernames and addresses with a mark, in what machines write", len(walk.canaries) - len(secrets))
    result.say("Places, and how much was searched", f"{searched}, {size / 2**20:.1f} MiB")
    result.say("Pages that were shown", sum(len(browser.pages) for browser in walk.browsers))
    result.say("Where one must be, and is", f"{len(seen)}, each with its reason in bench/attacks/canaries.py")
    result.say("Where one must not be, and is", len(leaks))
    result.must(not leaks, f"{len(leaks)} leaks: {'; '.join(leaks[:8])}")
    result.must(
        seen == set(ON_PURPOSE),
        f"not found where it has to be: {sorted({each.place for each in ON_PURPOSE} - {each.place for each in seen})}",
    )
    open_to_others = canary_places.is_closed_to_others(rig)
    result.say("Files of /proc with keys in them that another user can read", ", ".join(open_to_others) or "none")
    result.must(not open_to_others, f"another user reads keys: {open_to_others}")
    return result


def _on_the_disk(places: Places, secrets: list[Canary]) -> list[str]:
    """Return what stands in the files of the database letter by letter, where no column has it on purpose."""
    kept = [each.canary for each in ON_PURPOSE if each.place.startswith("database: ")]
    content = places.files_of_the_database()
    searched = [each for each in secrets if not any(re.fullmatch(pattern, each.name) for pattern in kept)]
    return [f"{each.name} in the files of the database" for each in searched if each.stands_in(content)]


ATTACK = Attack(
    name="canaries",
    title="8. Secrets with a mark in them, looked for everywhere",
    must_hold=(
        "no password, date of birth, code, link, key, cookie or token is in a log, a table, a copy of the database, a "
        "mail to others, an address, a page, a figure, a command line or a file, in any form, but where it is for; no "
        "name is in what machines write."
    ),
    estimate="two minutes",
    run=run,
    care_identity=True,
    witnessed=True,
)
