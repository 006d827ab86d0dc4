"""Step 8 of the guide that staff are given, at the stand-in: the method, the card, the passcode; and real cards."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest
import requests
import trustme
from bs4 import BeautifulSoup
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from cryptography.x509.oid import NameOID

from demo.care_identity import certificates
from demo.care_identity.cards import PASSCODE
from tests.support.stand_in import Browser, Page, StandIn

pytestmark = pytest.mark.own_processes

AMINA, JESS, KIM, MONA, HARJIT = "555000000101", "555000000110", "555000000190", "555000000192", "555000000108"


def labels(page: Page) -> list[str]:
    """Return what can be selected and pressed on a page, in order."""
    found = BeautifulSoup(page.text, "html5lib").select("main label, main button")
    return [" ".join(one.get_text().split()) for one in found]


def unlock(browser: Browser, uid: str) -> None:
    cards = browser.open("/cards/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', cards.text)
    assert token
    browser.open(f"/cards/{uid}/unlock/", {"csrfmiddlewaretoken": token[1]})


def test_the_page_says_what_the_guide_says(care_identity: StandIn) -> None:
    page = care_identity.browser().ask()
    assert "Select your preferred login method" in page.text
    methods = ["Smartcard", "Windows Hello", "Security key", "Authenticator app"]
    assert labels(page) == [*methods, "Remember my selection", "Continue"]


def test_the_smartcards_page_asks_for_the_passcode(care_identity: StandIn) -> None:
    browser = care_identity.browser()
    page = browser.send(browser.ask(), method="smartcard")
    assert [label for label in labels(page) if label != "Show"][-3:] == ["No card", "Passcode", "OK"]


def test_a_remembered_method_comes_first_next_time_and_another_can_be_chosen(care_identity: StandIn) -> None:
    browser = care_identity.browser()
    browser.send(browser.ask(), method="smartcard", remember="on")
    page = browser.ask(prompt="login")
    assert page.path == "/log-in/smartcard/"
    another = re.search(r'href="([^"]+)">Choose another login method<', page.text)
    assert another
    chooser = browser.open(another[1].replace("&amp;", "&"))
    assert labels(chooser)[-1] == "Continue"
    landed = browser.send(browser.send(chooser, method="windows-hello"), holder=AMINA)
    assert "code" in landed.parameters


def test_what_is_remembered_is_the_method_and_nothing_about_anybody(care_identity: StandIn) -> None:
    """Threat: the next person at the computer learns who was here."""
    browser = care_identity.browser()
    page = browser.send(browser.ask(), method="smartcard", remember="on")
    browser.send(page, card=AMINA, passcode=PASSCODE)
    assert browser.session.cookies.get("stand-in-method") == "smartcard"


def test_a_selection_that_is_not_to_be_remembered_is_forgotten(care_identity: StandIn) -> None:
    browser = care_identity.browser()
    browser.send(browser.ask(), method="smartcard", remember="on")
    chooser = browser.open("/log-in/?choose=again")
    browser.send(chooser, method="smartcard")
    assert browser.ask(prompt="login").path == "/log-in/"


def test_a_remembered_method_that_is_too_weak_this_time_is_not_used(care_identity: StandIn) -> None:
    browser = care_identity.browser()
    browser.send(browser.ask(), method="authenticator-app", remember="on")
    assert browser.ask(acr_values="AAL3_ANY").path == "/log-in/"


def test_no_card_and_no_passcode_say_what_to_do(care_identity: StandIn) -> None:
    browser = care_identity.browser()
    page = browser.send(browser.ask(), method="smartcard")
    assert "Put your smartcard into the card reader and try again" in browser.send(page, card="none").text
    assert "Enter your passcode" in browser.send(page, card=AMINA).text
    assert "Select the card that is in the card reader" in browser.send(page, passcode=PASSCODE).text


def test_three_wrong_passcodes_lock_a_card_until_it_is_unlocked(care_identity: StandIn) -> None:
    """Threat: a thief who has a card tries passcodes."""
    browser = care_identity.browser()
    page = browser.send(browser.ask(), method="smartcard")
    assert "After 2 more wrong passcodes" in browser.send(page, card=JESS, passcode="0000").text
    assert "After 1 more wrong passcode the" in browser.send(page, card=JESS, passcode="0000").text
    assert "This card is locked" in browser.send(page, card=JESS, passcode="0000").text
    locked = browser.send(page, card=JESS, passcode=PASSCODE)
    assert "This card is locked" in locked.text
    assert "unlock it" in locked.text
    unlock(browser, JESS)
    assert "code" in browser.send(page, card=JESS, passcode=PASSCODE).parameters


def test_a_right_passcode_starts_the_count_again(care_identity: StandIn) -> None:
    for _ in range(2):
        browser = care_identity.browser()
        page = browser.send(browser.ask(), method="smartcard")
        browser.send(page, card=HARJIT, passcode="0000")
        browser.send(page, card=HARJIT, passcode="0000")
        assert "code" in browser.send(page, card=HARJIT, passcode=PASSCODE).parameters


def test_a_cancelled_card_says_so(care_identity: StandIn) -> None:
    assert "This card was cancelled" in care_identity.browser().log_in(MONA).text


# Real cards -----------------------------------------------------------------------------------------------------------


def real_card(care_identity: StandIn, uid: str, folder: Path) -> Browser:
    """Return a browser that holds a demo card, imported from the file that the stand-in offers."""
    file = care_identity.answer(f"/cards/{uid}.p12")
    assert file.headers["Content-Type"] == "application/x-pkcs12"
    key, certificate, _ = pkcs12.load_key_and_certificates(file.content, PASSCODE.encode())
    assert key is not None
    assert certificate is not None
    assert certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == uid
    return holding(
        care_identity,
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM),
        folder,
    )


def holding(care_identity: StandIn, pem: bytes, folder: Path) -> Browser:
    path = folder / "card.pem"
    path.write_bytes(pem)
    browser = care_identity.browser()
    browser.session.cert = str(path)
    return browser


def by_real_card(browser: Browser) -> Page:
    """Come from the portal, choose the smartcard, and follow the link to the card listener."""
    page = browser.send(browser.ask(state="made-up-state"), method="smartcard")
    link = re.search(r'href="(https://[^"]+/log-in/card/[^"]+)"', page.text)
    assert link
    return browser.open(link[1].replace("&amp;", "&"))


def test_a_real_card_logs_in_without_a_passcode(care_identity: StandIn, tmp_path: Path) -> None:
    """The passcode was asked for when the browser imported the file. The request of the service is not lost."""
    landed = by_real_card(real_card(care_identity, KIM, tmp_path))
    assert landed.parameters["state"] == "made-up-state"
    claims = care_identity.claims(landed.parameters["code"])
    assert (claims["sub"], claims["amr"], claims["iss"]) == (KIM, ["N3_SMARTCARD"], care_identity.issuer)


def test_the_chooser_on_the_card_listener_reads_the_card_at_once(care_identity: StandIn, tmp_path: Path) -> None:
    browser = real_card(care_identity, KIM, tmp_path)
    chooser = browser.ask()
    chooser = browser.open(chooser.address.replace(care_identity.issuer, care_identity.card_origin))
    assert "code" in browser.send(chooser, method="smartcard").parameters


def test_without_a_card_a_page_says_what_to_do(care_identity: StandIn) -> None:
    page = by_real_card(care_identity.browser())
    assert page.status == 403
    assert "No smartcard was found" in page.text
    assert "Try again" in page.text


def test_the_plain_address_of_the_real_card_leads_to_the_card_listener(care_identity: StandIn) -> None:
    assert care_identity.browser().open("/log-in/card/").address.startswith(care_identity.card_origin)


def test_a_header_is_no_card(care_identity: StandIn) -> None:
    """Threat: a request says of itself that its certificate was checked."""
    browser = care_identity.browser()
    browser.session.headers.update({"SSL_CLIENT_VERIFY": "SUCCESS", "SSL_CLIENT_S_DN_CN": AMINA})
    browser.session.headers.update({"Ssl-Client-Verify": "SUCCESS", "Ssl-Client-S-Dn-Cn": AMINA})
    assert "No smartcard was found" in by_real_card(browser).text


def test_a_cancelled_real_card_is_refused(care_identity: StandIn, tmp_path: Path) -> None:
    """Threat: a card that was reported lost."""
    page = by_real_card(real_card(care_identity, MONA, tmp_path))
    assert page.status == 403
    assert "This card was cancelled" in page.text


def test_a_card_that_nobody_knows_is_refused(care_identity: StandIn, tmp_path: Path) -> None:
    authority = certificates.load(care_identity.authority.parent)
    leaf = authority.issue_cert(common_name="555000000199")
    page = by_real_card(holding(care_identity, leaf.private_key_and_cert_chain_pem.bytes(), tmp_path))
    assert "This card is not known here." in page.text


def test_a_card_of_another_authority_is_refused(care_identity: StandIn, tmp_path: Path) -> None:
    """Threat: a certificate with the right name that an attacker made."""
    leaf = trustme.CA().issue_cert(common_name=AMINA)
    browser = holding(care_identity, leaf.private_key_and_cert_chain_pem.bytes(), tmp_path)
    with pytest.raises(requests.exceptions.RequestException):
        by_real_card(browser)


def test_an_expired_card_is_refused(care_identity: StandIn, tmp_path: Path) -> None:
    authority = certificates.load(care_identity.authority.parent)
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    leaf = authority.issue_cert(
        common_name=AMINA, not_before=yesterday - datetime.timedelta(days=9), not_after=yesterday
    )
    browser = holding(care_identity, leaf.private_key_and_cert_chain_pem.bytes(), tmp_path)
    with pytest.raises(requests.exceptions.RequestException):
        by_real_card(browser)


def test_there_is_no_file_for_a_card_that_is_not_there(care_identity: StandIn) -> None:
    assert care_identity.answer("/cards/555000000199.p12").status_code == 404
    assert care_identity.answer("/cards/..%2fserver.p12").status_code == 404
