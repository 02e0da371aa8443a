"""Scores of captions: worked by hand, as published, and with what this machine lacks left out in so many words."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import types

import numpy as np
import pytest
import xarray as xr

from ccdni_lib import SettingError
from ccdni_lib.study.measures import caption_scores as module
from ccdni_lib.study.measures.caption_scores import (
    METRICS,
    bits_by_length,
    bits_per_word,
    score_captions,
    unavailable,
)
from ccdni_lib.study.measures.java import english_java, has_java, java_problem

FAST = tuple(metric for metric in METRICS if metric not in ("METEOR", "SPICE"))


@pytest.fixture
def coco():
    """COCO's own evaluation, which an extra brings."""
    return pytest.importorskip("pycocoevalcap", reason="needs the extra [captions]")


@pytest.fixture
def no_java(monkeypatch):
    monkeypatch.setattr(module, "has_java", lambda: False)


def scores(captions, references, metrics=FAST) -> dict[str, float]:
    found = score_captions(captions, references, metrics)
    return dict(zip(found.metric.values.tolist(), found.score.values.tolist(), strict=True))


# --- bits per word ---


def test_bits_per_word_are_the_mean_over_words():
    rng = np.random.default_rng(0)
    probability = [rng.uniform(0.01, 1, size=count) for count in (4, 9, 1, 6, 9)]
    nats = xr.DataArray([-np.log(p).sum() for p in probability], dims="caption")
    words = xr.DataArray([len(p) for p in probability], dims="caption")
    assert bits_per_word(nats, words).item() == pytest.approx(-np.log2(np.concatenate(probability)).mean())
    found = bits_by_length(xr.concat([nats, 2 * nats], "seed"), words)
    assert found.length.values.tolist() == [0, 3, 5, 8]
    assert found.captions.values.tolist() == [1, 1, 1, 2]
    nine = -np.log2(np.concatenate([probability[1], probability[4]])).mean()
    assert found.sel(length=8).values.tolist() == pytest.approx([nine, 2 * nine])
    again = (found * (found.length + 1) * found.captions).sum("length") / words.sum()
    assert again.values[0] == pytest.approx(bits_per_word(nats, words).item())


def test_a_network_that_diverged_has_no_bits():
    nats, words = xr.DataArray([math.nan, 1.0], dims="caption"), xr.DataArray([2, 2], dims="caption")
    assert np.isnan(bits_per_word(nats, words))


# --- the scores ---


def test_bleu_of_its_authors_examples(coco):  # Papineni et al. 2002, sections 2.1 and 2.1.1
    party = "It is a guide to action which ensures that the military always obeys the commands of the party"
    three = [
        "It is a guide to action that ensures that the military will forever heed Party commands",
        "It is the guiding principle which guarantees the military forces always being under the command of the Party",
        "It is the practical guide for the army always to heed the directions of the party",
    ]
    found = scores([party], [three])
    assert found["BLEU-1"] == pytest.approx(17 / 18, abs=1e-6)
    assert found["BLEU-2"] == pytest.approx(math.sqrt(17 / 18 * 10 / 17), abs=1e-6)
    the = scores(["the the the the the the the"], [["The cat is on the mat", "There is a cat on the mat"]])
    assert the["BLEU-1"] == pytest.approx(2 / 7, abs=1e-6)


def test_bleu_by_hand_over_two_images(coco):
    found = score_captions(
        ["a red ball on grass", "a cat"],
        [["a red ball on the grass", "one ball"], ["a black cat sits", "the cat"]],
        FAST,
    )
    # Of 7 words all 7 are there, of 5 pairs 3 (a red, red ball, ball on), of 3 triples 2, of 2 fours 1. The references
    # that are closest in length have 6 and 2 words (5 is nearer to 6 than to 2), together 8.
    brevity = math.exp(1 - 8 / 7)
    wanted = [1, math.sqrt(3 / 5), (3 / 5 * 2 / 3) ** (1 / 3), (3 / 5 * 2 / 3 * 1 / 2) ** 0.25]
    assert found.score.values[:4] == pytest.approx(np.array(wanted) * brevity, abs=1e-6)
    assert found.length.values.tolist() == [5, 2]
    assert found.reference_length.values.tolist() == [6, 2]
    assert found.length_ratio.item() == pytest.approx(7 / 8)
    assert found.image_score.sel(metric="BLEU-1").values == pytest.approx([math.exp(1 - 6 / 5), 1], abs=1e-6)


def test_rouge_by_hand(coco):
    def f(precision, recall):  # of Lin 2004, with β = 1.2
        return (1 + 1.2**2) * precision * recall / (recall + 1.2**2 * precision)

    # The longest common subsequences: a dog runs (3 of 3, 3 of 5), and a cat (2 of 4; 2 of 3 in one, 1 of 1 in other).
    captions = ["a dog runs", "a very small cat"]
    references = [["a big dog runs fast"], ["a black cat", "cat"]]
    found = score_captions(captions, references, ["ROUGE-L"])
    assert found.image_score.values[0] == pytest.approx([f(1, 3 / 5), f(2 / 4, 1)])
    assert found.score.item() == pytest.approx(np.mean([f(1, 3 / 5), f(2 / 4, 1)]))


