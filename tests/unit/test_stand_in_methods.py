"""Which ways to log in the stand-in Care Identity takes for what a service asks (acr_values)."""

from __future__ import annotations

import pytest

from demo.care_identity import methods
from demo.care_identity.methods import Method

STRONG = {Method.SMARTCARD, Method.WINDOWS_HELLO, Method.SECURITY_KEY}


@pytest.mark.parametrize(
    ("acr_values", "taken"),
    [
        ([], set(Method)),
        (["AAL3_ANY"], STRONG),
        (["AAL2_OR_AAL3_ANY"], set(Method)),
        (["AAL2_ANY"], {Method.AUTHENTICATOR}),
        (["AAL3_SMARTCARD"], {Method.SMARTCARD}),
        (["AAL3_N3_SMARTCARD"], {Method.SMARTCARD}),
        (["AAL3_FIDO2"], {Method.WINDOWS_HELLO, Method.SECURITY_KEY}),
        (["AAL2_TOTP", "AAL3_N3_SMARTCARD"], {Method.AUTHENTICATOR, Method.SMARTCARD}),
        (["AAL1_USERPASS"], set()),
        (["something else"], set()),
    ],
)
def test_a_service_gets_what_it_asks_for(acr_values: list[str], taken: set[Method]) -> None:
    assert {method for method in Method if method.satisfies(acr_values)} == taken


def test_a_method_is_found_by_its_name_in_addresses() -> None:
    assert methods.find("security-key") is Method.SECURITY_KEY
    assert methods.find("password") is None
