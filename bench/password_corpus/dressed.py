"""Common passwords as people dress them up to twelve characters, by kinds.

Each kind takes a source of chance and a half of the common passwords, and returns one password. What is still too short
is padded with digits, as people do.
"""

import calendar
import random
import string
from collections.abc import Callable
from itertools import pairwise

from bench.password_corpus.base_passwords import base_passwords, base_words
from bench.password_corpus.split import Half

MINIMUM_LENGTH = 12
# Every second base is one of the most used; the others come from the whole list.
MOST_USED = 1_000
SEASONS = ("Spring", "Summer", "Autumn", "Winter")
MONTHS = tuple(calendar.month_name[1:]) + tuple(calendar.month_abbr[1:]) + ("Sept",)
DAYS = tuple(calendar.day_name)
COUNTING = ("1", "12", "123", "1234", "12345", "123456", "321", "4321", "987", "007", "01", "99", "69", "2", "3", "7")
MARKS = ("!", "!!", "!!!", "?", ".", "*", "#", "@", "$", "!?", "!@", "!@#", "!@#$", "!£$", "?!", "...", "***", "_", "-")
SEPARATORS = ("-", "_", ".", " ", "+", "&", "/", "*", "!", "@", "#", ",")
LEET = {"a": "4@", "b": "8", "c": "(", "e": "3€", "g": "96", "i": "1!|", "l": "1|£", "o": "0", "s": "$5", "t": "7+"}
ACCENTS = {"a": "àáâäã", "c": "ç", "e": "èéêë", "i": "ìíîï", "n": "ñ", "o": "òóôöõ", "u": "ùúûü", "y": "ýÿ"}
LOOK_ALIKES = {"a": "а", "c": "с", "e": "е", "i": "і", "o": "о", "p": "р", "s": "ѕ", "x": "х", "y": "у"}
KEYBOARD_ROWS = ("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'#", "zxcvbnm,./")
KEYBOARD_COLUMNS = ("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/")
KEYBOARD_DIAGONALS = ("esz", "rdx", "tfc", "ygv", "uhb", "ijn", "okm", "4esz", "5rdx", "6tfc", "7ygv", "8uhb", "9ijn")
SHIFTED_UK = str.maketrans("`1234567890-=[];'#,./", '¬!"£$%^&*()_+{}:@~<>?')
SHIFTED_US = str.maketrans("`1234567890-=[];',./", '~!@#$%^&*()_+{}:"<>?')
WORDS_OF_THE_PLACE = ("nhs", "esr", "NHS", "ESR", "Nhs", "Esr")

Dressing = Callable[[random.Random, Half], str]


def _any_base(chance: random.Random, half: Half) -> str:
    bases = base_passwords(half)
    return chance.choice(bases[:MOST_USED] if chance.random() < 0.5 else bases)


def _word(chance: random.Random, half: Half, shortest: int = 4) -> str:
    words = base_words(half)
    while True:
        word = chance.choice(words[:MOST_USED] if chance.random() < 0.5 else words)
        if len(word) >= shortest:
            return word


def _capital(chance: random.Random, word: str) -> str:
    return chance.choice((word, word.capitalize(), word.capitalize(), word.upper()))


def _year(chance: random.Random) -> str:
    return str(chance.choice((chance.randint(1950, 2030), chance.randint(2015, 2027))))


def padded(chance: random.Random, start: str) -> str:
    """Return `start` with digits or marks added up to twelve, as people do: counted, repeated, a year or any digits."""
    missing = MINIMUM_LENGTH - len(start)
    if missing <= 0:
        return start
    counted = "1234567890123456"[:missing]
    repeated = chance.choice(string.digits) * missing
    digits = "".join(chance.choices(string.digits, k=missing)) if missing <= 4 else counted
    dated = (_year(chance) + "!" * 8)[:missing] if missing >= 4 else repeated
    marks = chance.choice("!?.*#-_") * missing
    return start + chance.choice((counted, repeated, digits, dated, marks))


def suffix_digits(chance: random.Random, half: Half) -> str:
    return padded(chance, _capital(chance, _any_base(chance, half)) + chance.choice(COUNTING))


def suffix_year(chance: random.Random, half: Half) -> str:
    year = _year(chance)
    word = _capital(chance, _any_base(chance, half))
    return padded(chance, word + chance.choice((year, "_" + year, "-" + year, "@" + year, year[2:], year + "!")))


def suffix_month_or_season(chance: random.Random, half: Half) -> str:
    when = chance.choice((*SEASONS, *MONTHS, *DAYS))
    when = chance.choice((when, when.lower(), when.upper()))
    year = chance.choice((_year(chance), _year(chance)[2:], ""))
    return padded(chance, _capital(chance, _any_base(chance, half)) + when + year)


