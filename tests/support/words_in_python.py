"""Finds in Python what a person reads and no catalogue of translations can have."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

Literal = ast.Constant | ast.JoinedStr
# What stands around a literal, the nearest last.
Above = tuple[ast.AST, ...]

# What Django extracts from; `_` is one of them by each module's import.
TRANSLATING = {"_"} | {f"{kind}gettext{how}" for kind in ("", "n", "p", "np") for how in ("", "_lazy", "_noop")}
# Arguments and names that are shown, whatever is given to them.
_READ = {
    *("label", "help_text", "verbose_name", "verbose_name_plural", "subject", "violation_error_message", "called"),
    *("required", "notice", "short_description", "description", "empty_value_display", "hint", "heading"),
}
_ERRORS = {"error_messages", "default_error_messages"}
# From which argument on a function shows what it is given.
_READ_FROM = {"ValidationError": 0, "add_error": 1, "RegexValidator": 1}
_READ_FIRST = re.compile(r"date_error\Z|(?<!OneToOne)Field\Z|Column\Z")
_MESSAGES = {"debug", "success", "info", "warning", "error"}
_LOGS = re.compile(r"_?log(ger)?\Z")
_CHOICES = re.compile(r"(Text|Integer)?Choices\Z")
# Functions whose name says that they return a sentence.
_SAYING = re.compile(r"_(problem|message|fault)\Z|\Afault_of_")
# Mistakes in the code, which the log has, and in a configuration, which its operator is told.
_NOT_FOR_PEOPLE = re.compile(
    r"((Type|Value|Runtime|Attribute|Key|Assertion|NotImplemented|TemplateSyntax)Error|Improper\w+|Unknown\w+|CannotBePrepared)\Z"
)
# A letter, a blank, and a letter of another word; or a word that is a sentence.
_WORDS = re.compile(r"[^\W\d_]\S* +\S*[^\W\d_]|\A[A-Z][a-z]+[.!?]\Z")
_NAMELESS = re.compile(r"%(?!\(\w+\)[sd]|%)")
# Whose arguments are types, patterns and formats.
_FORMATS = {"cast", "compile", "strftime", "date_format"}
_MARKUP = re.compile(r"<[^>]*>")
_CLASSES = re.compile(r"(nhsuk|portal)-\S+( \S+-\S+)*\Z")


class Found(NamedTuple):
    """Words that are not as they should be: the line, what is wrong, and the words, with "…" for what is put in."""

    line: int
    what: str
    words: str


def outside_of_translation(source: str) -> list[Found]:
    """Return what a person can read in a module's source and a catalogue cannot translate, by line."""
    tree = ast.parse(source)
    return sorted([*_found(tree, ()), *_translated_at_import(tree)])


def messages(source: str) -> set[str]:
    """Return what a module gives to translation functions."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    given = [argument for call in calls if _called(call) in TRANSLATING for argument in call.args]
    return {said for argument in given if isinstance(argument, ast.Constant) and (said := _words(argument))}


def _found(node: ast.AST, above: Above) -> Iterator[Found]:
    inner = list(ast.iter_child_nodes(node))
    if isinstance(node, Literal) and (words := _words(node)):
        if fault := _fault(node, words, above):
            yield Found(node.lineno, fault, words)
        inner = [part for part in inner if isinstance(part, ast.FormattedValue)]
    for child in inner:
        yield from _found(child, (*above, node))


def _translated_at_import(tree: ast.Module) -> Iterator[Found]:
    """Give what is translated when the module is imported, for good: in the language of no page."""
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    names = [name for node in imports if node.module == "django.utils.translation" for name in node.names]
    bound = {name.asname or name.name: name.name for name in names}
    for node in _outside_of_functions(tree):
        if isinstance(node, ast.Call) and bound.get(_called(node), "").endswith("gettext"):
            yield Found(node.lineno, "is translated at import: it has to be lazy", ast.unparse(node.args[0]))


def _outside_of_functions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.Lambda):
            yield child
            yield from _outside_of_functions(child)


def _words(node: Literal) -> str:
    """Return what a literal says, or "" where it has no letter of its own."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    values = [part.value if isinstance(part, ast.Constant) else None for part in parts]
    said = "".join(value if isinstance(value, str) else "…" for value in values)
    return said if any(c.isalpha() for c in said) else ""


