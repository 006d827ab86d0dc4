"""Good passwords, by kinds: what the NCSC advises, what password managers make, and what people make of a sentence.

Each kind takes a source of chance and a half of the words, and returns one password of twelve characters or more.
"""

import random
import string
from collections.abc import Callable, Sequence
from functools import cache

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from bench.password_corpus.base_passwords import in_half
from bench.password_corpus.everyday_words import EVERYDAY_WORDS
from bench.password_corpus.split import Half

MINIMUM_LENGTH = 12
# A word that people know, without the grammar that fills the top of a frequency list.
KNOWN_WORDS = slice(300, 12_000)
SEPARATORS = ("-", " ", ".", "_", "/", "+")
MARKS = "!?.,;:-_+*#@&%/()"

SUBJECTS = (
    "my aunt, our neighbour, the old captain, his sister, her cousin, their teacher, the tall porter, a young doctor"
)
VERBS = (
    "bought, painted, carried, dropped, washed, counted, borrowed, mended, watched, hid, found, sold, wrapped, cooked"
)
AMOUNTS = "two, three, four, seven, eight, nine, eleven, twelve, twenty, forty, a dozen, several, many, some"
PLACES = "in, under, behind, near, on, above, before, after, beside, at"
TIMES = "last Sunday, in July, at noon, every Friday, before lunch, since 1987, on holiday, at 6 o'clock, this spring"
WRITTEN_SHORT = {"and": "&", "at": "@", "to": "2", "two": "2", "for": "4", "four": "4", "three": "3", "seven": "7",
                 "eight": "8", "nine": "9", "eleven": "11", "twelve": "12", "twenty": "20", "forty": "40"}  # fmt: skip

Maker = Callable[[random.Random, Half], str]


@cache
def everyday(half: Half) -> tuple[str, ...]:
    """Return this half's everyday words."""
    return tuple(word for word in EVERYDAY_WORDS if in_half(word, half))


@cache
def known(half: Half) -> tuple[str, ...]:
    """Return this half's words from zxcvbn's list of the words of an encyclopaedia."""
    words = FREQUENCY_LISTS["english_wikipedia"][KNOWN_WORDS]
    return tuple(w for w in words if w.isascii() and w.isalpha() and 4 <= len(w) <= 9 and in_half(w, half))


def _long_enough(make: Callable[[], str]) -> str:
    while len(password := make()) < MINIMUM_LENGTH:
        pass
    return password


def _words(chance: random.Random, words: Sequence[str], number: int) -> list[str]:
    return chance.sample(words, number)


def three_random_words(chance: random.Random, half: Half) -> str:
    return _long_enough(lambda: "".join(_words(chance, known(half), 3)))


def three_everyday_words(chance: random.Random, half: Half) -> str:
    return _long_enough(lambda: "".join(_words(chance, everyday(half), 3)))


def three_separated(chance: random.Random, half: Half) -> str:
    return _long_enough(lambda: chance.choice(SEPARATORS).join(_words(chance, everyday(half), 3)))


def three_capitalised(chance: random.Random, half: Half) -> str:
    joint = chance.choice(("", "", *SEPARATORS))
    return _long_enough(lambda: joint.join(w.capitalize() for w in _words(chance, everyday(half), 3)))


def three_with_a_digit(chance: random.Random, half: Half) -> str:
    joint = chance.choice(("", "", *SEPARATORS))
    words = [w.capitalize() if chance.random() < 0.5 else w for w in _words(chance, everyday(half), 3)]
    words[chance.randrange(3)] += str(chance.randrange(100)) + chance.choice(("", "", "!", "?"))
    return _long_enough(lambda: joint.join(words) + chance.choice(("1", "!", "42")))


def four_words(chance: random.Random, half: Half) -> str:
    words = everyday(half) if chance.random() < 0.5 else known(half)
    return _long_enough(lambda: chance.choice(("", *SEPARATORS)).join(_words(chance, words, 4)))


def four_short_words(chance: random.Random, half: Half) -> str:
    short = [word for word in everyday(half) if len(word) <= 5]
    return _long_enough(lambda: chance.choice(("", *SEPARATORS)).join(_words(chance, short, 4)))


