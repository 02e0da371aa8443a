"""What captions are worth: bits per word, the scores that COCO's captions are usually given, and lengths.

The scores are those of pycocoevalcap, COCO's own evaluation, as in P20 Figs. 4b and S15: BLEU (Papineni et al. 2002),
ROUGE-L (Lin 2004), CIDEr (Vedantam et al. 2015) and, where there is Java, METEOR (Denkowski & Lavie 2014). SPICE
(Anderson et al. 2016) also needs Stanford's CoreNLP, which is not fetched from here. What cannot be had is left out,
and a note says why; nothing stands in for it.
"""

from __future__ import annotations

import atexit
import math
import subprocess
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from ...data.vocabulary import tokenize
from ...engine.settings import SettingError
from .java import english_java, first_complaint, has_java, java_problem

METRICS = ("BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "METEOR", "CIDEr", "SPICE")  # as in P20 Fig. S15
CORENLP = "stanford-corenlp-3.6.0"
Texts = dict[int, list[str]]  # captions of each image, their words parted by single spaces: what pycocoevalcap takes


def bits_per_word(nats: xr.DataArray, words: xr.DataArray) -> xr.DataArray:
    """Cross-entropy in bits per word: the mean of -log₂ P(w_t | X, w_<t) over all words (P20 Fig. 4b).

    Every word counts alike, so that a long caption counts for more than a short one.

    Args:
        nats: sum over the words of each caption of their cross-entropy, in nats; with a dim "caption".
        words: how many words those are, the end counted as one; dim "caption".

    Returns:
        In bits, without "caption".

    Example:
        >>> nats = xr.DataArray([3 * math.log(2), 9 * math.log(2)], dims="caption")
        >>> round(bits_per_word(nats, xr.DataArray([1, 2], dims="caption")).item(), 6)
        4.0
    """
    return nats.sum("caption", skipna=False) / words.sum("caption") / math.log(2)


def bits_by_length(nats: xr.DataArray, words: xr.DataArray) -> xr.DataArray:
    """Bits per word of the captions of each length (P20 Fig. 4d, bottom).

    Args:
        nats, words: as in `bits_per_word`.

    Returns:
        With the dim "length" in place of "caption": how many words a caption has, its end not counted, for the lengths
        that occur; the coordinate "captions" says how many have it.

    Example:
        >>> nats = xr.DataArray([2 * math.log(2), 4 * math.log(2), 9 * math.log(2)], dims="caption")
        >>> found = bits_by_length(nats, xr.DataArray([2, 2, 3], dims="caption"))
        >>> found.length.values.tolist(), found.captions.values.tolist(), found.values.round(6).tolist()
        ([1, 2], [2, 1], [1.5, 3.0])
    """
    steps, captions = np.unique(words.values, return_counts=True)
    chosen = [{"caption": np.flatnonzero(words.values == number)} for number in steps]
    found = xr.concat([bits_per_word(nats[some], words[some]) for some in chosen], "length")
    return found.assign_coords(length=steps - 1, captions=("length", captions))


def score_captions(
    captions: Sequence[str], references: Sequence[Sequence[str]], metrics: Iterable[str] = METRICS
) -> xr.Dataset:
    """Scores of captions against what people wrote of the same images.

    Where there is Java, words are told apart as in the Penn Treebank, which published scores do; else by the rules of
    `ccdni_lib.data.vocabulary`, to which "it's" is one word and not two: a score differs a little.

    Args:
        captions: one for each image; it may be empty.
        references: for each image one caption or more.
        metrics: which of `METRICS`; METEOR takes many seconds when first asked for.

    Returns:
        A Dataset with

        - ``score`` (metric): of all captions together, 0 … 1, but for CIDEr 0 … 10;
        - ``image_score`` (metric, image): of each alone, of which ``score`` is the mean, but for BLEU;
        - ``length`` and ``reference_length`` (image): words of the caption, and of that reference whose length is the
          closest, the shorter of two;
        - ``length_ratio``: of the sums of these (C_m/C_gs, P20 Fig. S15).

        A metric that cannot be had is not among them; then ``attrs["notes"]`` has a line that says why.
        CIDEr weighs words by the images that they are used for: of one image alone it is 0.

    Raises:
        SettingError: when the extra ``[captions]`` is not there, a metric is not known, or an image has no reference.

    Example:
        >>> scores = score_captions(["a red ball"], [["a red ball on grass", "the ball"]])  # doctest: +SKIP
        >>> scores.score.sel(metric="BLEU-1").item(), scores.length_ratio.item()  # doctest: +SKIP
        (1.0, 1.5)
    """
    wanted = tuple(metrics)
    for metric in wanted:
        if metric not in METRICS:
            raise SettingError(f"metric {metric}: must be one of {', '.join(METRICS)}")
    if not captions or len(captions) != len(references):
        raise SettingError(f"captions: must be one for each image, are {len(captions)} for {len(references)} images")
    for image, texts in enumerate(references):
        if isinstance(texts, str) or not texts:
            raise SettingError(f"references of image {image}: must be a list of one caption or more, are {texts!r}")
    if find_spec("pycocoevalcap") is None:
        raise SettingError("caption scores: need the extra [captions], pip install 'ccdni_lib[captions]'")

    candidates, targets, notes = _split_words(captions, references)
    missing = unavailable()
    found: dict[str, tuple[float, ArrayLike]] = {}
    for names, score in SCORERS.items():
        chosen = [name for name in names if name in wanted]
        lacking = next((missing[name] for name in chosen if name in missing), None)
        if chosen and lacking is None:
            try:
                found |= dict(zip(names, score(targets, candidates), strict=True))
            except (OSError, ValueError, subprocess.SubprocessError) as error:
                lacking = f"it failed ({error})"
        if lacking:
            notes.append(f"{names[0]} is left out: {lacking}")
    there = [metric for metric in METRICS if metric in found and metric in wanted]
    each = [np.asarray(found[metric][1], float) for metric in there]
    length = [len(texts[0].split()) for texts in candidates.values()]
    closest = [
        min((len(text.split()) for text in targets[image]), key=lambda words: (abs(words - length[image]), words))
        for image in targets
    ]
    return xr.Dataset(
        {
            "score": ("metric", [float(found[metric][0]) for metric in there]),
            "image_score": (("metric", "image"), np.reshape(each, (len(there), len(captions)))),
            "length": ("image", length),
            "reference_length": ("image", closest),
            "length_ratio": sum(length) / max(1, sum(closest)),
        },
        {"metric": there},
        {"notes": "\n".join(notes)},
    )


def unavailable() -> dict[str, str]:
    """The metrics that cannot be had here, each with what it lacks; pycocoevalcap itself is taken for granted.

    Example:
        >>> set(unavailable()) <= {"METEOR", "SPICE"}
        True
    """
    if not has_java():
        return dict.fromkeys(("METEOR", "SPICE"), java_problem() or "it needs Java")
    if not all((_package() / "spice" / "lib" / f"{CORENLP}{jar}.jar").is_file() for jar in ("", "-models")):
        fetch = "python -m pycocoevalcap.spice.get_stanford_models"
        return {"SPICE": f"it needs {CORENLP}, which {fetch} downloads"}
    return {}


def _package() -> Path:
    """Where pycocoevalcap lies; the current folder where it does not."""
    found = find_spec("pycocoevalcap")
    return Path(next(iter(found.submodule_search_locations or ()), ".")) if found else Path()


def _split_words(captions: Sequence[str], references: Sequence[Sequence[str]]) -> tuple[Texts, Texts, list[str]]:
    """Captions and references with their words parted, and a note where these are not the Penn Treebank's words."""
    lines = [*captions, *(text for texts in references for text in texts)]
    words, notes = _penn_words(lines) if has_java() else None, []
    if words is None:
        words = [" ".join(tokenize(line)) for line in lines]
        notes.append("words are told apart as in the vocabulary: the Penn Treebank's way needs Java")
    rest = iter(words[len(captions) :])
    candidates = {image: [text] for image, text in enumerate(words[: len(captions)])}
    return candidates, {image: [next(rest) for _ in texts] for image, texts in enumerate(references)}, notes


def _penn_words(lines: list[str]) -> list[str] | None:
    """What pycocoevalcap's PTBTokenizer makes of each line, or None; that one writes into its package and to stderr."""
    from pycocoevalcap.tokenizer.ptbtokenizer import PUNCTUATIONS, STANFORD_CORENLP_3_4_1_JAR

    jar = _package() / "tokenizer" / STANFORD_CORENLP_3_4_1_JAR
    command = ["java", "-cp", str(jar), "edu.stanford.nlp.process.PTBTokenizer", "-preserveLines", "-lowerCase"]
    text = "".join(f"{' '.join(line.split())}\n" for line in lines)
    with english_java():
        done = subprocess.run([*command, "-encoding", "UTF-8"], input=text.encode(), capture_output=True)
    parted = done.stdout.decode(errors="replace").split("\n")[:-1]
    if done.returncode or len(parted) != len(lines):
        return None
    return [" ".join(word for word in line.split() if word not in PUNCTUATIONS) for line in parted]


Scored = list[tuple[float, ArrayLike]]  # for each metric the score of all captions together, and of each


def _bleu(targets: Texts, candidates: Texts) -> Scored:
    from pycocoevalcap.bleu.bleu import Bleu

    return list(zip(*Bleu(4).compute_score(targets, candidates, verbose=0), strict=True))


def _rouge(targets: Texts, candidates: Texts) -> Scored:
    from pycocoevalcap.rouge.rouge import Rouge

    return [Rouge().compute_score(targets, candidates)]


def _meteor(targets: Texts, candidates: Texts) -> Scored:
    scorer = _meteor_scorer()
    try:
        return [scorer.compute_score(targets, candidates)]
    except BaseException as error:  # interrupted, too: the next question would take what is under way for its answer
        _meteor_scorer.cache_clear()
        scorer.meteor_p.kill()
        reason = first_complaint(scorer.meteor_p.stderr.read()) if isinstance(error, OSError | ValueError) else ""
        _end(scorer.meteor_p)
        if reason:
            raise OSError(reason) from error
        raise
    finally:
        if scorer.lock.locked():  # it holds on to its lock when it fails, and would then wait for itself when deleted
            scorer.lock.release()


@lru_cache
def _meteor_scorer() -> Any:
    """METEOR in a process of its own, which takes seconds to start and so is kept till the end."""
    from pycocoevalcap.meteor.meteor import Meteor

    with english_java():
        scorer = Meteor()
    atexit.register(_end, scorer.meteor_p)
    return scorer


def _end(process: subprocess.Popen) -> None:
    process.kill()
    with suppress(OSError), process:  # closes what it is spoken to through
        pass


def _cider(targets: Texts, candidates: Texts) -> Scored:
    from pycocoevalcap.cider.cider import Cider

    return [Cider().compute_score(targets, candidates)]


def _spice(targets: Texts, candidates: Texts) -> Scored:
    from pycocoevalcap.spice.spice import Spice

    with english_java():
        score, each = Spice().compute_score(targets, candidates)
    return [(score, [parts["All"]["f"] for parts in each])]


SCORERS: dict[tuple[str, ...], Callable[[Texts, Texts], Scored]] = {
    METRICS[:4]: _bleu,
    ("ROUGE-L",): _rouge,
    ("METEOR",): _meteor,
    ("CIDEr",): _cider,
    ("SPICE",): _spice,
}
