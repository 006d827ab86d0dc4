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

    Their names in English and in Welsh are looked in, whatever the language of the page.
    A username stands for its organisation, whose code it begins with. Only where nothing fits, one letter may be wrong.
    At most MOST_RESULTS + 1 of them: one more than is shown says that there are more.
    """
    return list(Organisation.objects.filter(pk__in=fitting(text=text)[: MOST_RESULTS + 1]).by_name())


def fitting(*, text: str) -> list[int]:
    """Return the primary keys of the organisations that `search` finds, all of them, by the name that is shown.

    Their names are compared here, not by the database: there are at most a thousand.
    """
    rows = list(Organisation.objects.by_name().values_list("pk", "code", "name", "welsh_name"))
    # In one order for both languages: what names are found by is worked out once.
    names = tuple(sorted({(english, welsh) for _, _, english, welsh in rows}))
    code, places = organisation_code(text), organisation_names.fitting(names=names, typed=text)
    fit = {names[place] for place in places}
    found = [pk for pk, its_code, *both in rows if its_code == code or tuple(both) in fit]
    if found:
        return found
    fit = {names[place] for place in organisation_names.nearly_fitting(names=names, typed=text)}
    return [pk for pk, _, *both in rows if tuple(both) in fit]
