"""The portal's own settings with what the rig asks for: a cheap hash, or a fault to be found. Nothing else differs.

No variable of the portal's leads here: a process has to be started with this module as its DJANGO_SETTINGS_MODULE.
"""

import os

from bench.attacks import gate
from esr_portal.settings import *  # noqa: F403
from esr_portal.settings import MIDDLEWARE, PASSWORD_HASHERS

# Who asks an instance itself, from this machine.
METRICS_NETWORKS = ["127.0.0.1"]
if os.environ.get("ATTACKS_CHEAP_HASH"):
    PASSWORD_HASHERS = ["bench.attacks.hashers.Cheap"]
# A file that says which forms are to take longer, and how much.
if os.environ.get("ATTACKS_PLANTED"):
    MIDDLEWARE = [*MIDDLEWARE, "bench.attacks.planted.delay"]
# A file to which every request is written that reaches the portal.
if os.environ.get("ATTACKS_WITNESS"):
    MIDDLEWARE = ["bench.attacks.witness.note", *MIDDLEWARE]
# A Care Identity of the rig's own, which production would not take: it is on this machine, and without TLS.
if os.environ.get("ATTACKS_CARE_IDENTITY"):
    # What the check at the start asks for; each request is then sent to the rig's.
    CARE_IDENTITY_DISCOVERY_URL = "https://care-identity.example/.well-known/openid-configuration"
    MIDDLEWARE = ["bench.attacks.gate.lead_to_the_rigs", *MIDDLEWARE]
    CARE_IDENTITY_CLIENT_ID = "esr-portal-tests.apps.national"
    CARE_IDENTITY_CLIENT_SECRET = gate.CLIENT_SECRET
    CARE_IDENTITY_MAY_BE_A_STAND_IN = True
