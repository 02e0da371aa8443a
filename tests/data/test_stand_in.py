"""What stands in for MNIST where that is not, and how that is told."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pooch
import scipy.ndimage
import sklearn.datasets
import torch

from ccdni_lib.data import digits
from ccdni_lib.data.digits import load_digits
from tests.data.digit_files import _alone, notices

__all__ = ["_alone", "notices"]


def test_the_stand_in_is_scikit_learns_digits_made_large(monkeypatch):
    monkeypatch.setenv("CCDNI_OFFLINE", "1")
    found = load_digits()
    digits._load.cache_clear()
    again = load_digits()
    assert torch.equal(found.training_images, again.training_images)  # the same split every time
    assert (len(found.training_images), len(found.test_images)) == (1498, 299)
    images = torch.cat([found.training_images, found.test_images]).numpy()
    labels = torch.cat([found.training_labels, found.test_labels]).numpy()
    original = sklearn.datasets.load_digits()
    large = scipy.ndimage.zoom(original.images * 255 / 16, (1, 3.5, 3.5), order=1, mode="nearest", grid_mode=True)
    flat, wanted = images.reshape(1797, -1).astype(float), large.reshape(1797, -1)
    distance = (flat**2).sum(1)[:, None] - 2 * flat @ wanted.T + (wanted**2).sum(1)
    same = distance.argmin(1)
    assert sorted(same) == list(range(1797))  # each image once
    assert np.abs(flat - wanted[same]).max() <= 0.5 + 1e-9
    assert (labels == original.target[same]).all()
    assert sorted(same) != same.tolist()
    assert np.bincount(found.test_labels.numpy(), minlength=10).min() > 15  # every digit is among the test images


STAND_IN = """
import sys
import loky
import ccdni_lib.data.digits as digits

def look(cache):
    from pathlib import Path
    digits.MIRRORS, digits._cache = (), lambda: Path(cache)
    return [digits.load_digits().source for _ in range(3)]

print(look(sys.argv[1])[0])
with loky.ProcessPoolExecutor(2) as workers:
    print(*{source for found in workers.map(look, [sys.argv[1]] * 4) for source in found})
"""


def test_from_python_the_stand_in_is_a_warning_once_for_all_processes(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(STAND_IN)
    own = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}  # `make` silences this one
    command = [sys.executable, script, tmp_path / "cache"]
    found = subprocess.run(command, capture_output=True, text=True, check=True, env=own)
    source = "scikit-learn's digits, 8×8 scaled to 28×28 (1,797 images), for MNIST could not be downloaded"
    assert found.stdout.splitlines() == [source] * 2
    (warning,) = [line for line in found.stderr.splitlines() if "UserWarning" in line]
    assert warning.startswith(f"{script}:9: ")  # the line that asked for digits
    assert warning.endswith(f"UserWarning: {source}; CCDNI_DATA may name a folder that has it")


def test_who_takes_notices_gets_no_warning(notices, monkeypatch):
    monkeypatch.setenv("CCDNI_OFFLINE", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = load_digits()
    assert notices == [f"{found.source}; CCDNI_DATA may name a folder that has it"]


def test_the_cache_is_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.undo()
    monkeypatch.setenv("CCDNI_CACHE", str(tmp_path))
    assert digits._cache() == tmp_path / "mnist"
    monkeypatch.setenv("CCDNI_CACHE", "")
    assert digits._cache() == Path(pooch.os_cache("ccdni")) / "mnist"
