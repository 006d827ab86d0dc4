"""Windows Hello, security key and authenticator app: pages that ask who you want to be."""

from __future__ import annotations

import secrets

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from demo.care_identity import methods, pending, proofs
from demo.care_identity.forms import HolderAndCodeForm, HolderForm
from demo.care_identity.methods import Method
from demo.care_identity.models import Holder

CODE = "stand_in_code"


@require_http_methods(["GET", "HEAD", "POST"])
def device(request: HttpRequest, slug: str) -> HttpResponse:
    """Let the person be any holder that they choose, by a method that the service takes."""
    waiting = pending.of(request)
    method = methods.find(slug)
    if method is None or method is Method.SMARTCARD:
        raise Http404
    if method not in waiting.methods():
        return redirect(waiting.page("account_login", choose="again"))
    code = request.session.setdefault(CODE, f"{secrets.randbelow(10**6):06}") if method is Method.AUTHENTICATOR else ""
    data = request.POST or None
    form = HolderAndCodeForm(data, code=code) if method is Method.AUTHENTICATOR else HolderForm(data)
    if not form.is_valid():
        choose_another = waiting.page("account_login", choose="again")
        context = {"form": form, "method": method, "code": code, "choose_another": choose_another}
        return render(request, "stand_in/device.html", context)
    request.session.pop(CODE, None)
    proofs.log_in(request, holder=Holder.objects.get(uid=form.cleaned_data["holder"]), method=method)
    return redirect(waiting.onward)
