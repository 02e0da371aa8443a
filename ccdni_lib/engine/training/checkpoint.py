"""A training run on disk, to go on from: one safetensors file with everything that training changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ..files import FileError, write_whole
from .identity import Identity, first_difference

_FORMAT = "ccdni_lib checkpoint 4"


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
    header = {"format": _FORMAT, "identity": json.dumps(identity), "notes": json.dumps(notes)}
    contiguous = {name: x.detach().cpu().contiguous() for name, x in tensors.items()}
    header["sha256"] = checksum_of(contiguous, header)
    write_whole(path, lambda beside: save_file(contiguous, beside, metadata=header))


def load_checkpoint(path: Path, identity: Identity) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and notes of a checkpoint of the same identity.

    Raises:
        FileError: when it is not ours, damaged, or made with something else, naming the first difference.
    """

    def refuse(why: str) -> FileError:
        return FileError(f"{path}: cannot be resumed from, {why}")

    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, OSError) as error:
        raise refuse(f"it is damaged or not a checkpoint ({error})") from error
    if header.get("format") != _FORMAT:
        raise refuse("it is not a checkpoint of this version of ccdni_lib, or damaged")
    if header.pop("sha256", None) != checksum_of(tensors, header):
        raise refuse("it is damaged")
    difference = first_difference(json.loads(header["identity"]), identity)
    if difference:
        raise refuse(f"it was made with {difference}")
    return tensors, json.loads(header["notes"])


def checksum_of(tensors: Mapping[str, Tensor], header: Mapping[str, str]) -> str:
    """The sha256 of tensors, with their names and shapes, and of a header; hexadecimal."""
    digest = hashlib.sha256(json.dumps(dict(header), sort_keys=True).encode())
    for name in sorted(tensors):
        values = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name} {values.dtype} {tuple(values.shape)}".encode())
        digest.update(memoryview(values.reshape(-1).numpy()).cast("B") if values.numel() else b"")
    return digest.hexdigest()
