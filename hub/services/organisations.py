"""Find an organisation, and how to write to it."""

from urllib.parse import quote, urlencode

from django.db.models import Q, QuerySet

from accounts.models import Organisation

# A shorter text would list the whole NHS.
SHORTEST_SEARCH = 2
LONGEST_SEARCH = 100
MOST_RESULTS = 20

HELP_SUBJECT = "Help with ESR"
# The guide that staff are given (G in docs/security.md): state your Name and ESR number.
HELP_BODY = "Name:\r\nESR number:\r\n\r\nWhat I need help with:\r\n"
SMARTCARD_SUBJECT = "Renew my smartcard"
SMARTCARD_BODY = "Name:\r\nESR number:\r\n\r\nPlease tell me how to renew my smartcard.\r\n"


def search(*, text: str) -> QuerySet[Organisation]:
    """Return the organisations whose name holds every word of `text`, or whose code is `text`, by name.

    At most MOST_RESULTS + 1 of them: one more than is shown says that there are more.
    """
    words = Q()
    for word in text.split():
        words &= Q(name__icontains=word)
    return Organisation.objects.filter(words | Q(code=text.strip())).order_by("name", "code")[: MOST_RESULTS + 1]


def help_address(*, organisation: Organisation) -> str:
    """Return a mailto: address for asking `organisation` for help, which already asks for name and ESR number."""
    return _mailto(organisation.support_email, subject=HELP_SUBJECT, body=HELP_BODY)


def smartcard_address(*, organisation: Organisation) -> str:
    """Return a mailto: address for renewing a smartcard of `organisation`."""
    return _mailto(organisation.smartcard_contact, subject=SMARTCARD_SUBJECT, body=SMARTCARD_BODY)


def _mailto(address: str, **headers: str) -> str:
    """Return a mailto: address (RFC 6068: blanks are %20, never +, and lines end in CR LF)."""
    return f"mailto:{quote(address, safe='@')}?{urlencode(headers, quote_via=quote)}"
