"""The log-in page, logging out, and staying logged in."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import adapter, old_forms, out_of_date, trusted_networks
from accounts.browser import (
    about,
    device_cookies,
    log_out_offer,
    other_accounts,
    preferred_method,
    remembered_username,
    wrong_tries,
)
from accounts.forms.log_in import LONGEST_USERNAME, AnotherLogInForm, LogInForm
from accounts.models import User
from accounts.services import events, lockout, log_in, sessions
from nhsuk import shells, wording


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Ask for username and password; where both are right, take the person through the stages.

    A person who is logged in is asked only where they have said that they want to log in to another account as well.
    """
    another = other_accounts.is_asked_to_keep(request)
    if request.method == "POST":
        return _sent(request, (AnotherLogInForm if another else LogInForm)(request.POST))
    next_url = adapter.local_address(request, request.GET.get("next", ""))
    if another and "another" in request.GET:
        return page(request, empty_form(request, next_url="", username=remembered_username.take_once(request)))
    if request.user.is_authenticated:
        other_accounts.do_not_keep(request)
        return redirect(next_url or "my_esr")
    for_once = remembered_username.take_once(request)
    adapter.forget_half_finished(request)
    if "ended" in request.GET:
        why = sessions.ENDED_AT_LAST if request.GET["ended"] == "long" else sessions.ENDED
        messages.info(request, why, extra_tags="session-ended")
    return page(request, empty_form(request, next_url=next_url or "", username=for_once), filled_in=bool(for_once))


def again(request: HttpRequest) -> HttpResponse:
    """Show the form again where it came without a right token: its page was left open, restored, or is not ours.

    Nothing is checked, counted or stored, whatever was typed, and no password is shown: a page elsewhere may have sent
    it. Nor is a username where the computer was said to be shared: the next person may have sent it, from the history.
    A person who is logged in by now, in another tab, goes on there.
    """
    typed = old_forms.typed(request)
    next_url = adapter.local_address(request, typed.get("next", ""))
    if request.user.is_authenticated:
        return redirect(next_url or "my_esr")
    username = "" if "shared" in typed else typed.get("username", "")[:LONGEST_USERNAME]
    form = empty_form(request, next_url=next_url or "", username=username)
    then = _("type your password and log in") if username else _("log in again")
    return page(request, form, notice=old_forms.notice(request, then=then), status=403)


def empty_form(request: HttpRequest, *, next_url: str, username: str) -> LogInForm:
    """Return the form with `username` in it, or else the one that this browser remembers because of the tick.

    That one is of the first account where the person logs in to another as well.
    """
    if other_accounts.is_asked_to_keep(request):
        return AnotherLogInForm(initial={"next": next_url, "username": username})
    remembered = remembered_username.by_choice(request)
    first = username or remembered
    return LogInForm(
        initial={
            "next": next_url,
            "username": first,
            "remember_username": bool(first) and first == remembered,
            "shared": trusted_networks.SHARED.hold(events.origin().address),
        }
    )


def _sent(request: HttpRequest, form: LogInForm) -> HttpResponse:
    if other_accounts.is_too_late(request):
        return out_of_date.page(request)
    user, response = _tried(request, form) if form.is_valid() else (None, page(request, form))
    if not isinstance(form, AnotherLogInForm):
        ticked = bool(form.cleaned_data.get("remember_username")) and not form.cleaned_data.get("shared")
        remembered_username.obey(request, response, ticked=ticked, logged_in=user.username if user else "")
    return response


def _tried(request: HttpRequest, form: LogInForm) -> tuple[User | None, HttpResponse]:
    """Return the person whose username and password are right, or None, and the answer."""
    username = form.cleaned_data["username"]
    browser = device_cookies.known_browser(request, username=username)
    checked = log_in.check_password(
        username=username,
        password=form.cleaned_data["password"],
        browser=browser,
        address=events.origin().address,
    )
    if checked.user:
        response = adapter.enter(
            request,
            user=checked.user,
            browser=browser,
            next_url=form.cleaned_data["next"],
            shared=form.cleaned_data.get("shared", False),
        )
        wrong_tries.forget(response)
        return checked.user, response
    form.add_error(None, _("The username or password is not right, or the username is locked"))
    tries = wrong_tries.with_one_more(request, username=username)
    response = page(request, form, tries=tries)
    wrong_tries.remember(request, response, tries)
    return None, response


# What a visitor typed, or times: see nhsuk/shells.py.
_WORDS = ("typed_code", "locked_until", "same_page")
_VARIES_BY = (
    "form",
    "filled_in",
    "limit",
    "most_in_a_row",
    "minutes",
    "passkey_help",
    "care_identity_offered",
    "care_identity_first",
    "refused",
    "typed_instead",
    "tries_left",
    "point_to_recovery",
    "notice",
    "staying",
)