def _characters(chance: random.Random, alphabet: str, shortest: int = MINIMUM_LENGTH, longest: int = 20) -> str:
    return "".join(chance.choices(alphabet, k=chance.randint(shortest, longest)))


def letters_and_digits(chance: random.Random, half: Half) -> str:
    del half
    return _characters(chance, string.ascii_letters + string.digits)


def all_keys(chance: random.Random, half: Half) -> str:
    del half
    return _characters(chance, string.ascii_letters + string.digits + string.punctuation)


def few_marks(chance: random.Random, half: Half) -> str:
    del half
    return _characters(chance, string.ascii_letters + string.digits + "!@#$%^&*")


def small_letters(chance: random.Random, half: Half) -> str:
    del half
    return _characters(chance, string.ascii_lowercase)


def small_letters_and_digits(chance: random.Random, half: Half) -> str:
    del half
    return _characters(chance, string.ascii_lowercase + string.digits)


def easily_read(chance: random.Random, half: Half) -> str:
    """Without the characters that look like others, as many managers offer."""
    del half
    return _characters(chance, "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789")


def hexadecimal(chance: random.Random, half: Half) -> str:
    del half
    return _characters(chance, "0123456789abcdef", shortest=16)


def in_groups(chance: random.Random, half: Half) -> str:
    """Three groups of six that can nearly be pronounced, as Apple's passwords are."""
    del half
    groups = ["".join(chance.choice(kind) for kind in ("bcdfghjkmnpqrstvwxz", "aeiouy", "bcdfghjkmnpqrstvwxz") * 2)
              for _ in range(3)]  # fmt: skip
    made = "-".join(groups)
    at = chance.randrange(len(made) - 1)
    return made[:at] + chance.choice(string.digits) + made[at + 1 :].replace("v", "V", 1)


def pronounceable(chance: random.Random, half: Half) -> str:
    del half
    return "".join(chance.choice(k) for k in ("bcdfghjklmnprstvwz", "aeiou") * 7) + str(chance.randrange(10))


def _of(choices: str, chance: random.Random) -> str:
    return chance.choice(choices.split(", "))


def _sentence(chance: random.Random, half: Half) -> list[str]:
    things = chance.sample(everyday(half), 3)
    return (
        f"{_of(SUBJECTS, chance)} and {_of(SUBJECTS, chance)} {_of(VERBS, chance)} {_of(AMOUNTS, chance)} {things[0]}s"
        f" {_of(PLACES, chance)} the {things[1]} for {_of(AMOUNTS, chance)} {things[2]}s {_of(TIMES, chance)}"
    ).split()


def mnemonic(chance: random.Random, half: Half) -> str:
    """The first letters of a sentence, with its numbers as digits and its "and" and "at" as marks."""
    first = "".join(WRITTEN_SHORT.get(w, w if w.isdigit() else w[0]) for w in _sentence(chance, half))
    return _long_enough(lambda: first[0].upper() + first[1:] + chance.choice("!.?"))[: chance.randint(12, 20)]


def plain_mnemonic(chance: random.Random, half: Half) -> str:
    return "".join(word[0] for word in _sentence(chance, half))[: chance.randint(12, 16)]


def sentence(chance: random.Random, half: Half) -> str:
    words = _sentence(chance, half)[: chance.randint(6, 12)]
    joint = chance.choice((" ", " ", "", "-", "."))
    return joint.join((words[0].capitalize(), *words[1:])) + chance.choice(("", ".", "!"))


KINDS: dict[str, Maker] = {
    "three random words": three_random_words,
    "three everyday words": three_everyday_words,
    "three words with separators": three_separated,
    "three words with capitals": three_capitalised,
    "three words with a number": three_with_a_digit,
    "four words": four_words,
    "four short words": four_short_words,
    "manager: letters and digits": letters_and_digits,
    "manager: all keys": all_keys,
    "manager: a few marks": few_marks,
    "manager: small letters": small_letters,
    "manager: small letters and digits": small_letters_and_digits,
    "manager: easily read": easily_read,
    "manager: hexadecimal": hexadecimal,
    "manager: groups": in_groups,
    "manager: pronounceable": pronounceable,
    "mnemonic with digits and marks": mnemonic,
    "mnemonic of letters": plain_mnemonic,
    "a sentence": sentence,
}