def _fault(node: Literal, words: str, above: Above) -> str:
    around = _statement(node, above)
    if any(isinstance(each, ast.Call) and _called(each) in TRANSLATING for each in around):
        return _fault_of_message(node, words)
    if _is_not_for_people(node, around) or _CLASSES.match(words):
        return ""
    is_read = _WORDS.search(_MARKUP.sub("", words)) or _is_at_a_read_place(node, around, above)
    return "is not translated" if is_read else ""


def _fault_of_message(node: Literal, words: str) -> str:
    if isinstance(node, ast.JoinedStr):
        return "is in no catalogue, as an f-string"
    if _NAMELESS.search(words):
        return "has a place without a name, which cannot be moved"
    return "begins or ends with a blank: it is no whole phrase" if words != words.strip() else ""


def _statement(node: ast.AST, above: Above) -> Above:
    """Return the statement that a literal is in, and what stands around the literal within it."""
    places = [place for place, each in enumerate(above) if isinstance(each, ast.stmt)]
    return above[places[-1] :] if places else (node,)


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _owner(call: ast.Call) -> str:
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    return owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")


def _is_not_for_people(node: Literal, around: Above) -> bool:
    """Return whether a literal is a docstring, or for the log, the developer or the operator."""
    statement = around[0]
    if isinstance(statement, ast.Expr) and statement.value is node:
        return True
    if isinstance(statement, ast.Raise) and isinstance(statement.exc, ast.Call):
        return bool(_NOT_FOR_PEOPLE.match(_called(statement.exc)))
    calls = [each for each in around if isinstance(each, ast.Call)]
    return any(_LOGS.match(_owner(each)) or _called(each) in _FORMATS for each in calls)


def _is_at_a_read_place(node: Literal, around: Above, above: Above) -> bool:
    return any(is_read(node, around, above) for is_read in (_as_argument, _as_name, _as_error, _as_choice, _as_answer))


def _as_argument(node: Literal, around: Above, above: Above) -> bool:
    parent = around[-1]
    if isinstance(parent, ast.keyword):
        return parent.arg in _READ
    if not isinstance(parent, ast.Call) or node not in parent.args:
        return False
    name, place = _called(parent), parent.args.index(node)
    if name in _MESSAGES:
        return _owner(parent) == "messages" and place >= 1
    return place >= _READ_FROM.get(name, 99) or (place == 0 and bool(_READ_FIRST.search(name)))


def _as_name(node: Literal, around: Above, above: Above) -> bool:
    statement = around[0]
    if not isinstance(statement, ast.Assign):
        return False
    names = {getattr(target, "id", getattr(target, "attr", "")) for target in statement.targets}
    return bool(names & _READ) and _is_said(node, statement.value)


def _as_error(node: Literal, around: Above, above: Above) -> bool:
    """Return whether a literal is a value of `error_messages`."""
    names = {each.arg for each in around if isinstance(each, ast.keyword)}
    if isinstance(around[0], ast.Assign):
        names |= {getattr(target, "id", "") for target in around[0].targets}
    parent = around[-1]
    return bool(names & _ERRORS) and isinstance(parent, ast.Dict) and node in parent.values


def _as_choice(node: Literal, around: Above, above: Above) -> bool:
    """Return whether a literal is the label of a choice: of a field, or of a member of TextChoices."""
    parent = around[-1]
    if not isinstance(parent, ast.Tuple) or parent.elts[-1] is not node:
        return False
    if any(isinstance(each, ast.keyword) and each.arg == "choices" for each in around):
        return True
    return isinstance(around[0], ast.Assign) and parent is around[0].value and _is_of_choices(above)


def _is_of_choices(above: Above) -> bool:
    classes = [each for each in above if isinstance(each, ast.ClassDef)]
    bases = [getattr(base, "attr", getattr(base, "id", "")) for each in classes[-1:] for base in each.bases]
    return any(_CHOICES.match(base) for base in bases)


def _as_answer(node: Literal, around: Above, above: Above) -> bool:
    """Return whether a literal is what a function returns whose name says that it is a sentence."""
    functions = [each for each in above if isinstance(each, ast.FunctionDef)]
    is_saying = bool(functions) and bool(_SAYING.search(functions[-1].name))
    return is_saying and isinstance(around[0], ast.Return) and _is_said(node, around[0].value)


def _is_said(node: Literal, value: ast.AST | None) -> bool:
    return node in ([value.body, value.orelse] if isinstance(value, ast.IfExp) else [value])
