"""One round of each race: what is prepared, sent in the same moment, and what must have come of it.

A round returns "" where all is as it must be, else what is not. Its browsers are those of a crowd.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from bench.attacks import people
from bench.attacks.crowd import Crowd, statuses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User
    from bench.attacks.visitor import Answer, Visitor

DESK = "/admin/desk/"
NOTE = "Called from ward 4"
LIMIT = 10


def guesses(crowd: Crowd, number: int) -> str:
    """All guess at one person: ten guesses are compared, and the name is locked once."""
    from tests.support.factories import make_user

    user = make_user()
    crowd.forget()
    forms = crowd.each(lambda visitor, _: visitor.open("/log-in/"))
    answers = crowd.at_once(lambda v, n: v.post("/log-in/", forms[n], username=user.username, password=f"guess {n}"))
    told = _events(user, "LOG_IN_FAILED")
    return _differs(
        answers={200: len(answers)}.items() == statuses(answers).items(),
        compared=told.count("wrong_password") == LIMIT,
        refused=told.count("locked") == len(answers) - LIMIT,
        locks=len(_events(user, "LOCKED")) == 1,
    )


def links(crowd: Crowd, number: int) -> str:
    """All use one link: one sets its password, and the others are told that it was used."""
    from accounts.models import PasswordHistory, User
    from tests.support.factories import make_user
    from tests.support.links import link_path

    user = make_user()
    link = link_path(user)
    crowd.forget()
    opened = crowd.each(lambda visitor, _: people.open_link(visitor, link))
    words = [f"velvet harbour biscuit {n:02}" for n in range(len(opened))]

    def use(visitor: Visitor, n: int) -> Answer:
        path, page = opened[n]
        return visitor.post(path, page, new_password=words[n], **people.about(page))

    answers = crowd.at_once(use)
    won = [word for word, answer in zip(words, answers, strict=True) if answer.status == 302]
    now = User.objects.get(pk=user.pk)
    return _differs(
        winners=len(won) == 1,
        others=statuses(answers).get(410) == len(answers) - 1,
        password=len(won) == 1 and now.check_password(won[0]),
        history=PasswordHistory.objects.filter(user=user).count() == 1,
        events=len(_events(user, "RECOVERY_LINK_USED")) == 1,
    )


def codes(crowd: Crowd, number: int) -> str:
    """All type one code of a person's app, each after the password: one is in."""
    from tests.support.authenticator import PhoneApp
    from tests.support.factories import PASSWORD, make_user

    user = make_user()
    app = PhoneApp.of(user)
    pages = _half_in(crowd, user.username, PASSWORD)
    code = app.code()
    path = "/log-in/second-step/"
    answers = crowd.at_once(lambda v, n: v.post(path, pages[n], code=code, **people.about(pages[n])))
    inside = crowd.each(lambda visitor, _: visitor.get("/my-esr/").status == 200)
    return _differs(
        passed=len(_events(user, "SECOND_STEP_PASSED")) == 1,
        winners=sum(answer.status == 302 for answer in answers) == 1,
        inside=sum(inside) <= 1,
        log_ins=len(_events(user, "LOGGED_IN")) <= 1,
    )


def enrolments(crowd: Crowd, number: int) -> str:
    """Two browsers set up an app of their own for one person at once: one is kept, and its browser is told so."""
    from bs4 import BeautifulSoup

    from accounts.models import Authenticator
    from tests.support.authenticator import PhoneApp
    from tests.support.factories import PASSWORD
    from tests.support.helpdesk import make_agent

    user = make_agent()
    _half_in(crowd, user.username, PASSWORD)
    path = "/second-step/set-up/app/"
    pages = crowd.each(lambda visitor, _: visitor.open(path))
    shown = [BeautifulSoup(page.body, "html.parser").select(".portal-secret")[0].get_text() for page in pages]
    apps = [PhoneApp.typed(secret) for secret in shown]
    sent = [app.code() for app in apps]
    answers = crowd.at_once(lambda v, n: v.post(path, pages[n], code=sent[n], **people.about(pages[n])))
    won = [a.status == 302 and a.location == "/second-step/set-up/codes/" for a in answers]
    kept = [PhoneApp(device.bin_key.hex()).code() for device in Authenticator.objects.confirmed(user.pk)]
    theirs = [app.code() for app, has_won in zip(apps, won, strict=True) if has_won]
    return _differs(
        kept=len(kept) == 1,
        told=kept[0] in theirs if kept else False,
        events=len(_events(user, "SECOND_STEP_ENROLLED")) == 1,
    )


