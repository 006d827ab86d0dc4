"""Everyday English words, written down for this corpus: what a person thinks of when told "three random words"."""

from pathlib import Path

EVERYDAY_WORDS = tuple(Path(__file__).with_name("everyday_words.txt").read_text(encoding="utf-8").split())
