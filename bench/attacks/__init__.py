"""Attacks on the portal as production runs it, each with figures and with what must hold: `make attack`."""
