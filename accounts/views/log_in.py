"""The log-in page, logging out, and staying logged in."""

from __future__ import annotations

import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import adapter, browser_marks, wrong_tries
from accounts.forms.log_in import LogInForm
from accounts.services import events, lockout, log_in, sessions
