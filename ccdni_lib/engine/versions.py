"""What made a result: versions, and a revision of the sources that its numbers depend on."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
COMPUTES = ("engine", "data", "tasks")  # the wings that every number of a trained network comes from


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of what computes.

    Example:
        >>> sorted(versions())
        ['ccdni_lib', 'numpy', 'python', 'torch']
    """
    return {name: version(name) for name in ("ccdni_lib", "numpy", "torch")} | {"python": platform.python_version()}


@cache
def source_revision(task: type | None = None) -> str:
    """A short hash of all sources that a trained network depends on.

    It covers every Python file of the engine, the data readers and the tasks, in whatever folder, by its place in the
    package and its content; and, for a task of your own, the file that the task is written in. It does not cover what
    looks at networks afterwards: studies, figures, chapters.

    Args:
        task: class of the task; None covers the package's own tasks.

    Raises:
        RuntimeError: when a wing of the package has no sources: the hash would cover less than it says.

    Example:
        >>> len(source_revision(dict))
        12
    """
    own = getattr(sys.modules.get(task.__module__), "__file__", None) if task else None
    return hash_of_sources(PACKAGE, COMPUTES, [Path(own)] if own and Path(own).is_file() else [])


def hash_of_sources(package: Path, wings: Iterable[str], more: Iterable[Path] = ()) -> str:
    """A short hash of all Python files below some folders of a package, and of some others.

    Args:
        package: folder of the package.
        wings: folders in it, each with its subfolders.
        more: other files, by their names; one that lies in the wings already counts once.

    Raises:
        RuntimeError: when a wing has no Python file.
    """
    digest, seen = hashlib.sha256(), set()
    for wing in wings:
        files = sorted((package / wing).rglob("*.py"))
        if not files:
            raise RuntimeError(f"{package / wing}: must have the sources of ccdni_lib, and has none")
        for file in files:
            seen.add(file.resolve())
            digest.update(file.relative_to(package).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    for file in more:
        if file.resolve() not in seen:
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
