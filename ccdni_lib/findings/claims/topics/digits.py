"""Claims of P21 on drawing and naming handwritten digits (P21 section 3.2, Fig. 4, S2–S4)."""

from __future__ import annotations

import xarray as xr

from ..claim import Claim, Comparison, twins
from ..readings import (
    Runs,
    Sample,
    benefit,
    error_rate,
    final_value,
    mean_over_learning,
    mean_sample,
    mean_step_error,
    sample_of,
    value_at_epoch,
)

LD, DD, NAMING, GRID = "ld-seqmnist", "dd-seqmnist", "seqmnist", "ld-seqmnist-grid"
DRAWN = (("ld-seqMNIST", LD), ("dd-seqMNIST", DD))
_learning, _score = mean_over_learning("train_error"), final_value("ataxia_score")
all_steps, wrong = mean_step_error(final_value), error_rate(final_value)
MSE = "squared error of a mean step after the last epoch on validation images, all 28 steps"
WRONG = "share of validation images named wrongly (0 … 1)"
SIZE = "Teaching size is 8 epochs of 240 batches at a learning rate of 0.001."
BENEFITS = "Benefits are normalised errors: smaller means more."


def _more_benefit(label: str, one: Sample, other: Sample) -> Comparison:
    return Comparison(label, one, other, "less", "factor")


def _accuracy_ahead(points: float) -> Comparison:
    """Whether the ccRNN's accuracy after epoch 10 is ahead of the cRNN's by so much."""
    accuracy = value_at_epoch("validation_accuracy", 10)

    def behind(runs: Runs) -> xr.DataArray:
        return sample_of(NAMING, accuracy, model="crnn").read(runs) + points

    label = f"epoch 10, ccRNN against cRNN{f' + {points:g}' if points else ''}"
    return Comparison(
        label, sample_of(NAMING, accuracy, model="ccrnn"), Sample((NAMING,), behind), "more", "difference"
    )


def _full(task: str) -> str:
    """Over horizons, at published size."""
    return f"{task}-horizons-full"


_middle = {
    "ld": mean_sample([benefit(GRID, all_steps, truncation=3, feedback_interval=k) for k in (2, 4, 7)]),
    "dd": mean_sample([benefit("dd-seqmnist-intervals", all_steps, feedback_interval=k) for k in (2, 4, 7)]),
}
_ends = {("ld", k): benefit(GRID, all_steps, truncation=3, feedback_interval=k) for k in (1, 14)} | {
    ("dd", k): benefit("dd-seqmnist-intervals", all_steps, feedback_interval=k) for k in (1, 14)
}

