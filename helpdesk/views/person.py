"""The desk's page of one person: who, why they cannot get in, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import out_of_date
from accounts.browser import about
from accounts.models import User
from accounts.services import internet_access
from helpdesk import actions, diagnosis, happened, mail_fate, second_step_state
from helpdesk.desk_forms import DateOfBirthForm, LastDayForm, NoteForm
from helpdesk.diagnosis.on_record import describe_personal_address
from helpdesk.facts import Facts
from helpdesk.services import corrections, dates_of_birth, helping
from helpdesk.views import whose
from nhsuk.wording import spoken_date, spoken_moment, until_the_minute
from people.services import rights, same_person

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from helpdesk.actions import Action


@require_safe
def person(request: HttpRequest, key: int) -> HttpResponse:
    """Show a person. Raises Http404 for one that the agent may not see."""
    return _page(request, whose.person(request, key), NoteForm())


def doing(action: Action) -> Callable[[HttpRequest, int], HttpResponse]:
    """Return the view that does `action`, a button, for the person whose key it gets."""

    @require_POST
    def do(request: HttpRequest, key: int) -> HttpResponse:
        found, form = _changed(request, key), NoteForm(request.POST)
        if _is_out_of_date(request):
            return out_of_date.page(request)
        if action.do is None or not form.is_valid():
            return _page(request, found, form)
        done = action.do(person=found, by=_agent(request), note=form.cleaned_data["note"])
        messages.add_message(request, messages.SUCCESS if done.changed else messages.INFO, done.sentence)
        return redirect("admin:desk_person", key)

    return do


def date_of_birth(request: HttpRequest, key: int) -> HttpResponse:
    """Compare a date that a caller gives with the one on record: match or no match."""
    found = _changed(request, key)
    if _is_out_of_date(request):
        return out_of_date.page(request)
    form = DateOfBirthForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return TemplateResponse(request, "desk/date_of_birth.html", {"form": form, "person": found, **_LIMITS})
    _tell_of_comparison(request, found, form)
    return redirect("admin:desk_person", key)


def last_day(request: HttpRequest, key: int) -> HttpResponse:
    """Give a person another last day, or none, once the agent has seen what changes."""
    found = _changed(request, key)
    if _is_out_of_date(request):
        return out_of_date.page(request)
    form = LastDayForm(request.POST or None, person=found)
    if request.method != "POST" or not form.is_valid():
        return TemplateResponse(request, "desk/last_day.html", {"form": form, "person": found})
    if "sure" not in request.POST:
        context = {"form": form, "person": found, "new": form.cleaned_data["last_day"]}
        return TemplateResponse(request, "desk/last_day_sure.html", context)
    _change_last_day(request, found, form)
    return redirect("admin:desk_person", key)


_LIMITS = {"an_hour": dates_of_birth.AN_HOUR}


def _agent(request: HttpRequest) -> User:
    """Return the agent of this request: the admin site lets no other person in."""
    return cast("User", request.user)


def _is_out_of_date(request: HttpRequest) -> bool:
    """Return whether a form was sent that another agent had opened, in a tab of the browser that is this one's now."""
    return out_of_date.is_out_of_date(request, held=about.of(request))


def _changed(request: HttpRequest, key: int) -> User:
    """Return a person that the agent may help. Raises Http404 and PermissionDenied."""
    found = whose.person(request, key)
    if not helping.may_help(by=_agent(request), person=found):
        raise PermissionDenied
    return found


def _page(request: HttpRequest, person: User, form: NoteForm) -> HttpResponse:
    facts = Facts(person=person, now=timezone.now())
    found = diagnosis.diagnose(person=person, facts=facts)
    may_help = helping.may_help(by=_agent(request), person=person)
    context = {
        "person": person,
        "is_oneself": person.pk == _agent(request).pk,
        "is_own": not may_help and same_person.is_same(user=_agent(request), other=person),
        "diagnosis": found,
        "correction": corrections.waiting_for(person=person),
        "may_help": may_help,
        "events": happened.last(person=person),
        "facts": _facts(facts),
        "mails": facts.mails,
        "bounces": mail_fate.on_bounces(),
        "form": form,
        **(_offered(facts, found.recommended, by=_agent(request)) if may_help else {}),
    }
    return TemplateResponse(request, "desk/person.html", context)


def _offered(facts: Facts, recommended: Action | None, *, by: User) -> dict[str, Any]:
    """Return what can be done: the one thing to do first, the other buttons, the links, and those that are guarded."""
    may_all = rights.is_operator(user=by)
    offered = [each for each in actions.ALL if each.is_offered(facts) and (may_all or not each.is_operators)]
    first = recommended if recommended in offered else None
    groups: dict[str, list[Action]] = {"buttons": [], "links": [], "guarded": []}
    for action in offered:
        if action is not first:
            groups["guarded" if action.is_guarded else "buttons" if action.is_button else "links"].append(action)
    return {"first": first, **groups}


def _facts(facts: Facts) -> Sequence[tuple[str, str]]:
    """Return what the record says, as names and words."""
    person, last = facts.person, facts.last_log_in
    return (
        (_("Organisation"), str(person.organisation)),
        (_("ESR number"), person.employee_number),
        (_("Person type"), person.get_person_type_display()),
        # With its name hidden: an agent need not know it to tell its owner which it is.
        (_("Email"), internet_access.masked_email(user=person)),
        (_("Personal address"), describe_personal_address(person=person)),
        (_("First day"), spoken_date(person.starts_on) if person.starts_on else _("Has started")),
        (_("Last day"), spoken_date(person.ends_on) if person.ends_on else _("None planned")),
        (_("Password"), diagnosis.describe_password(person=person)),
        (_("Wrong passwords"), diagnosis.describe_locks(facts.locks)),
        (_("Care Identity"), diagnosis.describe_care_identity(person=person)),
        (_("Internet access"), diagnosis.describe_internet_access(person=person)),
        (_("Second step"), second_step_state.describe(person=person)),
        (_("Last log-in"), diagnosis.describe_log_in(last) if last else _("Never")),
    )


def _tell_of_comparison(request: HttpRequest, person: User, form: DateOfBirthForm) -> None:
    typed: dict[str, Any] = form.cleaned_data
    try:
        matches = dates_of_birth.compare(
            person=person, by=_agent(request), note=typed["note"], date=typed["date_of_birth"]
        )
    except dates_of_birth.TooManyTries as too_many:
        said = _("Not compared: so many dates were tried for %(person)s that the next can be on %(moment)s.")
        facts = {"person": person, "moment": spoken_moment(until_the_minute(too_many.until))}
        messages.error(request, said % facts)
        return
    said = _("Match: it is the date of birth of %(person)s.") if matches else _("No match for %(person)s.")
    messages.add_message(request, messages.SUCCESS if matches else messages.WARNING, said % {"person": person})


def _change_last_day(request: HttpRequest, person: User, form: LastDayForm) -> None:
    typed: dict[str, Any] = form.cleaned_data
    try:
        helping.change_last_day(
            person=person, by=_agent(request), note=typed["note"], was=typed["was"], day=typed["last_day"]
        )
    except helping.ChangedMeanwhile:
        messages.error(request, _("Not changed: the record has another last day by now. Look at it, and begin again."))
    except helping.NotADay as problem:
        messages.error(request, _("Not changed: %(problem)s") % {"problem": problem})
    else:
        day = typed["last_day"]
        said = _("The last day of %(person)s is %(day)s now.") if day else _("%(person)s has no last day any more.")
        messages.success(request, said % {"person": person, "day": spoken_date(day) if day else ""})
