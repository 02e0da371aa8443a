"""From the Datasets of ensembles to the one that a user gets: the task's own names, the grid's dimensions, measures."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import xarray as xr

from ...engine.training.identity import first_difference
from ...tasks import describe_variables
from ..measures.errors import ataxia, per_step
from .plan import Plan, label


def assemble(plan: Plan, datasets: Mapping[int, xr.Dataset]) -> xr.Dataset:
    """One Dataset of all points, with the task's own names for its dimensions, and measures added.

    Args:
        plan: of the run.
        datasets: of all its jobs, by number, with dims point, seed, epoch, ….

    Raises:
        ValueError: when a Dataset is not what its job makes: it would carry another's numbers.
    """
    for number, dataset in datasets.items():
        difference = first_difference(json.loads(dataset.attrs["identity"]), plan.jobs[number].identity)
        if difference:
            raise ValueError(f"the part of job {number} must not be joined, it was made with {difference}")
    parts = [datasets[number] for number in plan.jobs]
    whole = xr.concat(
        parts,
        "point",
        join="outer",
        combine_attrs="drop",
        data_vars="minimal",
        coords="minimal",
        compat="override",
    )
    whole = whole.isel(point=np.argsort(np.concatenate([plan.places[number] for number in plan.jobs])))
    if "asked" in whole:
        whole = whole.assign(bits_per_word=per_step(whole.validation_error, whole.asked))
    else:
        whole = whole.merge(ataxia(whole.validation_error, whole.taught))
    sizes = {name: len(values) for name, values in plan.varied.items()}
    shaped = {
        name: (tuple(sizes) + data.dims[1:], data.values.reshape(*sizes.values(), *data.shape[1:]))
        if "point" in data.dims
        else data.variable
        for name, data in whole.data_vars.items()
    }
    labels = {name: [label(value) for value in values] for name, values in plan.varied.items()}
    coords = labels | {name: coord.values for name, coord in whole.coords.items()}
    dataset = xr.Dataset(shaped, coords)
    for generic, (name, values) in plan.task.axes.items():
        if generic in dataset.dims:
            dataset = dataset.rename({generic: name}).assign_coords({name: list(values)[: dataset.sizes[generic]]})
    return describe_variables(dataset, plan.task).assign_attrs(
        task=plan.identity["task"],
        data=plan.identity["data"],
        settings=json.dumps(plan.identity["settings"]),
        complete=int(all(part.sizes["epoch"] == part.attrs["epochs_asked"] for part in parts)),
        diverged=sum(part.attrs["diverged"] for part in parts),
        seconds=round(sum(part.attrs["seconds"] for part in parts), 2),
        device=", ".join(sorted({part.attrs["device"] for part in parts})),
        threads=max(part.attrs["threads"] for part in parts),
        versions=json.dumps(plan.identity["versions"]),
        source_revision=plan.identity["source_revision"],
        identity=json.dumps(plan.identity),
    )
