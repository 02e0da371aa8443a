"""What the book's chapters use: explorers, and exercises that check themselves."""

from .check import check
from .explore import Explorer
from .lines import line_explorer
from .reach import reach_explorer
from .steps import step_explorer

__all__ = ["Explorer", "check", "line_explorer", "reach_explorer", "step_explorer"]
