"""The pages of step 8 of the guide that staff are given: choose a method, insert the card, passcode, OK."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from demo.care_identity import certificates, configuration, methods, passcodes, pending, proofs
from demo.care_identity.forms import MethodForm, SmartcardForm
from demo.care_identity.methods import Method
from demo.care_identity.models import Holder
from demo.care_identity.pending import Pending

REMEMBERED = "stand-in-method"
YEAR = 365 * 24 * 3600
LOCKED = gettext_lazy(
    "This card is locked, because a wrong passcode was entered 3 times. "
    "Ask the team that issues smartcards to unlock it, or choose another way to log in"
)
CANCELLED = gettext_lazy("This card was cancelled. Ask the team that issues smartcards for a new one")


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Ask for the preferred method, or go straight to the one that is remembered."""
    waiting = pending.of(request)
    offered = waiting.methods()
    remembered = methods.find(request.COOKIES.get(REMEMBERED, ""))
    if request.method == "POST":
        return _chosen(request, MethodForm(request.POST, methods=offered), waiting)
    if remembered in offered and "choose" not in request.GET:
        return redirect(_page_of(remembered, waiting=waiting, request=request))
    initial = {"method": remembered.slug, "remember": True} if remembered else {}
    return _choice(request, MethodForm(methods=offered, initial=initial), waiting)


def _choice(request: HttpRequest, form: MethodForm, waiting: Pending) -> HttpResponse:
    offered = waiting.methods()
    left_out = [method for method in Method if method not in offered]
    context = {"form": form, "left_out": left_out, "given_up": waiting.given_up}
    return render(request, "stand_in/choose.html", context)


def _chosen(request: HttpRequest, form: MethodForm, waiting: Pending) -> HttpResponse:
    """Go to the method that was chosen, and have the browser remember it or forget the one of before."""
    if not form.is_valid():
        return _choice(request, form, waiting)
    chosen = next(method for method in waiting.methods() if method.slug == form.cleaned_data["method"])
    answer = redirect(_page_of(chosen, waiting=waiting, request=request))
    if form.cleaned_data["remember"]:
        answer.set_cookie(REMEMBERED, chosen.slug, max_age=YEAR, httponly=True, samesite="Lax")
    else:
        answer.delete_cookie(REMEMBERED, samesite="Lax")
    return answer


def _page_of(method: Method, *, waiting: Pending, request: HttpRequest) -> str:
    """Return the address of a method's page. On the card listener the card is read, not asked for."""
    if method is Method.SMARTCARD:
        return waiting.page("card" if request.is_secure() else "smartcard")
    return waiting.page("device", method.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def smartcard(request: HttpRequest) -> HttpResponse:
    """Ask which card is in the reader and for its passcode."""
    waiting = pending.of(request)
    form = SmartcardForm(request.POST or None)
    holder = _checked(form) if form.is_valid() else None
    if holder is not None:
        proofs.log_in(request, holder=holder, method=Method.SMARTCARD)
        return redirect(waiting.onward)
    context = {
        "form": form,
        "given_up": waiting.given_up,
        "real_card": configuration.CARD_ORIGIN + waiting.page("card"),
        "choose_another": waiting.page("account_login", choose="again"),
    }
    return render(request, "stand_in/smartcard.html", context)


def _checked(form: SmartcardForm) -> Holder | None:
    """Return the holder if card and passcode are right, else None, with the reason in the form."""
    try:
        return passcodes.check(uid=form.cleaned_data["card"], passcode=form.cleaned_data["passcode"])
    except passcodes.WrongPasscode as wrong:
        problem = ngettext(
            "This is not the passcode of this card. After %(number)s more wrong passcode the card will be locked",
            "This is not the passcode of this card. After %(number)s more wrong passcodes the card will be locked",
            wrong.left,
        )
        form.add_error("passcode", problem % {"number": wrong.left})
    except passcodes.Locked:
        form.add_error("card", LOCKED)
    except passcodes.Cancelled:
        form.add_error("card", CANCELLED)
    return None


@require_safe
def card(request: HttpRequest) -> HttpResponse:
    """Log the person in by the certificate that the browser shows. The passcode was asked for when it was imported."""
    waiting = pending.of(request)
    if not request.is_secure():
        return redirect(configuration.CARD_ORIGIN + waiting.page("card"))
    uid = certificates.uid_in(request.META)
    try:
        holder = passcodes.usable(uid=uid)
    except Holder.DoesNotExist:
        return _not_by_card(request, waiting, _("This card is not known here.") if uid else "")
    except passcodes.Locked:
        return _not_by_card(request, waiting, f"{LOCKED}.")
    except passcodes.Cancelled:
        return _not_by_card(request, waiting, f"{CANCELLED}.")
    proofs.log_in(request, holder=holder, method=Method.SMARTCARD)
    return redirect(waiting.onward)


def _not_by_card(request: HttpRequest, waiting: Pending, why: str) -> HttpResponse:
    """Answer a page that says what to do: without a reason, there was no card."""
    context = {
        "why": why,
        "again": waiting.page("card"),
        "smartcard": configuration.ISSUER + waiting.page("smartcard"),
        "choose_another": configuration.ISSUER + waiting.page("account_login", choose="again"),
        "cards": f"{configuration.ISSUER}/cards/",
    }
    return render(request, "stand_in/not_by_card.html", context, status=403)
