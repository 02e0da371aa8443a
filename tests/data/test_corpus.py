"""Images with captions: scenes, a download, the sample; their words, their views, and what is said of bad folders."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch

from ccdni_lib import FileError, SettingError
from ccdni_lib.data import corpus as module
from ccdni_lib.data import follow_progress, log, send_notices
from ccdni_lib.data.cnn import CNN
from ccdni_lib.data.coco import load_sample
from ccdni_lib.data.corpus import features_of, load_corpus
from ccdni_lib.data.images import crops
from ccdni_lib.data.scenes.captions import truth
from ccdni_lib.data.scenes.draw import draw
from tests.captioned import SHARED, coco, coco_part, colours, needs_sample

__all__ = ["colours"]


def test_scenes_have_true_captions_and_none_is_in_both_parts():
    corpus = load_corpus(images=30)
    for part in (corpus.training, corpus.validation):
        for scene, texts in zip(part.scenes, part.captions, strict=True):
            assert len(set(texts)) == 5
            assert all(truth(text, scene) == 1 for text in texts)
            assert all(len(text.split()) <= corpus.longest for text in texts)
    assert not set(corpus.training.scenes) & set(corpus.validation.scenes)
    assert corpus.part("training") is corpus.training
    assert corpus.part("validation") is corpus.validation
    more = load_corpus(images=40)
    assert more.training.captions[:30] == corpus.training.captions
    assert more.validation.captions == corpus.validation.captions


@pytest.mark.parametrize("minimum", [None, 1, 4])
def test_a_word_must_be_often_enough_in_training_captions(minimum):
    corpus = load_corpus(images=20, minimum=minimum)
    counted = Counter(word for texts in corpus.training.captions for text in texts for word in text.split())
    wanted = {word: count for word, count in counted.items() if count >= (minimum or 1)}
    assert dict(zip(corpus.vocabulary.words, corpus.vocabulary.counts, strict=True)) == wanted


@pytest.mark.parametrize("below", ["", "coco"])
@pytest.mark.parametrize("year", [2014, 2017])
def test_a_download_is_its_files_and_captions(tmp_path, year, below):
    place = coco(tmp_path / below, year)
    corpus = load_corpus("coco", folder=str(tmp_path))
    assert corpus.name == f"COCO train{year}, 12 images"
    assert [file.name for file in corpus.validation.files] == [f"{n:012d}.png" for n in (1, 2, 3, 4)]
    assert all(file.is_file() for file in corpus.training.files)
    told = json.loads((place / "annotations" / f"captions_val{year}.json").read_text())["annotations"]
    assert list(corpus.validation.captions[1]) == [one["caption"] for one in told if one["image_id"] == 2]
    assert min(corpus.vocabulary.counts) >= 5
    assert min(load_corpus("coco", minimum=2, folder=str(tmp_path)).vocabulary.counts) == 2


def test_parts_of_two_years_are_not_mixed(tmp_path):
    """Training images of 2017 are among those for validation of 2014."""
    coco_part(tmp_path, "train2017", 3, seed=0)
    coco_part(tmp_path, "val2014", 3, seed=1)
    with pytest.raises(FileError, match=r"has no annotations/captions_val2017\.json; must be a folder as COCO's"):
        load_corpus("coco", folder=str(tmp_path))
    coco_part(tmp_path, "val2017", 3, seed=2)
    assert load_corpus("coco", minimum=1, folder=str(tmp_path)).validation.files[0].parent.name == "val2017"


@pytest.mark.parametrize("part", ["train", "val"])
def test_a_part_without_images_is_named(tmp_path, part):
    annotations = coco(tmp_path) / "annotations" / f"captions_{part}2014.json"
    annotations.write_text('{"images": [], "annotations": []}')
    name = {"train": "training", "val": "validation"}[part]
    with pytest.raises(FileError, match=f"must have images for {name}, its annotations list none"):
        load_corpus("coco", folder=str(tmp_path))


def test_coco_needs_a_folder():
    with pytest.raises(FileError, match="captions of COCO: must have a folder, named by --data or CCDNI_DATA"):
        load_corpus("coco")


@needs_sample
def test_the_sample_is_split_and_keeps_captions_with_features():
    corpus, sample = load_corpus("coco", folder=str(SHARED)), load_sample(SHARED)
    assert (len(corpus.training), len(corpus.validation)) == (217, 54)
    features = {image.captions: row for image, row in zip(sample.images, sample.features, strict=True)}
    seen = set()
    for part in ("training", "validation"):
        found = features_of(corpus, part)
        assert found.shape == (len(corpus.part(part)), 1, 1280)
        for texts, row in zip(corpus.part(part).captions, found, strict=True):
            assert torch.equal(row[0], features[texts])
            seen.add(texts)
    assert len(seen) == 271
    assert corpus.minimum == 1


@needs_sample
def test_of_the_sample_there_are_no_other_features(monkeypatch):
    corpus = load_corpus("coco", folder=str(SHARED))
    with pytest.raises(FileError, match="views 2: must be 1 for 271 images of COCO 2017"):
        features_of(corpus, "training", views=2)
    assert features_of(corpus, "validation", views=2).shape == (54, 1, 1280)
    monkeypatch.setattr(module, "find_cnn", lambda name: CNN(name, 512, torch.nn.Identity))
    with pytest.raises(FileError, match="cnn resnet18: must be one that makes the 1,280 features that came with 271"):
        features_of(corpus, "training", "resnet18")


@pytest.mark.parametrize("source", ["scenes", "coco"])
def test_views_of_training_images_are_cut_at_random_and_mirrored_unless_captions_tell_left_from_right(
    colours, tmp_path, source
):
    if source == "scenes":
        corpus = load_corpus(images=12)
        images = [draw(scene) for scene in corpus.training.scenes]
    else:
        corpus = load_corpus("coco", folder=str(coco(tmp_path)))
        images = corpus.training.files
    found = features_of(corpus, "training", views=3)
    wanted = [
        colours(crops(image, 3, flip=source == "coco", index=index)).half().float()
        for index, image in enumerate(images)
    ]
    assert torch.equal(found, torch.stack(wanted))
    assert torch.equal(features_of(corpus, "training")[:, 0], found[:, 0])
    assert features_of(corpus, "validation", views=3).shape == (len(corpus.validation), 1, 48)
    turned = [crops(image, 3, flip=source != "coco", index=index) for index, image in enumerate(images)]
    assert not all(np.array_equal(colours(one).half().float(), two) for one, two in zip(turned, found, strict=True))


def test_while_images_are_looked_at_it_is_told_how_far_it_is(colours, monkeypatch):
    monkeypatch.setattr("ccdni_lib.data.cnn.CHUNK", 5)
    notices, shares = [], []
    corpus, before = load_corpus(images=20), (log.handlers, log.level)
    send_notices(notices.append)
    try:
        for _ in range(2):
            with follow_progress(lambda *told: shares.append(told)):
                features_of(corpus, "training")
            module._features_of_part.cache_clear()
    finally:
        log.handlers, log.level = before
    assert shares[:4] == [("20 images for training", share) for share in (0.25, 0.5, 0.75, 1.0)]
    assert len(notices) == 1  # the second time they are there
    assert notices[0].startswith("colours looks at 20 images; what it finds is kept in ")
    features_of(corpus, "validation")  # nobody follows any more
    assert {what for what, _ in shares} == {"20 images for training"}


def test_no_word_is_often_enough():
    with pytest.raises(SettingError, match="minimum 1000: must be at most"):
        _ = load_corpus(images=20, minimum=1000).vocabulary


# --- identity ---


def test_the_checksum_is_of_what_is_said_and_seen(tmp_path):
    load_corpus.cache_clear()
    one, more, rare = load_corpus(images=20), load_corpus(images=21), load_corpus(images=20, minimum=2)
    load_corpus.cache_clear()
    assert one.checksum == load_corpus(images=20).checksum  # computed anew
    assert re.fullmatch("[0-9a-f]{12}", one.checksum)
    assert len({one.checksum, more.checksum, rare.checksum}) == 3
    first, *others = one.training.captions
    said = replace(one.training, captions=((*first[:-1], first[-1] + " too"), *others))
    seen = replace(one.training, scenes=one.training.scenes[::-1])
    assert len({one.checksum, *(replace(one, training=part).checksum for part in (said, seen))}) == 3
    assert replace(one, training=one.validation, validation=one.training).checksum != one.checksum


def test_the_checksum_tells_files_by_name_and_features_by_what_they_are(tmp_path):
    found = load_corpus("coco", folder=str(coco(tmp_path / "here")))
    moved = load_corpus("coco", folder=str(coco(tmp_path / "there")))
    assert found.checksum == moved.checksum
    other = replace(found.training, files=found.training.files[::-1])
    assert replace(found, training=other).checksum != found.checksum
    made = replace(found.training, made=torch.ones(12, 3))
    changed = replace(found.training, made=torch.ones(12, 3).index_fill(1, torch.tensor([2]), 2.0))
    assert len({found.checksum, *(replace(found, training=part).checksum for part in (made, changed))}) == 3
