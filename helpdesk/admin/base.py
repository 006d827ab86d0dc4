"""What all pages of the admin share: a page says what may be done, and a reader sees the rows of their organisation."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.contrib.admin.options import ShowFacets
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import ForeignKey, Model, PositiveSmallIntegerField, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext

from accounts import welsh_texts
from accounts.models import Organisation, User
from people.services import rights

if TYPE_CHECKING:
    from django.template.response import TemplateResponse

    ModelAdmin = admin.ModelAdmin[Any]
    StackedInline = admin.StackedInline[Any, Any]
else:
    ModelAdmin = admin.ModelAdmin
    StackedInline = admin.StackedInline

# Two hundred pages are more than an agent turns; counting millions of rows takes longer than showing fifty.
MOST_COUNTED = 10_000

# No column that is searched holds more: the address of an application is the longest (hub/models/application.py).
LONGEST_SEARCH = 500


def agent(request: HttpRequest) -> User:
    """Return the person of this request, who has a role: the admin site lets no other in."""
    return cast("User", request.user)


def to_the_second(moment: datetime.datetime) -> str:
    """Return a moment as lists of what happened show it: "26 Nov 2026 07:45:12"."""
    return date_format(timezone.localtime(moment), "d M Y H:i:s")


def bounds(number: PositiveSmallIntegerField[Any, Any]) -> dict[str, Any]:
    """Return what a form is told of the least and the most that a column takes, where its validators say so."""
    said: dict[str, Any] = {}
    for each in number.validators:
        if isinstance(each, MinValueValidator):
            said["min_value"] = each.limit_value
        elif isinstance(each, MaxValueValidator):
            said["max_value"] = each.limit_value
    return said


class LimitedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages that count no further than MOST_COUNTED."""

    @cached_property
    def count(self) -> int:
        """Return how many rows there are, or MOST_COUNTED where there are more."""
        return cast("QuerySet[Model]", self.object_list).order_by()[:MOST_COUNTED].count()


class HelpdeskAdmin(ModelAdmin):
    """An admin page whose rights are ours: Django's permissions are not asked (docs/decisions/0011 and 0049)."""

    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    view_on_site = False
    paginator = LimitedPaginator
    most_counted = MOST_COUNTED

    # The lookup from a row to its organisation. None: operators alone see the rows. Empty: all agents see all rows.
    organisation_path: str | None = None
    # The filters that the address of a list may carry. With any other, an agent could guess what is not shown.
    lookups: frozenset[str] = frozenset()
    operators_lookups: frozenset[str] = frozenset()

    def is_operator(self, request: HttpRequest) -> bool:
        """Return whether the agent looks after every organisation."""
        return rights.is_operator(user=agent(request))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list, headed by what is on it."""
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what was changed; what our own buttons did is stored in English, and said in the reader's language."""
        response = cast("TemplateResponse", super().history_view(request, object_id, extra_context))
        for entry in (response.context_data or {})["action_list"]:
            if not entry.change_message.startswith("["):
                entry.change_message = gettext(entry.change_message)
        return response

    def log_addition(self, *args: Any, **kwargs: Any) -> Any:
        """Note what was added, by its English name: readers of both languages find it in the history."""
        with welsh_texts.english_for_the_record():
            return super().log_addition(*args, **kwargs)

    def log_change(self, *args: Any, **kwargs: Any) -> Any:
        """Note what was changed, by its English name."""
        with welsh_texts.english_for_the_record():
            return super().log_change(*args, **kwargs)

    def log_deletions(self, *args: Any, **kwargs: Any) -> Any:
        """Note what was deleted, by its English name."""
        with welsh_texts.english_for_the_record():
            return super().log_deletions(*args, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows of the agent's organisation; an operator sees all."""
        rows = super().get_queryset(request)
        if self.is_operator(request) or self.organisation_path == "":
            return rows
        if self.organisation_path is None:
            return rows.none()
        return rows.filter(**{self.organisation_path: agent(request).organisation_id})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the rows that a search finds: none where it is longer than what is searched, on which SQLite fails."""
        if len(search_term) > LONGEST_SEARCH:
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the row with this key if the agent may see it. Raises Http404."""
        try:
            found = super().get_object(request, object_id, from_field)
        except OverflowError:
            found = None
        if found is None:
            raise Http404
        return found

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Return whether a list may be filtered so. `?password__startswith=` may not."""
        more = self.operators_lookups if request is not None and self.is_operator(request) else frozenset()
        return lookup in self.lookups | more

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether the page is listed at all."""
        if self.organisation_path is None:
            return self.is_operator(request)
        return rights.may_see_people(by=agent(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether rows may be seen; `get_queryset` says which."""
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False, unless a page says otherwise."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False, unless a page says otherwise."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False, unless a page says otherwise."""
        return False

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Offer no organisation but the agent's own; an operator chooses from all."""
        if db_field.related_model is Organisation and self.is_operator(request):
            kwargs["queryset"] = Organisation.objects.by_name()
        elif db_field.related_model is Organisation:
            kwargs["queryset"] = Organisation.objects.filter(pk=agent(request).organisation_id)
            kwargs["initial"] = agent(request).organisation_id
            kwargs["empty_label"] = None
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the field of the form, without the icons that open a second window.

        Where a number has bounds, the box has them too: Django would say of -5 that 0 is enough.
        """
        if isinstance(db_field, PositiveSmallIntegerField):
            kwargs = bounds(db_field) | kwargs
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any) -> Any:
        """Do what was chosen to the rows that were ticked. Raises BadRequest for ticks that are no keys."""
        try:
            return super().response_action(request, queryset, *args, **kwargs)
        except (ValueError, OverflowError, ValidationError) as error:
            raise BadRequest from error
