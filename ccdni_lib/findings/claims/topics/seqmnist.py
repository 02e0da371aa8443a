"""Claims of P20 on the sequential digit tasks (P20 section 3.2, Fig. 3, S7, S10, S11)."""

from __future__ import annotations

from ..claim import Claim, Comparison, twins
from ..readings import Measure, Sample, benefit, error_rate, final_value, mean_over_learning, mean_step_error
from .digits import BENEFITS, GRID, MSE, NAMING, SIZE, WRONG, all_steps, wrong
from .reaching import DNI, decorrelates, helps_when_correlated

BIAS, POINTING = "seqmnist-bias", "c-seqmnist"
_wrong_learning, _end = error_rate(mean_over_learning), final_value("ataxia_taught")
_SHORT = (2, 3, 4, 5)  # P20's horizons up to 6


def _contrast(experiment: str, measure: Measure, **point: int) -> Sample:
    """How far sCC-DNI and CC-DNI lie apart: |log of the ratio of their errors|."""
    ratio = benefit(experiment, measure, "sccrnn", "ccrnn", **point)
    return Sample(ratio.experiments, lambda runs: abs(ratio.read(runs)))


def _naming(measure: Measure) -> tuple[Comparison, ...]:
    """Both models with a cerebellum against the LSTM, over P20's short horizons, and at published size."""
    return tuple(
        comparison
        for label, model in DNI
        for comparison in (
            twins(f"published size, T = 3, {label}", NAMING, measure, model=model),
            *(twins(f"T = {t}, {label}", "seqmnist-horizons", measure, model=model, truncation=t) for t in _SHORT),
        )
    )


SEQUENTIAL = (
    Claim(
        "P20-3b-faster",
        "P20 section 3.2, Fig. 3b, c, S10",
        "With horizons up to six steps a cerebellum makes naming digits faster to learn.",
        "CC-DNI models learn more quickly and achieve better overall performance",
        f"{WRONG}, averaged over epochs",
        _naming(_wrong_learning),
        why=SIZE,
    ),
    Claim(
        "P20-3c-better",
        "P20 section 3.2, Fig. 3b, c",
        "With horizons up to six steps a cerebellum leads to better performance in the end.",
        "achieve better overall performance compared to a standard LSTM",
        f"{WRONG}, after the last epoch",
        _naming(wrong),
        why=SIZE,
    ),
    Claim(
        "P20-3b-pointing",
        "P20 section 3.2, Fig. 3b",
        "Pointing to a digit's place is learned better with a cerebellum.",
        "Both DNI models outperformed the LSTM model",
        "squared error at the last step after the last epoch on validation images (squared units of the plane)",
        tuple(
            comparison
            for label, model in DNI
            for comparison in (
                twins(f"published size, T = 3, {label}", POINTING, _end, model=model),
                twins(f"T = 5, {label}", "c-seqmnist-horizons", _end, model=model, truncation=5),
            )
        ),
        why=f"P20 shows T = 5. {SIZE}",
    ),
    Claim(
        "P20-3b-contrast",
        "P20 section 3.2, Fig. 3b",
        "In pointing, sparse and dense cerebella differ less than in naming.",
        "notably less difference between sCC-DNI and CC-DNI",
        "|log of sCC-DNI's error over CC-DNI's| after the last epoch (errors as in P20-3c-better and P20-3b-pointing)",
        (
            Comparison(
                "published size, T = 3", _contrast(POINTING, _end), _contrast(NAMING, wrong), "less", "difference"
            ),
            Comparison(
                "T = 5",
                _contrast("c-seqmnist-horizons", _end, truncation=5),
                _contrast("seqmnist-horizons", wrong, truncation=5),
                "less",
                "difference",
            ),
        ),
        why=SIZE,
    ),
    Claim(
        "P20-3b-minimal",
        "P20 section 3.2, Fig. 3b, S4",
        "Where every step has a loss, a cerebellum improves performance only minimally.",
        "are not as important and show a minimal improvement in performance",
        MSE,
        (
            twins("ld, k = 1, T = 5", GRID, all_steps, "not less", within=0.25, truncation=5, feedback_interval=1),
            twins("dd, k = 1, T = 3", "dd-seqmnist-intervals", all_steps, "not less", within=0.25, feedback_interval=1),
        ),
        why="Minimal: an error no more than a fifth smaller. Teaching size.",
    ),
    Claim(
        "P20-3b-sparse-loss",
        "P20 section 3.2, Fig. 3b",
        "The sparser the losses, the more a cerebellum improves learning.",
        "sparser losses (higher γ) improve learning (Fig. 3b)",
        "squared error of a mean step on validation images, averaged over epochs; ld-seqMNIST, T = 5",
        tuple(
            Comparison(
                f"benefit at γ = {interval} against γ = 1",
                benefit(GRID, mean_step_error(mean_over_learning), truncation=5, feedback_interval=interval),
                benefit(GRID, mean_step_error(mean_over_learning), truncation=5, feedback_interval=1),
                "less",
                "factor",
            )
            for interval in (4, 7)
        ),
        why=f"γ is our k; P20 shows 1, 5 and 8. {BENEFITS} Teaching size.",
    ),
    Claim(
        "P20-3d-correlated",
        "P20 section 3.2, Fig. 3d",
        "In naming digits a sparse cerebellum helps where the cortex is highly correlated.",
        "sparse CC-DNI helps in the case of high correlations in the main network activity",
        f"{WRONG} after five epochs; cortex: mean |r| over pairs of units before learning",
        helps_when_correlated(BIAS, "cortex_correlation", wrong),
        why="Of each seed's five networks, one for each b, the two most and the two least correlated count. "
        "Teaching size.",
    ),
    Claim(
        "P20-3d-decorrelates",
        "P20 section 3.2, Fig. 3d",
        "In naming digits, too, a sparse cerebellum sends less correlated feedback.",
        "likely achieved by the decorrelation effect sCC-DNI has on the estimated gradients",
        "mean |r| over pairs of components of predicted feedback, averaged over epochs 1–5 (0 … 1)",
        decorrelates(BIAS, "feedback_correlation", 5),
        why="Teaching size.",
    ),
    Claim(
        "P20-S7-population",
        "P20 SM E, Fig. S7",
        "The same holds for the population correlation.",
        "Equivalent to Fig. 3d for population correlation",
        "r_pop of the components of predicted feedback, averaged over epochs 1–5 (0 … 1)",
        decorrelates(BIAS, "feedback_r_pop", 5),
        why="Teaching size.",
    ),
    Claim(
        "P20-generalise",
        "P20 abstract, Fig. S10, S11",
        "The results of target reaching generalise to all four digit tasks.",
        "these results generalise to more complex sensorimotor tasks",
        "share of images named wrongly; squared error at the last step (c-) or of a mean step (ld-, dd-), on "
        "validation images after the last epoch; CC-DNI against LSTM, T = 5",
        (
            twins("seqMNIST", "seqmnist-horizons", wrong, truncation=5),
            twins("c-seqMNIST", "c-seqmnist-horizons", _end, truncation=5),
            twins("ld-seqMNIST", GRID, all_steps, truncation=5, feedback_interval=1),
            twins("dd-seqMNIST", "dd-seqmnist-horizons", all_steps, truncation=5),
        ),
        why="Teaching size. As in P20, ld-seqMNIST has a loss at every step; dd-seqMNIST was trained with k = 4.",
    ),
)
