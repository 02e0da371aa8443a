"""What the variables of a Dataset are, and in which unit: one table, from which every Dataset is labelled."""

from __future__ import annotations

import xarray as xr

from ..engine.networks.losses import cross_entropy, squared_distance
from ..engine.settings import TABLE
from .base import Task

ERROR = "ERROR"  # stands for what a task's errors are, and for their unit: see `error_of`
LOSSES = {squared_distance: ("squared distance", "1"), cross_entropy: ("cross-entropy", "nat")}
VARIABLES = {
    # errors
    "train_error": ("training ERROR per taught step, mean over the epoch", ERROR),
    "validation_error": ("validation ERROR at each step", ERROR),
    "validation_mean": ("validation ERROR, mean over steps", ERROR),
    "final_error": ("validation ERROR at each step, after the last epoch", ERROR),
    "test_error": ("test ERROR at each step, after the last epoch", ERROR),
    "ataxia_score": ("ataxia score: validation ERROR, sum over steps", ERROR),
    "ataxia_taught": ("validation ERROR, sum over taught steps", ERROR),
    "ataxia_untaught": ("validation ERROR, sum over untaught steps", ERROR),
    "bits_per_word": ("bits per word of validation captions", "bit"),
    "training_bits": ("bits per word of training captions, without dropout", "bit"),
    "length_bits": ("bits per word of validation captions of each length", "bit"),
    # what networks do
    "output": ("output after training", "1"),
    "target": ("target", "1"),
    "taught": ("whether the teacher speaks at the step", "1"),
    "asked": ("share of validation sequences that have the step", "1"),
    "said": ("words said of each validation image, as numbers in the vocabulary", "1"),
    "length_captions": ("validation captions of each length", "1"),
    "score": ("score of captions", "1"),
    "length_ratio": ("words said over words of the captions closest in length", "1"),
    "caption_length": ("words of a mean caption", "1"),
    "truth": ("share of what captions state that holds", "1"),
    "stating": ("share of captions that state something", "1"),
    # recordings
    "h": ("output state h of the LSTM units", "1"),
    "c": ("memory cell c of the LSTM units", "1"),
    "granule": ("granule cells, first layer", "1"),
    "predicted_feedback": ("predicted feedback for [h, c]", ERROR),
    "target_feedback": ("bootstrapped feedback for [h, c], the target of learning", ERROR),
    "true_feedback": ("true future gradient for [h, c]", ERROR),
    "coupling": ("mean |r| of cortical units with granule cells", "1"),
    "coupling_histogram": ("share of pairs of cortical unit and granule cell", "1"),
    "silent_granules": ("share of granule cells that are silent", "1"),
    "target_cosine": ("cosine of predicted with bootstrapped feedback", "1"),
    "target_error": ("distance of predicted from bootstrapped feedback, over the latter's length", "1"),
    "true_cosine": ("cosine of predicted feedback with the true future gradient", "1"),
    "true_error": ("distance of predicted feedback from the true future gradient, over the latter's length", "1"),
    "cortex_correlation": ("mean |r| of pairs of cortical units", "1"),
    "feedback_correlation": ("mean |r| of pairs of components of predicted feedback", "1"),
    "cortex_r_pop": ("population correlation of cortical units", "1"),
    "feedback_r_pop": ("population correlation of components of predicted feedback", "1"),
    # coordinates
    "seed": ("seed of the network", "1"),
    "epoch": ("epoch; 1 is after the first", "1"),
    "recorded_epoch": ("epochs before the recording", "1"),
    "time": ("step of the sequence", "1"),
    "cut": ("step at which a truncation begins", "1"),
    "r": ("Pearson's correlation", "1"),
    "metric": ("score of captions", ""),
}


def error_of(task: Task) -> tuple[str, str]:
    """What a task's errors are, and their unit as NetCDF's conventions write it: "0.01" is in hundredths.

    A task with a loss of its own says so in ``error_name`` and ``error_unit``; else they are "loss" and "1".

    Args:
        task: that is learned.

    Example:
        >>> from ccdni_lib.tasks import find_task
        >>> [error_of(find_task(name)) for name in ("line-drawing", "seqmnist", "dd-seqmnist")]
        [('squared distance', '1'), ('cross-entropy', 'nat'), ('squared distance', '0.01')]
    """
    name, unit = next((known for loss, known in LOSSES.items() if loss is task.loss), ("loss", "1"))
    if task.error_factor != 1:
        unit = " ".join([f"{1 / task.error_factor:g}"] + [unit] * (unit != "1"))
    return task.error_name or name, task.error_unit or unit


def describe_variables(dataset: xr.Dataset, task: Task) -> xr.Dataset:
    """Give the variables of a Dataset their ``long_name`` and ``units``; "1" is a number without a unit.

    Settings that were varied are labelled from the table of settings, the task's scores by their names. A variable
    that is not known keeps the attributes it has.

    Args:
        dataset: of `ccdni_lib.train`, `ccdni_lib.sweep`, or what the measures of `ccdni_lib.study` make of it.
        task: that was learned; it knows what its errors are.

    Returns:
        The same values, with attributes; the one given is not changed.

    Example:
        >>> from ccdni_lib.tasks import find_task
        >>> run = xr.Dataset({"train_error": ("epoch", [2.0, 1.0])}, {"epoch": [1, 2]})
        >>> describe_variables(run, find_task("seqmnist")).train_error.attrs
        {'long_name': 'training cross-entropy per taught step, mean over the epoch', 'units': 'nat'}
    """
    error, error_unit = error_of(task)
    dataset = dataset.copy()
    for key, variable in dataset.variables.items():
        name = str(key)
        if name in VARIABLES:
            meaning, unit = VARIABLES[name]
        elif name in TABLE:
            meaning, unit = TABLE[name].metadata["meaning"], TABLE[name].metadata["unit"] or "1"
        elif name.startswith(("validation_", "test_")):
            meaning, unit = name.replace("_", " "), "1"
        else:
            continue
        attrs = {"long_name": meaning.replace(ERROR, error), "units": unit.replace(ERROR, error_unit)}
        if not unit or variable.dtype.kind in "OUST":  # words have no unit
            del attrs["units"]
        dataset[key] = dataset[key].assign_attrs(attrs)
    return dataset
