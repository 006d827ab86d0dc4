"""The template tags of the portal."""
