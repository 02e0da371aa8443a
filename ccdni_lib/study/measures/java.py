"""The Java that some scores of captions need: whether there is one, and in which language it writes numbers."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

JAVA_SETTINGS = ("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS")  # the second counts more than what stands on a command line
ENGLISH = " ".join(
    f"-Duser.{part}{use}={value}" for part, value in (("language", "en"), ("country", "US")) for use in ("", ".format")
)


def has_java() -> bool:
    """Whether there is a Java that runs; tried once.

    Example:
        >>> has_java() in (True, False)
        True
    """
    return java_problem() == ""


@lru_cache
def java_problem() -> str:
    """Why no Java runs, in a few words; empty where one does. Tried once."""
    try:
        done = subprocess.run(["java", "-version"], capture_output=True)
    except OSError:
        return "it needs Java"
    if done.returncode == 0:
        return ""
    return f"it needs Java, which does not start ({first_complaint(done.stderr) or f'exit code {done.returncode}'})"


@contextmanager
def english_java() -> Iterator[None]:
    """Within the block, a Java that is started writes numbers as 0.5 in any country: METEOR reads what it has written.

    Example:
        >>> with english_java():
        ...     "-Duser.language=en" in os.environ["JAVA_TOOL_OPTIONS"]
        True
    """
    before = {name: os.environ.get(name) for name in JAVA_SETTINGS}
    os.environ |= {name: f"{given or ''} {ENGLISH}".strip() for name, given in before.items()}
    try:
        yield
    finally:
        for name, given in before.items():
            if given is None:
                del os.environ[name]
            else:
                os.environ[name] = given


def first_complaint(stderr: bytes) -> str:
    r"""The first line that Java wrote to stderr, but what it says of its settings.

    Example:
        >>> first_complaint(b"Picked up JAVA_TOOL_OPTIONS: -Xmx1\nError: no memory\n")
        'Error: no memory'
    """
    lines = stderr.decode(errors="replace").splitlines()
    return next((line.strip() for line in lines if line.strip() and not line.startswith("Picked up")), "")
