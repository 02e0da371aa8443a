"""What made a result: versions, and a revision of the sources that its numbers depend on."""

from __future__ import annotations

import hashlib
import platform
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
def source_revision() -> str:
    """A short hash of the engine's and the tasks' sources: the same numbers come from the same revision.

    Example:
        >>> len(source_revision())
        12
    """
    digest = hashlib.sha256()
    for folder in ("engine", "tasks", "data"):
        for file in sorted((_PACKAGE / folder).glob("*.py")):
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
