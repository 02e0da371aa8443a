"""Every chapter runs with other parameters, as papermill gives them."""

from __future__ import annotations

import warnings

import pytest

from .execute import BOOK, chapters

pytestmark = pytest.mark.notebooks


@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)
def test_runs_with_other_parameters(path, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of papermill's own dependencies
        import papermill

        parameters = {"BUDGET": "quick", "DEVICE": "cpu", "SEEDS": 2}
        papermill.execute_notebook(path, tmp_path / path.name, parameters, progress_bar=False, cwd=BOOK)
