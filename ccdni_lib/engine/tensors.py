"""Tensors on disk: safetensors files that are held to a checksum, so that damage does not go unnoticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from .files import FileError

_CHECKSUM = "sha256"


def write_tensors(path: str | Path, kind: str, tensors: Mapping[str, Tensor], header: Mapping[str, str]) -> None:
    """Fill a safetensors file with tensors, a header, and a checksum of both.

    Args:
        path: of the file; have `ccdni_lib.engine.files.write_whole` give it, so that there is never half of it.
        kind: of file, with the version of its form: "network 3".
        tensors: of any device, dtype and shape.
        header: texts by name.
    """
    here = {name: values.detach().cpu().contiguous() for name, values in tensors.items()}
    whole = {**header, "format": f"ccdni_lib {kind}"}
    save_file(here, path, metadata={**whole, _CHECKSUM: checksum_of(here, whole)})


def read_tensors(
    path: str | Path, kind: str, device: torch.device | str = "cpu"
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and header of a file that `write_tensors` filled.

    Args:
        path: of the file.
        kind: as it was written.
        device: where the tensors go.

    Raises:
        FileError: when it cannot be read, is of another kind or version, or is damaged.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_tensors(f"{folder}/one", "example 1", {"x": torch.ones(2)}, {"about": "ones"})
        ...     read_tensors(f"{folder}/one", "example 1")
        ({'x': tensor([1., 1.])}, {'about': 'ones'})
    """
    what, wanted = kind.split()[0], f"ccdni_lib {kind}"
    try:
        with safe_open(path, framework="pt") as file:
            header = dict(file.metadata() or {})
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, OSError) as error:
        raise FileError(f"{path}: cannot be read as a {what} file ({error})") from error
    if header.get("format") != wanted:
        says = f"its header says {header.get('format')!r}, and must say {wanted!r}"
        raise FileError(f"{path}: is not a {what} file of this version of ccdni_lib ({says})")
    if header.pop(_CHECKSUM, None) != checksum_of(tensors, header):
        raise FileError(f"{path}: is damaged, its content is not that of its checksum")
    del header["format"]
    return {name: values.to(device) for name, values in tensors.items()}, header


def checksum_of(tensors: Mapping[str, Tensor], header: Mapping[str, str]) -> str:
    """The sha256 of tensors on the CPU, with their names and shapes, and of a header; hexadecimal."""
    digest = hashlib.sha256(json.dumps(dict(header), sort_keys=True).encode())
    for name in sorted(tensors):
        values = tensors[name]
        digest.update(f"{name} {values.dtype} {tuple(values.shape)}".encode())
        digest.update(values.contiguous().numpy().tobytes())
    return digest.hexdigest()