def page(
    request: HttpRequest,
    form: LogInForm,
    *,
    tries: wrong_tries.WrongTries | None = None,
    filled_in: bool = False,
    notice: str = "",
    passkey_help: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Return the log-in page.

    `tries` are this browser's own, where one was refused just now: of a lock it knows no more. `filled_in` says that a
    username stands in the form that this browser was last used with. `notice` is said above it. `passkey_help` is
    whether it says what a passkey is.
    """
    context = {
        "form": form,
        "filled_in": filled_in,
        "notice": notice,
        "limit": lockout.LIMIT,
        "most_in_a_row": lockout.MOST_IN_A_ROW,
        "minutes": wording.minutes(lockout.DURATION),
        "passkey_help": passkey_help,
        "care_identity_offered": preferred_method.is_offered(),
        "care_identity_first": preferred_method.is_care_identity(request),
        "staying": request.user if other_accounts.is_asked_to_keep(request) else None,
        "typed_code": form.typed_code(),
        "same_page": _same_page(request, form),
        **(_refused(form, tries) if tries else {}),
    }
    if notice or context["staying"]:
        return render(request, "log_in/start.html", context, status=status)
    return shells.render(request, "log_in/start.html", context, words=_WORDS, varies_by=_VARIES_BY, status=status)


def _same_page(request: HttpRequest, form: LogInForm) -> str:
    """Return where the link to another language leads after the form was sent, so that it still goes on from there."""
    next_url = adapter.local_address(request, form["next"].value() or "") if request.method == "POST" else None
    return f"{reverse('log_in')}?{urlencode({'next': next_url})}" if next_url else ""


def _refused(form: LogInForm, tries: wrong_tries.WrongTries) -> dict[str, object]:
    until, of_this_name = tries.latest.locked_until, tries.latest
    return {
        "refused": True,
        "typed_instead": form.typed_instead(),
        "locked_until": wording.spoken_time(wording.until_the_minute(until)) if until else "",
        "tries_left": of_this_name.left if of_this_name.count >= log_in.TRIES_BEFORE_SAYING_HOW_MANY_ARE_LEFT else 0,
        "point_to_recovery": tries.in_all >= log_in.TRIES_BEFORE_POINTING_TO_RECOVERY,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session on the server; say that it is ended. Only a POST ends it: a link elsewhere must not.

    It ends the session of the person who is logged in by now, whichever tab it was sent from, and those of the other
    accounts that this browser is logged in to: refusing would leave a session in a browser that a person has just asked
    to have none. Where the time was up, as the script of the warning says, the username is kept as after any time-out.
    That script counts for its own tab: a session that another tab has used since goes on, and the answer says so.
    """
    if request.method == "POST":
        if isinstance(request.user, User) and request.POST.get("timed_out") == "idle":
            ago = sessions.used_seconds_ago(user=request.user, session=request.session)
            if ago is not None:
                return JsonResponse({"logged_in": True, "used_seconds_ago": ago})
        return _log_out(request)
    page = "log_in/log_out.html" if request.user.is_authenticated else "log_in/logged_out.html"
    context = {
        "log_in_url": reverse("log_in"),
        "offer": log_out_offer.find(request),
        "shared": "shared" in request.GET,
        "all": "all" in request.GET,
    }
    return render(request, page, context)


def _log_out(request: HttpRequest) -> HttpResponse:
    username = ""
    shared = sessions.is_at_shared_computer(session=request.session)
    others = other_accounts.open_sessions(request)
    for user in [request.user, *others]:
        if isinstance(user, User):
            log_in.log_out(user=user)
    if isinstance(request.user, User) and "timed_out" in request.POST:
        username = remembered_username.to_keep_after_time_out(request, request.user)
    offer = log_out_offer.to_make(request, others=others.values())
    adapter.leave(request)
    log_out_offer.make(request, offer)
    if username:
        remembered_username.keep_once(request, username)
    said = [word for word, is_so in (("shared", shared), ("all", bool(others))) if is_so]
    return redirect(reverse("log_out") + (f"?{'&'.join(said)}" if said else ""))


def log_out_again(request: HttpRequest) -> HttpResponse:
    """Ask a person once more whether to log out, where the form came without a right token.

    Its page is from before a log-in. It ends no session, because a page elsewhere may have sent it, and says so: a
    person who goes away now must not believe that it has.
    """
    notice = old_forms.notice(request, then=_("log out on this page"))
    return render(request, "log_in/log_out.html", {"notice": notice}, status=403)


@require_safe
def over(request: HttpRequest) -> HttpResponse:
    """Where a page goes by itself when its session is surely over: the log-in page, and back from there.

    No person has asked for it, so it keeps no session (middleware.session_limits). One that another tab has kept is
    left as it is, and the page says so.
    """
    next_url = adapter.local_address(request, request.GET.get("next", "")) or reverse("my_esr")
    if request.user.is_authenticated:
        return render(request, "log_in/still_logged_in.html", {"next_url": next_url})
    why = "long" if "long" in request.GET else ""
    return redirect(f"{reverse('log_in')}?{urlencode({'ended': why, 'next': next_url})}")


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Stay logged in: the answer to the warning before a session ends.

    403 where it has ended, or is another person's by now: the person of a tab that was left open must not keep it.
    """
    held = about.of(request)
    if held is None or not about.says(request, held):
        return JsonResponse({"logged_in": False}, status=403)
    sessions.note_seen(session=request.session, at_once=True)
    return JsonResponse({"logged_in": True})
