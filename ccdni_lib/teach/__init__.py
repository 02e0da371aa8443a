"""What the book's chapters use: explorers, and exercises that check themselves."""

from .anytask import task_explorer
from .captioning import caption_explorer
from .check import check
from .coupling import coupling_explorer
from .decoupling import decoupling_explorer
from .digits import digit_explorer
from .expansion import expansion_explorer
from .explore import Explorer
from .horizons import horizon_explorer
from .lesions import lesion_explorer
from .lines import line_explorer
from .locks import locks_explorer
from .predicting import predicting_explorer
from .reach import reach_explorer
from .reaching import wiring_explorer
from .steps import step_explorer

__all__ = [
    "Explorer",
    "caption_explorer",
    "check",
    "coupling_explorer",
    "decoupling_explorer",
    "digit_explorer",
    "expansion_explorer",
    "horizon_explorer",
    "lesion_explorer",
    "line_explorer",
    "locks_explorer",
    "predicting_explorer",
    "reach_explorer",
    "step_explorer",
    "task_explorer",
    "wiring_explorer",
]
