"""What Care Identity adds to the provider of django-allauth."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import Client, PrivateKey

from demo.care_identity import configuration, keys, proofs


class Adapter(DefaultOIDCAdapter):
    """Claims and keys of the stand-in."""

    def get_issuer(self) -> str:
        """Return our one address, whatever name we were reached under."""
        return str(configuration.ISSUER)

    def list_private_keys(self, **wanted: Any) -> list[PrivateKey]:
        """Return the key that signs now."""
        return [PrivateKey(pem=keys.current().pem)]

    def get_claims(
        self,
        purpose: Literal["id_token", "userinfo"],
        user: Any,
        client: Client,
        scopes: Iterable[str],
        email: str | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Return who the person is; the rest is told at the userinfo endpoint alone, as Care Identity does."""
        claims: dict[str, Any] = {"sub": user.uid}
        if purpose == "userinfo":
            if "profile" in scopes:
                claims |= {
                    "name": user.get_full_name(),
                    "given_name": user.given_name,
                    "family_name": user.family_name,
                }
            claims["uid"] = claims["nhsid_useruid"] = user.uid
            if "nationalrbacaccess" in scopes:
                claims["nhsid_nrbac_roles"] = []
        return claims

    def populate_id_token(self, id_token: dict[str, Any], client: Client, scopes: Iterable[str], **kwargs: Any) -> None:
        """Add how the person logged in."""
        id_token |= {"azp": client.id, **proofs.under(nonce=id_token["nonce"]).claims()}
