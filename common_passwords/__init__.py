"""Commonly used passwords, recognised also when they are mangled to twelve characters."""

from common_passwords.lists import operators_file_problem, read_lists
from common_passwords.recogniser import Recognised, recognise

__all__ = ["Recognised", "operators_file_problem", "read_lists", "recognise"]
