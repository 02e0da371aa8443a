"""Which experiments there are: for every published figure that can be made here, what must be trained."""

from __future__ import annotations

from ...engine.settings import SettingError
from ..measures.captioning import measure_captions
from .digits import DIGITS
from .experiment import ALL, PAIR, TEN, Experiment, lesions

_CEREBELLA = ("ccrnn", "sccrnn")
_LINES = {"quick": {"seeds": 2, "epochs": 20}, "class": {"seeds": 4, "epochs": 100}}
_REACHING = {"quick": {"seeds": 2, "epochs": 100}, "class": {"seeds": 5, "epochs": 300}}


def _line_drawing() -> list[Experiment]:
    sampled, every = {"truncation": 1, "feedback_interval": 2}, list(range(1, 11))
    grid = {"truncation": every, "feedback_interval": [1, 2, 3, 4, 5], **TEN}
    kinds, onsets = ("cerebellum", "olive", "nuclei"), (0, 1, 10, 25, 50, 75, 100, 150, 200)
    few = {"lesion": lesions(kinds, (0, 1, 5, 10))}
    return [
        Experiment(
            "line-drawing-grid",
            "P21 Fig. 2b–d, 3a, S1: line drawing over horizons and feedback intervals",
            "line-drawing",
            PAIR,
            grid,
            sampled,
            budgets=_LINES,
        ),
        Experiment(
            "line-drawing-terminal",
            "P21 Fig. 2d, 3a as the authors' code would have it: feedback predicted at the end too (ENGINE: C)",
            "line-drawing",
            ("ccrnn",),
            grid | {"terminal_feedback": True},
            sampled,
            budgets=_LINES,
        ),
        Experiment(
            "line-drawing-fresh",
            "P21 Fig. 2b, c once more, with ten other seeds",
            "line-drawing",
            PAIR,
            {"seeds": list(range(100, 110))},
            budgets=_LINES,
        ),
        Experiment(
            "line-drawing-oracle",
            "P21 section 2: the true future gradient in place of a prediction, as injected (0.1) and in full",
            "line-drawing",
            ("ccrnn",),
            {"predictor": "oracle", "feedback_scale": [0.1, 1.0], "truncation": [1, 2, 5], **TEN},
            {"feedback_scale": 0.1, "truncation": 1},
            budgets=_LINES,
        ),
        Experiment(
            "line-drawing-coupling",
            "P21 Fig. 3b: correlations of cortex and cerebellum, and how good predicted feedback is, over learning",
            "line-drawing",
            _CEREBELLA,
            TEN,
            record=("coupling", "quality", "correlation"),
            record_every=2,
            budgets=_LINES,
        ),
        Experiment(
            "line-drawing-lesions",
            "P21 Fig. 3c: the cerebellum, its olive or its output lesioned at chosen epochs",
            "line-drawing",
            ("ccrnn",),
            {"lesion": lesions(kinds, onsets), **TEN},
            {"lesion": ["", "cerebellum@1"]},
            budgets={budget: settings | few for budget, settings in _LINES.items()},
        ),
        Experiment(
            "line-drawing-lesions-fresh",
            "P21 Fig. 3c: is an early ablation worse than never having had a cerebellum? With forty other seeds",
            "line-drawing",
            ("ccrnn",),
            {"lesion": ["cerebellum@0", "nuclei@0", "cerebellum@1", "cerebellum@10", "nuclei@10", "cerebellum@25"]}
            | {"seeds": list(range(10, 50))},
            {"lesion": ["cerebellum@0", "cerebellum@1"]},
            budgets=_LINES,
        ),
        Experiment(
            "line-drawing-fixed",
            "P21 Fig. S7: a cerebellum that never learns, its last layer zero or random",
            "line-drawing",
            ("ccrnn",),
            {"cerebellum_init": ["zero", "random"], "lesion": ["", "olive@0"], **TEN},
            {"cerebellum_init": "random"},
            budgets=_LINES,
        ),
        Experiment(
            "line-drawing-rates",
            "a control: a slower cerebellum, clipped apart or jointly, beside the published learning rate",
            "line-drawing",
            ("ccrnn",),
            {"cerebellum_learning_rate": [1e-3, 3e-4, 1e-4], "clip": ["joint", "separate"], **TEN},
            {"cerebellum_learning_rate": 3e-4, "clip": "separate"},
            budgets=_LINES,
        ),
    ]


