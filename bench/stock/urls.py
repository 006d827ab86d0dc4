"""Both log-ins, and a page that they lead to."""

from allauth.account.views import LoginView as AllauthLoginView
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


@login_required
def landing(request: HttpRequest) -> HttpResponse:
    """Greet the person: what comes after a log-in, at its cheapest."""
    return HttpResponse(f"<!DOCTYPE html><title>Hello</title><h1>Hello {request.user.get_username()}</h1>Log out")


urlpatterns = [
    path("allauth/log-in/", AllauthLoginView.as_view()),
    path("allauth/", include("allauth.urls")),
    path("django/log-in/", LoginView.as_view()),
    path("landing/", landing),
]
