"""What is measured in a run: errors, statistics, populations, captions."""

from .blind import blind_bits
from .caption_scores import score_captions
from .captioning import measure_captions, truthfulness
from .errors import distance_to_target, mean_sem
from .horizons import steps_back
from .outcomes import (
    coupling_of_all_cells,
    difference_to_twins,
    final_digit_error,
    final_reach_error,
    final_step_error,
    final_train_error,
    first_epoch_below,
    taught_error,
    typical_ratio,
)
from .populations import dimension, mean_correlation, r_pop
from .references import blind_digit_error, resting_line_error, resting_reach_error
from .smoothing import smooth
from .statistics import paired_effect

__all__ = [
    "blind_bits",
    "blind_digit_error",
    "coupling_of_all_cells",
    "difference_to_twins",
    "dimension",
    "distance_to_target",
    "final_digit_error",
    "final_reach_error",
    "final_step_error",
    "final_train_error",
    "first_epoch_below",
    "mean_correlation",
    "mean_sem",
    "measure_captions",
    "paired_effect",
    "r_pop",
    "resting_line_error",
    "resting_reach_error",
    "score_captions",
    "smooth",
    "steps_back",
    "taught_error",
    "truthfulness",
    "typical_ratio",
]