def unlocks(crowd: Crowd, number: int) -> str:
    """Two agents unlock one person at once: it is done once, and the person is told once."""
    from accounts.models import OutboxMessage
    from accounts.models.outbox import Kind
    from tests.support.factories import make_user
    from tests.support.helpdesk import lock

    user = make_user()
    lock(user)
    page = f"{DESK}people/{user.pk}/"
    pages = crowd.each(lambda visitor, _: visitor.open(page))
    crowd.at_once(lambda v, n: v.post(f"{page}unlock/", pages[n], note=NOTE, **people.about(pages[n])))
    told = OutboxMessage.objects.filter(kind=Kind.HELPED, about__users=[user.pk]).count()
    return _differs(events=len(_events(user, "UNLOCKED")) == 1, mails=told == 1)


def approvals(crowd: Crowd, number: int) -> str:
    """Two agents agree to one proposal at once: it is done once."""
    from accounts.models import User
    from accounts.models.proposal import Action
    from helpdesk.services import proposals
    from tests.support.factories import make_user
    from tests.support.helpdesk import make_agent

    user, address = make_user(), f"jo.new{number}@nhs.net"
    asked = proposals.ask(person=user, action=Action.CHANGE_EMAIL, by=make_agent(), reason="Married", value=address)
    page = f"{DESK}second-agent/{asked.pk}/"
    pages = crowd.each(lambda visitor, _: visitor.open(page))
    crowd.at_once(lambda v, n: v.post(f"{page}agree/", pages[n], decision=NOTE, **people.about(pages[n])))
    return _differs(
        agreed=len(_events(user, "SECOND_AGENT_AGREED")) == 1,
        done=len(_events(user, "DONE_FOR_CALLER")) == 1,
        address=User.objects.get(pk=user.pk).email == address,
    )


def imports(crowd: Crowd, number: int) -> str:
    """Two agents of an organisation upload a file at once: one is taken, and the other agent is told."""
    from accounts.models import PeopleUpload
    from accounts.models.people_upload import OPEN, UploadState
    from helpdesk.services.people_uploads import ending
    from tests.support.factories import make_organisation
    from tests.support.imports import NEW, csv_of
    from tests.support.people_files import jo

    code = f"{100 + number % 800}"
    organisation = make_organisation(code=code, name=f"Racing {code}", domain=f"racing{code}.example")
    at_work(crowd.visitors, organisation=organisation)
    pages = crowd.each(lambda visitor, _: visitor.open(NEW))
    content = csv_of(jo(organisation=code, email=f"jo@racing{code}.example"))
    answers = crowd.at_once(lambda v, n: v.post_file(NEW, pages[n], content, **people.about(pages[n])))
    rows = list(PeopleUpload.objects.filter(organisation=organisation))
    for row in rows:
        if row.state in OPEN:
            ending.end(upload=row, state=UploadState.CANCELLED)
    return _differs(rows=len(rows) == 1, answers=statuses(answers) == {200: len(answers) - 1, 302: 1})


def at_work(visitors: Sequence[Visitor], **facts: object) -> None:
    """Let each browser be that of an agent who may approve and import, and has logged in with a second step."""
    from tests.support.helpdesk import at_work as desk_of
    from tests.support.helpdesk import make_lead

    for visitor in visitors:
        desk = desk_of(make_lead(**facts))
        visitor.cookies = {name: morsel.value for name, morsel in desk.cookies.items()}


def _half_in(crowd: Crowd, username: str, password: str) -> list[Answer]:
    """Let each browser send the right password; return the pages that ask for more."""
    crowd.forget()

    def send(visitor: Visitor, _: int) -> Answer:
        return visitor.open(people.try_to_log_in(visitor, username, password).location)

    return crowd.each(send)


def _events(user: User, name: str) -> list[str]:
    """Return the reasons of what happened to a person, of one kind."""
    from accounts.models import SecurityEvent
    from accounts.models.security_event import Event

    return list(SecurityEvent.objects.filter(user=user, event=Event[name]).values_list("reason", flat=True))


def _differs(**holds: bool) -> str:
    """Return the names of what does not hold."""
    return ", ".join(itertools.compress(holds, (not each for each in holds.values())))
