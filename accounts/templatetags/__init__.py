"""Template tags of the journeys into the portal."""
