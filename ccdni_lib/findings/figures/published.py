"""The published figures that can be drawn here: what they show, which results they read, and how they are drawn."""

from __future__ import annotations

from collections.abc import Callable

import xarray as xr

from ...study.measures.smoothing import smooth
from ...tasks import find_task
from ...tasks.captions import Captions
from ..pictures.picture import Picture
from .captions import images as scenes
from .captions import sweeps as captions
from .cerebellum.coupling import coupling_over_learning
from .cerebellum.lesions import ablation_curves, fixed_cerebellum_curves
from .decoupling.feedforward import losses_and_activities, strongest_pair_correlations
from .digits import learning as digits
from .digits import sweeps as digit_sweeps
from .figure import (
    DIGIT_MAPS,
    REACHING_MAPS,
    ROOMS,
    SEQUENTIAL,
    SWEPT,
    Figure,
    digit_horizons,
    digit_wirings,
    reaching_wirings,
)
from .lines import horizons as lines
from .lines.curves import ataxia_bars, learning_curves, line_drawings
from .reaching import decorrelation
from .reaching import learning as reaching
from .reaching.sparsity import wiring_curves, wiring_maps


def _by_name(*names: str) -> Callable[..., dict[str, xr.Dataset]]:
    return lambda *runs: dict(zip(names, runs, strict=True))


def _published_point(grid: xr.Dataset) -> xr.Dataset:
    return grid.sel(truncation=1, feedback_interval=2)


def _draw_digit_curves(measure: str) -> Callable[..., Picture]:
    return lambda *runs: digits.digit_learning_curves(_by_name(*SEQUENTIAL)(*runs), measure)


def _without_lesion(run: xr.Dataset) -> xr.Dataset:
    return run.sel(lesion="", model="ccrnn")


def _smooth_losses(run: xr.Dataset) -> xr.Dataset:
    return run.assign(run[["train_error", "prediction_error"]].map(smooth))


def _draw_unrolled_network() -> Picture:
    task = find_task("captions")
    assert isinstance(task, Captions)
    return scenes.unrolled_caption_network(task.corpus.validation.scenes[4], "we can see a large red cross", 4)


def _draw_written_captions(*images: int) -> Callable[[xr.Dataset], Picture]:
    return lambda run: scenes.scenes_with_written_captions(run.sel(truncation=4), list(images))


