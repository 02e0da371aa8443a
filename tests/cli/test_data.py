"""Which data a command takes, and what it says of bad ones."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import ccdni_lib as cc
from ccdni_lib.cli.app import main
from ccdni_lib.data import log
from tests.captioned import coco, colours
from tests.cli.commands import TINY, TRAIN, refused

__all__ = ["colours"]


def with_source(monkeypatch, *arguments: str) -> str:
    """The task that a command trains."""
    seen = []

    def look(task, *_, **__):
        seen.append(task)
        raise cc.FileError("seen")

    for command in ("train", "sweep"):
        monkeypatch.setattr(f"ccdni_lib.cli.train.run_{command}", look)
    assert main(list(arguments)) == 2
    return seen[0]


@pytest.mark.parametrize("command", ["train", "sweep"])
def test_data_choose_between_scenes_and_coco(monkeypatch, tmp_path, command):
    folder, other = coco(tmp_path / "coco"), tmp_path / "other"
    other.mkdir()
    monkeypatch.setenv("CCDNI_DATA", str(other))
    for task, data, name in [
        ("captions", [], "captions"),
        ("captions", ["--data", "scenes"], "captions:source=scenes"),
        ("captions:images=20", ["--data", "scenes"], "captions:images=20,source=scenes"),
        ("captions", ["--data", str(folder)], "captions:source=coco"),
        ("captions:minimum=2,source=coco", ["--data", str(folder)], "captions:minimum=2,source=coco"),
        ("captions:minimum=2", ["--data", str(tmp_path)], "captions:minimum=2,source=coco"),
        ("line-drawing", ["--data", str(folder)], "line-drawing"),
    ]:
        assert with_source(monkeypatch, command, task, *data) == name


CAPTIONS = ["--seeds", "1", "--epochs", "1", "--lstm-units", "6", "--granule-cells", "12", "--batches", "2"]
CAPTIONS += ["--validation-size", "10", "--device", "cpu"]


def test_captions_of_a_folder_are_learnt(capsys, colours, monkeypatch, tmp_path):
    monkeypatch.setenv("CCDNI_DATA", "elsewhere")
    command = ["train", "captions:minimum=1", "--data", str(coco(tmp_path)), *CAPTIONS]
    assert main(command) == 0
    told = capsys.readouterr()
    assert "bits per word" in told.out
    assert "data: COCO train2014, 12 images; colours\n" in told.out
    assert told.err.startswith("ccdni: colours looks at 12 images; what it finds is kept in ")
    assert main(command) == 0
    assert capsys.readouterr().err == ""  # it was kept


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("no validation", "{}: has no annotations/captions_val2014.json; must be a folder as COCO's download makes it"),
        ("junk", "{}/annotations/captions_train2014.json: is no JSON, or damaged ("),
        ("empty caption", "{}/annotations/captions_train2014.json: image 1 has a caption without words, ''"),
        ("no caption", "{}/annotations/captions_train2014.json: image 1 has no caption"),
        ("missing image", "{}/val2014: has no 000000000002.png, the file of image 2"),
        ("no image", "{}/train2014/000000000003.jpg: cannot be read as an image (is no image in a format that Pillow"),
        ("rare words", "minimum 1000: must be at most "),
    ],
)
def test_bad_captions_are_one_sentence(capsys, colours, monkeypatch, tmp_path, damage, sentence):
    monkeypatch.setenv("CCDNI_DATA", "elsewhere")
    folder, task = coco(tmp_path), "captions:minimum=1000" if damage == "rare words" else "captions:minimum=1"
    training = folder / "annotations" / "captions_train2014.json"
    content = json.loads(training.read_text())
    if damage == "no validation":
        (folder / "annotations" / "captions_val2014.json").unlink()
    elif damage == "junk":
        training.write_text(training.read_text()[:-9])
    elif damage == "empty caption":
        content["annotations"][0]["caption"] = " "
        training.write_text(json.dumps(content))
    elif damage == "no caption":
        content["annotations"] = [one for one in content["annotations"] if one["image_id"] != 1]
        training.write_text(json.dumps(content))
    elif damage == "missing image":
        (folder / "val2014" / "000000000002.png").unlink()
    elif damage == "no image":
        (folder / "train2014" / "000000000003.jpg").write_text("no image")
    told = refused(capsys, "train", task, "--data", str(folder), *CAPTIONS)
    assert told.startswith(sentence.format(folder))


@pytest.mark.parametrize(
    "command", [TRAIN, ["sweep", "line-drawing", *TINY, "--device", "cpu"], ["doctor"], ["bench"], ["results"]]
)
def test_data_names_the_folder_for_this_process_and_its_children(monkeypatch, tmp_path, command):
    seen = []
    monkeypatch.setenv("CCDNI_DATA", "elsewhere")

    def look(*_, **__):
        child = "import os; print(os.environ['CCDNI_DATA'])"
        seen.append(subprocess.run([sys.executable, "-c", child], capture_output=True, text=True).stdout.strip())
        raise cc.FileError("seen")

    for place in ("train.run_train", "train.run_sweep", "results.make_result", "doctor.run_doctor", "bench.run_bench"):
        monkeypatch.setattr(f"ccdni_lib.cli.{place}", look)
    assert main(command) == main([*command, "--data", str(tmp_path)]) == 2
    assert seen == ["elsewhere", str(tmp_path)]


def test_a_run_tells_which_data_it_had(capsys, monkeypatch):
    def with_data(*given, **settings):
        log.warning("those data, for these are not to be had")
        return cc.train(*given, **settings).assign_attrs(data="those data")

    monkeypatch.setattr("ccdni_lib.cli.train.run_train", with_data)
    assert main(TRAIN) == 0
    told = capsys.readouterr()
    assert "data: those data\n" in told.out
    assert told.err == "ccdni: those data, for these are not to be had\n"