DIGITS = (
    Claim(
        "P21-4b-faster",
        "P21 section 3.2, Fig. 4b",
        "In both drawing tasks a cerebellum makes learning faster.",
        "ccRNN learns faster than cRNN",
        "training error averaged over epochs, a taught step (ld: squared units of the plane; dd: hundredths)",
        tuple(twins(label, task, _learning) for label, task in DRAWN),
    ),
    Claim(
        "P21-4c-ataxia",
        "P21 section 3.2, Fig. 4c",
        "In both drawing tasks a cerebellum reduces the ataxia score.",
        "while also showing a reduced ataxia score",
        "ataxia score after the last epoch, a sum over 28 steps (ld: squared units of the plane; dd: hundredths)",
        tuple(twins(label, task, _score) for label, task in DRAWN),
    ),
    Claim(
        "P21-4b-writing",
        "P21 section 3.2, Fig. 4b, c",
        "When digits are written the cerebellum helps less than when lines are drawn.",
        "less apparent when the model was trained to write digits",
        "training error averaged over epochs; ataxia score after the last epoch",
        (
            _more_benefit("training error, ld against dd", benefit(LD, _learning), benefit(DD, _learning)),
            _more_benefit("ataxia score, ld against dd", benefit(LD, _score), benefit(DD, _score)),
        ),
        why=BENEFITS,
    ),
    Claim(
        "P21-4d-horizon",
        "P21 section 3.2, Fig. 4d",
        "In both drawing tasks predicted feedback is worth most with a short horizon.",
        "most valuable where strong constraints on BPTT are enforced",
        MSE,
        (
            *(twins(f"{label}, T = 1", _full(task), all_steps, truncation=1) for label, task in DRAWN),
            *(
                _more_benefit(
                    f"{label}, benefit at T = 1 against T = 10",
                    benefit(_full(task), all_steps, truncation=1),
                    benefit(_full(task), all_steps, truncation=10),
                )
                for label, task in DRAWN
            ),
        ),
        why=BENEFITS,
    ),
    Claim(
        "P21-S3-horizon",
        "P21 section 3.2, Fig. S3",
        "The same in naming digits.",
        "where strong constraints on BPTT are enforced (Figs. 4d, S3)",
        WRONG,
        (
            twins("T = 1", _full(NAMING), wrong, truncation=1),
            _more_benefit(
                "benefit at T = 1 against T = 10",
                benefit(_full(NAMING), wrong, truncation=1),
                benefit(_full(NAMING), wrong, truncation=10),
            ),
        ),
        why=f"{BENEFITS} P21's supplement was not at hand.",
    ),
    Claim(
        "P21-S2-accuracy",
        "P21 section 3.2, Fig. S2",
        "Naming digits is learned significantly faster with a cerebellum.",
        "significantly faster learning (10% higher accuracy after about 10 epochs)",
        "share of validation images named rightly after epoch 10 (0 … 1)",
        (_accuracy_ahead(0), _accuracy_ahead(0.05)),
        published="0.10 ahead after about 10 epochs",
        why="At least half of what is published must be there.",
    ),
    Claim(
        "P21-S4-intervals",
        "P21 section 3.2, Fig. S4",
        "In the drawing tasks, too, the cerebellum helps most at intermediate feedback intervals.",
        "similar dependency to the simple line drawing task on the level of external feedback",
        MSE,
        tuple(
            _more_benefit(f"{task}, benefit at k = 2, 4, 7 against k = {k}", _middle[task], end)
            for (task, k), end in _ends.items()
        ),
        why=f"{BENEFITS} T = 3, teaching size.",
    ),
    Claim(
        "P21-all-tasks",
        "P21 abstract",
        "In all tasks a cerebellum makes learning easier and reduces ataxia.",
        "In all tasks, we observe that ccRNNs facilitates learning",
        "training error averaged over epochs; ataxia score after the last epoch, where it is drawn",
        (
            twins("line drawing, training error", "line-drawing-grid", _learning, truncation=1, feedback_interval=2),
            twins("line drawing, ataxia", "line-drawing-grid", _score, truncation=1, feedback_interval=2),
            *(twins(f"{label}, training error", task, _learning) for label, task in (*DRAWN, ("seqMNIST", NAMING))),
            *(twins(f"{label}, ataxia", task, _score) for label, task in DRAWN),
        ),
        why="Captions stand apart (P21-5b-captions): theirs are scenes at teaching size.",
    ),
    Claim(
        "P21-2.1-expansion",
        "P21 section 2.1",
        "A fourfold or fivefold expansion helps the cerebellum to learn more quickly.",
        "this ratio helped the cerebellar module learn more quickly (not shown)",
        "squared error of a mean step on validation images, averaged over epochs",
        tuple(
            Comparison(
                f"{task}, M/N = 5 against 1, K = all",
                sample_of(f"{task}-map", mean_step_error(mean_over_learning), mossy_fibres=60, granule_cells=300),
                sample_of(f"{task}-map", mean_step_error(mean_over_learning), mossy_fibres=60, granule_cells=60),
                "less",
            )
            for task in (LD, DD)
        ),
        why="The cortex's error is what can be seen of it. Teaching size, T = 3; N is the number of mossy fibres, 60.",
    ),
)
