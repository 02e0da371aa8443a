"""Named experiments, and the results that are stored of them."""

from .catalogue import EXPERIMENTS, find_experiment
from .experiment import EXPERIMENT_BUDGETS
from .recheck import differences
from .results import MissingResult, load_result, make_result, make_results, missing_results, results_folder

__all__ = [
    "EXPERIMENTS",
    "EXPERIMENT_BUDGETS",
    "MissingResult",
    "differences",
    "find_experiment",
    "load_result",
    "make_result",
    "make_results",
    "missing_results",
    "results_folder",
]
