"""Find an organisation."""

from accounts.identifiers import organisation_code
from accounts.models import Organisation
from hub import organisation_names

# A shorter text would list the whole NHS.
SHORTEST_SEARCH = 2
LONGEST_SEARCH = 100
MOST_RESULTS = 20


def search(*, text: str) -> list[Organisation]:
    """Return the organisations whose name, acronym or code `text` is, or a part of the name, by name.

    A username stands for its organisation, whose code it begins with. Only where nothing fits, one letter may be wrong.
    At most MOST_RESULTS + 1 of them: one more than is shown says that there are more.
    """
    found = Organisation.objects.filter(pk__in=fitting(text=text)[: MOST_RESULTS + 1])
    return list(found.order_by("name", "code"))


def fitting(*, text: str) -> list[int]:
    """Return the primary keys of the organisations that `search` finds, all of them, by name.

    Their names are compared here, not by the database: there are at most a thousand.
    """
    rows = list(Organisation.objects.order_by("name", "code").values_list("pk", "code", "name"))
    names = tuple(name for _, _, name in rows)
    code, places = organisation_code(text), organisation_names.fitting(names=names, typed=text)
    found = [pk for place, (pk, its_code, _) in enumerate(rows) if its_code == code or place in places]
    if found:
        return found
    places = organisation_names.nearly_fitting(names=names, typed=text)
    return [pk for place, (pk, _, _) in enumerate(rows) if place in places]
