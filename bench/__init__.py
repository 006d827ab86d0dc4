"""What this machine can do: ``python -m bench``."""
