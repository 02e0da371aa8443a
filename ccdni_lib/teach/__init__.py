"""What the book's chapters use: explorers, and exercises that check themselves."""

from .check import check
from .explorers.captions import caption_explorer
from .explorers.cerebellum.coupling import coupling_explorer
from .explorers.cerebellum.lesions import lesion_explorer
from .explorers.decoupling.layers import decoupling_explorer
from .explorers.decoupling.locks import locks_explorer, timeline, working_share
from .explorers.decoupling.predicting import predicting_explorer
from .explorers.digits import digit_explorer
from .explorers.lines.horizons import horizon_explorer
from .explorers.lines.reach import reach_explorer
from .explorers.lines.steps import step_explorer
from .explorers.lines.trajectories import line_explorer
from .explorers.reaching.expansion import expand, expansion_explorer, mossy_patterns
from .explorers.reaching.wiring import wiring_explorer
from .widget.anytask import task_explorer
from .widget.widget import Explorer

__all__ = [
    "Explorer",
    "caption_explorer",
    "check",
    "coupling_explorer",
    "decoupling_explorer",
    "digit_explorer",
    "expand",
    "expansion_explorer",
    "horizon_explorer",
    "lesion_explorer",
    "line_explorer",
    "locks_explorer",
    "mossy_patterns",
    "predicting_explorer",
    "reach_explorer",
    "step_explorer",
    "task_explorer",
    "timeline",
    "wiring_explorer",
    "working_share",
]
