"""Whether stored results are still what the code computes: a small piece of each is made anew, and compared."""

from __future__ import annotations

from ...engine.files import FileError
from .catalogue import find_experiment
from .experiment import Deviations
from .results import load_result

QUICK = 25e9  # floating point operations: some five seconds on one core


def is_quick(name: str) -> bool:
    """Whether the sample of an experiment takes seconds.

    Example:
        >>> is_quick("line-drawing-grid"), is_quick("ld-seqmnist")
        (True, False)
    """
    return find_experiment(name).sample_flops < QUICK


def differences(name: str) -> Deviations:
    """Make the sample of an experiment anew, and compare it with the stored result.

    Args:
        name: of the experiment.

    Returns:
        For each variable that does not come out any more, its largest deviation, relative to the stored value; empty
        where all do.

    Raises:
        FileError: when there is no stored result, it is damaged, or it was made from data that are not at hand.
    """
    result, experiment = load_result(name), find_experiment(name)
    made_of, at_hand = result.attrs.get("data", result.attrs.get("images", "")), experiment.data()
    if made_of != at_hand:
        here = at_hand or "nothing else"
        raise FileError(f"{name}: cannot be checked, it was made from {made_of}, and at hand is {here}; set CCDNI_DATA")
    return experiment.deviations(result, experiment.sample())
