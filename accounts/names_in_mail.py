"""Names as mails show them: a name can pass neither for a paragraph of ours nor for a link.

Mail programs make a link of whatever looks like an address to them, each by rules of its own, in plain text as in HTML.
A name is given by an import, and can be `https://evil.example`.
"""

import unicodedata

# What holds an address together: "evil.example", "https://evil", "jo@evil", "\\evil\share". Browsers also read the
# ideographic full stop as a dot (UTS #46); other forms of these letters are found by their NFKC.
_JOINS = frozenset(".:@\\。")
_LINE_ENDS = {"Cc", "Zl", "Zp"}
_INVISIBLE = {"Cf", "Cs"}


def on_one_line(text: str) -> str:
    """Return `text` without line ends and invisible marks."""
    spaced = "".join(" " if unicodedata.category(c) in _LINE_ENDS else c for c in text)
    return " ".join("".join(c for c in spaced if unicodedata.category(c) not in _INVISIBLE).split())


def unlinked(text: str) -> str:
    """Return `text` on one line, a blank after each full stop, colon, @ and backslash: "evil. example", "J. R."."""
    line = on_one_line(text)
    spaced = (f"{c} " if _JOINS & set(unicodedata.normalize("NFKC", c)) else c for c in line)
    return " ".join("".join(spaced).split())
