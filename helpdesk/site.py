"""The admin site at /admin/: open to the helpdesk alone, after a log-in through the portal with a second step."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from accounts import proof
from accounts.models import Proposal, SwitchedOff, User
from accounts.services import proving_again
from helpdesk import desk_urls, large_bodies
from helpdesk.views import second_steps
from people.services import rights

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.template.response import TemplateResponse

# Pages of the stock admin that we do not offer: the portal has its own, or they answer for tables that are not offered.
NOT_OFFERED = {"logout", "password_change", "password_change_done", "view_on_site"}


class HelpdeskAdminSite(AdminSite):
    """Django's admin, behind the portal's own log-in."""

    site_title = _("ESR Portal helpdesk")
    site_header = _("ESR Portal helpdesk")
    index_title = _("Helpdesk")
    site_url = "/my-esr/"
    # The header has links to the few pages there are, and the lists need the width.
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether this session may use the admin: an agent's, in force, with a second step passed."""
        user = request.user
        if not isinstance(user, User):
            return False
        came_by = proof.of_session(session=request.session)
        # django-otp's middleware puts `is_verified` on the user of each request.
        both_steps = bool(user.is_verified()) or (came_by is not None and came_by.counts_as_both_steps)  # type: ignore[attr-defined]
        if not user.is_staff or not user.may_enter():
            return False
        # A second step that was replaced in this session, or shown in it since, is none of django-otp's.
        return both_steps or proving_again.has_shown_one(user=user, session=request.session)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Return `view`, guarded: a person who may not use the admin is sent to log in, or told why not."""
        guarded = super().admin_view(view, cacheable)

        @functools.wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                large_bodies.refuse(request)
                is_a_page = request.method in {"GET", "HEAD"}
                return self._turn_away(request, request.get_full_path() if is_a_page else reverse("admin:index"))
            # PostgreSQL takes no NUL, and none of the filters expects one.
            if "%00" in request.META.get("QUERY_STRING", ""):
                raise BadRequest
            try:
                response: HttpResponse = guarded(request, *args, **kwargs)
            except rights.NotAllowed as refused:
                # A service asked under its lock: the agent had the right when the page began to be made.
                raise PermissionDenied from refused
            except (User.DoesNotExist, Proposal.DoesNotExist) as gone:
                # The person was erased meanwhile, and what was asked for them went with the record. Nothing is done.
                raise Http404 from gone
            return response

        return answer

    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Send to the portal's log-in. The admin has none of its own."""
        index = reverse("admin:index")
        return redirect(index) if self.has_permission(request) else self._turn_away(request, index)

    def get_urls(self) -> Any:
        """Return the addresses of the admin: ours, and of the stock ones those that are offered."""
        stock = [pattern for pattern in super().get_urls() if getattr(pattern, "name", None) not in NOT_OFFERED]
        ours = [
            path("second-steps/", self.admin_view(second_steps.second_steps), name="second_steps"),
            *(path(f"desk/{route}", self.admin_view(view), name=name) for route, view, name in desk_urls.PAGES),
        ]
        # Before the stock ones: their last takes every address.
        return [*ours, *stock]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show the start page, which says what is switched off."""
        off = SwitchedOff.objects.select_related("by")
        return super().index(request, {"switched_off": off, **(extra_context or {})})

    def _turn_away(self, request: HttpRequest, address: str) -> HttpResponse:
        """Send a visitor to log in and then to `address`; tell a person who is logged in why they get no further."""
        if not request.user.is_authenticated:
            return redirect_to_login(address, reverse("log_in"))
        return render(request, "admin/turned_away.html", {"is_helpdesk": request.user.is_staff}, status=403)