def test_cider_is_10_for_the_same_caption_and_0_for_other_words(coco):
    captions = ["a man rides a brown horse", "two dogs sleep under a table", "some fresh bread on the shelf"]
    same = score_captions(captions, [[caption] for caption in captions], ["CIDEr"])
    assert same.image_score.values[0] == pytest.approx([10, 10, 10])
    other = ["one two three four", "five six seven eight", "nine ten eleven twelve"]
    assert scores(other, [[caption] for caption in captions], ["CIDEr"])["CIDEr"] == 0
    swapped = score_captions([captions[1], captions[0], captions[2]], [[caption] for caption in captions], ["CIDEr"])
    assert swapped.image_score.values[0][2] == pytest.approx(10)
    assert (swapped.image_score.values[0][:2] < 1).all()


def test_cider_by_hand(coco, no_java):
    # Three images; "cat" and "dog" are used for one each, "a" for all, so that it weighs nothing. Of the first, what is
    # said has the same weights in words (cat) and other pairs (a cat, cat sat; not cat a), and no triple that is known.
    found = score_captions(["cat a"], [["a cat"]], ["CIDEr"])
    assert found.score.item() == 0  # of one image alone
    found = score_captions(["cat a", "a dog", "a"], [["a cat"], ["a dog"], ["a"]], ["CIDEr"])
    assert found.image_score.values[0] == pytest.approx([10 / 4, 20 / 4, 0])


def test_all_scores_of_the_same_captions_are_at_their_best_and_empty_ones_at_their_worst(coco):
    captions = ["a man rides a brown horse", "two dogs sleep under a table", "some fresh bread on the shelf"]
    references = [[caption] for caption in captions]
    best, worst = scores(captions, references), scores(["", "", ""], references)
    assert best == pytest.approx({metric: 10 if metric == "CIDEr" else 1 for metric in FAST}, abs=1e-6)
    assert worst == pytest.approx(dict.fromkeys(FAST, 0), abs=1e-6)
    some = score_captions(["", *captions[1:]], references, FAST)
    assert some.length.values.tolist() == [0, 6, 6]
    assert some.image_score[:, 0].values.tolist() == pytest.approx([0] * some.sizes["metric"])


@pytest.mark.skipif(not has_java(), reason="needs Java")
@pytest.mark.slow
def test_meteor_where_there_is_java(coco):
    captions = ["a man rides a brown horse", "two dogs sleep under a table"]
    references = [[caption] for caption in captions]
    found = score_captions([captions[0], "two dogs sleeping under a desk"], references, ["METEOR"])
    same, alike = found.image_score.sel(metric="METEOR").values
    assert same == pytest.approx(1)
    assert 0.3 < alike < 1  # it knows of stems and synonyms
    assert found.notes == ""
    again = score_captions(["", captions[1]], references, ["METEOR"])
    assert again.image_score.values[0] == pytest.approx([0, 1])
    module._meteor_scorer().meteor_p.kill()
    lost = score_captions(captions, references, ["METEOR", "BLEU-1"])
    assert lost.metric.values.tolist() == ["BLEU-1"]
    assert lost.notes.startswith("METEOR is left out: it failed (")
    assert module._meteor_scorer.cache_info().currsize == 0  # it is started anew when next asked for


@pytest.mark.skipif(not has_java(), reason="needs Java")
@pytest.mark.slow
def test_meteor_is_the_same_where_numbers_have_a_decimal_comma(coco, monkeypatch):
    pair = ["a red ball"], [["a red ball on grass", "the ball"]]
    module._meteor_scorer.cache_clear()
    here = score_captions(*pair, ["METEOR"]).score.item()
    module._meteor_scorer.cache_clear()
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Duser.language=it -Duser.country=IT")
    there = score_captions(*pair, ["METEOR"])
    assert (there.score.item(), there.notes) == (here, "")
    module._meteor_scorer.cache_clear()


@pytest.mark.skipif(not has_java(), reason="needs Java")
@pytest.mark.parametrize("variable", ["JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS"])
def test_the_java_that_scores_writes_numbers_as_in_english(variable, monkeypatch):
    monkeypatch.setenv(variable, "-Duser.language=it -Duser.country=IT -Xmx64m")
    command = ["java", "-XshowSettings:locale", "-version"]
    assert "default format locale = italiano (Italia)" in subprocess.run(command, capture_output=True, text=True).stderr
    with english_java():
        assert (
            "default format locale = English (United States)"
            in subprocess.run(command, capture_output=True, text=True).stderr
        )
    assert os.environ[variable].startswith("-Duser.language=it")  # as before


def test_a_java_that_does_not_start_is_told_with_its_reason(monkeypatch, tmp_path):
    (tmp_path / "java").write_text("#!/bin/sh\necho 'Unrecognized VM option -XX:Nonsense' >&2\nexit 1\n")
    (tmp_path / "java").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    java_problem.cache_clear()
    why = "it needs Java, which does not start (Unrecognized VM option -XX:Nonsense)"
    assert module.unavailable() == {"METEOR": why, "SPICE": why}
    java_problem.cache_clear()


