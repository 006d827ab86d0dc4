"""A stand-in for NHS Care Identity (CIS2): an OpenID provider of its own, in a process of its own, that proves nothing.

Start it with ``python -m demo.care_identity``; `make run` does. It refuses to start unless DEMO=1.
"""

# What the portal is known by here, unless the environment says otherwise.
CLIENT_ID = "esr-portal-demo.apps.national"
