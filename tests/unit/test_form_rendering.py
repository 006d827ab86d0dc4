"""Forms as NHS.UK components."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.forms.date_of_birth import DateOfBirthField
from nhsuk.components import UnknownComponent, render_component
from nhsuk.form_rendering import UnknownWidget

HOSTILE = '"><script>alert(1)</script>'


class _Form(forms.Form):
    name = forms.CharField(
        max_length=30,
        help_text="As on your payslip",
        error_messages={"required": "Enter your name"},
        widget=forms.TextInput(attrs={"autocomplete": "name", "class": "nhsuk-input--width-20"}),
    )
    email = forms.EmailField(error_messages={"required": "Enter your email address"})
    password = forms.CharField(strip=False, widget=forms.PasswordInput(render_value=True))
    date_of_birth = DateOfBirthField()
    remember = forms.BooleanField(label="Remember my selection", error_messages={"required": "Tick the box"})
    kind = forms.ChoiceField(choices=[("a", "A & B"), ("<", "<b>")])
    card = forms.ChoiceField(choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect)
    days = forms.MultipleChoiceField(choices=[("1", "Monday"), ("2", "Tuesday")], widget=forms.CheckboxSelectMultiple)
    next = forms.CharField(widget=forms.HiddenInput)


def _good(**changes: Any) -> dict[str, Any]:
    good = {
        "name": "Jo Smith",
        "email": "jo@nhs.net",
        "password": "violet harbour tandem 7",
        "date_of_birth_day": "31",
        "date_of_birth_month": "3",
        "date_of_birth_year": "1984",
        "remember": "on",
        "kind": "a",
        "card": "no",
        "days": ["2"],
        "next": "/my-esr/",
    }
    return {**good, **changes}


def _html(template: str, **context: Any) -> str:
    return Template("{% load nhsuk %}" + template).render(Context(context))


def _soup(template: str, **context: Any) -> BeautifulSoup:
    return BeautifulSoup(_html(template, **context), "html5lib")


def _form(data: dict[str, Any] | None = None) -> BeautifulSoup:
    return _soup("{{ form }}", form=_Form(data))


def _one(soup: BeautifulSoup | Tag, selector: str) -> Tag:
    found = soup.select(selector)
    assert len(found) == 1, f"{len(found)} of {selector}"
    return found[0]


def test_a_box_has_a_label_and_a_hint_that_it_is_described_by() -> None:
    soup = _form()
    box = _one(soup, "input#id_name.nhsuk-input.nhsuk-input--width-20")
    assert _one(soup, "label[for=id_name]").get_text(strip=True) == "Name"
    assert _one(soup, f"#{box['aria-describedby']}").get_text(strip=True) == "As on your payslip"
    assert box["autocomplete"] == "name"


def test_a_form_that_was_not_sent_shows_no_error() -> None:
    soup = _form()
    assert not soup.select(".nhsuk-error-message, [aria-invalid], .nhsuk-form-group--error")
    assert _html("{% error_summary form %}", form=_Form()) == ""


def test_a_wrong_box_says_so_in_words_and_to_screen_readers() -> None:
    soup = _form(_good(name=""))
    box = _one(soup, "#id_name")
    assert box["aria-invalid"] == "true"
    described = [_one(soup, f"#{name}").get_text(" ", strip=True) for name in str(box["aria-describedby"]).split()]
    assert described == ["As on your payslip", "Error: Enter your name"]
    assert len(soup.select("[aria-invalid]")) == 1


def test_what_was_typed_survives_an_error_except_the_password() -> None:
    """A password in a page is a password in a cache, a screenshot and a proxy's log."""
    html = _html("{{ form }}", form=_Form(_good(name="", email="jo@nhs.net", password="hunter22 is not safe")))
    soup = BeautifulSoup(html, "html5lib")
    assert _one(soup, "#id_email")["value"] == "jo@nhs.net"
    assert _one(soup, "#id_date_of_birth_day")["value"] == "31"
    assert _one(soup, "#id_kind option[selected]")["value"] == "a"
    assert _one(soup, "[name=card][checked]")["value"] == "no"
    assert _one(soup, "[name=days][checked]")["value"] == "2"
    assert _one(soup, "#id_remember").has_attr("checked")
    assert _one(soup, "#id_next")["value"] == "/my-esr/"
    assert "hunter22" not in html


