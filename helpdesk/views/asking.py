"""The page on which an agent checks the caller and asks for what could let a wrong person in."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts import out_of_date
from accounts.browser import about
from accounts.models import User
from accounts.models.caller_check import CheckKind
from accounts.models.proposal import Action, State
from accounts.services import caller_checks, internet_access
from helpdesk import asked_for
from helpdesk.proposal_forms import NOT_CHECKED, AskForm
from helpdesk.services import proposals, second_agent
from helpdesk.views import whose
from people.services import care_identity_links, rights

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import CallerCheck, Proposal


def asking(action: Action) -> Callable[[HttpRequest, int], HttpResponse]:
    """Return the view of one `action`, for the person whose key it gets."""

    @require_http_methods(["GET", "HEAD", "POST"])
    def ask(request: HttpRequest, key: int) -> HttpResponse:
        return _ask(request, key, action)

    return ask


def _ask(request: HttpRequest, key: int, what: Action) -> HttpResponse:
    """Show the page of one action; on POST mail a code, or check the caller and ask."""
    by = cast("User", request.user)
    person = whose.person(request, key)
    if not proposals.may_ask(by=by, person=person, action=what):
        return render(request, "desk/may_not_ask.html", {"person": person}, status=403)
    if out_of_date.is_out_of_date(request, held=about.of(request)):
        return out_of_date.page(request)
    if "mail" in request.POST:
        return _mail_code(request, person, what)
    form = AskForm(request.POST or None, action=what, check=caller_checks.passed(person=person, agent=by))
    try:
        proposal = _checked_and_asked(form, person, what, by) if form.is_valid() else None
    except rights.NotAllowed:
        # They had the right when the page began to be made.
        return render(request, "desk/may_not_ask.html", {"person": person}, status=403)
    if proposal is not None:
        return _done(request, proposal)
    return _page(request, person, what, form, caller_checks.passed(person=person, agent=by))


def _checked_and_asked(form: AskForm, person: User, action: Action, by: User) -> Proposal | None:
    """Return what became of it, or None where the form says what is wrong."""
    _check_caller(form, person, by)
    return None if form.errors else _asked(form, person, action, by)


def _page(request: HttpRequest, person: User, action: Action, form: AskForm, check: CallerCheck | None) -> HttpResponse:
    by = cast("User", request.user)
    open_check = None
    if check is None and action not in {Action.CONFIRM_EMAIL, Action.ERASE}:
        open_check = caller_checks.begin(person=person, agent=by)
    elif "how" in form.fields:
        # The code has passed, and something else was wrong: it is not asked for again.
        form = _without_check(form)
    context = {
        "page": "",
        "person": person,
        "action": action,
        "form": form,
        "check": check,
        "word": caller_checks.word_of(check=open_check) if open_check else "",
        "mail_goes_to": internet_access.masked_email(user=person),
        "second": second_agent.why(person=person, action=action, check_kind=check.kind if check else CheckKind.CODE),
    }
    return render(request, "desk/ask.html", context)


def _without_check(form: AskForm) -> AskForm:
    for name in ("how", "code", "number"):
        form.fields.pop(name)
        form.errors.pop(name, None)
    return form


def _mail_code(request: HttpRequest, person: User, action: Action) -> HttpResponse:
    check = caller_checks.begin(person=person, agent=cast("User", request.user))
    try:
        caller_checks.mail_code(check=check)
        messages.success(
            request,
            _("The code is on its way to %(address)s.") % {"address": internet_access.masked_email(user=person)},
        )
    except caller_checks.AddressHeld:
        messages.error(
            request, _("No code was sent: the helpdesk has changed the address lately. Find out in another way.")
        )
    except caller_checks.TooManyMails:
        messages.error(request, _("No code was sent: as many as may be were sent to this person within 24 hours."))
    return redirect(f"admin:desk_{action.value}", person.pk)


def _check_caller(form: AskForm, person: User, by: User) -> None:
    """Write down how the caller was checked; what is wrong with it goes beside its box."""
    facts = form.cleaned_data
    try:
        match facts.get("how", NOT_CHECKED):
            case CheckKind.CODE:
                caller_checks.pass_with_code(person=person, agent=by, typed=facts["code"])
            case CheckKind.CARD:
                caller_checks.pass_with_card(person=person, agent=by)
            case CheckKind.CALL_BACK:
                caller_checks.pass_with_call_back(person=person, agent=by, number=facts["number"])
    except caller_checks.WrongCode as wrong:
        form.add_error(
            "code",
            ngettext(
                "This is not the code. Ask for it again: %(left)s try is left.",
                "This is not the code. Ask for it again: %(left)s tries are left.",
                wrong.left,
            )
            % {"left": wrong.left},
        )
    except caller_checks.TooManyWrongCodes:
        form.add_error(
            "code", _("Too many wrong codes were given today, for this person or to you. Find out in another way.")
        )
    except caller_checks.Over:
        form.add_error("code", _("This check is over. There is a new word and a new code: begin again."))
    except caller_checks.NoNumber:
        form.add_error("number", _("Enter a telephone number, like 01632 960 001"))


def _asked(form: AskForm, person: User, action: Action, by: User) -> Proposal | None:
    facts = form.cleaned_data
    try:
        return proposals.ask(person=person, action=action, by=by, reason=facts["reason"], value=facts.get("value", ""))
    except (asked_for.Unusable, care_identity_links.LinkedToAnotherPerson) as problem:
        form.add_error("value" if "value" in form.fields else "reason", str(problem))
    except proposals.NothingToDo:
        form.add_error("value" if "value" in form.fields else None, _("There is nothing to do: it is so already."))
    except proposals.WaitsAlready:
        form.add_error(None, _("This waits for a second agent already. See “Second agent”."))
    return None


def _done(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    if proposal.state == State.DONE:
        messages.success(request, _("Done: %(what)s. The person is told by email.") % _facts(proposal))
        return redirect("admin:desk_person", proposal.user_id)
    if proposal.state == State.WAITING:
        messages.info(request, _("Not done yet: “%(what)s” waits for a second agent.") % _facts(proposal))
    return redirect("admin:desk_proposal", proposal.pk)


def _facts(proposal: Proposal) -> dict[str, str]:
    return {"what": proposal.get_action_display()}
