"""Figures: from results to pictures with their alternative texts; and the published ones, by name."""

from ..pictures.picture import STYLES, Picture
from .captions.images import (
    caption_task,
    captioned_scenes,
    naming_steps,
    scenes_with_written_captions,
    true_shares,
    unrolled_caption_network,
    words_in_reach,
)
from .captions.sweeps import (
    caption_curves_over_truncations,
    caption_generalisation,
    caption_learning_curves,
    caption_loss_changes,
    caption_score_table,
    caption_scores_over_truncations,
)
from .cerebellum.anatomy import cerebellar_loop, scores_by_granule_cells
from .cerebellum.coupling import (
    coupling_of_controls,
    coupling_over_learning,
    feedback_quality_by_cut,
    feedback_quality_over_learning,
    predictor_ladder,
)
from .cerebellum.lesions import (
    ablation_curves,
    curves_after_lesions,
    epochs_until_worse,
    fixed_cerebellum_curves,
    lesion_onsets,
    lesion_twin_ratios,
    lesions_against_twins,
)
from .decoupling.feedforward import (
    all_pair_correlations,
    course_panels,
    losses_and_activities,
    predicted_against_true_feedback,
    strongest_pair_correlations,
    teacher_ladder,
)
from .decoupling.locks import late_feedback_paths, waiting_shares
from .digits.learning import (
    digit_errors_by_step,
    digit_labels,
    digit_learning_curves,
    digit_outputs,
    digit_ratios_over_horizons,
    digit_rows,
    digit_targets,
)
from .digits.sweeps import (
    digit_curves_over_horizons,
    digit_errors_over_horizons,
    digit_ratios_over_cuts,
    digit_ratios_over_intervals,
)
from .figure import DIGIT_MAPS, REACHING_MAPS, ROOMS, SWEPT, digit_horizons, digit_wirings, reaching_wirings
from .gallery import draw, figure_text, find_figures
from .ledger import verdicts_by_topic
from .lines.curves import ataxia_bars, errors_by_step, learning_curves, line_drawings, named_curves
from .lines.future import cerebellar_rate_curves, terminal_feedback_courses, terminal_feedback_errors
from .lines.horizons import (
    line_curves_over_horizons,
    line_errors_by_steps_back,
    line_errors_over_horizons,
    line_errors_over_intervals,
    line_ratio_maps,
)
from .published import FIGURES
from .reaching.decorrelation import decorrelation_panels, errors_by_cortical_correlation, feedback_correlation_curves
from .reaching.learning import (
    reaching_distances,
    reaching_errors_over_horizons,
    reaching_learning_curves,
    reaching_paths,
    reaching_variants,
)
from .reaching.sparsity import Wiring, wiring_curves, wiring_maps

__all__ = [
    "DIGIT_MAPS",
    "FIGURES",
    "REACHING_MAPS",
    "ROOMS",
    "STYLES",
    "SWEPT",
    "Picture",
    "Wiring",
    "ablation_curves",
    "all_pair_correlations",
    "ataxia_bars",
    "caption_curves_over_truncations",
    "caption_generalisation",
    "caption_learning_curves",
    "caption_loss_changes",
    "caption_score_table",
    "caption_scores_over_truncations",
    "caption_task",
    "captioned_scenes",
    "cerebellar_loop",
    "cerebellar_rate_curves",
    "coupling_of_controls",
    "coupling_over_learning",
    "course_panels",
    "curves_after_lesions",
    "decorrelation_panels",
    "digit_curves_over_horizons",
    "digit_errors_by_step",
    "digit_errors_over_horizons",
    "digit_horizons",
    "digit_labels",
    "digit_learning_curves",
    "digit_outputs",
    "digit_ratios_over_cuts",
    "digit_ratios_over_horizons",
    "digit_ratios_over_intervals",
    "digit_rows",
    "digit_targets",
    "digit_wirings",
    "draw",
    "epochs_until_worse",
    "errors_by_cortical_correlation",
    "errors_by_step",
    "feedback_correlation_curves",
    "feedback_quality_by_cut",
    "feedback_quality_over_learning",
    "figure_text",
    "find_figures",
    "fixed_cerebellum_curves",
    "late_feedback_paths",
    "learning_curves",
    "lesion_onsets",
    "lesion_twin_ratios",
    "lesions_against_twins",
    "line_curves_over_horizons",
    "line_drawings",
    "line_errors_by_steps_back",
    "line_errors_over_horizons",
    "line_errors_over_intervals",
    "line_ratio_maps",
    "losses_and_activities",
    "named_curves",
    "naming_steps",
    "predicted_against_true_feedback",
    "predictor_ladder",
    "reaching_distances",
    "reaching_errors_over_horizons",
    "reaching_learning_curves",
    "reaching_paths",
    "reaching_variants",
    "reaching_wirings",
    "scenes_with_written_captions",
    "scores_by_granule_cells",
    "strongest_pair_correlations",
    "teacher_ladder",
    "terminal_feedback_courses",
    "terminal_feedback_errors",
    "true_shares",
    "unrolled_caption_network",
    "verdicts_by_topic",
    "waiting_shares",
    "wiring_curves",
    "wiring_maps",
    "words_in_reach",
]
