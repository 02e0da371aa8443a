"""All tests run with types and shapes checked."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from unittest import mock

import pytest
import torch
from jaxtyping import install_import_hook

import tests.typecheck  # noqa: F401 (named below)

os.environ["CCDNI_OFFLINE"] = "1"  # no test downloads anything
SHARED = (
    Path(__file__).parents[2] / "shared" / "data"
)  # original files, where the project has neighbours that lend them
if SHARED.is_dir():
    os.environ.setdefault("CCDNI_DATA", str(SHARED))
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell has ignored where tests run in the background

hook = install_import_hook("ccdni_lib", "tests.typecheck.check")


@pytest.fixture(autouse=True)
def surroundings():
    """What a command sets for its process and its children (``--data``) does not outlive the test that runs it."""
    with mock.patch.dict(os.environ):
        yield


def pytest_collection_modifyitems(items):
    if not torch.cuda.is_available():
        for item in items:
            if "cuda" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="needs a CUDA device"))
