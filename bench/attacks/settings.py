"""The portal's own settings with what the rig asks for: a cheap hash, or a fault to be found. Nothing else differs.

No variable of the portal's leads here: a process has to be started with this module as its DJANGO_SETTINGS_MODULE.
"""

import os

from esr_portal.settings import *  # noqa: F403
from esr_portal.settings import MIDDLEWARE, PASSWORD_HASHERS

if os.environ.get("ATTACKS_CHEAP_HASH"):
    PASSWORD_HASHERS = ["bench.attacks.hashers.Cheap"]
# A file that says which forms are to take longer, and how much.
if os.environ.get("ATTACKS_PLANTED"):
    MIDDLEWARE = [*MIDDLEWARE, "bench.attacks.planted.delay"]
