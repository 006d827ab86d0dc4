"""{% account_items username=… has_other_accounts=… as items %}: what stands at the top right of every page."""

from typing import Any

from django import template
from django.template.context import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag(takes_context=True)
def account_items(
    context: Context, *, username: str, has_other_accounts: bool, says_who: bool = False
) -> list[dict[str, Any]]:
    """Return the items of the NHS.UK header for the person with this username, or for a visitor, who has none.

    With `says_who` the username is among them also where the browser knows no other account.
    """
    if not username:
        return [{"text": _("Login to ESR"), "href": reverse("log_in")}]
    log_out = get_template("components/log_out.html").render({"csrf_token": context.get("csrf_token")})
    if has_other_accounts:
        who: list[dict[str, Any]] = [{"text": username, "href": reverse("switching")}]
    else:
        who = [{"text": username}] if says_who else []
    return [*who, {"text": _("My ESR"), "href": reverse("my_esr")}, {"html": SafeString(log_out)}]
