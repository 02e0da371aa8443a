"""Experiments on target reaching; they are so small that most are of published size at every budget."""

from __future__ import annotations

from .sweep import ALL, CEREBELLA, TEN, SweepExperiment, lesions


def _target_reaching() -> list[SweepExperiment]:
    horizons = {"truncation": [2, 3, 4, 5, 7], **TEN}  # P20 SM A.1
    onsets = (0, 10, 50, 100, 150, 200, 250)
    as_long = {budget: {"epochs": 3000} for budget in ("quick", "class")}
    variants = [
        ("reaching", "", "P20 Fig. 2b–d and S9: target reaching over horizons"),
        ("reaching-3", ":targets=3", "P20 Fig. S8a: target reaching, 3 targets"),
        ("reaching-9", ":targets=9", "P20 Fig. S8b: target reaching, 9 targets"),
        ("reaching-2d", ":inputs=2", "P20 Fig. S8c: target reaching, two noisy inputs"),
        ("reaching-28d", ":inputs=28", "P20 Fig. S8d: target reaching, 28 noisy inputs"),
    ]
    return [
        *(
            SweepExperiment(name, shows, f"target-reaching{variant}", ALL, horizons, {"truncation": 3})
            for name, variant, shows in variants
        ),
        SweepExperiment(
            "reaching-long",
            "P20 Fig. 2b–d, trained ten times as long as published: a control",
            "target-reaching",
            ALL,
            {"truncation": [2, 3, 5], "epochs": 3000, **TEN},
            {"truncation": 3},
            smaller=as_long,
        ),
        SweepExperiment(
            "reaching-long-fresh",
            "P20 Fig. 2c: the way to the target at T = 5, trained ten times as long, with ten other seeds",
            "target-reaching",
            ALL,
            {"truncation": 5, "epochs": 3000, "seeds": list(range(100, 110))},
            smaller=as_long,
        ),
        SweepExperiment(
            "reaching-lesions",
            "P20 Fig. 6a: the cerebellum ablated at chosen epochs of target reaching",
            "target-reaching",
            CEREBELLA,
            {"lesion": lesions(("cerebellum",), onsets), "truncation": 2, **TEN},
            {"lesion": ["", "cerebellum@0"]},
        ),
        SweepExperiment(
            "reaching-map",
            "P20 Fig. S3a, b: mossy fibres a granule cell (K) and granule cells (M/N = 1, 2, 4, 10, 20)",
            "target-reaching",
            ("sccrnn",),
            {"mossy_fibres": [1, 4, 8, 12, 20], "granule_cells": [20, 40, 80, 200, 400], "truncation": 2, **TEN},
            {"mossy_fibres": 4, "granule_cells": 80},
        ),
        SweepExperiment(
            "reaching-28d-map",
            "P20 Fig. S3c, d: the same with 28 noisy inputs, 100 epochs",
            "target-reaching:inputs=28",
            ("sccrnn",),
            {"mossy_fibres": [1, 4, 10, 30, 60], "granule_cells": [60, 120, 240, 600], "truncation": 2}
            | {"epochs": 100, **TEN},
            {"mossy_fibres": 4, "granule_cells": 240},
            sampled_epochs=2,
        ),
        SweepExperiment(
            "reaching-bias",
            "P20 Fig. 2e, f, S6: initial weights scaled by b, correlations of cortex and of predicted feedback",
            "target-reaching",
            ALL,
            {"bias_factor": [0.01, 0.1, 0.5, 1.0, 2.0], "truncation": 2, **TEN},
            {"bias_factor": 0.1},
            record=("correlation",),
            record_every=5,
        ),
    ]


REACHING = tuple(_target_reaching())
