"""Commonly used passwords, recognised also when they are dressed up to twelve characters."""

from accounts.services.common_passwords.lists import operators_file_problem, read_lists
from accounts.services.common_passwords.recogniser import Recognised, recognise

__all__ = ["Recognised", "operators_file_problem", "read_lists", "recognise"]
