"""Whether stored results are still what the engine computes: a small piece of each is made anew, and compared."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ...engine.training.threads import batch_flops
from ...study.experiments import load_result
from ...study.experiments.catalogue import EXPERIMENTS, find_experiment
from ...tasks import find_task, settings_for
from .claim import Claim

QUICK = 25e9  # floating point operations: some five seconds on one core
LEARNING = ("train_error", "ataxia_score", "bits_per_word")  # of an epoch; what is measured at the end differs
TOLERANCE, TOLERANCE_RECORDED = 2e-3, 1e-2  # relative; results are stored with four digits


def sample_flops(name: str) -> float:
    """Roughly what the sample of an experiment costs, in floating point operations.

    Example:
        >>> sample_flops("line-drawing-grid") < QUICK < sample_flops("ld-seqmnist")
        True
    """
    experiment, total = find_experiment(name), 0.0
    task = find_task(experiment.task)
    known = {**experiment.settings, **experiment.sampled}
    lesions = known.get("lesion", "")
    points = len(lesions) if isinstance(lesions, list) else 1
    fixed = {key: value for key, value in known.items() if key != "lesion" and not isinstance(value, list)}
    for model in experiment.models:
        settings = settings_for(task, model=model, **fixed)
        updates = experiment.sampled_epochs * settings.batches * points
        total += updates * batch_flops(task, settings)
    return total


def quick_experiments(claims: Iterable[Claim]) -> list[str]:
    """Those experiments that claims rest on whose samples take seconds.

    Example:
        >>> from ccdni_lib.findings.claims.catalogue import find_claims
        >>> quick_experiments(find_claims(["P21-2c", "P21-4c"]))
        ['line-drawing-grid', 'line-drawing-fresh']
    """
    names = dict.fromkeys(name for claim in claims for name in claim.experiments)
    return [name for name in names if name in EXPERIMENTS and sample_flops(name) < QUICK]


def differences(name: str) -> dict[str, float]:
    """Make the sample of an experiment anew, and compare it with the stored result.

    Args:
        name: of the experiment.

    Returns:
        For each variable that does not come out any more, its largest deviation, relative to the stored value; empty
        where all do.

    Raises:
        FileError: when there is no stored result.
    """
    result, experiment = load_result(name), find_experiment(name)
    sample = experiment.sample()
    same = result.sel(**experiment.sampled, seed=sample.seed, epoch=sample.epoch)
    wide = {"bits_per_word": TOLERANCE_RECORDED}  # at one moment of a course that rounding has moved
    pairs = {key: (sample[key], same[key], wide.get(key, TOLERANCE), 0.0) for key in LEARNING if key in same}
    for key, data in sample.data_vars.items():
        if "recorded_epoch" in data.dims:
            before = same[key].sel(recorded_epoch=sample.recorded_epoch)
            pairs[str(key)] = (data, before, TOLERANCE_RECORDED, TOLERANCE_RECORDED)
    return {
        key: float(np.nanmax(abs(new - old) / abs(old)))
        for key, (new, old, relative, absolute) in pairs.items()
        if not np.allclose(new, old.transpose(*new.dims), relative, absolute, equal_nan=True)
    }
