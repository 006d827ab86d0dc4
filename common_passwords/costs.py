"""What each part of a password costs an attacker who guesses it: bits, the base-2 logarithm of the guesses.

The costs were tuned on one half of the corpus in bench/password_corpus and are measured on its other half; the table
is in docs/passwords.md. They are not those of zxcvbn: there an everyday word is cheap, so that three of them fail. Here
all listed words have one cost, which is what "three random words" (NCSC) is worth when the words really are random,
and what people put around a word is cheap, because they all put the same things there.
"""

# A reading that costs less than this is refused. Two listed words cost 32 to 34, which leaves about ten for their
# mangling; three cost 48 or more.
ENOUGH = 43.0

# A word of the lists of passwords: 65,000, as though all were equally likely.
COMMON_PASSWORD = 16.0
# A word of an encyclopaedia or of films, or a name.
WORD = 17.0
# A word of the person or of the place.
OWN_WORD = 3.0
# Three letters between other letters, like the initials of a place, may be there by chance.
SHORT_INSIDE = 3.5
# "password", "qwerty", "letmein": what says that it is a password.
SAYS_WHAT_IT_IS = 5.0
# "the", "and", "my", "xx" between or around words.
COMMON_FILLER, FILLER = 6.0, 10.0
# "and", "to", "in the" between two words, and a mark on either side of it.
JOIN, AROUND_A_JOIN = 5.0, 0.5
# "mum", "dad": too short for the lists, and in many passwords.
SHORT_WORD = 10.0

BACKWARDS = 4.0
# Leetspeak: that there is some, and each of at most four swapped letters.
LEETSPEAK, EACH_SWAP, MOST_SWAPS = 1.5, 0.75, 4
# Marks between the letters of a word: each different one, and each more of the same.
SEPARATOR, SAME_SEPARATOR = 4.0, 0.3
# Letters doubled that are not in the word: about every one, or some, and each of those.
ALL_DOUBLED, SOME_DOUBLED, EACH_DOUBLED = 3.0, 8.0, 1.0
# A word that runs across the place where two words were plainly put together ("foot-ball", "FootBall").
ACROSS_A_BOUNDARY = 12.0

YEAR = 4.0
# Some hundred years of days in a few spellings; six digits are dates in more ways than one.
DATE, SHORT_DATE = 12.0, 13.0
MONTH_WITH_YEAR, MONTH_WITH_NUMBER = 8.5, 12.0
NUMBERS_IN_WORDS = 10.0
# There are 1.7 million in use (ONS Postcode Directory).
POSTCODE = 20.0

# 1234, abcd, !"£$: counting is cheapest, then the top row, then the alphabet.
COUNTING, IN_ORDER, LETTERS_IN_ORDER, THREE_LETTERS_IN_ORDER = 4.0, 6.0, 7.0, 9.0
KEYS, THREE_KEYS, TURN, ZIGZAG = 7.5, 9.0, 3.5, 14.5
# What stood just before again, or anywhere before; two or three characters occur twice by chance.
REPEAT, FAR_REPEAT, SHORT_REPEAT_MORE = 4.0, 9.0, 3.0
# What stood just before, backwards.
MIRRORED = 5.0

LETTER = 5.6
DIGIT, DIGIT_AT_AN_END = 3.5, 2.8
MARK, USUAL_MARK, MARK_AT_AN_END = 4.5, 3.0, 2.2
SAME_MARK, SAME_MARK_ELSEWHERE = 1.5, 3.0
OTHER_CHARACTER = 7.0

# Mangling of the whole: letters of other scripts that look alike, or sound alike; Shift held down, and each key it was
# held for; all marks left out, and each different one; letters and digits woven into each other.
LOOK_ALIKES, IN_ANOTHER_SCRIPT = 2.0, 2.0
SHIFT, EACH_SHIFTED = 1.0, 1.0
MARKS_LEFT_OUT, EACH_MARK_LEFT_OUT = 1.0, 4.0
WOVEN = 2.0
# Each change between small and capital letters that is not the start of a word, and the most they are worth.
IRREGULAR_CAPITAL, MOST_FOR_CAPITALS = 1.0, 4.0
