"""Choosing the language of the portal."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts import adapter, languages
from accounts.browser import language as chosen
from accounts.models import User
from accounts.services import language as languages_of_people


@require_safe
def choose(request: HttpRequest, language: str) -> HttpResponse:
    """Have this browser be in a language, and lead back to the page that the person was on.

    It is a link, so that the front page needs no form and no cookie: nothing but the language changes. The account of a
    person keeps it only where they chose it on a page of ours: any site can have a browser open this address.
    """
    if not languages.is_one(language):
        raise Http404
    back = adapter.local_address(request, request.GET.get("next", "")) or chosen.page_before(request) or "home"
    response = redirect(back)
    if request.method != "GET":
        return response
    chosen.keep(request, response, language=language)
    if isinstance(request.user, User) and chosen.is_chosen_here(request):
        languages_of_people.choose(user=request.user, language=language)
    return response
