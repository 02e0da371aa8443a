"""What every variable of a Dataset is called, and its unit."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import xarray as xr

from ccdni_lib.engine.training.loop import Training
from ccdni_lib.engine.training.recorders import DIMS, RECORDINGS
from ccdni_lib.tasks import Task, describe_variables, error_of, find_task, settings_for
from ccdni_lib.tasks.variables import VARIABLES


def trained(name, **settings):
    task = find_task(name)
    point = settings_for(task, "live", seeds=2, epochs=1, **settings)
    return task, Training(task, [point], recordings=list(RECORDINGS)).run()


@pytest.mark.parametrize("name", ["line-drawing", "target-reaching", "seqmnist", "dd-seqmnist"])
def test_every_variable_that_training_gives_has_a_name_and_a_unit(name):
    task, run = trained(name)
    described = describe_variables(run, task)
    for key, variable in described.variables.items():
        assert variable.attrs.get("long_name"), key
        assert variable.attrs.get("units"), key
    assert described.equals(run)
    assert not any(variable.attrs for variable in run.variables.values())


def test_every_recording_is_in_the_table():
    assert set(DIMS) <= set(VARIABLES)


def test_errors_carry_the_unit_of_the_loss():
    """Squared distance has none, cross-entropy is natural; drawing digits is told in hundredths, captions in bits."""
    units = {
        "line-drawing": ("squared distance", "1"),
        "seqmnist": ("cross-entropy", "nat"),
        "dd-seqmnist": ("squared distance", "0.01"),
        "captions:images=20": ("cross-entropy", "bit"),
    }
    for name, unit in units.items():
        assert error_of(find_task(name)) == unit


def test_a_loss_of_ones_own_is_called_what_its_task_says():
    class Own(Task):
        name = "own"

        @staticmethod
        def loss(output, target):
            return (output - target).abs().sum(-1), torch.sign(output - target)

    class Named(Own):
        error_name, error_unit = "distance", "m"

    assert error_of(Own()) == ("loss", "1")
    assert error_of(Named()) == ("distance", "m")


def test_settings_that_were_varied_are_described_from_their_table():
    score = (("model", "truncation", "cue"), np.zeros((2, 2, 3)))
    grid = xr.Dataset({"ataxia_score": score}, {"model": ["crnn", "ccrnn"], "truncation": [1, 2], "cue": [0, 1, 2]})
    described = describe_variables(grid, find_task("line-drawing"))
    assert described.truncation.attrs["units"] == "steps"
    assert "units" not in described.model.attrs
    assert described.cue.identical(grid.cue)
    assert described.ataxia_score.attrs == {
        "long_name": "ataxia score: validation squared distance, sum over steps",
        "units": "1",
    }


def test_they_survive_a_file(tmp_path):
    """No unit is one that xarray would read as a time."""
    task, run = trained("line-drawing")
    described = describe_variables(run, task)
    described.to_netcdf(tmp_path / "run.nc", engine="h5netcdf")
    back = xr.load_dataset(tmp_path / "run.nc", engine="h5netcdf")
    for name, variable in described.variables.items():
        assert back[name].attrs == variable.attrs
        assert back[name].equals(described[name])
