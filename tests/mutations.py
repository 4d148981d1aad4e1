"""What mutants can be made of a file: each a small fault at one place of its tree.

Comparisons and their ends, `and`, `or`, `not`, what is returned, numbers by one, words, members of sets and tables,
`min` and `max`, defaults, statements left out, and the same inside of SQL. Docstrings, types, assertions and what is
only said to people stay as they are.
"""

import ast
import collections
import itertools
import re
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.loaded import ROOT

FILES = (
    "archive/facts", "archive/log/chain.py", "archive/catalog/entries.py", "archive/catalog/fold.py",
    "archive/catalog/memory.py", "archive/catalog/sights.py", "pipelines",
)  # fmt: skip
_TURNED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Break: ast.Continue, ast.Continue: ast.Break,
}  # fmt: skip
_SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list", "reversed": "list"}
_DROPPED = ("strip", "rstrip", "lower", "upper", "casefold")
_SQL = {
    " DESC": " ASC", " >= ": " > ", " <= ": " < ", " > ": " >= ", " < ": " <= ", " != ": " = ", " AND ": " OR ",
    " OR ": " AND ", "max(": "min(", "min(": "max(", " IN (": " NOT IN (", " NOT ": " ", "DISTINCT ": "",
    " IS NULL": " IS NOT NULL", "LIMIT 1": "LIMIT 2", "OR REPLACE": "OR IGNORE", "OR IGNORE": "OR REPLACE",
    "LEFT JOIN": "JOIN", " = 1": " = 0", " = 0": " = 1", " + 1": " + 2", "ORDER BY at": "ORDER BY at DESC",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a node stands in its tree."""

    parent: ast.AST
    field: str
    index: int | None
    within: str
    line: int
    statement: int
    """The line where its statement begins, or its function where it is a default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One fault: a node to be put in the place of another."""

    name: str
    """`file::function: before → after`, with the number of its like in the function where there are several."""
    path: str
    tree: ast.Module
    place: Place
    node: ast.AST

    def code(self) -> types.CodeType:
        """Return the module with the fault in it, compiled."""
        old = self._put(self.node)
        try:
            return _compiled(self.tree, self.path)
        finally:
            self._put(old)

    def _put(self, node: ast.AST) -> ast.AST:
        parent, field, index = self.place.parent, self.place.field, self.place.index
        row, at = (parent.__dict__, field) if index is None else (getattr(parent, field), index)
        old, row[at] = row[at], node
        return old

    @property
    def function(self) -> str:
        """The function or method that it stands in, `Class.method`, without what is nested in it."""
        return self.place.within.partition("()")[0] if "()" in self.place.within else ""

    def code_of_function(self) -> types.CodeType | None:
        """Return the code of the function with the fault in it; None where the fault lies outside of its code."""
        plain, faulty = (_inside(code, self.function) for code in (_compiled(self.tree, self.path), self.code()))
        return faulty if faulty != plain else None


def _compiled(tree: ast.Module, path: str) -> types.CodeType:
    return compile(ast.fix_missing_locations(tree), str(ROOT / path), "exec", dont_inherit=True)


def _inside(code: types.CodeType, name: str) -> types.CodeType | None:
    inner = [each for each in code.co_consts if isinstance(each, types.CodeType)]
    found = (each if each.co_qualname == name else _inside(each, name) for each in inner)
    return next((each for each in found if each), None)


def mutants() -> list[Mutant]:
    """Return every mutant of FILES, in a fixed order."""
    found = []
    for path in itertools.chain.from_iterable(sorted((ROOT / f).glob("*.py")) or [ROOT / f] for f in FILES):
        tree = ast.parse(path.read_text())
        seen: collections.Counter[str] = collections.Counter()
        local = str(path.relative_to(ROOT))
        for place, old in _places(tree, "", 0, 0):
            for new in _faults(old, place):
                name = f"{local}::{place.within}: {_told(old, new)}"
                seen[name] += 1
                name += f" ({seen[name]})" if seen[name] > 1 else ""
                found.append(Mutant(name=name, path=local, tree=tree, place=place, node=new))
    return found


def _told(old: ast.AST, new: ast.AST) -> str:
    one, two = (" ".join((ast.unparse(node) or "nothing").split()) for node in (old, new))
    # Of a long one, what differs and a little on either side.
    same, tail = _alike(one, two), _alike(one[::-1], two[::-1])
    near = [t if len(t) < 90 else t[max(0, same - 24) : max(same + 4, len(t) - tail + 24)] for t in (one, two)]
    return " → ".join(text if len(text) < 130 else f"{text[:100]} … {text[-20:]}" for text in near)


def _alike(one: str, two: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))


def _places(node: ast.AST, within: str, line: int, statement: int) -> Iterator[tuple[Place, ast.AST]]:
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "decorator_list", "ops", "op", "ctx", "type"}:
            continue
        begins = _first_line(node) if field == "args" and isinstance(node, ast.FunctionDef) else statement
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or _meant_for_people(child) or _is_only_a_type(child, node):
                continue
            at = getattr(child, "lineno", line)
            begun = at if isinstance(child, ast.stmt) else begins
            yield Place(parent=node, field=field, index=index, within=within, line=at, statement=begun), child
            inside = within
            if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
                inside = f"{within}.{child.name}".strip(".") + ("()" if isinstance(child, ast.FunctionDef) else "")
            if not isinstance(child, ast.Raise):
                yield from _places(child, inside, at, begun)


def _first_line(function: ast.FunctionDef) -> int:
    told = ast.get_docstring(function, clean=False) is not None and len(function.body) > 1
    return function.body[told].lineno


def _is_only_a_type(node: ast.AST, module: ast.AST) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Subscript(value=ast.Name(id="Literal"))):
            return f"get_args({name})" not in ast.unparse(module)
    return False


def _meant_for_people(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant(value=str())) | ast.Assert() | ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="_log")))) | ast.keyword(arg="repr"):
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name.endswith("Error") or name in {"NamedTuple", "TypeVar", "cast"}
    return False


def _faults(node: ast.AST, place: Place) -> Iterator[ast.AST]:
    for maker in (_of_logic, _of_statements, _of_calls, _of_tables):
        yield from maker(node, place)
    if isinstance(node, ast.Constant):
        yield from (ast.Constant(value=new) for new in _constants(node.value, place))


def _of_logic(node: ast.AST, place: Place) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            yield ast.Compare(left=left, ops=[_TURNED[type(op)]()], comparators=[right])
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(op=_TURNED[type(op)](), values=values)
            for i in range(len(values)):
                rest = values[:i] + values[i + 1 :]
                yield ast.BoolOp(op=op, values=rest) if len(rest) > 1 else rest[0]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _TURNED and not _is_type(node):
            yield ast.BinOp(left=left, op=_TURNED[type(op)](), right=right)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield ast.IfExp(test=test, body=orelse, orelse=body)


def _of_statements(node: ast.AST, place: Place) -> Iterator[ast.AST]:
    match node:
        case ast.AugAssign(target=target, op=op, value=value):
            yield ast.Pass()
            if not isinstance(value, ast.List):
                yield ast.AugAssign(target=target, op=_TURNED[type(op)](), value=value)
        case ast.Return(value=ast.AST() as value) if ast.unparse(value) != "None":
            yield ast.Return(value=ast.Constant(value=None))
        case ast.Raise() | ast.Expr(value=ast.Call()):
            yield ast.Pass()
        case ast.Break() | ast.Continue():
            yield _TURNED[type(node)]()


def _of_calls(node: ast.AST, place: Place) -> Iterator[ast.AST]:
    match node:
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords) if name in _SWAPPED:
            kept = [] if _SWAPPED[name] == "list" else keywords
            yield ast.Call(func=ast.Name(id=_SWAPPED[name], ctx=ast.Load()), args=args, keywords=kept)
        case ast.Call(func=ast.Attribute(value=value, attr=attr), args=[]) if attr in _DROPPED:
            yield value


def _of_tables(node: ast.AST, place: Place) -> Iterator[ast.AST]:
    match node:
        case ast.Set(elts=elts) if len(elts) > 1:
            yield from (ast.Set(elts=elts[:i] + elts[i + 1 :]) for i in range(len(elts)))
        case ast.Tuple(elts=elts) | ast.List(elts=elts) if len(elts) > 1 and _is_table(place):
            yield from (type(node)(elts=elts[:i] + elts[i + 1 :], ctx=ast.Load()) for i in range(len(elts)))
        case ast.Dict(keys=keys, values=values) if len(keys) > 1 and not place.within:
            for i in range(len(keys)):
                yield ast.Dict(keys=keys[:i] + keys[i + 1 :], values=values[:i] + values[i + 1 :])


def _is_type(node: ast.BinOp) -> bool:
    return isinstance(node.op, ast.BitOr) and any(name in ast.unparse(node) for name in ("None", "Address"))


def _is_table(place: Place) -> bool:
    # A member of a tuple elsewhere is an argument: without it nothing works, and every test says so.
    return isinstance(place.parent, ast.Compare) or (
        not place.within
        and (place.field == "value" or ast.unparse(getattr(place.parent, "value", place.parent)) == "Literal")
    )


def _constants(value: object, place: Place) -> Iterable[object]:
    key = isinstance(place.parent, ast.Subscript)
    match value:
        case bool():
            return [not value]
        case int() | float():
            return [value + 1] if key else [value + 1, value - 1]
        case str() if re.search(r"SELECT|INSERT|DELETE|UPDATE|WHERE|\bAND\b", value):
            return [value[:at] + new + value[at + len(old) :] for old, new in _SQL.items() for at in _found(old, value)]
        case str() if not key and not isinstance(place.parent, (ast.JoinedStr, ast.FormattedValue)):
            return [f"{value}XX"]
        case None if isinstance(place.parent, ast.arguments):
            return [0]
    return []


def _found(word: str, text: str) -> list[int]:
    return [found.start() for found in re.finditer(re.escape(word) + "(?!IGNORE|REPLACE)", text)]
