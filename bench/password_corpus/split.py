"""The two halves of the corpus."""

from enum import Enum


class Half(Enum):
    """Which half of the words: the one the recogniser was tuned on, or the one it is measured on."""

    TUNING = "tuning"
    HELD_OUT = "held out"
