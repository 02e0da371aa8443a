"""Tensors on disk: what was written comes back, or it is told which file is damaged."""

from __future__ import annotations

import pytest
import torch

from ccdni_lib.engine.files import FileError
from ccdni_lib.engine.tensors import read_tensors, write_tensors

TENSORS = {"half": torch.tensor([1.5, -2.0]).half(), "whole": torch.arange(6).view(2, 3), "none": torch.zeros(0, 4)}


def test_what_was_written_comes_back(tmp_path):
    write_tensors(tmp_path / "file", "example 1", TENSORS, {"about": "Größe"})
    tensors, header = read_tensors(tmp_path / "file", "example 1")
    assert header == {"about": "Größe"}
    assert tensors.keys() == TENSORS.keys()
    for name, values in TENSORS.items():
        assert torch.equal(tensors[name], values)
        assert tensors[name].dtype == values.dtype


def test_a_flipped_bit_in_any_byte_is_noticed(tmp_path):
    file = tmp_path / "file"
    write_tensors(file, "example 1", TENSORS, {"about": "Größe"})
    content = file.read_bytes()
    for place in range(len(content)):
        file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(FileError, match=f"^{file}: "):
            read_tensors(file, "example 1")


def test_another_kind_or_version_is_refused(tmp_path):
    write_tensors(tmp_path / "file", "example 1", TENSORS, {})
    with pytest.raises(FileError, match="is not a network file of this version of ccdni_lib"):
        read_tensors(tmp_path / "file", "network 1")
