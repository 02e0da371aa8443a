"""When two results are the same, and what of a finished run is left over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ccdni_lib as cc

TIMES = ("seconds",)  # what differs from one run to the next


def content_of(file: Path) -> Any:
    """All that a result or networks hold, bit for bit, but for times; something that can be compared."""
    if file.suffix == ".safetensors":
        network, about = cc.Network.load(file)
        return {name: values.numpy().tobytes() for name, values in network.weights.items()}, network.sizes, about
    result = cc.load_dataset(file)
    attrs = {name: value for name, value in result.attrs.items() if name not in TIMES}
    return {name: (x.dims, x.dtype.str, x.attrs, x.values.tobytes()) for name, x in result.variables.items()}, attrs


def contents_of(folder: Path) -> dict[str, Any]:
    """What the files of a folder hold, by name; a folder in it, and a file of another kind, count by their names."""
    return {
        path.name: content_of(path) if path.suffix in (".nc", ".safetensors") and path.is_file() else "?"
        for path in sorted(folder.iterdir())
    }


def difference(one: dict[str, Any], other: dict[str, Any]) -> str | None:
    """In what the contents of two folders differ, in words; None if they are the same."""
    if one.keys() != other.keys():
        return f"files {sorted(other)}, not {sorted(one)}"
    names = [name for name in one if one[name] != other[name]]
    return f"another content of {', '.join(names)}" if names else None
