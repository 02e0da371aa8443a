"""Every chapter runs: as it is, with the outputs it is kept with (nbval), and with other parameters (papermill)."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from .execute import BOOK, chapters

pytestmark = pytest.mark.notebooks


@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)
def test_gives_the_outputs_it_is_kept_with(path):
    sanitize = Path(__file__).with_name("sanitize.cfg")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", BOOK]
    command += ["--nbval", "--nbval-sanitize-with", sanitize, path]
    done = subprocess.run(command, cwd=BOOK, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)
def test_runs_with_other_parameters(path, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of papermill's own dependencies
        import papermill

        parameters = {"BUDGET": "quick", "DEVICE": "cpu", "SEEDS": 2}
        papermill.execute_notebook(path, tmp_path / path.name, parameters, progress_bar=False, cwd=BOOK)
