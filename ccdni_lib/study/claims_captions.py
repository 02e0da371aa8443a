"""Claims on caption generation, which has no task here yet (N section 3.3; I section 3.3)."""

from __future__ import annotations

from .claim import Claim

_NO_TASK = "The project has no captioning task yet."
_EYE = "A judgement by eye on a few pictures; and the project has no captioning task yet."


def _untested(id: str, place: str, says: str, quote: str, published: str = "", why: str = _NO_TASK) -> Claim:
    return Claim(id, place, says, quote, published=published, untested=why)


CAPTIONS = (
    _untested(
        "N5b-captions",
        "N section 3.3, Fig. 5b",
        "A cerebellum improves learning to write captions.",
        "the cerebellum module manages to learn good enough feedback to improve learning",
    ),
    _untested(
        "N5c-accurate",
        "N section 3.3, Fig. 5c, S8",
        "Captions of new pictures are more accurate with a cerebellum.",
        "qualitatively more accurate for the ccRNN model (Figs. 5c, S8)",
        why=_EYE,
    ),
    _untested(
        "NT2-metrics",
        "N section 3.3, Table S2",
        "With a cerebellum the model of language is better by the usual scores.",
        "a better model of language as assessed by language metrics (Table S2)",
    ),
    _untested(
        "I4b-faster",
        "I section 3.3, Fig. 4b, d, S14",
        "With horizons up to ten words captions are learned faster with a cerebellum.",
        "CC-DNI models exhibit faster learning (Fig. 4b) for truncation sizes T ≤ 10",
    ),
    _untested(
        "IS13-generalise",
        "I section 3.3, Fig. S13",
        "Networks with a cerebellum generalise better.",
        "and better generalisation (Fig. S13)",
    ),
    _untested(
        "I4c-accurate",
        "I section 3.3, Fig. 4c, S12",
        "Captions are nearer to what a picture means with a cerebellum.",
        "tend to produce captions more semantically accurate than LSTMs",
        why=_EYE,
    ),
    _untested(
        "I4b-metrics",
        "I section 3.3, Fig. 4b, S15",
        "Scores of captions are a little higher with a cerebellum.",
        "standard language metrics (BLEU, Rouge-L, METEOR, CIDEr, SPICE)",
        "LSTM, CC-DNI, sCC-DNI: BLEU 0.2288, 0.2294, 0.2300; CIDEr 0.6928, 0.6940, 0.6976",
    ),
    _untested(
        "I4d-robust",
        "I section 3.3, Fig. 4d",
        "A sparse cerebellum makes learning less dependent on initial weights.",
        "sCC-DNI are more robust to initial conditions",
    ),
    _untested(
        "I4d-length",
        "I section 3.3, Fig. 4d",
        "A dense cerebellum helps with long captions, a sparse one with captions of common length.",
        "CC-DNI helps learning in the presence of long captions",
    ),
)