_LINES, _DRAWING_DIGITS = ("line-drawing-grid",), ("ld-seqmnist", "dd-seqmnist")
_DIGIT_LESIONS = ("ld-seqmnist-lesions", "dd-seqmnist-lesions")
_TABLE = (
    Figure(
        "P21-2b",
        "line drawing: training error over epochs, without and with a cerebellum",
        _LINES,
        lambda grid: learning_curves(_published_point(grid)),
    ),
    Figure(
        "P21-2b-drawings",
        "line drawing: what the networks draw",
        _LINES,
        lambda grid: line_drawings(_published_point(grid), find_task("line-drawing").targets()),  # type: ignore[attr-defined]
    ),
    Figure("P21-2c", "line drawing: the ataxia score", _LINES, lambda grid: ataxia_bars(_published_point(grid))),
    Figure(
        "P21-2d",
        "line drawing: error over cortical horizons",
        _LINES,
        lambda grid: lines.line_errors_over_horizons(grid, interval=2),
    ),
    Figure(
        "P21-S1",
        "line drawing: learning curves for each cortical horizon",
        _LINES,
        lambda grid: lines.line_curves_over_horizons(grid, interval=2),
    ),
    Figure(
        "P21-3a",
        "line drawing: error over feedback intervals",
        _LINES,
        lambda grid: lines.line_errors_over_intervals(grid, truncation=1),
    ),
    Figure(
        "P21-3b",
        "line drawing: coupling of cortex and cerebellum over learning",
        ("line-drawing-coupling",),
        lambda run: coupling_over_learning({"ccRNN": run.sel(model="ccrnn")}),
    ),
    Figure(
        "P21-S5",
        "drawing digits: coupling of cortex and cerebellum over learning",
        _DIGIT_LESIONS,
        lambda ld, dd: coupling_over_learning(
            {"ld-seqmnist": _without_lesion(ld), "dd-seqmnist": _without_lesion(dd)}, until=None, shown=(0, 1, 4, 16)
        ),
    ),
    Figure(
        "P21-3c",
        "line drawing: the cerebellum ablated at chosen epochs",
        ("line-drawing-lesions",),
        lambda run: ablation_curves({"line drawing": run}),
    ),
    Figure(
        "P21-S7",
        "line drawing: cerebella that never learn",
        ("line-drawing-fixed",),
        lambda run: fixed_cerebellum_curves(run.sel(model="ccrnn")),
    ),
    Figure(
        "P20-6",
        "target reaching and seqMNIST: the cerebellum ablated at chosen epochs",
        ("reaching-lesions", "seqmnist-lesions"),
        lambda reaching, naming: ablation_curves(
            {"a: target reaching (squared distance)": reaching, "b: seqMNIST (nats)": naming}
        ),
    ),
    Figure(
        "P21-S6",
        "drawing digits: the cerebellum ablated at chosen epochs",
        _DIGIT_LESIONS,
        lambda ld, dd: ablation_curves({"ld-seqmnist": ld, "dd-seqmnist": dd}),
    ),
    Figure(
        "P20-2b",
        "target reaching: learning curves at T = 2",
        ("reaching",),
        lambda run: reaching.reaching_learning_curves(run.sel(truncation=2)),
    ),
    Figure(
        "P20-2c",
        "target reaching: distance from the target on the way",
        ("reaching",),
        lambda run: reaching.reaching_distances(run.sel(truncation=2)),
    ),
    Figure("P20-2d", "target reaching: error over truncations", ("reaching",), reaching.reaching_errors_over_horizons),
    Figure(
        "P20-S9",
        "target reaching: learning curves for each truncation",
        ("reaching",),
        reaching.reaching_learning_curves,
    ),
    Figure(
        "P20-S8",
        "target reaching: variants with other targets and inputs",
        tuple(ROOMS.values()),
        lambda *runs: reaching.reaching_variants(_by_name(*ROOMS)(*runs), truncation=2),
    ),
    Figure(
        "P20-S3-maps",
        "target reaching: error over mossy fibres and granule cells",
        REACHING_MAPS,
        lambda *runs: wiring_maps(reaching_wirings(*runs)),
    ),
    Figure(
        "P20-S3-curves",
        "target reaching: learning curves over mossy fibres and granule cells",
        REACHING_MAPS,
        lambda *runs: wiring_curves(reaching_wirings(*runs)),
    ),
    *(
        Figure(
            name,
            "digit tasks: error over mossy fibres and granule cells",
            (*SWEPT, *DIGIT_MAPS),
            lambda *runs: wiring_maps(digit_wirings(*runs)),
        )
        for name in ("P20-5", "P20-S5")
    ),
    Figure(
        "P20-S4",
        "digit tasks: learning curves over mossy fibres and granule cells",
        (*SWEPT, *DIGIT_MAPS),
        lambda *runs: wiring_curves(digit_wirings(*runs)),
    ),
    Figure(
        "P20-2e",
        "target reaching: error against how correlated the cortex was before training",
        ("reaching-bias",),
        decorrelation.errors_by_cortical_correlation,
    ),
    Figure(
        "P20-2f",
        "target reaching: how correlated predicted feedback is over learning",
        ("reaching-bias",),
        decorrelation.feedback_correlation_curves,
    ),
    Figure(
        "P20-S6",
        "target reaching: population correlation of cortex and predicted feedback",
        ("reaching-bias",),
        lambda run: decorrelation.decorrelation_panels(run, measure="r_pop"),
    ),
    Figure(
        "P20-3d",
        "seqMNIST: correlation of cortex and predicted feedback",
        ("seqmnist-bias",),
        lambda run: decorrelation.decorrelation_panels(run, until=5),
    ),
    Figure(
        "P20-S7",
        "seqMNIST: population correlation of cortex and predicted feedback",
        ("seqmnist-bias",),
        lambda run: decorrelation.decorrelation_panels(run, "r_pop", until=5),
    ),
    Figure("P21-4b", "digit tasks: training error over epochs", SEQUENTIAL, _draw_digit_curves("train_error")),
    Figure("P21-S2", "digit tasks: accuracy in validation", SEQUENTIAL, _draw_digit_curves("validation_accuracy")),
    Figure("P20-3b", "digit tasks: error in validation", SEQUENTIAL, _draw_digit_curves("validation_error")),
    *(
        Figure(f"P21-4a-{task[:2]}", f"{task}: what the networks draw", (task,), digits.digit_outputs)
        for task in _DRAWING_DIGITS
    ),
    *(Figure(f"P21-4c-{task[:2]}", f"{task}: the ataxia score", (task,), ataxia_bars) for task in _DRAWING_DIGITS),
    *(
        Figure(
            f"P21-4d-{task[:2]}",
            f"{task}: error over cortical horizons",
            (f"{task}-horizons-full",),
            digits.digit_ratios_over_horizons,
        )
        for task in _DRAWING_DIGITS
    ),
    Figure(
        "P21-S3",
        "seqMNIST: error over cortical horizons",
        ("seqmnist-horizons-full",),
        digits.digit_ratios_over_horizons,
    ),
    Figure(
        "P21-S4",
        "drawing digits: error over feedback intervals",
        ("ld-seqmnist-grid", "dd-seqmnist-intervals"),
        lambda ld, dd: digit_sweeps.digit_ratios_over_intervals(
            {"ld-seqmnist": ld.sel(truncation=3), "dd-seqmnist": dd}
        ),
    ),
    *(
        Figure(
            name,
            "digit tasks: error over truncations",
            SWEPT,
            lambda *runs: digit_sweeps.digit_errors_over_horizons(digit_horizons(*runs)),
        )
        for name in ("P20-3c", "P20-S11")
    ),
    Figure(
        "P20-S10",
        "digit tasks: learning curves for each truncation",
        SWEPT,
        lambda *runs: digit_sweeps.digit_curves_over_horizons(digit_horizons(*runs)),
    ),
    Figure(
        "P20-7-losses",
        "forward DNI: losses and mean activities over batches",
        ("forward-mnist",),
        lambda run: losses_and_activities(_smooth_losses(run)),
    ),
    Figure(
        "P20-7-pairs",
        "forward DNI: the most correlated pairs over batches",
        ("forward-mnist",),
        strongest_pair_correlations,
    ),
    *(
        Figure(name, "captions: the network unrolled in time", (), _draw_unrolled_network)
        for name in ("P21-5a", "P20-4a")
    ),
    *(
        Figure(
            name,
            "captions: bits per word over epochs",
            ("captions",),
            lambda run: captions.caption_learning_curves(run.sel(truncation=4)),
        )
        for name in ("P21-5b", "P20-4b")
    ),
    Figure("P20-4d", "captions: change in loss over truncations", ("captions",), captions.caption_loss_changes),
    Figure(
        "P20-S14",
        "captions: bits per word over epochs for each truncation",
        ("captions",),
        captions.caption_curves_over_truncations,
    ),
    Figure(
        "P20-S13",
        "captions: change in validation against change in training",
        ("captions",),
        captions.caption_generalisation,
    ),
    Figure("P20-S15", "captions: scores over truncations", ("captions",), captions.caption_scores_over_truncations),
    *(
        Figure(name, "captions: what the models say of two scenes", ("captions",), _draw_written_captions(4, 8))
        for name in ("P21-5c", "P20-4c")
    ),
    Figure(
        "P20-S12",
        "captions: what the models say of six scenes",
        ("captions",),
        _draw_written_captions(6, 7, 9, 10, 11, 13),
    ),
)
FIGURES = {figure.name: figure for figure in _TABLE}