def season_and_year(chance: random.Random, half: Half) -> str:
    del half
    when = chance.choice((*SEASONS, *MONTHS, *DAYS))
    when = chance.choice((when, when.lower(), when.upper()))
    start = chance.choice(("", "", "My", "The", "Happy", "!")) + when + chance.choice(("", "", "-", "@", "_"))
    return padded(chance, start + _year(chance) + chance.choice(MARKS))


def suffix_marks(chance: random.Random, half: Half) -> str:
    word = _capital(chance, _any_base(chance, half))
    return padded(chance, word + chance.choice(("", *COUNTING)) + chance.choice(MARKS))


def leetspeak(chance: random.Random, half: Half) -> str:
    word = _word(chance, half)
    share = chance.choice((0.4, 0.7, 1.0))
    swapped = "".join(chance.choice(LEET[c])[0] if c in LEET and chance.random() < share else c for c in word)
    swapped = swapped.capitalize() if chance.random() < 0.5 else swapped
    return padded(chance, swapped + chance.choice(("", "!", "1", "123", _year(chance), _year(chance) + "!")))


def mixed_capitals(chance: random.Random, half: Half) -> str:
    word = _word(chance, half)
    ways = (
        "".join(c.upper() if i % 2 else c for i, c in enumerate(word)),
        "".join(c.upper() if i % 2 == 0 else c for i, c in enumerate(word)),
        word[:-1] + word[-1].upper(),
        "".join(c.upper() if chance.random() < 0.4 else c for c in word),
    )
    return padded(chance, chance.choice(ways) + chance.choice(COUNTING))


