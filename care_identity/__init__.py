"""Log in with an NHS Care Identity (CIS2)."""
