"""The words that people are found by: made from their names and username wherever a row is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from accounts.folding import LONGEST_WORD, joined, pieces, words

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

    Lookup = models.Lookup[str]
    TextField = models.TextField[str, str]
else:
    Lookup = models.Lookup
    TextField = models.TextField

# The fields that the words are made from.
SOURCES = frozenset({"given_name", "family_name", "username"})
# The digits of its organisation begin a username; what follows is what a caller remembers.
CODE_LENGTH = 3


def search_words(*, given_name: str, family_name: str, username: str) -> str:
    """Return the words by whose beginnings a person is found, in one text with a blank between each two.

    The first letter of each is a word too: a single letter that is typed would else begin a tenth of all words.
    """
    found = words(given_name) | words(family_name) | words(username[CODE_LENGTH:])
    wholes = [joined([part for piece in pieces(name) for part in piece]) for name in (family_name, given_name)]
    if not any(whole.isascii() for whole in wholes):
        # 王小明 and 김민수 are written without a blank.
        found |= {"".join(order)[:LONGEST_WORD] for order in (wholes, wholes[::-1])}
    return " ".join(sorted(found | {word[0] for word in found}))


class SearchWordsField(TextField):
    """A text of words that follows from SOURCES of the same row, in save() and in bulk_create() alike."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The version before adds rows without words; services/search_words.py gives them theirs.
        super().__init__(*args, **{"editable": False, "db_default": "", **kwargs})

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Return the words as they follow from the other fields, and put them into the row."""
        found = search_words(**{source: getattr(model_instance, source) for source in SOURCES})
        setattr(model_instance, self.attname, found)
        return found


@SearchWordsField.register_lookup
class HasWord(Lookup):
    """A word begins like this folded one, or is this single letter: its text holds no sign that a database reads."""

    lookup_name = "has_word"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """Return SQL that reads each row."""
        column, params = self.process_lhs(compiler, connection)
        end = " " if len(self.rhs) == 1 else ""
        return f"' ' || {column} || ' ' LIKE %s", (*params, f"% {self.rhs}{end}%")

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """Return SQL that the index of the words answers (accounts/migrations/0014_words_of_people_on_record.py)."""
        column, params = self.process_lhs(compiler, connection)
        beginning = "" if len(self.rhs) == 1 else ":*"
        return f"array_to_tsvector(string_to_array({column}, ' ')) @@ %s::tsquery", (
            *params,
            f"'{self.rhs}'{beginning}",
        )
