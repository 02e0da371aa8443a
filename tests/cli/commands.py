"""What tests of the command line share."""

from __future__ import annotations

from ccdni_lib.cli.app import main

TINY = ["--seeds", "2", "--epochs", "3", "--lstm-units", "6", "--granule-cells", "12", "--batches", "3"]
TRAIN = ["train", "line-drawing", *TINY, "--device", "cpu"]


def refused(capsys, *arguments: str) -> str:
    """The one sentence of a user's mistake."""
    assert main(list(arguments)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("ccdni: ")
    return lines[0].removeprefix("ccdni: ")
