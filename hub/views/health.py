"""What load balancers ask: whether this process is alive, and whether it can do its work."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hub.services import readiness

PLAIN = "text/plain; charset=utf-8"


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer 200, and the version, without asking the database anything: if this fails, start the process anew."""
    return HttpResponse(f"alive\nversion {settings.VERSION}\n", content_type=PLAIN)


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200, or 503 with the reason: the load balancer sends people elsewhere until it is 200 again.

    Below "ready" stands what proxies sent that could not be believed (esr_portal/forwarded.py). The status stays 200:
    a stranger can send such a thing too.
    """
    missing = readiness.what_is_missing()
    if missing:
        return HttpResponse(f"not ready: {missing}\n", content_type=PLAIN, status=503)
    lines = dict.fromkeys(["ready", *request.META.get("esr_portal.proxies", ())])
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type=PLAIN)
