"""What `bootstrap.py` does: installs, from the network or a folder, and tells failures as what they are.

Uses the standard library alone: nothing is installed yet when it runs.
"""
