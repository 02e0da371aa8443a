"""What is imported is declared: by the package where it is always needed, by an extra where it is needed for more."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OWN = {"ccdni_lib", "tests", *sys.stdlib_module_names}
TAKEN_IF_THERE = {"torchvision", "google"}  # what lacks the first is told so; chapters look whether they are in Colab
DISTRIBUTIONS = packages_distributions()


def normal(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(*extras: str) -> set[str]:
    lines = PROJECT["dependencies"] + [line for extra in extras for line in PROJECT["optional-dependencies"][extra]]
    return {normal(re.match(r"[\w.-]+", line)[0]) for line in lines}


def imported(code: str, lazily: bool = True) -> Iterator[str]:
    """Top-level names that some code imports; those inside functions only if ``lazily``."""
    tree = ast.parse(code)
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if not lazily and id(node) in inside:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]


def missing(codes: dict[str, str], allowed: set[str], lazily: bool = True) -> dict[str, str]:
    """Who imports what is not among the distributions that are allowed."""
    found = {}
    for where, code in codes.items():
        for name in set(imported(code, lazily)) - OWN - TAKEN_IF_THERE:
            if not {normal(one) for one in DISTRIBUTIONS.get(name, [name])} & allowed:
                found[name] = where
    return found


def sources(room: str) -> dict[str, str]:
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in (ROOT / room).rglob("*.py")}


def chapters() -> dict[str, str]:
    found = {}
    for path in sorted((ROOT / "book").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        found[path.name] = re.sub(r"^(\s*)[%!].*$", r"\1pass", code, flags=re.M)  # what is IPython's, not Python's
    return found


def test_the_package_can_be_imported_without_extras():
    assert missing(sources("ccdni_lib"), declared(), lazily=False) == {}


@pytest.mark.parametrize(
    ("codes", "extras"),
    [
        (sources("ccdni_lib"), ("book", "captions", "cluster")),
        (sources("tests"), ("book", "captions", "cluster", "test")),
        (sources("examples"), ()),
        (chapters(), ("book", "captions")),
    ],
    ids=["package", "tests", "examples", "chapters"],
)
def test_what_is_imported_is_declared(codes, extras):
    assert codes
    assert missing(codes, declared(*extras)) == {}


def test_an_import_that_is_not_declared_is_found():
    code = "import numpy, yaml\ndef f():\n    import distributed\nfrom os import path\nfrom . import x"
    assert missing({"a": code}, {"numpy"}) == {"yaml": "a", "distributed": "a"}
    assert missing({"a": code}, {"numpy"}, lazily=False) == {"yaml": "a"}
    assert missing({"a": code}, {"numpy", "pyyaml", "distributed"}) == {}
