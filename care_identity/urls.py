"""The addresses of Care Identity and of Manage Internet Access."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
