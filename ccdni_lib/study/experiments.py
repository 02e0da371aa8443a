"""Which experiments there are: for every published figure that can be made here, what must be trained."""

from __future__ import annotations

from ..engine.settings import SettingError
from .captioning import measure_captions
from .experiment import Experiment

_CORTEX, _PAIR, _ALL = ("crnn",), ("crnn", "ccrnn"), ("crnn", "ccrnn", "sccrnn")
_CEREBELLA = ("ccrnn", "sccrnn")
_TEN, _THREE = {"seeds": list(range(10))}, {"seeds": list(range(3))}  # three: I SM A.2
_LINES = {"quick": {"seeds": 2, "epochs": 20}, "class": {"seeds": 4, "epochs": 100}}
_REACHING = {"quick": {"seeds": 2, "epochs": 100}, "class": {"seeds": 5, "epochs": 300}}
_FEW = {"epochs": 2, "batches": 60, "validation_size": 500, "learning_rate": 1e-3}
_MORE = {"epochs": 5, "batches": 240, "validation_size": 2000, "learning_rate": 1e-3}
_DIGITS = {"quick": {"seeds": 2, **_FEW}, "class": {"seeds": 3, **_MORE}}
_TEACHING = {"epochs": 8, "batches": 240, "learning_rate": 1e-3, "validation_size": 2000}


def lesions(kinds: tuple[str, ...], epochs: tuple[int, ...]) -> list[str]:
    """No lesion, and each kind at each of the epochs.

    Example:
        >>> lesions(("cerebellum", "olive"), (0, 50))
        ['', 'cerebellum@0', 'cerebellum@50', 'olive@0', 'olive@50']
    """
    return ["", *(f"{kind}@{epoch}" for kind in kinds for epoch in epochs)]


def _line_drawing() -> list[Experiment]:
    sampled, every = {"truncation": 1, "feedback_interval": 2}, list(range(1, 11))
    grid = {"truncation": every, "feedback_interval": [1, 2, 3, 4, 5], **_TEN}
    kinds, onsets = ("cerebellum", "olive", "nuclei"), (0, 1, 10, 25, 50, 75, 100, 150, 200)
    few = {"lesion": lesions(kinds, (0, 1, 5, 10))}
    return [
        Experiment(
            "line-drawing-grid",
            "N Fig. 2b–d, 3a, S1: line drawing over horizons and feedback intervals",
            "line-drawing",
            _PAIR,
            grid,
            sampled,
            budgets=_LINES,
        ),
        Experiment(
            "line-drawing-terminal",
            "N Fig. 2d, 3a as the authors' code would have it: feedback predicted at the end too (ENGINE: C)",
            "line-drawing",
            ("ccrnn",),
            grid | {"terminal_feedback": True},
            sampled,
            budgets=_LINES,
        ),
        Experiment(
            "line-drawing-fresh",
            "N Fig. 2b, c once more, with ten other seeds",
            "line-drawing",
            _PAIR,
            {"seeds": list(range(100, 110))},
            budgets=_LINES,
        ),
        Experiment(
            "line-drawing-oracle",
            "N section 2: the true future gradient in place of a prediction, as injected (0.1) and in full",
            "line-drawing",
            ("ccrnn",),
            {"predictor": "oracle", "feedback_scale": [0.1, 1.0], "truncation": [1, 2, 5], **_TEN},
            {"feedback_scale": 0.1, "truncation": 1},
            budgets=_LINES,
        ),
        Experiment(
            "line-drawing-coupling",
            "N Fig. 3b: correlations of cortex and cerebellum, and how good predicted feedback is, over learning",
            "line-drawing",
            _CEREBELLA,
            _TEN,
            record=("coupling", "quality", "correlation"),
            record_every=2,
            budgets=_LINES,
        ),
        Experiment(
            "line-drawing-lesions",
            "N Fig. 3c: the cerebellum, its olive or its output lesioned at chosen epochs",
            "line-drawing",
            ("ccrnn",),
            {"lesion": lesions(kinds, onsets), **_TEN},
            {"lesion": ["", "cerebellum@1"]},
            budgets={budget: settings | few for budget, settings in _LINES.items()},
        ),
        Experiment(
            "line-drawing-lesions-fresh",
            "N Fig. 3c: is an early ablation worse than never having had a cerebellum? With forty other seeds",
            "line-drawing",
            ("ccrnn",),
            {"lesion": ["cerebellum@0", "nuclei@0", "cerebellum@1", "cerebellum@10", "nuclei@10", "cerebellum@25"]}
            | {"seeds": list(range(10, 50))},
            {"lesion": ["cerebellum@0", "cerebellum@1"]},
            budgets=_LINES,
        ),
        Experiment(
            "line-drawing-fixed",
            "N Fig. S7: a cerebellum that never learns, its last layer zero or random",
            "line-drawing",
            ("ccrnn",),
            {"cerebellum_init": ["zero", "random"], "lesion": ["", "olive@0"], **_TEN},
            {"cerebellum_init": "random"},
            budgets=_LINES,
        ),
        Experiment(
            "line-drawing-rates",
            "a control: a slower cerebellum, clipped apart or jointly, beside the published learning rate",
            "line-drawing",
            ("ccrnn",),
            {"cerebellum_learning_rate": [1e-3, 3e-4, 1e-4], "clip": ["joint", "separate"], **_TEN},
            {"cerebellum_learning_rate": 3e-4, "clip": "separate"},
            budgets=_LINES,
        ),
    ]


