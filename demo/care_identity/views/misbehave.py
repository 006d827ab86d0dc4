"""The page with the switch that makes the stand-in misbehave."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from demo.care_identity import misbehaviour
from demo.care_identity.forms import MisbehaveForm


@require_http_methods(["GET", "HEAD", "POST"])
def misbehave(request: HttpRequest) -> HttpResponse:
    """Show what is switched on; switch on one more, or everything off."""
    if "behave" in request.POST:
        misbehaviour.reset()
        return redirect("misbehave")
    form = MisbehaveForm(request.POST or None)
    if form.is_valid():
        misbehaviour.switch_on(form.cleaned_data["kind"], once=form.cleaned_data["times"] == "once")
        return redirect("misbehave")
    on = [{"way": misbehaviour.TABLE[name], "once": once} for name, once in misbehaviour.switched_on().items()]
    return render(request, "stand_in/misbehave.html", {"form": form, "on": on})
