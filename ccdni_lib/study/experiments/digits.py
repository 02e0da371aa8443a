"""Experiments on handwritten digits: four tasks at published size, and sweeps over them at the size that fits."""

from __future__ import annotations

from .sweep import ALL, PAIR, TEN, SweepExperiment, lesions

_THREE = {"seeds": list(range(3))}  # P20 SM A.2
_TEACHING = {"epochs": 8, "batches": 240, "learning_rate": 1e-3, "validation_size": 2000}


def _digits() -> list[SweepExperiment]:
    ablations = {"lesion": lesions(("cerebellum",), (0, 1, 2, 4, 8, 12)), "seeds": list(range(5))}
    few = {"quick": {"lesion": lesions(("cerebellum",), (0, 1, 2, 4))}}  # of 8 epochs; "class" has 10
    few |= {"class": {"lesion": lesions(("cerebellum",), (0, 1, 2, 4, 8))}}
    tasks = [
        ("ld-seqmnist", "P21 Fig. 4, S2; P20 Fig. 3: lines to a digit's place", TEN),
        ("dd-seqmnist", "P21 Fig. 4, S2; P20 Fig. 3: drawing a digit", TEN),
        ("c-seqmnist", "P20 Fig. 3 (there T = 5), at P21's T = 3: a digit's place at the end", TEN),
        ("seqmnist", "P21 Fig. S2; P20 Fig. 3: naming a digit", TEN),
    ]
    intervals = {"feedback_interval": [1, 2, 4, 7, 14]}
    small = "at teaching size (not published size)"
    fibres = {"mossy_fibres": [1, 4, 10, 60], "granule_cells": [60, 300, 600], "truncation": 3}
    return [
        *(SweepExperiment(task, shows, task, ALL, seeds, sampled_epochs=1) for task, shows, seeds in tasks),
        SweepExperiment(
            "ld-seqmnist-grid",
            f"P21 Fig. 4d, S3, S4; P20 Fig. 3, S10, S11: horizons and intervals, {small}",
            "ld-seqmnist",
            PAIR,
            {"truncation": [1, 2, 3, 4, 5, 7, 10], **intervals, **_THREE, **_TEACHING},
            {"truncation": 3, "feedback_interval": 4},
            sampled_epochs=1,
        ),
        *(
            SweepExperiment(
                f"{task}-horizons",
                f"{shows}, {small}",
                task,
                ALL,
                {"truncation": [1, 2, 3, 4, 5, 7, 10], **_THREE, **_TEACHING},
                {"truncation": 3},
                sampled_epochs=1,
            )
            for task, shows in (
                ("dd-seqmnist", "P21 Fig. 4d, S3; P20 Fig. S10, S11: horizons of dd-seqMNIST"),
                ("c-seqmnist", "P20 Fig. S10, S11: horizons of c-seqMNIST"),
                ("seqmnist", "P21 Fig. S3; P20 Fig. 3c, S10: horizons of seqMNIST"),
            )
        ),
        *(
            SweepExperiment(
                f"{task}-horizons-full",
                shows,
                task,
                PAIR,
                {"truncation": [1, 2, 3, 5, 7, 10], **TEN},
                {"truncation": 3},
                sampled_epochs=1,
            )
            for task, shows in (
                ("ld-seqmnist", "P21 Fig. 4d: horizons of ld-seqMNIST, at published size"),
                ("dd-seqmnist", "P21 Fig. 4d: horizons of dd-seqMNIST, at published size"),
                ("seqmnist", "P21 Fig. S3: horizons of seqMNIST, at published size"),
            )
        ),
        *(
            SweepExperiment(
                f"{task}-cuts",
                f"a control for {figure}: in {name} {longer} to the cortex what {shorter} are, with fewer cuts",
                task,
                ("ccrnn",),
                {"truncation": truncation, **TEN},
                sampled,
                sampled_epochs=1,
            )
            for task, name, figure, longer, shorter, truncation, sampled in (
                ("ld-seqmnist", "ld-seqMNIST", "P21 Fig. 4d", "T = 4 is", "T = 1 and 2", 4, {}),
                ("dd-seqmnist", "dd-seqMNIST", "P21 Fig. 4d", "T = 4 is", "T = 1 and 2", 4, {}),
                ("seqmnist", "seqMNIST", "P21 Fig. S3", "T = 9 and 27 are", "T = 1 and 3", [9, 27], {"truncation": 27}),
            )
        ),
        SweepExperiment(
            "seqmnist-cuts-unscaled",
            "a control for P21 Fig. S3: the same in seqMNIST, with predictions handed on whole, not by a tenth",
            "seqmnist",
            ("ccrnn",),
            {"truncation": [1, 3, 9, 27], "feedback_scale": 1.0, **TEN},
            {"truncation": 27},
            sampled_epochs=1,
        ),
        SweepExperiment(
            "dd-seqmnist-intervals",
            f"P21 Fig. S4: feedback intervals of dd-seqMNIST, {small}",
            "dd-seqmnist",
            PAIR,
            {**intervals, **_THREE, **_TEACHING},
            {"feedback_interval": 4},
            sampled_epochs=1,
        ),
        *(
            SweepExperiment(
                f"{task}-lesions",
                f"{shows}, {small}",
                task,
                ("ccrnn",),
                {**_TEACHING, "epochs": 16, **ablations},
                {"lesion": ["", "cerebellum@0"]},
                record=("coupling",),
                sampled_epochs=1,
                smaller=few,
            )
            for task, shows in (
                ("ld-seqmnist", "P21 Fig. S5, S6: coupling, and ablation at chosen epochs, of ld-seqMNIST"),
                ("dd-seqmnist", "P21 Fig. S5, S6: coupling, and ablation at chosen epochs, of dd-seqMNIST"),
                ("seqmnist", "P20 Fig. 6b: ablation at chosen epochs of seqMNIST"),
            )
        ),
        *(
            SweepExperiment(
                f"{task}-map",
                f"P20 Fig. 5, S4, S5: mossy fibres (K) and granule cells (M/N = 1, 5, 10) in {task}, {small}",
                task,
                ("sccrnn",),
                {**fibres, **_THREE, **_TEACHING},
                {"mossy_fibres": 4, "granule_cells": 300},
                sampled_epochs=1,
            )
            for task in ("seqmnist", "c-seqmnist", "ld-seqmnist", "dd-seqmnist")
        ),
        SweepExperiment(
            "seqmnist-bias",
            f"P20 Fig. 3d, S7: initial weights scaled by b in seqMNIST, five epochs, {small}",
            "seqmnist",
            ALL,
            {**_TEACHING, "epochs": 5, "bias_factor": [0.01, 0.1, 0.5, 1.0, 2.0], "seeds": list(range(5))},
            {"bias_factor": 0.1},
            record=("correlation",),
            sampled_epochs=1,
        ),
    ]


DIGITS = tuple(_digits())
