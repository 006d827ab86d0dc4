"""Commonly used passwords, recognised also when they are mangled to twelve characters; and leaked ones."""

from common_passwords.leaked import problem as built_filter_problem
from common_passwords.lists import operators_file_problem, read_lists
from common_passwords.recogniser import LONGEST_READ, Recognised, recognise

__all__ = ["LONGEST_READ", "Recognised", "built_filter_problem", "operators_file_problem", "read_lists", "recognise"]