def _target_reaching() -> list[Experiment]:
    horizons = {"truncation": [2, 3, 4, 5, 7], **TEN}  # P20 SM A.1
    onsets, few = (0, 10, 50, 100, 150, 200, 250), {"lesion": lesions(("cerebellum",), (0, 10, 50))}
    variants = [
        ("reaching", "", "P20 Fig. 2b–d and S9: target reaching over horizons"),
        ("reaching-3", ":targets=3", "P20 Fig. S8a: target reaching, 3 targets"),
        ("reaching-9", ":targets=9", "P20 Fig. S8b: target reaching, 9 targets"),
        ("reaching-2d", ":inputs=2", "P20 Fig. S8c: target reaching, two noisy inputs"),
        ("reaching-28d", ":inputs=28", "P20 Fig. S8d: target reaching, 28 noisy inputs"),
    ]
    return [
        *(
            Experiment(name, shows, f"target-reaching{variant}", ALL, horizons, {"truncation": 3}, budgets=_REACHING)
            for name, variant, shows in variants
        ),
        Experiment(
            "reaching-long",
            "P20 Fig. 2b–d, trained ten times as long as published: a control",
            "target-reaching",
            ALL,
            {"truncation": [2, 3, 5], "epochs": 3000, **TEN},
            {"truncation": 3},
            budgets={"quick": {"seeds": 2, "epochs": 200}, "class": {"seeds": 5, "epochs": 1000}},
        ),
        Experiment(
            "reaching-long-fresh",
            "P20 Fig. 2c: the way to the target at T = 5, trained ten times as long, with ten other seeds",
            "target-reaching",
            ALL,
            {"truncation": 5, "epochs": 3000, "seeds": list(range(100, 110))},
            budgets={"quick": {"seeds": 2, "epochs": 200}, "class": {"seeds": 5, "epochs": 1000}},
        ),
        Experiment(
            "reaching-lesions",
            "P20 Fig. 6a: the cerebellum ablated at chosen epochs of target reaching",
            "target-reaching",
            _CEREBELLA,
            {"lesion": lesions(("cerebellum",), onsets), "truncation": 2, **TEN},
            {"lesion": ["", "cerebellum@0"]},
            budgets={budget: settings | few for budget, settings in _REACHING.items()},
        ),
        Experiment(
            "reaching-map",
            "P20 Fig. S3a, b: mossy fibres a granule cell (K) and granule cells (M/N = 1, 2, 4, 10, 20)",
            "target-reaching",
            ("sccrnn",),
            {"mossy_fibres": [1, 4, 8, 12, 20], "granule_cells": [20, 40, 80, 200, 400], "truncation": 2, **TEN},
            {"mossy_fibres": 4, "granule_cells": 80},
            budgets=_REACHING,
        ),
        Experiment(
            "reaching-28d-map",
            "P20 Fig. S3c, d: the same with 28 noisy inputs, 100 epochs",
            "target-reaching:inputs=28",
            ("sccrnn",),
            {"mossy_fibres": [1, 4, 10, 30, 60], "granule_cells": [60, 120, 240, 600], "truncation": 2}
            | {"epochs": 100, **TEN},
            {"mossy_fibres": 4, "granule_cells": 240},
            sampled_epochs=2,
            budgets={"quick": {"seeds": 2, "epochs": 30}, "class": {"seeds": 5, "epochs": 100}},
        ),
        Experiment(
            "reaching-bias",
            "P20 Fig. 2e, f, S6: initial weights scaled by b, correlations of cortex and of predicted feedback",
            "target-reaching",
            ALL,
            {"bias_factor": [0.01, 0.1, 0.5, 1.0, 2.0], "truncation": 2, **TEN},
            {"bias_factor": 0.1},
            record=("correlation",),
            record_every=5,
            budgets=_REACHING,
        ),
    ]


def _captions() -> list[Experiment]:
    # the smallest at which a cortex with a long horizon, and no cerebellum, learns to look at the image
    size = {"lstm_units": 128, "granule_cells": 512, "learning_rate": 3e-3, "seeds": list(range(5))}
    few = {"quick": {"seeds": 2, "epochs": 2}, "class": {"seeds": 3, "epochs": 10}}
    return [
        Experiment(
            "captions",
            "P21 Fig. 5b, c, Table S2; P20 Fig. 4b–d, S12–S15: learning to write captions, on scenes at teaching size "
            "(not COCO, not published size)",
            "captions",
            ALL,
            {"truncation": [3, 4, 5, 7, 10, 15], "epochs": 20, **size},
            {"truncation": 4},
            sampled_epochs=2,
            budgets=few | {"quick": few["quick"] | {"truncation": [4, 10]}},
            measure=measure_captions,
        ),
        Experiment(
            "captions-coco-sample",
            "what 271 photographs can show: fitting and metrics, not scores at COCO's scale",
            "captions:source=coco",
            ALL,
            {"truncation": 4, "epochs": 40, **size},
            sampled_epochs=2,
            budgets=few,
            measure=measure_captions,
        ),
    ]


EXPERIMENTS = {one.name: one for one in (*_line_drawing(), *_target_reaching(), *DIGITS, *_captions())}


def find_experiment(name: str) -> Experiment:
    """The experiment of that name.

    Raises:
        SettingError: when there is none.
    """
    if name not in EXPERIMENTS:
        raise SettingError(f"experiment {name}: must be one of {', '.join(EXPERIMENTS)}")
    return EXPERIMENTS[name]