def test_a_password_box_has_show_and_hide_and_lets_password_managers_work() -> None:
    soup = _form()
    box = _one(soup, "#id_password")
    assert (box["type"], box["autocomplete"], box["spellcheck"], box["autocapitalize"]) == (
        "password",
        "current-password",
        "false",
        "none",
    )
    assert _one(soup, "[data-module=nhsuk-password-input] button[aria-controls=id_password]").has_attr("hidden")


def test_a_new_password_is_offered_to_the_password_manager_to_make() -> None:
    class New(forms.Form):
        password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))

    assert _one(_soup("{{ form }}", form=New()), "input")["autocomplete"] == "new-password"


def test_nothing_that_is_pasted_is_cut_off_by_the_browser() -> None:
    soup = _form()
    assert not soup.select("[maxlength], [required], [pattern]")


@pytest.mark.parametrize("off", ["false", False])
def test_spelling_is_not_checked_where_a_field_says_so(off: object) -> None:
    """A browser may send what it spell-checks to its maker."""

    class Quiet(forms.Form):
        username = forms.CharField(widget=forms.TextInput(attrs={"spellcheck": off}))

    assert _one(_soup("{{ form }}", form=Quiet()), "input")["spellcheck"] == "false"


def test_an_email_box_brings_up_the_right_keyboard() -> None:
    box = _one(_form(), "#id_email")
    assert (box["type"], box["autocomplete"], box["spellcheck"]) == ("email", "email", "false")


def test_a_date_is_three_boxes_in_a_group_with_a_legend() -> None:
    soup = _form()
    group = _one(soup, "fieldset[role=group]:has(#id_date_of_birth)")
    assert _one(group, "legend").get_text(strip=True) == "Date of Birth"
    labels = {label["for"]: label.get_text(strip=True) for label in group.select("label")}
    assert labels == {
        "id_date_of_birth_day": "Day",
        "id_date_of_birth_month": "Month",
        "id_date_of_birth_year": "Year",
    }
    assert [box["autocomplete"] for box in group.select("input")] == ["bday-day", "bday-month", "bday-year"]
    assert {box["inputmode"] for box in group.select("input")} == {"numeric"}


def test_only_the_wrong_boxes_of_a_date_are_marked_and_linked_to() -> None:
    form = _Form(_good(date_of_birth_year="84"))
    soup = _soup("{% error_summary form %}{{ form }}", form=form)
    assert [box["id"] for box in soup.select("[aria-invalid]")] == ["id_date_of_birth_year"]
    assert _one(soup, ".nhsuk-error-summary a")["href"] == "#id_date_of_birth_year"
    group = _one(soup, "fieldset[role=group]:has(#id_date_of_birth)")
    assert "id_date_of_birth-error" in group["aria-describedby"]


def test_the_error_summary_links_each_error_to_its_box() -> None:
    form = _Form(_good(name="", email="", remember=""))
    soup = _soup("{% error_summary form %}{{ form }}", form=form)
    links = {link.get_text(strip=True): str(link["href"]) for link in soup.select(".nhsuk-error-summary a")}
    assert links == {
        "Enter your name": "#id_name",
        "Enter your email address": "#id_email",
        "Tick the box": "#id_remember",
    }
    for target in links.values():
        assert _one(soup, target).name == "input"


def test_an_error_of_the_whole_form_links_to_the_first_box() -> None:
    form = _Form(_good())
    form.add_error(None, "The username or password is not right")
    link = _one(_soup("{% error_summary form %}", form=form), ".nhsuk-error-summary a")
    assert (link.get_text(strip=True), link["href"]) == ("The username or password is not right", "#id_name")


def test_every_error_of_a_box_is_shown_and_listed() -> None:
    form = _Form(_good())
    form.add_error("password", ["Use at least 12 characters", "This is a common password with a year added"])
    soup = _soup("{% error_summary form %}{{ form }}", form=form)
    message = _one(soup, "#id_password-error")
    assert list(message.stripped_strings)[1:] == [
        "Use at least 12 characters",
        "This is a common password with a year added",
    ]
    assert [link["href"] for link in soup.select(".nhsuk-error-summary a")] == ["#id_password"] * 2


