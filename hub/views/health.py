"""What load balancers and monitors ask: whether this process lives and can work, and whether workers do theirs."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hub.services import arrival, readiness

PLAIN = "text/plain; charset=utf-8"


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer 200, and the version, without asking the database anything: if this fails, start the process anew."""
    return HttpResponse(f"alive\nversion {settings.VERSION}\n", content_type=PLAIN)


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200, or 503 with the reason: the load balancer sends people elsewhere until it is 200 again.

    Below "ready" stands what proxies sent that could not be believed (esr_portal/forwarded.py). The status stays 200:
    a stranger can send such a thing too. The doctor is told how its request arrived (hub/services/arrival.py).
    """
    missing = readiness.what_is_missing()
    noticed = () if missing else request.META.get("esr_portal.proxies", ())
    lines = dict.fromkeys([f"not ready: {missing}" if missing else "ready", *noticed, *arrival.told(request.META)])
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type=PLAIN, status=503 if missing else 200)


@require_safe
def work(request: HttpRequest) -> HttpResponse:
    """Answer 200, or 503 with a line for each thing that workers do not do. For a monitor, which wakes an operator.

    Not for a load balancer: each web server says the same, and would be taken out with all the others.
    """
    wrong = readiness.what_is_not_done()
    lines = [f"not at work: {each}" for each in wrong] or ["at work"]
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type=PLAIN, status=503 if wrong else 200)
