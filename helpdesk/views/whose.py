"""Whose page of the desk is asked for."""

from __future__ import annotations

from typing import cast

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import User
from people.services import rights


def person(request: HttpRequest, key: int) -> User:
    """Return a person that the agent may see, with what the pages read of them.

    Raises Http404, which is the same for a person of elsewhere as for a key that no person has.
    """
    found = get_object_or_404(User.objects.select_related("organisation", "care_identity"), pk=key)
    if not rights.may_see(by=cast("User", request.user), person=found):
        raise Http404
    return found
