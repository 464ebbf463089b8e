"""The sentences in which errors are told, found in the code: `AccessError("CODE", "Happened %(x)s.",
"What to do.", x=…)` is translated when it is shown, so its sentences are in the catalogue without a
mark, and have to be literal.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingestion import errors

#: Classes whose first argument is a code, or a class, and the next two are sentences.
_CODED: Final = {
    name
    for name, one in vars(errors).items()
    if isinstance(one, type)
    and issubclass(one, errors.IngestionError)
    and one.__init__ is errors.IngestionError.__init__
} | {errors.Meaning.__name__}
#: Those that make their sentences themselves, by `super().__init__`.
_ERRORS: Final = {
    name
    for name, one in vars(errors).items()
    if isinstance(one, type) and issubclass(one, errors.IngestionError)
}
#: Functions that take sentences only, and where they are.
_PLAIN: Final = {
    "tell": "tgadmin.lib.told",
    "contradiction": "ingestion.sources.mtproto.answers",
}


@dataclass(frozen=True, slots=True)
class Call:
    """A call that tells something: its sentences, those of them that are not literal, and the names
    of its values (None where they are given on as a whole).
    """

    line: int
    sentences: tuple[str, ...]
    unknown: tuple[str, ...]
    values: frozenset[str] | None
    is_meaning: bool = False


def calls(source: str) -> Iterator[Call]:
    """Every call in a module that tells something."""
    tree = ast.parse(source)
    constants = dict(_constants(tree))
    own = _own_errors(tree)
    for node, told in _telling(tree, own):
        sentences: list[str] = []
        unknown: list[str] = []
        for argument in told:
            found = _texts(argument, constants)
            if found is None:
                unknown.append(ast.unparse(argument))
            else:
                sentences += found
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        yield Call(
            node.lineno,
            tuple(filter(None, sentences)),
            tuple(unknown),
            _values(node),
            is_meaning=name == errors.Meaning.__name__,
        )


def sentences(file: Path) -> Iterator[str]:
    """Those of a module."""
    for call in calls(file.read_text(encoding="utf-8")):
        yield from call.sentences


def _own_errors(tree: ast.Module) -> set[str]:
    """Classes of the module that are errors and say nothing themselves."""
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        and _bases(node) & _ERRORS
        and not any(
            isinstance(one, ast.FunctionDef) and one.name == "__init__" for one in node.body
        )
    }


def _bases(node: ast.ClassDef) -> set[str]:
    return {base.id for base in node.bases if isinstance(base, ast.Name)}


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The module's constants that are text."""
    for node in tree.body:
        if not isinstance(node, ast.AnnAssign | ast.Assign):
            continue
        targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
        value = node.value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield from ((one.id, value.value) for one in targets if isinstance(one, ast.Name))


def _telling(tree: ast.Module, own: set[str]) -> Iterator[tuple[ast.Call, list[ast.expr]]]:
    """The calls, each with the arguments that have to be sentences."""
    made_by_super = {
        id(call)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and _bases(node) & _ERRORS
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and _is_super_init(call)
    }
    plain = _plain(tree)
    given_on = {
        id(call)
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name in plain
        for call in ast.walk(node)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or id(node) in given_on:
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in _CODED | own or id(node) in made_by_super:
            named = [one.value for one in node.keywords if one.arg in {"happened", "to_do"}]
            yield node, [*node.args[1:], *named]
        elif name in plain:
            yield node, list(node.args)


def _plain(tree: ast.Module) -> set[str]:
    """The functions that take sentences only, as far as the module knows them."""
    imported = {
        one.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for one in node.names
        if _PLAIN.get(one.name) == node.module
    }
    made = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return imported | (made & _PLAIN.keys())


def _is_super_init(call: ast.Call) -> bool:
    return ast.unparse(call.func) == "super().__init__"


def _texts(argument: ast.expr, constants: dict[str, str]) -> list[str] | None:
    """What it can be; None when that cannot be told."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return [argument.value]
    if isinstance(argument, ast.Name) and argument.id in constants:
        return [constants[argument.id]]
    if isinstance(argument, ast.IfExp):
        either = [_texts(one, constants) for one in (argument.body, argument.orelse)]
        return None if None in either else [text for one in either for text in one or ()]
    return None


def _values(node: ast.Call) -> frozenset[str] | None:
    names = [one.arg for one in node.keywords]
    return None if None in names else frozenset(filter(None, names)) - {"happened", "to_do"}
