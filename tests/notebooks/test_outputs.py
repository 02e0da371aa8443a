"""Every chapter gives the outputs that it is kept with, as nbval compares them."""

from __future__ import annotations

import subprocess
import sys
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
