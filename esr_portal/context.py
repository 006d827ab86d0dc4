"""What the layout needs to know, in every template as ``portal``."""

import functools
from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.functional import cached_property

from accounts import mail_links, proof
from accounts.adapter import local_address
from accounts.browser import about, language, other_accounts
from accounts.identifiers import organisation_code
from accounts.models import User
from accounts.services import password_policy, sessions
from nhsuk import wording

_WORDS_OF_A_PERSON = (
    "same_page",
    "contact_search",
    "user.username",
    "about",
    "here",
    "warn_after_seconds",
    "over_after_seconds",
    "over_at_the_latest_after_seconds",
    "warn_of_the_end_after_seconds",
    "idle_minutes",
    "ends_at",
)


class Portal:
    """Facts for the layout, each found out when it is asked for: a page that does not ask costs no query."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def words_in_shells(self) -> tuple[str, ...]:
        """Return the names of the facts here that are a person's, or new each time (nhsuk/shells.py)."""
        if self.user:
            return _WORDS_OF_A_PERSON
        return ("same_page", "contact_search") if "organisation" in self._asked else ("same_page",)

    @cached_property
    def _asked(self) -> QueryDict:
        """What the address asks for: nothing where that is more than is read, which the error page then says."""
        try:
            return self._request.GET
        except TooManyFieldsSent:
            return QueryDict()

    def shells_vary_by(self) -> tuple[str, ...]:
        """Return the names of the facts here by which pages vary. Others are the same for everyone in this process."""
        return ("has_other_accounts",) if self.user else ()

    @cached_property
    def user(self) -> User | None:
        """Who is logged in, or None. A request refused early has no user yet."""
        user = getattr(self._request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @property
    def has_other_accounts(self) -> bool:
        """Whether this browser is logged in to another account too."""
        return self.user is not None and bool(other_accounts.kept(self._request.session))

    @cached_property
    def may_have_other_accounts(self) -> bool:
        """Whether the person may go to another account: by what is known of this browser, and of no mailbox."""
        by = proof.of_session(session=self._request.session)
        return self.has_other_accounts or by is not None or other_accounts.may_ask_to_keep(self._request)

    @cached_property
    def about(self) -> str:
        """What the forms are about that are for the person who is logged in; "" where no person is."""
        return about.person(self.user) if self.user else ""

    @cached_property
    def warn_after_seconds(self) -> int:
        """Seconds after which a person who is logged in is asked whether they are still there; 0 is never."""
        return sessions.seconds_until_warning(user=self.user, session=self._request.session) if self.user else 0

    @cached_property
    def warning_seconds(self) -> int:
        """Seconds that the person has to answer."""
        return int(sessions.WARNING.total_seconds())

    @cached_property
    def idle_minutes(self) -> int:
        """Minutes without use after which the person is logged out; 0 is never."""
        limits = sessions.limits(user=self.user, session=self._request.session) if self.user else None
        return wording.minutes(limits.idle) if limits else 0

    @cached_property
    def over_after_seconds(self) -> int:
        """Seconds after which a page without scripts goes to the log-in page by itself; 0 is never."""
        return sessions.seconds_until_over(user=self.user, session=self._request.session) if self.user else 0

    @cached_property
    def ends_at(self) -> str:
        """The time of day at which the session of the person ends however busy they are; "" where no person is."""
        if self.user is None:
            return ""
        return wording.spoken_time(sessions.ends_at_the_latest(user=self.user, session=self._request.session))

    @cached_property
    def over_at_the_latest_after_seconds(self) -> int:
        """Seconds after which the session is surely over, however busy the person is; 0 is never."""
        session = self._request.session
        return sessions.seconds_until_over_at_the_latest(user=self.user, session=session) if self.user else 0

    @cached_property
    def warn_of_the_end_after_seconds(self) -> int:
        """Seconds after which the person is told of that end; less than 0 where that time is past."""
        return self.over_at_the_latest_after_seconds - self.warning_seconds

    @cached_property
    def here(self) -> str:
        """The address to come back to after a time-out. A form is sent to the address of its page."""
        request, match = self._request, self._request.resolver_match
        if match is not None and match.view_name == "session_over":
            return local_address(request, self._asked.get("next", "")) or reverse("my_esr")
        return request.get_full_path() if request.method in {"GET", "HEAD"} else request.path

    @cached_property
    def same_page(self) -> str:
        """The address of this page for the link to it in another language."""
        return language.same_page(self._request)

    @cached_property
    def password_rules(self) -> Any:
        """The rules for passwords, in the order in which they are listed."""
        return password_policy.rules()

    @cached_property
    def contact_search(self) -> str:
        """Where a person finds their ESR contact: at once where they are logged in, or the address has their code."""
        typed = self._asked.get("organisation", "")
        code = self.user.organisation.code if self.user else organisation_code(typed) if typed else ""
        return f"{_help()}{f'?organisation={code}' if code else ''}#find-your-organisation"

    @property
    def operator_name(self) -> str:
        """Who runs the portal, as a sentence names them."""
        return str(settings.OPERATOR_NAME)

    @property
    def operator_email(self) -> str:
        """Where the people who run the portal read mail."""
        return str(settings.OPERATOR_EMAIL)

    @property
    def operator_address(self) -> str:
        """A mailto: address of the people who run the portal, which already asks for name and ESR number."""
        return mail_links.asking_for_help(address=self.operator_email)

    @property
    def version(self) -> str:
        """Which version of the portal this is, for the helpdesk to quote."""
        return str(settings.VERSION)

    @property
    def is_demo(self) -> bool:
        """Whether this is a portal to try, with made-up people."""
        return bool(settings.DEMO)


@functools.cache
def _help() -> str:
    return reverse("help")


def portal(request: HttpRequest) -> dict[str, Portal]:
    """Return the context processor's one variable."""
    return {"portal": Portal(request)}
