"""Where the desk's pages lead for one person: named here alone."""

from django.urls import reverse

PERSON = "admin:desk_person"


def of_person(*, key: int) -> str:
    """Return the address of the page of the person with this primary key."""
    return reverse(PERSON, args=[key])
