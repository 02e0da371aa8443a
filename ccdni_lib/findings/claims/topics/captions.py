"""Claims on writing captions (P21 section 3.3, Fig. 5, Table S2; P20 section 3.3, Fig. 4, S12–S15).

Both papers used photographs with captions at published size. What is here was made with scenes at teaching size: 1,000
drawn scenes, described by a grammar of some ninety words, 128 LSTM units, 512 granule cells in each of two layers.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from ..claim import Claim, Comparison, twins
from ..readings import (
    Measure,
    Sample,
    distance_from_median,
    final_value,
    log_ratio,
    mean_over_first_half,
    mean_over_learning,
    sample_of,
    select,
    variable,
    weighted,
)
from .reaching import DNI

SCENES = "captions"
SIZE = "Scenes at teaching size, not photographs at published size."
METRICS = ("BLEU-4", "ROUGE-L", "METEOR", "CIDEr")
PUBLISHED = 4  # the horizon of P21 Fig. 5 and P20 Fig. 4b
HORIZONS = (3, 4, 5, 7, 10, 15)
_bits, _learning = final_value("bits_per_word"), mean_over_learning("bits_per_word")
_VALIDATION = "bits per word of validation captions"
_LENGTHS = (
    "Common lengths are those from the lower to the upper quartile of validation captions, long captions are longer "
    "than the upper quartile. Benefits are normalised errors: smaller means more."
)


def _scores(label: str, model: str) -> tuple[Comparison, ...]:
    """Each metric of a model against the LSTM's."""
    read = variable("score")

    def score(metric: str) -> Measure:
        return lambda run: select(read(run), metric=metric)

    return tuple(
        twins(f"T = {PUBLISHED}, {label}, {metric}", SCENES, score(metric), "more", model, truncation=PUBLISHED)
        for metric in METRICS
    )


def _truer(label: str, model: str) -> Comparison:
    return twins(f"T = {PUBLISHED}, {label}", SCENES, variable("truth"), "more", model, truncation=PUBLISHED)


def gap(run: xr.Dataset) -> xr.DataArray:
    """Bits per word of validation captions less those of training captions, after the last epoch, without dropout.

    Example:
        >>> run = xr.Dataset({"bits_per_word": (("seed", "epoch"), [[4.0, 3.0]]), "training_bits": ("seed", [2.5])})
        >>> gap(run).values
        array([0.5])
    """
    return _bits(run) - variable("training_bits")(run)


def _gap(label: str, model: str, horizon: int) -> Comparison:
    one, other = (sample_of(SCENES, gap, model=name, truncation=horizon) for name in (model, "crnn"))
    return Comparison(label, one, other, "less", "difference")


def by_length(which: str) -> Measure:
    """Bits per word, after the last epoch, of validation captions of "common" length or of "long" ones.

    Common lengths are those from the lower to the upper quartile, long ones are longer. A caption of n words counts
    n + 1 times, for its end is predicted too.

    Example:
        >>> captions = xr.DataArray([[0, 2, 1, 1]], dims=("seed", "length"))  # two of one word, and so on
        >>> bits = captions.copy(data=[[9.0, 1.0, 2.0, 4.0]])
        >>> run = xr.Dataset({"length_bits": bits, "length_captions": captions})
        >>> by_length("common")(run).values.round(3), by_length("long")(run).values
        (array([1.429]), array([4.]))
    """

    def measure(run: xr.Dataset) -> xr.DataArray:
        captions, words = variable("length_captions")(run), xr.DataArray(np.arange(run.sizes["length"]), dims="length")
        share = captions.cumsum("length") / captions.sum("length")
        lower, upper = ((share < quartile).sum("length") for quartile in (0.25, 0.75))
        chosen = words > upper if which == "long" else (words >= lower) & (words <= upper)
        return weighted(variable("length_bits")(run), (captions * (words + 1)).where(chosen, 0), "length")

    return measure


def _of_length(which: str, model: str) -> Sample:
    return sample_of(SCENES, by_length(which), model=model, truncation=PUBLISHED)


def _length(label: str, model: str, which: str) -> Comparison:
    return Comparison(f"{label}, {which} captions", _of_length(which, model), _of_length(which, "crnn"), "less")


def _length_benefit(label: str, model: str, most: str, least: str) -> Comparison:
    more, less = (log_ratio(_of_length(which, model), _of_length(which, "crnn")) for which in (most, least))
    return Comparison(f"{label}, benefit for {most} against {least} captions", more, less, "less", "factor")


def _steadier(label: str, truncation: int | list[int], other: str = "crnn") -> Comparison:
    return twins(label, SCENES, distance_from_median(_learning), "less", "sccrnn", other, truncation=truncation)


