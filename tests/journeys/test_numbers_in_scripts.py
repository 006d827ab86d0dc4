"""A script counts in the words of the page: in Welsh a word begins otherwise behind some numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.template import Context, Template

if TYPE_CHECKING:
    from tests.support.engines import Engine

SCRIPT = Path(__file__).parents[2] / "static" / "js" / "send-again.js"
# Words that begin as Welsh has it: cath is a cat.
CATS = {0: "dim cath", 1: "{seconds} gath", 2: "{seconds} gath", 3: "{seconds} chath", 6: "{seconds} chath"}
OTHERS = "{seconds} cath"
PAGE = """<form data-send-again="{{ seconds }}"><button>Anfon</button><p data-status></p><template data-words>
<p data-word="waiting">{time}</p><p data-word="now">Nawr</p>
{% for number, cat in cats.items %}<p data-word="too_soon" data-number="{{ number }}">{{ cat }}</p>{% endfor %}
<p data-word="too_soon">{{ others }}</p></template></form>"""


@pytest.mark.parametrize(
    ("seconds", "said"), [(1, "1 gath"), (2, "2 gath"), (3, "3 chath"), (4, "4 cath"), (6, "6 chath"), (13, "13 cath")]
)
def test_a_countdown_takes_the_form_of_its_number(one_browser: Engine, seconds: int, said: str) -> None:
    page = one_browser.new_context().new_page()
    try:
        page.clock.set_fixed_time(0)
        page.set_content(Template(PAGE).render(Context({"seconds": seconds, "cats": CATS, "others": OTHERS})))
        page.add_script_tag(content=SCRIPT.read_text(encoding="utf-8"))
        page.get_by_role("button").click(force=True)
        assert page.locator("[data-status]").text_content() == said
    finally:
        page.context.close()
