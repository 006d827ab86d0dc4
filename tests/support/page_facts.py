"""What a page is asked about itself, and what of its answer is looked for or left out of account."""

from __future__ import annotations

import re

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
    linksToHere: all('a[href=""], a:not([href])').map((a) => a.textContent.trim()),
    repeatedIds: ids.filter((id, i) => ids.indexOf(id) !== i),
    text: document.body.innerText,
    markup: document.documentElement.outerHTML,
  };
}"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Template source or twice-escaped text that reached a reader.
LEAKED = re.compile(r"\{\{|\{%|\{#|&(amp|lt|gt|quot|#x27|#39|nbsp);|\bNone\b[,.]?$|<[a-z]+[ >]", re.MULTILINE)
# What differs between two looks at the same state: tokens, and the numbers in usernames, times and references.
ACCIDENTAL = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|portal-reference">[^<]*|[0-9]+')
