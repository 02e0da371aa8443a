"""The revision of the sources: no file that a trained network depends on can change, or move, unnoticed."""

from __future__ import annotations

import shutil
import sys

import pytest

from ccdni_lib.engine.versions import COMPUTES, PACKAGE, hash_of_sources, source_revision
from ccdni_lib.tasks import LineDrawing

FILES = sorted(path for wing in COMPUTES for path in (PACKAGE / wing).rglob("*.py"))


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    for wing in COMPUTES:
        shutil.copytree(PACKAGE / wing, folder / wing, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_a_copy_has_the_same_revision(copied):
    assert hash_of_sources(copied, COMPUTES) == source_revision() == source_revision(LineDrawing)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_change_of_any_file_changes_it(copied, path):
    before = hash_of_sources(copied, COMPUTES)
    changed = copied / path.relative_to(PACKAGE)
    content = changed.read_bytes()
    changed.write_bytes(content + b"\n")
    try:
        assert hash_of_sources(copied, COMPUTES) != before
    finally:
        changed.write_bytes(content)


def test_what_results_depend_on_is_covered():
    names = {path.relative_to(PACKAGE).as_posix() for path in FILES}
    needed = {"engine/learning/rule.py", "engine/networks/cortex.py", "engine/training/ensemble.py", "tasks/base.py"}
    needed |= {"tasks/templates.py", "data/digits.py", "data/corpus.py", "data/scenes/captions.py"}
    assert needed <= names


def test_a_file_that_moves_does_not_go_unnoticed(copied):
    before = hash_of_sources(copied, COMPUTES)
    here, there = copied / "engine" / "learning" / "rule.py", copied / "engine" / "rule.py"
    here.rename(there)
    assert hash_of_sources(copied, COMPUTES) != before
    there.rename(here)
    assert hash_of_sources(copied, COMPUTES) == before


def test_a_wing_without_sources_is_an_error_and_no_hash(copied, tmp_path):
    (tmp_path / "engine").mkdir()
    with pytest.raises(RuntimeError, match="must have the sources of ccdni_lib, and has none"):
        hash_of_sources(tmp_path, ["engine"])


def test_the_file_of_a_task_of_ones_own_counts(tmp_path, monkeypatch):
    revisions = []
    for number, text in enumerate(("steps = 3", "steps = 4")):
        (tmp_path / f"mine_{number}").mkdir()
        file = tmp_path / f"mine_{number}" / "mine.py"
        file.write_text(f"from ccdni_lib import Task\n\nclass Mine(Task):\n    {text}\n")
        monkeypatch.syspath_prepend(str(file.parent))
        sys.modules.pop("mine", None)
        revisions.append(source_revision(__import__("mine").Mine))
    sys.modules.pop("mine", None)
    assert len({*revisions, source_revision()}) == 3
