"""What a page is asked about itself, and what of its answer is looked for or left out of account."""

from __future__ import annotations

import re
from typing import Any

# What a page is asked about itself. `markup` is what tells two looks at the same state apart.
FACTS = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const visible = (element) => element.checkVisibility({visibilityProperty: true, opacityProperty: true});
  const ids = all("[id]").map((element) => element.id);
  return {
    title: document.title,
    language: document.documentElement.lang,
    headings: all("h1").map((h1) => h1.textContent.trim()),
    errors: all(".nhsuk-error-summary, .nhsuk-error-message, .errornote, .errorlist").filter(visible).length,
    summaries: all(".nhsuk-error-summary").length,
    summaryHasFocus: document.activeElement?.matches(".nhsuk-error-summary") ?? false,
    brokenAnchors: all('a[href^="#"]').map((a) => a.getAttribute("href").slice(1))
      .filter((id) => id && !document.getElementById(id)),
    linksToHere: all('a[href=""]:not([data-same-address]), a:not([href])').map((a) => a.textContent.trim()),
    repeatedIds: ids.filter((id, i) => ids.indexOf(id) !== i),
    text: document.body.innerText,
    markup: document.documentElement.outerHTML,
  };
}"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# The same where a person spaces all text as WCAG 1.4.12 says, which must do no more than plain text does. A stylesheet
# that a script makes is not the page's, so that no policy stops it.
SIDEWAYS_WHEN_SPACED = """() => {
  const root = document.documentElement;
  const plain = root.scrollWidth - root.clientWidth;
  const spacing = new CSSStyleSheet();
  spacing.replaceSync(`
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
    p { margin-bottom: 2em !important; }`);
  document.adoptedStyleSheets.push(spacing);
  const spaced = root.scrollWidth - root.clientWidth;
  document.adoptedStyleSheets.pop();
  return Math.max(plain, spaced);
}"""
# Template source or twice-escaped text that reached a reader.
LEAKED = re.compile(r"\{\{|\{%|\{#|&(amp|lt|gt|quot|#x27|#39|nbsp);|\bNone\b[,.]?$|<[a-z]+[ >]", re.MULTILINE)
# What differs between two looks at the same state, and cannot be seen or changes a number alone: hidden fields, where
# most hold tokens; the queries of addresses; and the numbers in usernames, times and references.
ACCIDENTAL = re.compile(r'<input type="hidden"[^>]*>|\?[^"\s<>]*(?=")|nhsuk-u-nowrap">[A-Z0-9-]+<|[0-9]+')

# What the title of a page with errors begins with.
ERRORS = {"en-GB": "Error: ", "cy": "Gwall: "}
# What of that axe is not looking for: a person's data, which it finds in a box or a text as it finds any other there.
DATA = re.compile(r'(?<= value=")[^"]+|[^\s">]+@[^\s"<]+|\b[A-Z]{4,}\b|(?<=href=")https?://[^"]*')


def faults(facts: dict[str, Any], summary_takes_focus: bool, language: str = "en-GB") -> list[str]:
    """Return what is wrong with a page by what it says of itself.

    `summary_takes_focus` says whether an error summary, where there is one, has to have the focus by now; `language` is
    what the page has to be in.
    """
    error = ERRORS[language]
    title, headings, errors = facts["title"], facts["headings"], facts["errors"]
    leaked = LEAKED.search(facts["text"])
    wrong = {
        f"the h1 headings are {headings}": len(headings) != 1 or not headings[0],
        f"the language is {facts['language']!r}": facts["language"].lower() != language.lower(),
        f"{errors} errors are shown, and the title is {title!r}": title.startswith(error) != bool(errors),
        f"the title is {title!r}": title.count(error) > 1,
        "the error summary has not taken the focus": summary_takes_focus
        and facts["summaries"]
        and not facts["summaryHasFocus"],
        f"links to nowhere: {facts['brokenAnchors']}": facts["brokenAnchors"],
        f"links without an address: {facts['linksToHere']}": facts["linksToHere"],
        f"ids twice: {facts['repeatedIds']}": facts["repeatedIds"],
        f"{leaked and leaked.group()!r} is shown in: {facts['text']}": leaked,
    }
    return [said for said, is_so in wrong.items() if is_so]


def tells(text: str, secret: str) -> bool:
    """Return whether a secret stands in a text by itself. The middle of a token or digest may be any four digits."""
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(secret)}(?![0-9A-Za-z])", text) is not None
