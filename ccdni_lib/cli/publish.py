"""`ccdni publish`: give the project the address of its repository, wherever that is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from ..engine.files import FileError, write_whole
from ..engine.settings import SettingError
from .console import out_console, resumable

SUFFIXES = {".md", ".ipynb", ".yml", ".toml", ".cff", ".py", ".bib"}
SKIPPED = {".git", ".venv", "_build", "build", "node_modules", "tests"}
_ADDRESS = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+)")
_CONFIG = "_config.yml"


def publish(
    repo: Annotated[str, typer.Option(help="Address of the repository, as https://github.com/someone/ccdni-book.")],
    root: Annotated[Path, typer.Option(help="Folder of the project.")] = Path(),
) -> None:
    """Rewrite every place that names the repository: book, chapters, badges, citation."""
    with resumable("the same command rewrites what is left"):
        for path in rewrite(root, repo):
            out_console.print(f"rewrote {path}", highlight=False)


def rewrite(root: Path, address: str) -> list[Path]:
    """Put ``address`` in the place of the one that ``_config.yml`` names: book, chapters, badges, citation.

    Args:
        root: folder of the project.
        address: https://github.com/someone/something.

    Returns:
        The files that were rewritten.

    Raises:
        SettingError: when the address is no such address.
        FileError: when ``root`` is not the folder of the project.
    """
    new = _ADDRESS.fullmatch(address.rstrip("/").removesuffix(".git"))
    if new is None:
        raise SettingError(f"repo {address}: must be https://github.com/OWNER/NAME")
    old = current_repository(root)
    changed = []
    for path in sorted(_texts(root), key=lambda path: path == root / _CONFIG):  # last, for it tells the old address
        text = path.read_text(encoding="utf-8")
        renamed = re.sub(rf"(?<![\w.-]){re.escape(old)}(?![\w-])", new[1], text)
        if renamed != text:
            write_whole(path, lambda beside, renamed=renamed: beside.write_text(renamed, encoding="utf-8"))
            changed.append(path)
    return changed


def current_repository(root: Path) -> str:
    """Owner and name of the repository, as ``_config.yml`` has it."""
    config = root / _CONFIG
    text = config.read_text("utf-8") if config.is_file() else ""
    found = re.search(rf"^\s*url\s*:\s*{_ADDRESS.pattern}\s*$", text, re.M)
    if found is None:
        raise FileError(f"{config}: must exist and name the repository under repository: url:")
    return found[1]


def _texts(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root).parts
        if path.is_file() and path.suffix in SUFFIXES and not SKIPPED & set(inside):
            yield path