@pytest.mark.skipif(not has_java(), reason="needs Java")
def test_words_are_parted_as_by_cocos_own_tokenizer(coco, tmp_path, capfd):
    from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

    lines = ["A man's dog -- isn't it? (yes)", "", "Café, 3.5 <unknown> kites;", "...", "T-shirts\nand a 'hat'", "end"]
    theirs = PTBTokenizer().tokenize({0: [{"caption": line} for line in lines]})[0]
    assert module._penn_words(lines) == theirs
    assert theirs[0].startswith("a man 's dog is n't it")


# --- what cannot be had ---


def test_without_java_notes_say_what_is_left_out_and_whose_words_there_are(coco, no_java):
    found = score_captions(["It's a cat"], [["it's a cat."]])
    assert found.metric.values.tolist() == list(FAST)
    assert found.notes.split("\n") == [
        "words are told apart as in the vocabulary: the Penn Treebank's way needs Java",
        "METEOR is left out: it needs Java",
        "SPICE is left out: it needs Java",
    ]
    assert found.length.item() == 3
    assert score_captions(["a"], [["a"]], ["BLEU-1"]).notes.count("\n") == 0


def test_without_java_on_the_path_there_is_none(monkeypatch, tmp_path):
    java_problem.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not has_java()
    java_problem.cache_clear()
    assert unavailable() == {"METEOR": "it needs Java", "SPICE": "it needs Java"}
    (tmp_path / "java").write_text("#!/bin/sh\nexit 1\n")  # as on a Mac that would have to fetch it first
    (tmp_path / "java").chmod(0o755)
    java_problem.cache_clear()
    assert not has_java()
    java_problem.cache_clear()


@pytest.fixture
def spice(coco, monkeypatch, tmp_path):
    """CoreNLP's two files and a SPICE that gives numbers, and would fetch nothing."""
    (tmp_path / "spice" / "lib").mkdir(parents=True)
    for end in ("", "-models"):
        (tmp_path / "spice" / "lib" / f"stanford-corenlp-3.6.0{end}.jar").touch()

    class Spice:
        def compute_score(self, meant, said):
            return 0.25, [{"All": {"f": 0.5, "pr": 0.7}, "Color": {"f": math.nan}}, {"All": {"f": 0.0}}]

    there = types.ModuleType("pycocoevalcap.spice.spice")
    there.Spice = Spice
    monkeypatch.setitem(sys.modules, "pycocoevalcap.spice.spice", there)
    monkeypatch.setattr(module, "has_java", lambda: True)
    monkeypatch.setattr(module, "_package", lambda: tmp_path)
    monkeypatch.setattr(module, "_penn_words", lambda lines: lines)
    return Spice


def test_spice_is_there_with_corenlp(spice, tmp_path):
    found = score_captions(["a", "b"], [["a"], ["c"]], ["SPICE", "BLEU-1"])
    assert found.metric.values.tolist() == ["BLEU-1", "SPICE"]
    assert found.score.sel(metric="SPICE").item() == 0.25
    assert found.image_score.sel(metric="SPICE").values.tolist() == [0.5, 0.0]
    assert found.notes == ""
    (tmp_path / "spice" / "lib" / "stanford-corenlp-3.6.0-models.jar").unlink()
    found = score_captions(["a", "b"], [["a"], ["c"]], ["SPICE", "BLEU-1"])
    assert found.metric.values.tolist() == ["BLEU-1"]
    assert found.notes == (
        "SPICE is left out: it needs stanford-corenlp-3.6.0, which python -m "
        "pycocoevalcap.spice.get_stanford_models downloads"
    )


def test_a_scorer_that_fails_is_left_out_with_its_reason(spice, monkeypatch):
    def fail(self, meant, said):
        raise OSError("no memory")

    monkeypatch.setattr(spice, "compute_score", fail)
    found = score_captions(["a", "b"], [["a"], ["c"]], ["SPICE"])
    assert found.image_score.shape == (0, 2)
    assert found.notes == "SPICE is left out: it failed (no memory)"


def test_without_the_extra_a_sentence_names_it(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(SettingError) as refused:
        score_captions(["a"], [["a"]])
    assert str(refused.value) == "caption scores: need the extra [captions], pip install 'ccdni_lib[captions]'"


@pytest.mark.parametrize(
    ("captions", "references", "metrics", "why"),
    [
        (["a"], [["a"]], ["BLEU"], "metric BLEU: must be one of BLEU-1, BLEU-2"),
        (["a"], [["a"], ["b"]], FAST, "captions: must be one for each image, are 1 for 2 images"),
        ([], [], FAST, "captions: must be one for each image, are 0 for 0 images"),
        (["a", "b"], [["a"], []], FAST, "references of image 1: must be a list of one caption or more, are []"),
        (["a"], ["a cat"], FAST, "references of image 0: must be a list of one caption or more, are 'a cat'"),
    ],
)
def test_what_cannot_be_scored_is_refused_in_a_sentence(captions, references, metrics, why):
    with pytest.raises(SettingError) as refused:
        score_captions(captions, references, metrics)
    assert str(refused.value).startswith(why)
