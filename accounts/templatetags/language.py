"""Template tags for what a page says of languages, and in which a thing is called.

{% other_language as other %}   other.code, other.tag and other.name of the language to which the page leads
{{ row.device|device_in_words }}   "Chrome on Windows"
"""

from __future__ import annotations

from django import template

from accounts import languages, user_agents

register = template.Library()
register.filter("device_in_words", user_agents.in_words)


@register.simple_tag
def other_language() -> dict[str, str]:
    """Return the language to which a page in the current one leads: its code, its tag in markup, and its own name."""
    other = languages.other()
    return {"code": other, "tag": other.partition("-")[0], "name": languages.name(other)}
