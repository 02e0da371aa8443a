"""Experiments on writing captions, at teaching size."""

from __future__ import annotations

from ..measures.captioning import measure_captions
from .sweep import ALL, SweepExperiment


def _captions() -> list[SweepExperiment]:
    # the smallest at which a cortex with a long horizon, and no cerebellum, learns to look at the image
    size = {"lstm_units": 128, "granule_cells": 512, "learning_rate": 3e-3, "seeds": list(range(5))}
    return [
        SweepExperiment(
            "captions",
            "P21 Fig. 5b, c, Table S2; P20 Fig. 4b–d, S12–S15: learning to write captions, on scenes at teaching size "
            "(not COCO, not published size)",
            "captions",
            ALL,
            {"truncation": [3, 4, 5, 7, 10, 15], "epochs": 20, **size},
            {"truncation": 4},
            sampled_epochs=1,  # learning online at this rate multiplies differences in rounding by five an epoch
            measure=measure_captions,
        ),
        SweepExperiment(
            "captions-coco-sample",
            "what 271 photographs can show: fitting and metrics, not scores at COCO's scale",
            "captions:source=coco",
            ALL,
            {"truncation": 4, "epochs": 40, **size},
            sampled_epochs=2,
            measure=measure_captions,
        ),
    ]


CAPTIONS = tuple(_captions())