def _target_reaching() -> list[Experiment]:
    horizons = {"truncation": [2, 3, 4, 5, 7], **_TEN}  # I SM A.1
    onsets, few = (0, 10, 50, 100, 150, 200, 250), {"lesion": lesions(("cerebellum",), (0, 10, 50))}
    variants = [
        ("reaching", "", "I Fig. 2b–d and S9: target reaching over horizons"),
        ("reaching-3", ":targets=3", "I Fig. S8a: target reaching, 3 targets"),
        ("reaching-9", ":targets=9", "I Fig. S8b: target reaching, 9 targets"),
        ("reaching-2d", ":inputs=2", "I Fig. S8c: target reaching, two noisy inputs"),
        ("reaching-28d", ":inputs=28", "I Fig. S8d: target reaching, 28 noisy inputs"),
    ]
    return [
        *(
            Experiment(name, shows, f"target-reaching{variant}", _ALL, horizons, {"truncation": 3}, budgets=_REACHING)
            for name, variant, shows in variants
        ),
        Experiment(
            "reaching-long",
            "I Fig. 2b–d, trained ten times as long as published: a control",
            "target-reaching",
            _ALL,
            {"truncation": [2, 3, 5], "epochs": 3000, **_TEN},
            {"truncation": 3},
            budgets={"quick": {"seeds": 2, "epochs": 200}, "class": {"seeds": 5, "epochs": 1000}},
        ),
        Experiment(
            "reaching-long-fresh",
            "I Fig. 2c: the way to the target at T = 5, trained ten times as long, with ten other seeds",
            "target-reaching",
            _ALL,
            {"truncation": 5, "epochs": 3000, "seeds": list(range(100, 110))},
            budgets={"quick": {"seeds": 2, "epochs": 200}, "class": {"seeds": 5, "epochs": 1000}},
        ),
        Experiment(
            "reaching-lesions",
            "I Fig. 6a: the cerebellum ablated at chosen epochs of target reaching",
            "target-reaching",
            _CEREBELLA,
            {"lesion": lesions(("cerebellum",), onsets), "truncation": 2, **_TEN},
            {"lesion": ["", "cerebellum@0"]},
            budgets={budget: settings | few for budget, settings in _REACHING.items()},
        ),
        Experiment(
            "reaching-map",
            "I Fig. S3a, b: mossy fibres a granule cell (K) and granule cells (M/N = 1, 2, 4, 10, 20)",
            "target-reaching",
            ("sccrnn",),
            {"mossy_fibres": [1, 4, 8, 12, 20], "granule_cells": [20, 40, 80, 200, 400], "truncation": 2, **_TEN},
            {"mossy_fibres": 4, "granule_cells": 80},
            budgets=_REACHING,
        ),
        Experiment(
            "reaching-28d-map",
            "I Fig. S3c, d: the same with 28 noisy inputs, 100 epochs",
            "target-reaching:inputs=28",
            ("sccrnn",),
            {"mossy_fibres": [1, 4, 10, 30, 60], "granule_cells": [60, 120, 240, 600], "truncation": 2}
            | {"epochs": 100, **_TEN},
            {"mossy_fibres": 4, "granule_cells": 240},
            sampled_epochs=2,
            budgets={"quick": {"seeds": 2, "epochs": 30}, "class": {"seeds": 5, "epochs": 100}},
        ),
        Experiment(
            "reaching-bias",
            "I Fig. 2e, f, S6: initial weights scaled by b, correlations of cortex and of predicted feedback",
            "target-reaching",
            _ALL,
            {"bias_factor": [0.01, 0.1, 0.5, 1.0, 2.0], "truncation": 2, **_TEN},
            {"bias_factor": 0.1},
            record=("correlation",),
            record_every=5,
            budgets=_REACHING,
        ),
    ]


