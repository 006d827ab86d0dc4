"""A component shows a text as it is, whichever tag of a template has put it into a variable."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.template import engines

TAGS = {
    "the value itself": "{% nhs 'button' text=name %}",
    "firstof": "{% firstof name 'Nobody' as shown %}{% nhs 'button' text=shown %}",
    "blocktranslate": (
        "{% blocktranslate asvar shown with who=name %}{{ who }}{% endblocktranslate %}{% nhs 'button' text=shown %}"
    ),
    "both": (
        "{% firstof name 'Nobody' as who %}{% blocktranslate asvar shown %}{{ who }}{% endblocktranslate %}"
        "{% nhs 'button' text=shown %}"
    ),
    "default": "{% nhs 'button' text=name|default:'Nobody' %}",
    "with": "{% with shown=name %}{% nhs 'button' text=shown %}{% endwith %}",
}


@pytest.mark.parametrize("name", ["Niamh O'Brien", 'Jo "Smith" & <Co>', "&amp; &lt;b&gt; &#x27;", "R&D &copy 2026"])
@pytest.mark.parametrize("tag", TAGS.values(), ids=TAGS)
def test_a_name_is_shown_as_it_is(tag: str, name: str) -> None:
    rendered = engines["django"].from_string("{% load nhsuk i18n %}" + tag).render({"name": name})
    button = BeautifulSoup(rendered, "html.parser").select_one("button")
    assert button is not None
    assert button.get_text(strip=True) == name
    assert not button.find_all()


def test_an_attribute_is_as_it_is_too() -> None:
    template = "{% load nhsuk %}{% firstof name as shown %}{% nhs 'button' text='Go' href=shown %}"
    rendered = engines["django"].from_string(template).render({"name": "/?a=1&copy=2'\""})
    link = BeautifulSoup(rendered, "html.parser").select_one("a")
    assert link is not None
    assert link["href"] == "/?a=1&copy=2'\""
