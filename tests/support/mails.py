"""Mails as their readers take them: the link in one, and what a link holds."""

from __future__ import annotations

from tests.support.smtp import Mail


def token_in(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def link_in(mail: Mail) -> str:
    """Return the one link in a mail that sets a password."""
    links = [link for link in mail.links if "/recovery/link/" in link]
    assert len(links) == 1, links
    return links[0]