@pytest.mark.parametrize("data", [None, {}], ids=["untouched", "wrong"])
def test_no_id_stands_twice_on_a_page(data: dict[str, Any] | None) -> None:
    ids = [str(tag["id"]) for tag in _form(data).select("[id]")]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("field", ["name", "email", "kind", "date_of_birth_day"])
def test_what_was_typed_is_never_markup(field: str) -> None:
    """A stranger's link fills in a form with a script; the page must show it as text."""
    soup = _form(_good(**{field: HOSTILE}))
    assert not soup.select("script")
    if field != "kind":
        assert _one(soup, f"#id_{field}")["value"] == HOSTILE


def test_labels_hints_errors_and_choices_are_never_markup() -> None:
    class Hostile(forms.Form):
        box = forms.CharField(label=HOSTILE, help_text=HOSTILE, widget=forms.TextInput(attrs={"data-x": HOSTILE}))
        pick = forms.ChoiceField(label=HOSTILE, choices=[(HOSTILE, HOSTILE)], widget=forms.RadioSelect)
        tick = forms.BooleanField(label=HOSTILE, help_text=HOSTILE)
        choose = forms.ChoiceField(choices=[(HOSTILE, HOSTILE)])

    form = Hostile({"pick": HOSTILE})
    form.add_error("box", HOSTILE)
    form.add_error(None, HOSTILE)
    soup = _soup("{% error_summary form %}{{ form }}", form=form)
    assert not soup.select("script")
    assert _one(soup, "#id_box")["data-x"] == HOSTILE


def test_help_texts_that_are_markup_stay_markup() -> None:
    """The forms of allauth bring lists as help texts."""

    class Listed(forms.Form):
        box = forms.CharField(help_text=SafeString("<ul><li>12 characters</li></ul>"))

    assert _one(_soup("{{ form }}", form=Listed()), ".nhsuk-hint li").get_text() == "12 characters"


def test_a_widget_without_a_component_is_an_error_that_names_the_field() -> None:
    class Odd(forms.Form):
        notes = forms.CharField(widget=forms.Textarea)

    with pytest.raises(UnknownWidget, match="notes"):
        str(Odd())


def test_a_component_escapes_text_and_keeps_markup_only_of_safe_strings() -> None:
    """A name such as <script> must not run, whichever parameter it gets into."""
    assert "<i>" not in render_component("inset-text", {"text": SafeString("<i>x</i>")})
    assert "<i>" not in render_component("inset-text", {"html": "<i>x</i>"})
    assert "<i>x</i>" in render_component("inset-text", {"html": format_html("<i>{}</i>", "x")})
    link = BeautifulSoup(render_component("button", {"text": "x", "href": SafeString(HOSTILE)}), "html5lib").a
    assert link is not None
    assert link["href"] == HOSTILE


def test_a_component_can_stand_around_markup() -> None:
    soup = _soup('{% nhsblock "details" summary=name %}<p>{{ name }}</p>{% endnhsblock %}', name="<b>Why?</b>")
    assert _one(soup, "details p").get_text() == "<b>Why?</b>"
    assert _one(soup, "summary").get_text(strip=True) == "<b>Why?</b>"


def test_double_underscores_go_one_level_down() -> None:
    soup = _soup('{% nhs "input" name="q" label__text="Name" label__size="l" %}')
    assert _one(soup, "label.nhsuk-label--l").get_text(strip=True) == "Name"


def test_a_component_that_is_kept_is_kept_for_each_language() -> None:
    page = Template('{% load nhsuk %}{% nhs "button" text=_("Log out") %}')
    assert "Log out" in page.render(Context())
    # Django's own catalogue has these words in Welsh.
    with translation.override("cy"):
        assert "Allgofnodi" in page.render(Context())
    assert "Log out" in page.render(Context())


def test_an_unknown_component_is_named() -> None:
    with pytest.raises(UnknownComponent, match="buton"):
        _html('{% nhs "buton" text="x" %}')


@pytest.mark.parametrize("tag", ["{% nhsblock %}", "{% nhsblock panel %}", '{% nhsblock "panel" what %}'])
def test_a_badly_written_block_is_refused_with_the_template(tag: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        _html(tag + "{% endnhsblock %}")
