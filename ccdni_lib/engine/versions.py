"""What made a result: versions, and a revision of the sources that its numbers depend on."""

from __future__ import annotations

import hashlib
import platform
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

_PACKAGE = Path(__file__).parent.parent


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of what computes.

    Example:
        >>> sorted(versions())
        ['ccdni_lib', 'numpy', 'python', 'torch']
    """
    return {name: version(name) for name in ("ccdni_lib", "numpy", "torch")} | {"python": platform.python_version()}


@cache
def source_revision(task: type) -> str:
    """A short hash of the sources that a result depends on: the engine's, and the file of the task.

    Args:
        task: class of the task.

    Example:
        >>> len(source_revision(dict))
        12
    """
    files = sorted((_PACKAGE / "engine").glob("*.py"))
    own = getattr(sys.modules.get(task.__module__), "__file__", None)
    digest = hashlib.sha256()
    for file in [*files, *([Path(own)] if own and Path(own).is_file() else [])]:  # none where it was typed in
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