def _digits() -> list[Experiment]:
    ablations = {"lesion": lesions(("cerebellum",), (0, 1, 2, 4, 8, 12)), "seeds": list(range(5))}
    few = {"lesion": lesions(("cerebellum",), (0, 1))}
    digits = {budget: settings | few for budget, settings in _DIGITS.items()}
    tasks = [
        ("ld-seqmnist", "N Fig. 4, S2; I Fig. 3: lines to a digit's place", _TEN),
        ("dd-seqmnist", "N Fig. 4, S2; I Fig. 3: drawing a digit", _TEN),
        ("c-seqmnist", "I Fig. 3 (there T = 5), at N's T = 3: a digit's place at the end", _TEN),
        ("seqmnist", "N Fig. S2; I Fig. 3: naming a digit", _TEN),
    ]
    intervals = {"feedback_interval": [1, 2, 4, 7, 14]}
    small = "at teaching size (not published size)"
    fibres = {"mossy_fibres": [1, 4, 10, 60], "granule_cells": [60, 300, 600], "truncation": 3}
    return [
        *(
            Experiment(task, shows, task, _ALL, seeds, sampled_epochs=1, budgets=_DIGITS)
            for task, shows, seeds in tasks
        ),
        Experiment(
            "ld-seqmnist-grid",
            f"N Fig. 4d, S3, S4; I Fig. 3, S10, S11: horizons and intervals, {small}",
            "ld-seqmnist",
            _PAIR,
            {"truncation": [1, 2, 3, 4, 5, 7, 10], **intervals, **_THREE, **_TEACHING},
            {"truncation": 3, "feedback_interval": 4},
            sampled_epochs=1,
            budgets=_DIGITS,
        ),
        *(
            Experiment(
                f"{task}-horizons",
                f"{shows}, {small}",
                task,
                _ALL,
                {"truncation": [1, 2, 3, 4, 5, 7, 10], **_THREE, **_TEACHING},
                {"truncation": 3},
                sampled_epochs=1,
                budgets=_DIGITS,
            )
            for task, shows in (
                ("dd-seqmnist", "N Fig. 4d, S3; I Fig. S10, S11: horizons of dd-seqMNIST"),
                ("c-seqmnist", "I Fig. S10, S11: horizons of c-seqMNIST"),
                ("seqmnist", "N Fig. S3; I Fig. 3c, S10: horizons of seqMNIST"),
            )
        ),
        *(
            Experiment(
                f"{task}-horizons-full",
                shows,
                task,
                _PAIR,
                {"truncation": [1, 2, 3, 5, 7, 10], **_TEN},
                {"truncation": 3},
                sampled_epochs=1,
                budgets={budget: {**size, "truncation": [1, 3, 10]} for budget, size in _DIGITS.items()},
            )
            for task, shows in (
                ("ld-seqmnist", "N Fig. 4d: horizons of ld-seqMNIST, at published size"),
                ("dd-seqmnist", "N Fig. 4d: horizons of dd-seqMNIST, at published size"),
            )
        ),
        *(
            Experiment(
                f"{task}-cuts",
                f"a control for N Fig. 4d: in {name} T = 4 is to the cortex what T = 1 and 2 are, with fewer cuts",
                task,
                ("ccrnn",),
                {"truncation": 4, **_TEN},
                sampled_epochs=1,
                budgets=_DIGITS,
            )
            for task, name in (("ld-seqmnist", "ld-seqMNIST"), ("dd-seqmnist", "dd-seqMNIST"))
        ),
        Experiment(
            "dd-seqmnist-intervals",
            f"N Fig. S4: feedback intervals of dd-seqMNIST, {small}",
            "dd-seqmnist",
            _PAIR,
            {**intervals, **_THREE, **_TEACHING},
            {"feedback_interval": 4},
            sampled_epochs=1,
            budgets=_DIGITS,
        ),
        *(
            Experiment(
                f"{task}-lesions",
                f"{shows}, {small}",
                task,
                ("ccrnn",),
                {**_TEACHING, "epochs": 16, **ablations},
                {"lesion": ["", "cerebellum@0"]},
                record=("coupling",),
                sampled_epochs=1,
                budgets=digits,
            )
            for task, shows in (
                ("ld-seqmnist", "N Fig. S5, S6: coupling, and ablation at chosen epochs, of ld-seqMNIST"),
                ("dd-seqmnist", "N Fig. S5, S6: coupling, and ablation at chosen epochs, of dd-seqMNIST"),
                ("seqmnist", "I Fig. 6b: ablation at chosen epochs of seqMNIST"),
            )
        ),
        *(
            Experiment(
                f"{task}-map",
                f"I Fig. 5, S4, S5: mossy fibres (K) and granule cells (M/N = 1, 5, 10) in {task}, {small}",
                task,
                ("sccrnn",),
                {**fibres, **_THREE, **_TEACHING},
                {"mossy_fibres": 4, "granule_cells": 300},
                sampled_epochs=1,
                budgets=_DIGITS,
            )
            for task in ("seqmnist", "c-seqmnist", "ld-seqmnist", "dd-seqmnist")
        ),
        Experiment(
            "seqmnist-bias",
            f"I Fig. 3d, S7: initial weights scaled by b in seqMNIST, five epochs, {small}",
            "seqmnist",
            _ALL,
            {**_TEACHING, "epochs": 5, "bias_factor": [0.01, 0.1, 0.5, 1.0, 2.0], "seeds": list(range(5))},
            {"bias_factor": 0.1},
            record=("correlation",),
            sampled_epochs=1,
            budgets=_DIGITS,
        ),
    ]


def _captions() -> list[Experiment]:
    # the smallest at which a cortex with a long horizon, and no cerebellum, learns to look at the image
    size = {"lstm_units": 128, "granule_cells": 512, "learning_rate": 3e-3, "seeds": list(range(5))}
    few = {"quick": {"seeds": 2, "epochs": 2}, "class": {"seeds": 3, "epochs": 10}}
    return [
        Experiment(
            "captions",
            "N Fig. 5b, c, Table S2; I Fig. 4b–d, S12–S15: learning to write captions, on scenes at teaching size "
            "(not COCO, not published size)",
            "captions",
            _ALL,
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
            _ALL,
            {"truncation": 4, "epochs": 40, **size},
            sampled_epochs=2,
            budgets=few,
            measure=measure_captions,
        ),
    ]


EXPERIMENTS = {one.name: one for one in (*_line_drawing(), *_target_reaching(), *_digits(), *_captions())}


def find_experiment(name: str) -> Experiment:
    """The experiment of that name.

    Raises:
        SettingError: when there is none.
    """
    if name not in EXPERIMENTS:
        raise SettingError(f"experiment {name}: must be one of {', '.join(EXPERIMENTS)}")
    return EXPERIMENTS[name]
