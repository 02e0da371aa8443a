"""The house: imports run one way, files stay small, and the project's own files agree with each other."""

from __future__ import annotations

import ast
import importlib
import pydoc
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "ccdni_lib"
FILES = sorted(PACKAGE.rglob("*.py"))
LAYERS = {  # each room may import from those before it, never from those behind
    "": ["engine", "data", "tasks", "study", "findings", "teach", "cli"],
    "engine": ["networks", "learning", "training"],
    "study": ["measures", "runs", "feedforward", "experiments"],
    "findings": ["claims", "pictures", "figures"],
    "teach": ["widget", "explorers", "exercises"],
}
DOORS = {  # what chapters import from: rooms, never files in them
    "ccdni_lib",
    "ccdni_lib.data.scenes",
    "ccdni_lib.findings.claims",
    "ccdni_lib.findings.figures",
    "ccdni_lib.study.feedforward",
    "ccdni_lib.study.measures",
    "ccdni_lib.teach",
}
SERVES_ALL = ("engine.versions",)  # reads the sources as files, and imports nothing


def module(path: Path) -> list[str]:
    """Where a file stands in the package, as the parts of its dotted name."""
    return list(path.relative_to(PACKAGE).with_suffix("").parts)


def imports(path: Path) -> Iterator[list[str]]:
    """What a file of the package imports from the package, each as the parts of a dotted name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom | ast.Import):
            continue
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
            yield from (name[1:] for name in names if name[0] == PACKAGE.name)
        elif node.level:
            base = module(path)[: -node.level]
            for alias in node.names:
                yield [*base, *(node.module or "").split("."), alias.name] if node.module else [*base, alias.name]
        elif (node.module or "").split(".")[0] == PACKAGE.name:
            yield from ([*node.module.split(".")[1:], alias.name] for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_import_runs_back_up(path):
    here = module(path)
    for target in imports(path):
        for floor, rooms in LAYERS.items():
            depth = len(floor.split(".")) if floor else 0
            both = [
                name[depth] if name[:depth] == floor.split(".")[:depth] and len(name) > depth else ""
                for name in (here, target)
            ]
            mine, theirs = both
            if mine in rooms and theirs in rooms:
                assert rooms.index(theirs) <= rooms.index(mine), f"{'.'.join(here)} imports {'.'.join(target)}"


def test_the_house_has_no_circle():
    """Rooms that import from one another in a circle cannot be understood one after the other."""
    known = {".".join(module(path)): path for path in FILES}
    arrows: dict[str, set[str]] = {}
    for name, path in known.items():
        found = arrows.setdefault(name, set())
        for target in imports(path):
            file = next(
                (".".join(target[:n]) for n in range(len(target), 0, -1) if ".".join(target[:n]) in known), None
            )
            found |= {file} - {name, None}
    while arrows:
        free = {name for name, targets in arrows.items() if not targets & arrows.keys()}
        assert free, f"these import one another in a circle: {sorted(arrows)}"
        arrows = {name: targets for name, targets in arrows.items() if name not in free}


def test_every_room_has_a_sentence_and_no_floor_is_crowded():
    for folder in {path.parent for path in FILES}:
        assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text())), folder
        inside = [one for one in folder.iterdir() if one.name not in ("__init__.py", "__pycache__", "py.typed")]
        assert 2 <= len(inside) <= 14, folder


@pytest.mark.parametrize("path", sorted((ROOT / "book").glob("*.ipynb")), ids=lambda path: path.stem)
def test_chapters_come_in_by_few_doors_and_take_what_is_offered(path):
    """So that a file that moves inside a room touches no chapter."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    code = "\n".join(
        line for cell in cells for line in cell.source.splitlines() if not line.strip().startswith(("!", "%"))
    )
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            own = [alias.name for alias in node.names if alias.name.split(".")[0] == PACKAGE.name]
            assert set(own) <= DOORS, own
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE.name:
            for alias in node.names:
                if f"{node.module}.{alias.name}" not in DOORS:
                    assert node.module in DOORS, ast.unparse(node)
                    assert alias.name in importlib.import_module(node.module).__all__, ast.unparse(node)


def test_doors_offer_what_is_there_under_names_that_differ():
    offered = {door: importlib.import_module(door) for door in DOORS}
    for door, room in offered.items():
        assert len(room.__all__) == len(set(room.__all__)), door
        assert all(hasattr(room, name) for name in room.__all__), door
    owners: dict[str, set[int]] = {}
    for room in offered.values():
        for name in room.__all__:
            owners.setdefault(name, set()).add(id(getattr(room, name)))
    assert not [name for name, things in owners.items() if len(things) > 1]


def test_the_package_is_imported_without_what_draws():
    """Whoever trains on a cluster waits for neither matplotlib nor scipy.stats."""
    script = "import sys, ccdni_lib; print([m for m in ('matplotlib', 'scipy.stats', 'papermill') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_nothing_that_is_drawn_is_dropped():
    """A zip without strict leaves out what has no partner: a curve that is given must be drawn, or refused."""
    for room in ("findings", "teach"):
        for path in (PACKAGE / room).rglob("*.py"):
            for call in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)):
                if isinstance(call.func, ast.Name) and call.func.id == "zip":
                    strict = {key.arg: ast.unparse(key.value) for key in call.keywords}.get("strict")
                    assert strict == "True", f"{path.name}: {ast.unparse(call)}"


def test_the_engine_knows_no_tasks_name():
    names = re.compile(r"line-drawing|LineDrawing|target-reaching|seqmnist|captions")
    for path in (PACKAGE / "engine").rglob("*.py"):
        code = re.sub(r'"""(?:.|\n)*?"""', "", path.read_text())
        assert not names.search(code), path


def test_findings_train_nothing():
    """They read results: what trains (runs, the feedforward networks) is not imported there."""
    trains = [
        ["study", "runs", "train"],
        ["study", "runs", "execute"],
        ["study", "feedforward"],
        ["engine", "training"],
    ]
    for path in (PACKAGE / "findings").rglob("*.py"):
        for target in imports(path):
            assert not any(target[: len(one)] == one for one in trains), f"{path.name} imports {'.'.join(target)}"


def test_a_file_is_one_idea():
    """Half of the files fit two screens; a file that needs more than 350 lines holds more than one idea."""
    lengths = sorted(len(path.read_text().splitlines()) for path in FILES if path.name != "__init__.py")
    assert lengths[len(lengths) // 2] <= 150
    assert lengths[-1] <= 350


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_every_file_and_every_part_of_the_package_that_is_named_is_there(name):
    text = (ROOT / name).read_text()
    files = re.findall(r"`((?:tests|book|examples|ccdni_lib|\.ci)/[\w./-]*)`", text)
    files += re.findall(r"\]\(((?!http)[\w./-]+)\)", text)
    for file in files:
        assert (ROOT / file).exists(), file
    dotted = re.findall(r"`(ccdni_lib(?:\.\w+)+)", text)
    for one in dotted:
        assert pydoc.locate(one) is not None, one
    assert files or dotted


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