def repeated(chance: random.Random, half: Half) -> str:
    word = _capital(chance, _any_base(chance, half))
    joint = chance.choice(("", "", "", "-", "_", "1", "123", "!"))
    times = max(2, -(-MINIMUM_LENGTH // (len(word) + len(joint))))
    return padded(chance, joint.join([word] * times))


def backwards(chance: random.Random, half: Half) -> str:
    return padded(chance, _capital(chance, _word(chance, half)[::-1]) + chance.choice(("", *COUNTING, _year(chance))))


def there_and_back(chance: random.Random, half: Half) -> str:
    word = _word(chance, half)
    return padded(chance, _capital(chance, word) + word[::-1])


def keyboard_runs(chance: random.Random, half: Half) -> str:
    """Runs along the keys, UK or US, some with Shift held down."""
    del half
    made = ""
    kind = chance.choice(("rows", "columns", "diagonals", "pairs", "zigzag"))
    across = chance.randrange(10)
    while len(made) < MINIMUM_LENGTH:
        if kind == "rows":
            row = chance.choice(KEYBOARD_ROWS)
            start = chance.choice((0, 0, 1, 2, 3))
            run = row[start : start + chance.randint(4, 10)]
        elif kind == "columns":
            run, across = KEYBOARD_COLUMNS[across % 10], across + 1
        elif kind == "diagonals":
            run = chance.choice(KEYBOARD_DIAGONALS)
        elif kind == "pairs":
            top, below = chance.choice(list(pairwise(KEYBOARD_ROWS)))
            start = chance.choice((0, 0, 1, 3))
            run = top[1:][start : start + 3] + below[start : start + 3]
        else:
            run = "".join(a + b for a, b in zip("1234567890", "qwertyuiop", strict=True))[
                : chance.choice((6, 8, 10, 12))
            ]
        made += run[::-1] if chance.random() < 0.25 else run
    if chance.random() < 0.3:
        half_way = len(made) // 2
        made = made[:half_way] + made[half_way:].upper().translate(chance.choice((SHIFTED_UK, SHIFTED_US)))
    return made[:16] if chance.random() < 0.5 else made[:MINIMUM_LENGTH]


def alphabet_and_numbers(chance: random.Random, half: Half) -> str:
    del half
    letters, digits = string.ascii_lowercase, "01234567890123456789"
    made = ""
    while len(made) < MINIMUM_LENGTH:
        row = chance.choice((letters, letters, digits, digits, letters[::-1], digits[::-1]))
        start = chance.randrange(0, len(row) - 8)
        run = row[start : start + chance.randint(3, 8)]
        made += chance.choice((run, run, run.upper(), run[0] * 4))
    return made


def two_joined(chance: random.Random, half: Half) -> str:
    first, second = _word(chance, half), _word(chance, half)
    joint = chance.choice(("", "", "", *SEPARATORS, "4", "2", "1", "and", "123"))
    end = chance.choice(("", "", "1", "123", "!", "99", _year(chance)))
    return padded(chance, _capital(chance, first) + joint + _capital(chance, second) + end)


def separators(chance: random.Random, half: Half) -> str:
    word = _any_base(chance, half)
    mark = chance.choice(SEPARATORS)
    if chance.random() < 0.5:
        return padded(chance, mark.join(word) + chance.choice(("", "1", "!", "123")))
    cut = chance.randint(1, len(word) - 1)
    return padded(chance, word[:cut] + mark + word[cut:] + mark + chance.choice(("1", "123", _year(chance), "007")))


def prefix(chance: random.Random, half: Half) -> str:
    front = chance.choice((*COUNTING, *MARKS, _year(chance), "my", "the", "My", "The", "xx", "ilove", "iam", "a"))
    return padded(chance, front + _capital(chance, _any_base(chance, half)) + chance.choice(("", *COUNTING, *MARKS)))


def both_ends(chance: random.Random, half: Half) -> str:
    edge = chance.choice((*COUNTING, *MARKS, "xx", "x", "**", "=", "~", "<>"))
    return padded(chance, edge + _capital(chance, _any_base(chance, half)) + edge[::-1])


def doubled_letters(chance: random.Random, half: Half) -> str:
    word = _word(chance, half)
    ways = (
        "".join(c * 2 for c in word),
        word + word[-1] * chance.randint(2, 6),
        "".join(c * chance.choice((1, 2)) for c in word),
        word[0] * 3 + word[1:],
    )
    return padded(chance, _capital(chance, chance.choice(ways)))


def accents_and_look_alikes(chance: random.Random, half: Half) -> str:
    word = _word(chance, half)
    swaps = chance.choice((ACCENTS, LOOK_ALIKES))
    return padded(chance, "".join(chance.choice(swaps[c]) if c in swaps else c for c in word) + chance.choice(COUNTING))


def full_width(chance: random.Random, half: Half) -> str:
    plain = suffix_digits(chance, half)
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in plain)


def with_a_date(chance: random.Random, half: Half) -> str:
    day, month, year = chance.randint(1, 28), chance.randint(1, 12), chance.randint(1950, 2010)
    dates = (
        f"{day:02}{month:02}{year}", f"{day:02}{month:02}{year % 100:02}", f"{year}{month:02}{day:02}",
        f"{day:02}/{month:02}/{year}", f"{day:02}-{month:02}-{year % 100:02}", f"{day}.{month}.{year}",
    )  # fmt: skip
    return padded(chance, _capital(chance, _any_base(chance, half)) + chance.choice(dates))


def dates(chance: random.Random, half: Half) -> str:
    del half
    day, month, year = chance.randint(1, 28), chance.randint(1, 12), chance.randint(1950, 2010)
    name = chance.choice(MONTHS)
    return padded(chance, chance.choice((f"{day}{name}{year}", f"{name}{day}{year}!", f"{day:02}/{month:02}/{year}")))


def words_of_the_place(chance: random.Random, half: Half) -> str:
    word, place = _any_base(chance, half), chance.choice(WORDS_OF_THE_PLACE)
    joint = chance.choice(("", "", "-", "_", "@", " "))
    made = place + joint + _capital(chance, word) if chance.random() < 0.5 else _capital(chance, word) + joint + place
    return padded(chance, made + chance.choice(("", "1", "!", "123", _year(chance))))


def several_at_once(chance: random.Random, half: Half) -> str:
    """Capital, leetspeak, year and a mark: the way around every rule about kinds of characters."""
    word = _word(chance, half)
    swapped = "".join(LEET[c][0] if c in LEET and chance.random() < 0.5 else c for c in word[1:])
    joint = chance.choice(("", "-", "_", "@", "#", "."))
    front = chance.choice(("", "", "!", "*", "1"))
    return padded(chance, front + word[0].upper() + swapped + joint + _year(chance) + chance.choice(MARKS))


def digits_between(chance: random.Random, half: Half) -> str:
    word = _word(chance, half, shortest=6)
    return padded(chance, "".join(c + str(i % 10) for i, c in enumerate(word, start=1)))


def emoji_added(chance: random.Random, half: Half) -> str:
    word = _capital(chance, _any_base(chance, half))
    emoji = chance.choice("😀🔥❤🎉👍😎🦄")
    return word + emoji * max(1, MINIMUM_LENGTH - len(word))


KINDS: dict[str, Dressing] = {
    "digits added": suffix_digits,
    "a year added": suffix_year,
    "a month, season or day added": suffix_month_or_season,
    "a season or month with a year": season_and_year,
    "marks added": suffix_marks,
    "leetspeak": leetspeak,
    "mixed capitals": mixed_capitals,
    "repeated": repeated,
    "backwards": backwards,
    "there and back": there_and_back,
    "keyboard runs": keyboard_runs,
    "alphabet and numbers in order": alphabet_and_numbers,
    "two joined": two_joined,
    "separators": separators,
    "something in front": prefix,
    "both ends": both_ends,
    "doubled letters": doubled_letters,
    "accents and look-alikes": accents_and_look_alikes,
    "full-width": full_width,
    "with a date": with_a_date,
    "a date alone": dates,
    "words of the place": words_of_the_place,
    "several at once": several_at_once,
    "digits between": digits_between,
    "emoji added": emoji_added,
}
