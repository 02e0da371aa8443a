"""The house: imports run one way, files stay small, and the project's own files agree with each other."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "ccdni_lib"
ORDER = ["engine", "data", "tasks", "study", "teach"]  # each may import what stands before it
FILES = sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Wings of the package that a file imports."""
    inside = path.relative_to(PACKAGE).parts[:-1]
    wings = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = list(inside[: len(inside) - node.level + 1])
            target = base + (node.module or "").split(".")
            wings.add(next(filter(None, target), ""))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ccdni_lib."):
            wings.add(node.module.split(".")[1])
    return wings & set(ORDER)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_import_runs_back_up(path):
    wing = path.relative_to(PACKAGE).parts[0]
    if wing in ORDER:
        assert imported(path) <= set(ORDER[: ORDER.index(wing) + 1])


def test_the_engine_knows_no_tasks_name():
    names = re.compile(r"line-drawing|LineDrawing|target-reaching|seqmnist|captions")
    for path in (PACKAGE / "engine").glob("*.py"):
        code = re.sub(r'"""(?:.|\n)*?"""', "", path.read_text())
        assert not names.search(code), path


def test_figures_train_nothing():
    for name in ("figures", "figure_parts"):
        tree = ast.parse((PACKAGE / "study" / f"{name}.py").read_text())
        modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level}
        assert modules <= {"measures", "pictures", "figure_parts"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_file_is_one_idea(path):
    assert len(path.read_text().splitlines()) <= 350


def test_conda_and_pip_ask_for_the_same():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    assert f"python{project['requires-python']}" in wanted
    pip = next(entry["pip"] for entry in wanted if isinstance(entry, dict))
    assert "--constraint constraints.txt" in pip
    extras = re.fullmatch(r"--editable \.\[(.+)\]", pip[-1])[1].split(",")
    assert set(extras) <= set(project["optional-dependencies"])
    assert {"book", "test"} <= set(extras)


def test_every_requirement_has_its_exact_version_in_the_constraints():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = project["dependencies"] + extras["book"] + extras["test"]
    names = {re.match(r"[\w.-]+", line)[0].lower().replace("_", "-") for line in wanted}
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    assert names <= {line.split("==")[0].lower().replace("_", "-") for line in lines}


def test_the_repository_has_one_address():
    address = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"]
    slug = address.removeprefix("https://github.com/")
    pattern = re.compile(r"github\.com/([\w.-]+/[\w.-]+?)(?=[\s/\"')\\]|\.git|$)")
    named = [
        "README.md",
        "CITATION.cff",
        "pyproject.toml",
        *[p.relative_to(ROOT) for p in (ROOT / "book").glob("*.ipynb")],
    ]
    for name in named:
        for found in pattern.findall((ROOT / name).read_text()):
            assert found in (slug, "citation-file-format/citation-file-format"), (name, found)


def test_no_machine_is_named():
    texts = [p for p in ROOT.rglob("*") if p.suffix in {".py", ".md", ".ipynb", ".yml", ".toml", ".cff", ".js", ".css"}]
    for path in texts:
        if not {".venv", "_build", ".git"} & set(path.relative_to(ROOT).parts) and path != Path(__file__):
            assert not re.search(r"/(?:work|home|root|Users)/\w", path.read_text()), path
