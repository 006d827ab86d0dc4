"""A person who has no mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.browser import Walker

# More than any page of ours has places to stop at.
MOST_TABS = 60

_WHERE = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const box = here.getBoundingClientRect();
  const style = getComputedStyle(here);
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 10));
  return {
    name: (here.getAttribute("aria-label") || here.labels?.[0]?.textContent || here.textContent || "")
      .replace(/\\s+/g, " ").trim(),
    marked: style.outlineStyle !== "none" || style.boxShadow !== "none",
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight
      && !!top && (here.contains(top) || top.contains(here)),
  };
}"""


class Keyboard:
    """Goes from place to place by Tab, and checks of each that it can be seen and is marked (WCAG 2.4.7, 2.4.11).

    `looks` is whether each page that comes is looked at; else another journey does.
    """

    def __init__(self, person: Walker, *, looks: bool = True) -> None:
        self.person = person
        self._looks = looks

    def tab_to(self, name: str, *, back: bool = False) -> None:
        """Press Tab until the focus is on what is called `name`. Raises AssertionError where it never gets there.

        After the last place comes the first. `back` is whether to press Shift too.
        """
        passed, wanted = [], self.person.called(name)
        for _ in range(MOST_TABS):
            self.person.page.keyboard.press("Shift+Tab" if back else "Tab")
            here: dict[str, Any] | None = self.person.page.evaluate(_WHERE)
            if here is None:
                continue
            _check(here)
            passed.append(here["name"])
            if here["name"] == wanted:
                return
        raise AssertionError(f"Tab never gets to {wanted!r}: {passed}")

    def type_into(self, name: str, text: str) -> None:
        """Go to a field and type."""
        self.person.tally.fields += 1
        self.tab_to(name)
        self.person.page.keyboard.type(text)

    def type_here(self, text: str) -> None:
        """Type where the focus is."""
        self.person.tally.fields += 1
        self.person.page.keyboard.type(text)

    def press(self, key: str) -> None:
        """Press a key; where it opens a page, check that."""
        self.person.tally.presses += 1
        self.person.page.keyboard.press(key)

    def activate(self, name: str, *, key: str = "Enter", onward: str = "", back: bool = False) -> None:
        """Go to a link or button, press a key on it, and look at the page that comes.

        `onward` is how the address begins that this page leads on to by itself. `back` is told to `tab_to`.
        """
        self.tab_to(name, back=back)
        self.activate_here(name, key=key, onward=onward)

    def activate_here(self, name: str, *, key: str = "Enter", onward: str = "") -> None:
        """Press a key where the focus is, which is called `name`, and look at the page that comes."""
        self.person.tally.presses += 1
        with self.person.page.expect_navigation(url=lambda address: address.startswith(onward)):
            self.person.page.keyboard.press(key)
        if self._looks:
            self.person.look(f"{key} on {name}")
        else:
            self.person.page.wait_for_load_state("load")

    def lands_on(self, name: str) -> None:
        """Check that the page, or a key, has put the focus on what is called `name`, and that it is seen there."""
        here: dict[str, Any] | None = self.person.page.evaluate(_WHERE)
        assert here is not None, f"nothing has the focus, instead of {name!r}"
        assert here["name"] == self.person.called(name), f"{here['name']!r} has the focus, instead of {name!r}"
        _check(here)

    @property
    def place(self) -> str:
        """What has the focus, by its name."""
        here: dict[str, Any] | None = self.person.page.evaluate(_WHERE)
        return str(here["name"]) if here else ""


def _check(here: dict[str, Any]) -> None:
    assert here["marked"], f"the focus on {here['name']!r} cannot be seen"
    assert here["seen"], f"{here['name']!r} has the focus and is hidden"