CAPTIONS = (
    Claim(
        "P21-5b-captions",
        "P21 section 3.3, Fig. 5b",
        "A cerebellum improves learning to write captions.",
        "the cerebellum module manages to learn good enough feedback to improve learning",
        f"{_VALIDATION}, averaged over epochs",
        (twins(f"T = {PUBLISHED}", SCENES, _learning, truncation=PUBLISHED),),
        why=SIZE,
    ),
    Claim(
        "P21-5c-accurate",
        "P21 section 3.3, Fig. 5c, S8",
        "Captions of new pictures are more accurate with a cerebellum.",
        "qualitatively more accurate for the ccRNN model (Figs. 5c, S8)",
        "share of what a caption states of a validation scene that is true (0 … 1), averaged over captions",
        (_truer("ccRNN", "ccrnn"),),
        why=f"P21 judges a few captions by eye; of scenes it is known what is true. {SIZE}",
    ),
    Claim(
        "P21-T2-metrics",
        "P21 section 3.3, Table S2",
        "With a cerebellum the model of language is better by the usual scores.",
        "a better model of language as assessed by language metrics (Table S2)",
        "scores of captions of validation scenes: BLEU-4, ROUGE-L, METEOR (0 … 1), CIDEr (0 … 10)",
        _scores("ccRNN", "ccrnn"),
        why=f"SPICE cannot be had here, and P21's supplement was not at hand. {SIZE}",
    ),
    Claim(
        "P20-4b-faster",
        "P20 section 3.3, Fig. 4b, d, S14",
        "With horizons up to ten words captions are learned faster with a cerebellum.",
        "CC-DNI models exhibit faster learning (Fig. 4b) for truncation sizes T ≤ 10",
        f"{_VALIDATION}, averaged over the first half of the epochs",
        tuple(
            twins(
                f"T = {horizon}, {label}",
                SCENES,
                mean_over_first_half("bits_per_word"),
                model=model,
                truncation=horizon,
            )
            for label, model in DNI
            for horizon in HORIZONS
            if horizon <= 10
        ),
        why=SIZE,
    ),
    Claim(
        "P20-S13-generalise",
        "P20 section 3.3, Fig. S13",
        "Networks with a cerebellum generalise better.",
        "and better generalisation (Fig. S13)",
        "bits per word of validation captions less those of training captions, after the last epoch, without dropout",
        tuple(
            _gap(f"T = {horizon}, {label}", model, horizon)
            for label, model in DNI
            for horizon in HORIZONS
            if horizon <= 7
        ),
        why=f"Below the diagonal of Fig. S13, which shows T from 3 to 7, this is smaller than the LSTM's. {SIZE}",
    ),
    Claim(
        "P20-4c-accurate",
        "P20 section 3.3, Fig. 4c, S12",
        "Captions are nearer to what a picture means with a cerebellum.",
        "tend to produce captions more semantically accurate than LSTMs",
        "share of what a caption states of a validation scene that is true (0 … 1), averaged over captions",
        tuple(_truer(label, model) for label, model in DNI),
        why=f"P20 judges a few captions by eye; of scenes it is known what is true. {SIZE}",
    ),
    Claim(
        "P20-4b-metrics",
        "P20 section 3.3, Fig. 4b, S15",
        "Scores of captions are a little higher with a cerebellum.",
        "standard language metrics (BLEU, Rouge-L, METEOR, CIDEr, SPICE)",
        "scores of captions of validation scenes: BLEU-4, ROUGE-L, METEOR (0 … 1), CIDEr (0 … 10)",
        tuple(comparison for label, model in DNI for comparison in _scores(label, model)),
        published="LSTM, CC-DNI, sCC-DNI: BLEU 0.2288, 0.2294, 0.2300; CIDEr 0.6928, 0.6940, 0.6976",
        why=f"SPICE cannot be had here. {SIZE}",
    ),
    Claim(
        "P20-4d-robust",
        "P20 section 3.3, Fig. 4d",
        "A sparse cerebellum makes learning less dependent on initial weights.",
        "sCC-DNI are more robust to initial conditions",
        f"distance of each network from the median of its kind, in {_VALIDATION}, averaged over epochs",
        (
            *(_steadier(f"T = {horizon}, sCC-DNI against LSTM", horizon) for horizon in HORIZONS),
            _steadier("mean over T, sCC-DNI against LSTM", list(HORIZONS)),
            _steadier("mean over T, sCC-DNI against CC-DNI", list(HORIZONS), "ccrnn"),
        ),
        why=SIZE,
    ),
    Claim(
        "P20-4d-length",
        "P20 section 3.3, Fig. 4d",
        "A dense cerebellum helps with long captions, a sparse one with captions of common length.",
        "CC-DNI helps learning in the presence of long captions",
        f"{_VALIDATION} of some lengths, after the last epoch; T = {PUBLISHED}",
        (
            _length("CC-DNI", "ccrnn", "long"),
            _length_benefit("CC-DNI", "ccrnn", "long", "common"),
            _length("sCC-DNI", "sccrnn", "common"),
            _length_benefit("sCC-DNI", "sccrnn", "common", "long"),
        ),
        why=f"{_LENGTHS} {SIZE}",
    ),
)
