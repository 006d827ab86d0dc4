"""What the stand-in is told about itself and the portal, by its environment.

STAND_IN_PORT (plain http) and STAND_IN_CARD_PORT (https with client certificates), STAND_IN_HOST (the portal's unless
told otherwise), STATE_DIR, BASE_URL (the portal's), STAND_IN_BACK_CHANNEL_LOGOUT_URI (the portal's as this machine
knows it), CARE_IDENTITY_CLIENT_ID, and how the portal proves itself: STAND_IN_CLIENT_KEYS (the path or the address of
its public keys, PEM or JWKS) or CARE_IDENTITY_CLIENT_SECRET.
"""

import secrets
from pathlib import Path
from urllib.parse import urlsplit

import environ

from demo import care_identity

BASE_DIR = Path(__file__).resolve().parents[2]
_env = environ.Env()

DEMO: bool = _env.bool("DEMO", default=False)
STATE_DIR = Path(_env.str("STATE_DIR", default=str(BASE_DIR / "var" / "demo"))).resolve() / "care-identity"
PORT: int = _env.int("STAND_IN_PORT", default=9000)
CARD_PORT: int = _env.int("STAND_IN_CARD_PORT", default=10000)

PORTAL: str = _env.str("BASE_URL", default="http://localhost:8000").rstrip("/")
REDIRECT_URI = f"{PORTAL}/care-identity/callback/"
BACK_CHANNEL_LOGOUT_URI: str = _env.str(
    "STAND_IN_BACK_CHANNEL_LOGOUT_URI", default=f"{PORTAL}/care-identity/back-channel-logout/"
)
CLIENT_ID: str = _env.str("CARE_IDENTITY_CLIENT_ID", default=care_identity.CLIENT_ID)
CLIENT_KEYS: str = _env.str("STAND_IN_CLIENT_KEYS", default="")
# Where the portal proves itself by its key, the secret is a random one that is told to no program.
CLIENT_SECRET: str = _env.str("CARE_IDENTITY_CLIENT_SECRET", default="") or secrets.token_urlsafe(32)

# A browser that reaches the portal under a name reaches us under it.
HOST: str = _env.str("STAND_IN_HOST", default="") or urlsplit(PORTAL).hostname or "localhost"
ISSUER = f"http://{HOST}:{PORT}"
CARD_ORIGIN = f"https://{HOST}:{CARD_PORT}"
