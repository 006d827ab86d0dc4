"""What a process does once before it serves, so that the first person does not wait for it."""

import gc

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation

import common_passwords
from accounts import languages, user_agents
from accounts.forms.log_in import LogInForm
from accounts.forms.recovery import RecoveryForm
from accounts.services import log_in
from hub.forms import OrganisationSearchForm


def warm_up() -> None:
    """Compute the hash for unknown usernames, read what passwords and browsers are known by, compile first pages."""
    log_in.warm_up()
    common_passwords.read_lists()
    user_agents.warm_up()
    for each, _name in languages.LANGUAGES:
        with translation.override(each):
            # Reads the catalogue.
            translation.gettext("Username")
    for template, form in (("log_in/start.html", LogInForm), ("recovery/start.html", RecoveryForm)):
        # Sent empty, so that the error messages are compiled too.
        render_to_string(template, {"form": form({})}, request=_for_a_page())
    home = {"notices": (), "search_form": OrganisationSearchForm()}
    render_to_string("home/home.html", home, request=_for_a_page())
    # What is loaded by now stays for as long as the process: no search for rubbish has to go through it.
    gc.collect()
    gc.freeze()


def _for_a_page() -> HttpRequest:
    request = HttpRequest()
    request.method = "GET"
    return request
