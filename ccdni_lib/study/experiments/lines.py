"""Experiments on line drawing."""

from __future__ import annotations

from .sweep import CEREBELLA, PAIR, TEN, SweepExperiment, lesions


def _line_drawing() -> list[SweepExperiment]:
    sampled, every = {"truncation": 1, "feedback_interval": 2}, list(range(1, 11))
    grid = {"truncation": every, "feedback_interval": [1, 2, 3, 4, 5], **TEN}
    kinds, onsets = ("cerebellum", "olive", "nuclei"), (0, 1, 10, 25, 50, 75, 100, 150, 200)
    few = {"lesion": lesions(kinds, (0, 1, 10, 25, 50, 75, 90))}  # before the end of 100 epochs
    return [
        SweepExperiment(
            "line-drawing-grid",
            "P21 Fig. 2b–d, 3a, S1: line drawing over horizons and feedback intervals",
            "line-drawing",
            PAIR,
            grid,
            sampled,
        ),
        SweepExperiment(
            "line-drawing-terminal",
            "P21 Fig. 2d, 3a as the authors' code would have it: feedback predicted at the end too (ENGINE: C)",
            "line-drawing",
            ("ccrnn",),
            grid | {"terminal_feedback": True},
            sampled,
        ),
        SweepExperiment(
            "line-drawing-fresh",
            "P21 Fig. 2b, c once more, with ten other seeds",
            "line-drawing",
            PAIR,
            {"seeds": list(range(100, 110))},
        ),
        SweepExperiment(
            "line-drawing-oracle",
            "P21 section 2: the true future gradient in place of a prediction, as injected (0.1) and in full",
            "line-drawing",
            ("ccrnn",),
            {"predictor": "oracle", "feedback_scale": [0.1, 1.0], "truncation": [1, 2, 5], **TEN},
            {"feedback_scale": 0.1, "truncation": 1},
        ),
        SweepExperiment(
            "line-drawing-coupling",
            "P21 Fig. 3b: correlations of cortex and cerebellum, and how good predicted feedback is, over learning",
            "line-drawing",
            CEREBELLA,
            TEN,
            record=("coupling", "quality", "correlation"),
            record_every=2,
        ),
        SweepExperiment(
            "line-drawing-lesions",
            "P21 Fig. 3c: the cerebellum, its olive or its output lesioned at chosen epochs",
            "line-drawing",
            ("ccrnn",),
            {"lesion": lesions(kinds, onsets), **TEN},
            {"lesion": ["", "cerebellum@1"]},
            smaller={"quick": few, "class": few},
        ),
        SweepExperiment(
            "line-drawing-lesions-fresh",
            "P21 Fig. 3c: is an early ablation worse than never having had a cerebellum? With forty other seeds",
            "line-drawing",
            ("ccrnn",),
            {"lesion": ["cerebellum@0", "nuclei@0", "cerebellum@1", "cerebellum@10", "nuclei@10", "cerebellum@25"]}
            | {"seeds": list(range(10, 50))},
            {"lesion": ["cerebellum@0", "cerebellum@1"]},
        ),
        SweepExperiment(
            "line-drawing-fixed",
            "P21 Fig. S7: a cerebellum that never learns, its last layer zero or random",
            "line-drawing",
            ("ccrnn",),
            {"cerebellum_init": ["zero", "random"], "lesion": ["", "olive@0"], **TEN},
            {"cerebellum_init": "random"},
        ),
        SweepExperiment(
            "line-drawing-rates",
            "a control: a slower cerebellum, clipped apart or jointly, beside the published learning rate",
            "line-drawing",
            ("ccrnn",),
            {"cerebellum_learning_rate": [1e-3, 3e-4, 1e-4], "clip": ["joint", "separate"], **TEN},
            {"cerebellum_learning_rate": 3e-4, "clip": "separate"},
        ),
    ]


LINES = tuple(_line_drawing())
