"""Small and short screens, a person's own colours, and paper."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from tests.journeys import doing
from tests.support import addresses, page_facts
from tests.support.factories import DATE_OF_BIRTH, PASSWORD, make_user
from tests.support.welsh_walker import WelshWalker

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.journeys.conftest import TypeOfPerson
    from tests.support.browser import Walker

# How far boxes stand out where a browser paints over all colours: by what has a width there.
STAND_OUT = """elements => elements.filter((element) => element.checkVisibility()).map((element) => {
  const style = getComputedStyle(element);
  const sides = ["Top", "Right", "Bottom", "Left"].map((side) => parseFloat(style[`border${side}Width`]));
  return { border: Math.max(...sides), outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth) };
})"""
SIGNS = """items => items.map((item) => {
  const sign = getComputedStyle(item, "::before");
  return [item.dataset.state, sign.content, sign.color === getComputedStyle(item).color];
})"""


def test_every_page_fits_a_narrow_screen_with_spaced_text_and_the_persons_own_colours(somebody: TypeOfPerson) -> None:
    """WCAG 1.4.10 and 1.4.12 in forced colours, where neither a background nor a shadow is seen."""
    person, user = somebody(size={"width": 320, "height": 640}, forced_colors="active"), make_user()
    for address in addresses.ours():
        person.page.goto(person.url + address.path)
        _fits(person.page)
    person.page.goto(f"{person.url}/log-in/")
    person.send(doing.LOG_IN)
    summary = person.page.locator(".nhsuk-error-summary")
    assert _stands_out(summary) == {"border": 4, "outline": 4}, "it has the focus"
    assert _stands_out(person.page.locator(".nhsuk-form-group--error").first)["border"] == 4
    for focused in (person.field("Username"), person.button(doing.LOG_IN)):
        focused.focus()
        assert _stands_out(focused)["outline"] == 4
    _fits(person.page)

    person.page.goto(f"{person.url}/recovery/")
    person.fill(email_address="jo", day=str(DATE_OF_BIRTH.day))
    person.send("Submit")
    _fits(person.page)

    person.page.goto(f"{person.url}/log-in/")
    person.fill(username=user.username, password=PASSWORD)
    person.send(doing.LOG_IN)
    person.page.wait_for_url("**/my-esr/")
    for path in ("/my-esr/", "/internet-access/", "/log-out/"):
        person.page.goto(person.url + path)
        _fits(person.page)
    person.page.goto(f"{person.url}/change-password/")
    person.fill(new_password="password1234")
    person.page.keyboard.press("Tab")
    for state in ("kept", "broken"):
        person.page.locator(f"[data-state={state}]").first.wait_for()
    _fits(person.page)
    signs = person.page.locator("[data-state]").evaluate_all(SIGNS)
    assert {(state, content) for state, content, _ in signs} == {("kept", '"✓"'), ("broken", '"✗"')}
    assert all(is_as_text for *_, is_as_text in signs), "a sign is drawn in the colour of text"


def test_a_phone_on_its_side_shows_the_whole_log_in_form_and_paper_shows_nothing_to_press(
    somebody: TypeOfPerson,
) -> None:
    person, user = somebody(size={"width": 640, "height": 360}), make_user()
    person.open("/log-in/")
    _shows_the_whole_form(person)
    person.fill(username=user.username, password=PASSWORD)
    person.press(doing.LOG_IN)
    person.page.emulate_media(media="print")
    for path in ("/my-esr/", "/help/"):
        person.page.goto(person.url + path)
        assert person.page.locator("main, h1").first.is_visible()
        for nothing in ("button", ".nhsuk-button", "header nav", "footer", "form[role=search]"):
            assert not [found for found in person.page.locator(nothing).all() if found.is_visible()], (path, nothing)
    links = person.page.locator("main a").evaluate_all(
        "found => found.map(a => getComputedStyle(a, '::after').content)"
    )
    assert set(links) == {"none"}, "an address inside the portal says nothing on paper"


def test_a_phone_on_its_side_shows_the_whole_log_in_form_in_welsh(somebody: TypeOfPerson) -> None:
    person = somebody(size={"width": 640, "height": 360}, kind=WelshWalker)
    person.open("/log-in/")
    _shows_the_whole_form(person)


def _shows_the_whole_form(person: Walker) -> None:
    """Check that nothing of the form needs scrolling, on a phone so narrow that its button does not fit but that."""
    for width, height, last in (
        (640, 360, person.button(doing.LOG_IN)),
        (844, 390, person.button(doing.LOG_IN)),
        (568, 320, person.field("Password")),
    ):
        person.page.set_viewport_size({"width": width, "height": height})
        box = last.bounding_box()
        assert box
        assert box["y"] + box["height"] <= height, (width, height)


def _fits(page: Page) -> None:
    assert page.evaluate(page_facts.SIDEWAYS_WHEN_SPACED) <= 0, page.url
    buttons = page.evaluate(f"() => ({STAND_OUT})([...document.querySelectorAll('.nhsuk-button')])")
    assert all(button["border"] for button in buttons), page.url


def _stands_out(element: Locator) -> dict[str, float]:
    found: list[dict[str, float]] = element.evaluate_all(STAND_OUT)
    return found[0]


def test_the_buttons_of_my_esr_stand_apart_at_a_tablet_and_below_each_other_on_a_phone(somebody: TypeOfPerson) -> None:
    """WCAG 2.5.8: a finger that misses one is not on another. "This was not me" is no button to press by mistake."""
    person, user = somebody(size={"width": 768, "height": 1024}), make_user()
    doing.come_in(person, user)
    names = ("This was not me", "Change password", "Security and recent activity")
    for width in (768, 360):
        person.page.set_viewport_size({"width": width, "height": 1024})
        boxes = [person.page.get_by_role("button", name=name, exact=True).bounding_box() for name in names]
        for one, following in pairwise(box for box in boxes if box):
            beside = following["x"] - one["x"] - one["width"]
            below = following["y"] - one["y"] - one["height"]
            assert (beside if width == 768 else below) >= 8, width
