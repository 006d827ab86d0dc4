"""What the attacks take for an answer that leads to the attacker (bench/attacks/raw.py)."""

import pytest

from bench.attacks.raw import Received

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"


@pytest.mark.parametrize(
    "body",
    [
        b'<a href="https://evil.example/">here</a>',
        b"<a class='x' HREF = //Evil.Example>here</a>",
        b'<input value=""><a href="https://evil.example/">">',
        b'<form action="https&#x3a;//evil.example/">',
        b'<meta http-equiv="refresh" content="0; url=https://evil.example/">',
        b'<script src="//evil.example/x.js"/>',
    ],
)
def test_a_link_a_form_and_a_file_lead_elsewhere(body: bytes) -> None:
    assert Received(HEAD + b"<p>before</p>" + body).leads_elsewhere


@pytest.mark.parametrize("place", [b"https://evil.example/", b"//evil.example", b"HTTPS://EVIL.EXAMPLE/?next=/"])
def test_a_redirect_leads_elsewhere(place: bytes) -> None:
    assert Received(b"HTTP/1.1 302 Found\r\nlocation: " + place + b"\r\n\r\n").leads_elsewhere


@pytest.mark.parametrize(
    "body",
    [
        b'<input value="&quot;&gt;&lt;a href=&quot;https://evil.example/&quot;&gt;">',
        b"<p>&lt;a href=https://evil.example/&gt;</p>",
        b'<a href="/log-in/?next=https://evil.example/">Log in</a>',
        b'<a href="https://portal.example/">here</a>',
    ],
)
def test_text_that_was_typed_leads_nowhere(body: bytes) -> None:
    assert not Received(HEAD + body).leads_elsewhere


def test_a_redirect_to_the_log_in_page_leads_nowhere_else() -> None:
    assert not Received(b"HTTP/1.1 302 Found\r\nLocation: /log-in/?next=//evil.example\r\n\r\n").leads_elsewhere
