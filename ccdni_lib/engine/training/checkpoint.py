"""A training run on disk, to go on from: one safetensors file with everything that training changes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ..files import FileError, write_whole
from ..settings import TABLE, Settings

_FORMAT = "ccdni_lib checkpoint 3"


def save_checkpoint(
    path: Path, task: str, points: Sequence[Settings], tensors: Mapping[str, Tensor], notes: Mapping[str, object]
) -> None:
    """Write a checkpoint, whole or not at all.

    Args:
        path: of the file.
        task: name.
        points: the settings that train side by side.
        tensors: state and recordings.
        notes: anything that JSON can hold.
    """
    header = {
        "format": _FORMAT,
        "task": task,
        "points": json.dumps([point.to_json() for point in points]),
        "notes": json.dumps(notes),
    }
    contiguous = {name: x.detach().cpu().contiguous() for name, x in tensors.items()}
    write_whole(path, lambda beside: save_file(contiguous, beside, metadata=header))


def load_checkpoint(path: Path, task: str, points: Sequence[Settings]) -> tuple[dict[str, Tensor], dict]:
    """Tensors and notes of a checkpoint that was made with the same settings.

    Raises:
        FileError: when it is not ours, damaged, or made with other settings.
    """
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, OSError) as error:
        raise FileError(f"{path}: cannot be resumed from, it is damaged or not a checkpoint ({error})") from error
    if header.get("format") != _FORMAT:
        raise FileError(f"{path}: cannot be resumed from, it is not a checkpoint of this version of ccdni_lib")
    if header["task"] != task:
        raise FileError(f"{path}: cannot be resumed from, it was made for {header['task']}, not {task}")
    theirs = [Settings.from_json(text) for text in json.loads(header["points"])]
    if len(theirs) != len(points):
        raise FileError(f"{path}: cannot be resumed from, it holds {len(theirs)} sets of settings, not {len(points)}")
    for their, mine in zip(theirs, points, strict=True):
        for name in TABLE:
            if getattr(their, name) != getattr(mine, name):
                raise FileError(
                    f"{path}: cannot be resumed from, it was made with {name} {_plain(getattr(their, name))}, "
                    f"not {_plain(getattr(mine, name))}"
                )
    return tensors, json.loads(header["notes"])


def _plain(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
