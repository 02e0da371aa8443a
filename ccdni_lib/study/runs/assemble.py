"""From the Datasets of ensembles to the one that a user gets: the task's own names, the grid's dimensions, measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from ...tasks import Task
from ..measures.errors import ataxia, per_step


def present(
    task: Task,
    datasets: Sequence[xr.Dataset],
    places: Sequence[Sequence[int]],
    varied: Mapping[str, list[Any]],
    asked: str,
) -> xr.Dataset:
    """One Dataset of all points, with the task's own names for its dimensions, and measures added."""
    whole = xr.concat(
        datasets,
        "point",
        join="outer",
        combine_attrs="override",
        data_vars="minimal",
        coords="minimal",
        compat="override",
    )
    whole = whole.isel(point=np.argsort(np.concatenate(places)))
    if "asked" in whole:
        whole = whole.assign(bits_per_word=per_step(whole.validation_error, whole.asked))
    else:
        whole = whole.merge(ataxia(whole.validation_error, whole.taught))
    sizes = {name: len(values) for name, values in varied.items()}
    shaped = {
        name: (tuple(sizes) + data.dims[1:], data.values.reshape(*sizes.values(), *data.shape[1:]))
        if "point" in data.dims
        else data.variable
        for name, data in whole.data_vars.items()
    }
    labels = {name: [label(value) for value in values] for name, values in varied.items()}
    coords = labels | {name: coord.values for name, coord in whole.coords.items()}
    dataset = xr.Dataset(shaped, coords)
    for generic, (name, values) in task.axes.items():
        if generic in dataset.dims:
            dataset = dataset.rename({generic: name}).assign_coords({name: list(values)[: dataset.sizes[generic]]})
    seconds = sum(data.attrs["seconds"] for data in datasets)
    diverged = sum(data.attrs["diverged"] for data in datasets)
    complete = all(data.sizes["epoch"] == data.attrs["epochs_asked"] for data in datasets)
    kept = {
        name: datasets[0].attrs[name] for name in ("task", "data", "device", "threads", "versions", "source_revision")
    }
    summary = {"settings": asked, "complete": int(complete), "diverged": diverged, "seconds": round(seconds, 2)}
    return dataset.assign_attrs(kept | summary)


def label(value: Any) -> Any:
    """A setting as the label of a coordinate."""
    return "none" if value is None else ",".join(map(str, value)) if isinstance(value, tuple) else value
