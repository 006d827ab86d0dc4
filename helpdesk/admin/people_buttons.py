"""The buttons on a person's page and on the list of people. Each calls one service and says what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.services import internet_access, lockout, recovery
from accounts.services.second_step import wrong_codes
from helpdesk import unlocked_words
from helpdesk.admin.base import HelpdeskAdmin, agent
from nhsuk.wording import spoken_date, spoken_time, until_the_minute
from people.services import rights, same_person

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

# Recovery emails with one press: as many as a page of the list has rows.
MOST_EMAILS_AT_ONCE = 50
# Callers of a few minutes. Many at once are for leads, with what strangers locked left as it is: decision 56.
MOST_UNLOCKED_AT_ONCE = 10


class PeopleButtons(HelpdeskAdmin):
    """What an agent does with one press, for one person or for those ticked on the list."""

    actions = ("unlock", "send_recovery_email")

    def get_urls(self) -> Any:
        """Return the addresses of the list, the pages and the buttons."""
        buttons = {
            "unlock": self.unlock_one,
            "send_recovery_email": self.send_recovery_email_to_one,
            "give_internet_access": self.give_internet_access,
            "withdraw_internet_access": self.withdraw_internet_access,
            "lift_wait": self.lift_wait,
        }
        views = {name: self.admin_site.admin_view(require_POST(view)) for name, view in buttons.items()}
        addresses = [path(f"<int:key>/{name}/", view, name=f"accounts_user_{name}") for name, view in views.items()]
        return [*addresses, *super().get_urls()]

    def unlock_one(self, request: HttpRequest, key: int) -> HttpResponse:
        """Unlock the person on whose page the button was pressed."""
        self._unlock(request, [self._helpable(request, key)])
        return redirect("admin:accounts_user_change", key)

    def send_recovery_email_to_one(self, request: HttpRequest, key: int) -> HttpResponse:
        """Send the recovery email to the person on whose page the button was pressed."""
        self._send_recovery_email(request, [self._helpable(request, key)])
        return redirect("admin:accounts_user_change", key)

    def give_internet_access(self, request: HttpRequest, key: int) -> HttpResponse:
        """Give internet access to the person on whose page the button was pressed."""
        person = self._changeable(request, key)
        if internet_access.grant_by_helpdesk(user=person, by=agent(request)):
            self.log_change(request, person, gettext_noop("Internet access given."))
            sentence = _("%(person)s has internet access now, and is told by email.") % {"person": person}
            self.message_user(request, sentence, messages.SUCCESS)
        else:
            sentence = _("%(person)s has internet access already.") % {"person": person}
            self.message_user(request, sentence, messages.INFO)
        return redirect("admin:accounts_user_change", key)

    def withdraw_internet_access(self, request: HttpRequest, key: int) -> HttpResponse:
        """Withdraw internet access from the person on whose page the button was pressed."""
        person = self._changeable(request, key)
        if internet_access.withdraw(user=person, by=agent(request)):
            self.log_change(request, person, gettext_noop("Internet access withdrawn."))
            sentence = _("%(person)s has no internet access any more, and is told by email.") % {"person": person}
            self.message_user(request, sentence, messages.SUCCESS)
        else:
            sentence = _("%(person)s had no internet access to withdraw.") % {"person": person}
            self.message_user(request, sentence, messages.INFO)
        return redirect("admin:accounts_user_change", key)

    def lift_wait(self, request: HttpRequest, key: int) -> HttpResponse:
        """Let codes of the person be looked at again, on whose page the button was pressed."""
        person = self._changeable(request, key)
        if wrong_codes.forgive(user=person, by=agent(request)):
            self.log_change(request, person, gettext_noop("Wait after wrong codes lifted."))
            sentence = _("%(person)s can type a code again now. Wrong ones are counted anew.") % {"person": person}
            self.message_user(request, sentence, messages.SUCCESS)
        else:
            sentence = _("%(person)s had no wrong codes to forget.") % {"person": person}
            self.message_user(request, sentence, messages.INFO)
        return redirect("admin:accounts_user_change", key)

    def _changeable(self, request: HttpRequest, key: int) -> User:
        """Return a person whose record the agent may change. Raises Http404 and PermissionDenied."""
        person: User = self.get_object(request, str(key))
        if not rights.may_change(by=agent(request), person=person):
            raise PermissionDenied
        return person

    def _helpable(self, request: HttpRequest, key: int) -> User:
        """Return a person whom the agent may help to get in. Raises Http404 and PermissionDenied."""
        person: User = self.get_object(request, str(key))
        if not rights.may_help(by=agent(request), person=person):
            raise PermissionDenied
        return person

    def has_help_permission(self, request: HttpRequest) -> bool:
        """Return whether the actions below are offered and done; each leaves out the people it is not for."""
        return rights.is_helpdesk(user=agent(request))

    def _those_to_help(self, request: HttpRequest, chosen: Iterable[User]) -> list[User]:
        """Return those of the chosen people whom the agent may help, and say of the others that nothing was done."""
        people, found = list(chosen), []
        own = same_person.same_among(user=agent(request), people=people)
        for person in people:
            if rights.may_help(by=agent(request), person=person, is_another=person.pk not in own):
                found.append(person)
            else:
                sentence = _(
                    "Nothing was done for %(person)s: it is you, an account with your email address or Care Identity, "
                    "or a person with more rights than you have."
                )
                self.message_user(request, sentence % {"person": person}, messages.ERROR)
        return found

    @admin.action(description=gettext_lazy("Unlock"), permissions=["help"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Unlock the people who are ticked on the list."""
        chosen = list(queryset[: MOST_UNLOCKED_AT_ONCE + 1])
        if len(chosen) > MOST_UNLOCKED_AT_ONCE:
            sentence = _("Nobody was unlocked: choose at most %(number)s people at once. Leads can unlock many.")
            self.message_user(request, sentence % {"number": MOST_UNLOCKED_AT_ONCE}, messages.ERROR)
            return
        self._unlock(request, self._those_to_help(request, chosen))

    @admin.action(description=gettext_lazy("Send recovery email"), permissions=["help"])
    def send_recovery_email(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Send the recovery email to the people who are ticked on the list."""
        chosen = list(queryset[: MOST_EMAILS_AT_ONCE + 1])
        if len(chosen) > MOST_EMAILS_AT_ONCE:
            sentence = _("No email was sent: choose at most %(number)s people at once.")
            self.message_user(request, sentence % {"number": MOST_EMAILS_AT_ONCE}, messages.ERROR)
            return
        self._send_recovery_email(request, self._those_to_help(request, chosen))

    def _unlock(self, request: HttpRequest, people: Iterable[User]) -> None:
        for person in people:
            if lockout.unlock(user=person, by=agent(request)):
                self.log_change(request, person, gettext_noop("Unlocked."))
                self.message_user(request, unlocked_words.said_of(person), messages.SUCCESS)
            else:
                sentence = _("%(person)s had no wrong passwords to forget.") % {"person": person}
                self.message_user(request, sentence, messages.INFO)

    def _send_recovery_email(self, request: HttpRequest, people: Iterable[User]) -> None:
        for person in people:
            try:
                recovery.send_by_helpdesk(user=person, by=agent(request))
            except recovery.TooManyMails as too_many:
                self.message_user(request, _too_many(person, until=until_the_minute(too_many.until)), messages.ERROR)
                continue
            self.log_change(request, person, gettext_noop("Recovery email sent."))
            sentences = [
                _("The recovery email for %(person)s is on its way to the address on record.") % {"person": person}
            ]
            if recovery.why_no_link(user=person):
                sentences.append(_("It has no link: it says why this person cannot set a password."))
            self.message_user(request, " ".join(sentences), messages.SUCCESS)


def _too_many(person: User, *, until: datetime.datetime) -> str:
    """Return that the helpdesk has sent a person enough emails, and when it can send the next."""
    return _(
        "No email was sent to %(person)s: the helpdesk has sent %(number)s within 24 hours. The next can be sent from "
        "%(time)s on %(day)s."
    ) % {
        "person": person,
        "number": recovery.MAILS_BY_HELPDESK_A_DAY,
        "time": spoken_time(until),
        "day": spoken_date(timezone.localdate(until)),
    }
