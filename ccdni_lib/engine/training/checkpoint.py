"""A training run on disk, to go on from: one safetensors file with everything that training changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from ..files import FileError, write_whole
from ..tensors import read_tensors, write_tensors
from .identity import Identity, first_difference

_KIND = "checkpoint 4"


def save_checkpoint(path: Path, identity: Identity, tensors: Mapping[str, Tensor], notes: Mapping[str, Any]) -> None:
    """Write a checkpoint, whole or not at all.

    Args:
        path: of the file.
        identity: what the numbers depend on (see `identity_of`).
        tensors: state and recordings.
        notes: anything that JSON can hold.

    Raises:
        FileError: when it cannot be written.
    """
    header = {"identity": json.dumps(identity), "notes": json.dumps(notes)}
    write_whole(path, lambda beside: write_tensors(beside, _KIND, tensors, header))


def load_checkpoint(path: Path, identity: Identity) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and notes of a checkpoint of the same identity.

    Raises:
        FileError: when it is not ours, damaged, or made with something else, naming the first difference.
    """
    try:
        tensors, header = read_tensors(path, _KIND)
    except FileError as error:
        why = str(error).removeprefix(f"{path}: ")
        raise FileError(f"{path}: cannot be resumed from, it is damaged or not a checkpoint ({why})") from error
    difference = first_difference(json.loads(header["identity"]), identity)
    if difference:
        raise FileError(f"{path}: cannot be resumed from, it was made with {difference}")
    return tensors, json.loads(header["notes"])
