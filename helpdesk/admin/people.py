"""People: find one, see why they cannot get in, and correct their record."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.services import internet_access, log_in
from helpdesk import diagnosis, lock_state, search, second_step_state
from helpdesk.admin.base import agent
from helpdesk.admin.filters import InForceFilter, LockedFilter, OrganisationFilter, RoleFilter
from helpdesk.admin.people_buttons import PeopleButtons
from helpdesk.admin.people_export import PeopleExport
from helpdesk.forms import CARE_IDENTITY, DATE_OF_BIRTH, PersonForm
from helpdesk.services import dates_of_birth
from nhsuk.wording import spoken_time
from people.services import care_identity_links, people, rights

# What a person's page shows first, and has no boxes for.
GETTING_IN = (
    "getting_in",
    "lock",
    "password_set",
    "linked_care_identity",
    "internet_access_now",
    "last_log_in",
    "second_step",
    "events",
)


# What may change on a record but the role, and is shown.
FACTS = tuple(field for field in people.PERSON_FIELDS if field not in {"role", "date_of_birth"})


class PeopleList(ChangeList):
    """The list, with the lock state of all its rows read at once."""

    @property
    def most_found(self) -> int | None:
        """Return how many a search finds at most: as many may be not all."""
        return search.MOST_FOUND if self.query else None

    def get_results(self, request: HttpRequest) -> None:
        """Read a page of people, then their lock states."""
        super().get_results(request)
        people = list(self.result_list)
        states = lock_state.of_all(people=people)
        for person in people:
            person.lock_state = states[person.pk]
        self.result_list = people


@admin.register(User)
class PeopleAdmin(PeopleExport, PeopleButtons):
    """Records of people. None has a password or a date of birth to look at, and none is deleted."""

    organisation_path = "organisation"
    form = PersonForm
    list_display = ("username", "name", "in_force", "locked", "person_type", "employee_number", "organisation")
    list_select_related = ("organisation",)
    list_filter = (InForceFilter, LockedFilter, "person_type")
    lookups = frozenset({InForceFilter.parameter_name, LockedFilter.parameter_name, "person_type__exact"})
    operators_lookups = frozenset({OrganisationFilter.parameter_name})
    # The box is shown for these; helpdesk/search.py says what is found.
    search_fields = ("username", "given_name", "family_name", "employee_number", "email")
    search_help_text = gettext_lazy("A name, a username, an ESR number, an email address or a Care Identity.")
    change_form_template = "admin/person_change_form.html"

    # What is shown ------------------------------------------------------------------------------------------------

    def get_list_filter(self, request: HttpRequest) -> tuple[Any, ...]:
        """Return the filters; an operator chooses an organisation as well, and who may see roles a role."""
        of_organisation = (OrganisationFilter,) if self.is_operator(request) else ()
        of_role = (RoleFilter,) if rights.may_see_roles(by=agent(request)) else ()
        return (*self.list_filter, *of_organisation, *of_role)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Return whether the list may be filtered so."""
        if lookup == RoleFilter.parameter_name:
            return request is not None and rights.may_see_roles(by=agent(request))
        return super().lookup_allowed(lookup, value, request)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return what a person's page shows: the diagnosis first; the role to those who may see it."""
        who = ["given_name", "family_name", "employee_number", "person_type", "email"]
        in_force = ("is_active", "starts_on", "ends_on")
        way_in = ["must_change_password", "care_identity_only"]
        if self._may_change_facts(request, obj):
            who.insert(2, "new_date_of_birth")
            if obj is None:
                way_in.append(CARE_IDENTITY)  # Later it is linked by a proposal.
        fieldsets = [
            (None, {"fields": ("username", "organisation", *who) if obj else ("organisation", *who)}),
            (_("In force"), {"fields": in_force}),
            (_("Logging in"), {"fields": way_in}),
        ]
        if obj:
            fieldsets.insert(0, (_("Getting in"), {"fields": GETTING_IN}))
        if rights.may_see_roles(by=agent(request)):
            fieldsets.append((_("Role"), {"fields": ("role",)}))
        return fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return what is shown and cannot be changed here."""
        fixed = () if self._may_change_facts(request, obj) else FACTS
        role = () if rights.roles_to_give(by=agent(request), person=obj) else ("role",)
        return ("username", "organisation", *GETTING_IN, *sorted(rights.WAYS_IN | set(fixed)), *role) if obj else role

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form, which knows what its reader may change."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.roles = rights.roles_to_give(by=agent(request), person=obj)
        form.has_facts = self._may_change_facts(request, obj)
        return form

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Return the page, with the person's name below its heading."""
        person = context["original"]
        more: dict[str, Any] = {}
        if person:
            more["subtitle"] = f"{person.get_full_name()}, {person.username}"
            more["may_help"] = rights.may_help(by=agent(request), person=person)
            if self._may_change_facts(request, person):
                has_it = internet_access.status(user=person) is internet_access.Status.ON
                more["withdraw_internet_access"] = has_it
                more["lift_wait"] = bool(second_step_state.wait_in_words(person=person))
                more["may_be_excused"] = second_step_state.may_be_excused(person=person)
                more["give_internet_access"] = not internet_access.works_outside(user=person)
        return super().render_change_form(request, {**context, **more}, *args, **kwargs)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the list that reads lock states."""
        return PeopleList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the people who fit the typed words."""
        return search.find(people=queryset, typed=search_term), False

    @admin.display(description=gettext_lazy("name"), ordering="family_name")
    def name(self, person: User) -> str:
        """Return the name as people say it."""
        return person.get_full_name()

    @admin.display(description=gettext_lazy("in force"), boolean=True)
    def in_force(self, person: User) -> bool:
        """Return whether the person is in force today."""
        return person.may_enter()

    @admin.display(description=gettext_lazy("locked"))
    def locked(self, person: User) -> str:
        """Return until when the person is locked, or that their password is frozen or dormant, on the list."""
        state: lock_state.LockState = person.lock_state  # type: ignore[attr-defined]
        if state.used_up:
            return _("until recovery or unlocked")
        until = state.locked_until
        if until:
            return _("until %(time)s") % {"time": spoken_time(until)}
        if person.password_is_frozen():
            return _("password frozen")
        return _("password dormant") if person.is_dormant() else "-"

    @admin.display(description=gettext_lazy("can get in"))
    def getting_in(self, person: User) -> str:
        """Return the diagnosis: why a person cannot get in, or how they can."""
        return diagnosis.describe(person=person)

    @admin.display(description=gettext_lazy("wrong passwords"))
    def lock(self, person: User) -> str:
        """Return every browser's counter, in words."""
        return diagnosis.describe_locks(lock_state.of(person=person))

    @admin.display(description=gettext_lazy("password"))
    def password_set(self, person: User) -> str:
        """Return whether there is a password, and since when: never which."""
        return diagnosis.describe_password(person=person)

    @admin.display(description=gettext_lazy("Care Identity"))
    def linked_care_identity(self, person: User) -> str:
        """Return which Care Identity lets the person in."""
        return diagnosis.describe_care_identity(person=person)

    @admin.display(description=gettext_lazy("internet access"))
    def internet_access_now(self, person: User) -> str:
        """Return whether the person's password works outside the organisation's networks."""
        return diagnosis.describe_internet_access(person=person)

    @admin.display(description=gettext_lazy("last log-in"))
    def last_log_in(self, person: User) -> str:
        """Return when the person was last let in, and on what."""
        event = log_in.last_log_in(user=person)
        return diagnosis.describe_log_in(event) if event else _("Never")

    @admin.display(description=gettext_lazy("second step"))
    def second_step(self, person: User) -> str:
        """Return what a person has set up, what is required of them, and what they wait for."""
        return second_step_state.describe(person=person)

    @admin.display(description=gettext_lazy("what happened"))
    def events(self, person: User) -> str:
        """Return a link to the security events about a person."""
        address = reverse("admin:accounts_securityevent_changelist")
        return format_html('<a href="{}?user__id__exact={}">{}</a>', address, person.pk, _("Security events"))

    # What may be done ---------------------------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the reader adds people: the form offers an agent their own organisation alone."""
        return rights.is_helpdesk(user=agent(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the reader may change anything on this record: facts, or the role."""
        if obj is None:
            return self.has_add_permission(request) or bool(rights.roles_to_give(by=agent(request), person=None))
        return self._may_change_facts(request, obj) or bool(rights.roles_to_give(by=agent(request), person=obj))

    def _may_change_facts(self, request: HttpRequest, obj: User | None) -> bool:
        """Return whether the reader may change the facts on a record, or add one where there is none yet."""
        if obj is None:
            return self.has_add_permission(request)
        return rights.may_change(by=agent(request), person=obj)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Store the record through the services, which do what follows from each change."""
        if change:
            if DATE_OF_BIRTH in form.changed_data:
                dates_of_birth.note_typed(person=obj, by=agent(request))
            people.change(person=obj, by=agent(request))
        else:
            people.add(person=obj, by=agent(request))
        if CARE_IDENTITY not in form.changed_data:
            return
        uid = form.cleaned_data[CARE_IDENTITY]
        if uid:
            care_identity_links.link(user=obj, uid=uid, by=agent(request))
        else:
            care_identity_links.unlink(user=obj, by=agent(request))
