"""All tests run with types and shapes checked."""

from __future__ import annotations

import pytest
import torch
from jaxtyping import install_import_hook

import tests.typecheck  # noqa: F401 (named below)

hook = install_import_hook("ccdni_lib", "tests.typecheck.check")


def pytest_collection_modifyitems(items):
    if not torch.cuda.is_available():
        for item in items:
            if "cuda" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="needs a CUDA device"))
