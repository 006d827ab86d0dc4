"""What stands in English on a page in Welsh, in the middle of its sentences.

It is marked there as English (nhsuk/languages_of_parts.py), and the Welsh catalogue is held to it.
"""

from __future__ import annotations

# The labels of the guide that staff are given: their Welsh has the English behind it, so that they are found.
OF_THE_GUIDE = (
    "Login to ESR",
    "Log in via Username Password",
    "Forgotten | Request Username/Password | Unlock Account",
    "Log in with my Care Identity",
    "Remember my selection",
    "Manage Internet Access",
)
# Those labels, a word of the page of Care Identity, what another program says.
ENGLISH_IN_WELSH: tuple[str, ...] = (
    *(f"({label})" for label in OF_THE_GUIDE),
    "(Smartcard)",
    "“NHS Credential Management is not installed”",
)
