"""Log in with an NHS Care Identity (CIS2), and Manage Internet Access."""
