"""What the demo asks of every request."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port

from demo import hosts

Answer = Callable[[HttpRequest], HttpResponse]


def private_hosts_alone(get_response: Answer) -> Answer:
    """Answer 400 to a request for a public host name: a proxy there has opened the demo to the world."""

    def answer(request: HttpRequest) -> HttpResponse:
        host, _ = split_domain_port(request.get_host())
        if not hosts.is_private(host):
            raise DisallowedHost("The demo answers at this machine's and private networks' host names alone.")
        return get_response(request)

    return answer
