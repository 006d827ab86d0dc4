"""/.well-known/security.txt: where to report a weakness of the portal (RFC 9116)."""

import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import mail_links

# RFC 9116, 2.5.5: less than a year ahead is recommended. It is computed anew each day.
GOOD_FOR = datetime.timedelta(days=180)


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Answer where to report."""
    midnight = timezone.now().astimezone(datetime.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {mail_links.mailto(settings.OPERATOR_EMAIL)}",
        f"Expires: {midnight + GOOD_FOR:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {settings.BASE_URL}{request.path}",
    ]
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type="text/plain; charset=utf-8")
