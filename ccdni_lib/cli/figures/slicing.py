"""Which cells of a notebook another one stands on: what must run to draw one figure, and nothing else.

A backward slice: from a wanted cell upwards, a cell is kept if it binds or changes a name that a kept cell below it
uses. What a cell does behind a function's back, to an object that it is given, is not seen; chapters don't do that, and
a test compares every figure that is drawn in this way with the one that the whole chapter drew.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Collection, Sequence

_SURE = (ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


def stands_on(cells: Sequence[str], wanted: Collection[int]) -> dict[int, str]:
    r"""The cells that the wanted ones need, and these, by their place among all.

    Args:
        cells: sources in Python, in the order in which they run; IPython's commands may be among them.
        wanted: places of cells that are kept as they are.

    Returns:
        Place → source, in order; cells that are needed but not wanted show nothing.

    Raises:
        SyntaxError: when a cell is no Python.

    Example:
        >>> cells = ["import math", "slow = 9 ** 99", "a = 2", "b = a + 1\nb", "print(math.sqrt(b))", "c = b"]
        >>> stands_on(cells, [4])
        {0: 'import math', 2: 'a = 2', 3: 'b = a + 1', 4: 'print(math.sqrt(b))'}
    """
    from IPython.core.inputtransformer2 import TransformerManager

    kept: dict[int, str] = {}
    needed: set[str] = set()
    for place in range(max(wanted, default=-1), -1, -1):
        source = TransformerManager().transform_cell(cells[place]).rstrip("\n")
        if place not in wanted:
            source = _silent(source)
        statements = ast.parse(source).body
        if place in wanted or any(needed & (_bound(one) | _changed(one)) for one in statements):
            kept[place] = source
            for one in reversed(statements):
                if isinstance(one, _SURE):
                    needed -= _bound(one)
                needed |= _used(one)
    return dict(sorted(kept.items()))


def _silent(source: str) -> str:
    """A cell without the expression at its end, which is what it shows."""
    body = ast.parse(source).body
    if not (body and isinstance(body[-1], ast.Expr)):
        return source
    return "\n".join(source.splitlines()[: body[-1].lineno - 1]).rstrip()


def _bound(statement: ast.stmt) -> set[str]:
    """Names that a statement gives a meaning, those inside of functions and comprehensions left out."""
    names = _table(statement).get_symbols()
    return {one.get_name() for one in names if one.is_assigned() or one.is_imported()}


def _used(statement: ast.stmt) -> set[str]:
    """Names that a statement takes from outside, also where a function is to take them when it is called."""

    def taken(table: symtable.SymbolTable, top: bool) -> set[str]:
        own = {one.get_name() for one in table.get_symbols() if one.is_referenced() and (top or one.is_global())}
        return own.union(*(taken(inner, False) for inner in table.get_children()))

    loops = [node.target for node in ast.walk(statement) if isinstance(node, ast.For)]
    own = {node.id for target in loops for node in ast.walk(target) if isinstance(node, ast.Name)}
    return taken(_table(statement), True) - own


def _changed(statement: ast.stmt) -> set[str]:
    """Names of objects that a statement sets a part of, or calls a method of for its effect."""
    names = set()
    for node in ast.walk(statement):
        call = node.value if isinstance(node, ast.Expr) else None
        part: ast.AST | None = call.func if isinstance(call, ast.Call) else node
        if isinstance(part, ast.Attribute | ast.Subscript) and (call or isinstance(part.ctx, ast.Store | ast.Del)):
            while isinstance(part, ast.Attribute | ast.Subscript | ast.Call):
                part = part.func if isinstance(part, ast.Call) else part.value
            if isinstance(part, ast.Name):
                names.add(part.id)
    return names


def _table(statement: ast.stmt) -> symtable.SymbolTable:
    return symtable.symtable(ast.unparse(statement), "cell", "exec")
