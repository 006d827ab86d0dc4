"""The demo's pages: who to log in as, and the inbox."""

from __future__ import annotations

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.services import events
from demo import inbox as demo_inbox
from demo import people as demo_people
from demo import sample_file, stand_in
from demo.cast import PASSCODE
from helpdesk import tables

# A mail is not a page of ours: it may style itself and nothing more. Its links open in the whole window, on a click.
SANDBOX = "allow-top-navigation-by-user-activation"
POLICY_OF_A_MAIL = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    f"frame-ancestors 'self'; sandbox {SANDBOX}"
)


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Show the cast, the helpdesk's current code, where the cards are, and where this browser is."""
    context = {
        "people": demo_people.everybody(),
        "code": demo_people.current_code(),
        "stand_in": stand_in.address(),
        "passcode": PASSCODE,
        "place": demo_people.where(address=events.origin().address),
        "mail_goes_to": _other_mail_server(),
    }
    return render(request, "demo/people.html", context)


@require_safe
def people_to_import(request: HttpRequest) -> HttpResponseBase:
    """Send the file that the lead can import."""
    return tables.as_csv("people-to-import", sample_file.rows())


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """List the mails, the newest first."""
    context = {"mails": demo_inbox.newest(), "mail_goes_to": _other_mail_server()}
    return render(request, "demo/inbox.html", context)


@require_safe
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # its types know views without arguments only
def mail(request: HttpRequest, key: str) -> HttpResponse:
    """Show one mail; its HTML part stands in a frame."""
    return render(request, "demo/mail.html", {"mail": _find(key), "sandbox": SANDBOX})


@require_safe
def mail_html(request: HttpRequest, key: str) -> HttpResponse:
    """Answer the HTML part of a mail as it was sent, but for its links: they open outside the frame."""
    html = _find(key).html.replace("<head>", '<head><base target="_top">', 1)
    headers = {"Content-Security-Policy": POLICY_OF_A_MAIL, "X-Frame-Options": "SAMEORIGIN"}
    return HttpResponse(html, headers=headers)


def _find(key: str) -> demo_inbox.Mail:
    try:
        return demo_inbox.find(key=key)
    except demo_inbox.NoSuchMail:
        raise Http404 from None


def _other_mail_server() -> str:
    """Return the mail server that mail goes to instead of the inbox, or "" where it comes here."""
    return "" if demo_inbox.is_used() else f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
