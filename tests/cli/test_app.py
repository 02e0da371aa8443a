"""The command line as a user types it: exit codes, sentences, files."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import numpy as np
import pytest
import torch

import ccdni_lib as cc
from ccdni_lib.cli.app import main
from ccdni_lib.data import log
from ccdni_lib.engine.ranges import Optional, Whole
from tests.captioned import coco, colours

__all__ = ["colours"]

TINY = ["--seeds", "2", "--epochs", "3", "--lstm-units", "6", "--granule-cells", "12", "--batches", "3"]
TRAIN = ["train", "line-drawing", *TINY, "--device", "cpu"]


def refused(capsys, *arguments: str) -> str:
    """The one sentence of a user's mistake."""
    assert main(list(arguments)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("ccdni: ")
    return lines[0].removeprefix("ccdni: ")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["train", "lines"], "task lines: must be one of line-drawing"),
        (["train", "line-drawing", "--model", "rnn"], "model rnn: must be one of crnn, ccrnn, sccrnn"),
        (["train", "line-drawing", "--device", "tpu"], "device tpu: must be one of auto, cpu"),
        (["train", "line-drawing", "--truncation", "0"], "truncation 0: must be a whole number 1…10 for line-drawing"),
        (
            ["train", "line-drawing", "--truncation", "11"],
            "truncation 11: must be a whole number 1…10 for line-drawing",
        ),
        (
            ["train", "line-drawing", "--truncation", "-1"],
            "truncation -1: must be a whole number 1…10 for line-drawing",
        ),
        (
            ["train", "line-drawing", "--truncation", "2.5"],
            "truncation 2.5: must be a whole number 1…10 for line-drawing",
        ),
        (["train", "line-drawing", "--feedback-interval", "0"], "feedback_interval 0: must be a whole number 1…10"),
        (["train", "line-drawing", "--feedback-interval", "12"], "feedback_interval 12: must be a whole number 1…10"),
        (["train", "line-drawing", "--seeds", "0"], "seeds 0: must be a count of 1…10,000"),
        (["train", "line-drawing", "--seeds", "3,3"], "seeds 3,3: must be a count of 1…10,000, or different whole"),
        (["train", "line-drawing", "--epochs", "-1"], "epochs -1: must be a whole number 1…1,000,000"),
        (["train", "line-drawing", "--out", "no/such/run.nc"], "no/such/run.nc: the folder no/such must exist"),
        (["train", "line-drawing", "--budget", "huge"], "budget huge: must be one of"),
        (["train", "line-drawing", "--truncaton", "1"], "No such option: --truncaton"),
        (["train"], "Missing argument 'task'"),
        (["sweep", "line-drawing", "--models", "crnn,rnn"], "model rnn: must be one of crnn, ccrnn, sccrnn"),
        (["sweep", "line-drawing", "--truncation", "1,2,x"], "truncation x: must be a whole number 1…10"),
        (["sweep", "line-drawing", "--truncation", "2,2"], "truncation 2,2: must be one or more different values"),
        (["train", "line-drawing", "--data", "no/such"], "data no/such: must be a folder that exists"),
        (["sweep", "line-drawing", "--data", "no/such"], "data no/such: must be a folder that exists"),
        (["results", "--data", "no/such"], "data no/such: must be a folder that exists"),
        (["bench", "--data", "no/such"], "data no/such: must be a folder that exists"),
        (["doctor", "--data", "no/such"], "data no/such: must be a folder that exists"),
        (["bench", "--networks", "0"], "networks 0: must be a whole number 1…100,000"),
        (["bench", "--task", "lines"], "task lines: must be one of line-drawing"),
        (["doctor", "--device", "tpu"], "device tpu: must be one of auto, cpu"),
        (["results", "everything"], "experiment everything: must be one of line-drawing-grid"),
        (["results", "everything", "--budget", "huge"], "experiment everything: must be one of"),
        (
            ["results", "line-drawing-grid", "--budget", "huge", "--out", "."],
            "budget huge: must be one of quick, class",
        ),
        (["figures", "P21-9z"], "figure P21-9z: must be one of P21-2b"),
        (["figures", "--budget", "huge"], "budget huge: must be one of stored, quick, class, paper for figures"),
        (["figures", "--data", "no/such"], "data no/such: must be a folder that exists"),
        (["ledger", "P21-9z"], "claim P21-9z: must be"),
        (["ledger", "--budget", "huge"], "budget huge: must be one of stored, quick, class, paper"),
        (["publish", "--repo", "ftp://x"], "repo ftp://x: must be https://github.com/OWNER/NAME"),
        (["train", "line-drawing", "--save", "no/such/n.st"], "no/such/n.st: the folder no/such must exist"),
        (
            ["train", "line-drawing", "--data", "scenes"],
            "data scenes: must be a folder for line-drawing; only captions",
        ),
        (
            ["sweep", "line-drawing", "--data", "scenes"],
            "data scenes: must be a folder for line-drawing; only captions",
        ),
        (["train", "captions", "--data", "no/such"], "data no/such: must be a folder that exists"),
        (["train", "captions", "--data", "."], ".: has no annotations/captions_train2014.json or captions_train2017"),
        (["train", "captions:source=scenes", "--data", "."], "data .: must not be given with source=scenes"),
        (["sweep", "captions:source=coco", "--data", "scenes"], "data scenes: must not be given with source=coco"),
        (["train", "captions:images=20", "--data", "."], "images 20: must not be given for COCO, all of whose images"),
        (
            ["train", "captions:images=20", "--truncation", "27"],
            "truncation 27: must be a whole number 1…26 for captions",
        ),
        (["sweep", "line-drawing", "--truncation", "5-3"], "truncation 5-3: must rise, as in 3-5"),
        (["sweep", "line-drawing", "--mossy-fibres", "none,9-2"], "mossy_fibres 9-2: must rise, as in 2-9"),
        (["sweep", "line-drawing", "--truncation", "1-"], "truncation 1-: must be a whole number 1…10"),
        (["sweep", "line-drawing", "--truncation", ""], "truncation : must be a whole number 1…10"),
        (["sweep", "line-drawing", "--truncation", "1-11"], "truncation 11: must be a whole number 1…10"),
        (["sweep", "line-drawing", "--epochs", "1-99999"], "epochs 1-99999: must be at most 10,000 numbers"),
        (["sweep", "line-drawing", "--seeds", "5-3,7"], "seeds 5-3,7: must be a count of 1…10,000, or different whole"),
        (["train", "line-drawing", "--seeds", "7-"], "seeds 7-: must be a count of 1…10,000, or different whole"),
        (["wat"], "No such command 'wat'"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_2(capsys, monkeypatch, tmp_path, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    assert refused(capsys, *arguments).startswith(sentence)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif("__import__('torch').cuda.is_available()", reason="a CUDA device is there")
def test_cuda_without_cuda_is_refused(capsys):
    sentence = refused(capsys, *TRAIN[:-1], "cuda")
    assert sentence == "device cuda: must be one of auto, cpu, for PyTorch finds no CUDA device here"


def test_train_saves_a_run_and_shows_a_summary(capsys, tmp_path):
    file = tmp_path / "run.nc"
    assert main([*TRAIN, "--out", str(file), "--no-terminal-feedback", "--lesion", "olive@1"]) == 0
    printed = capsys.readouterr().out
    assert "line-drawing: epoch 3, 2 seeds" in printed
    run = cc.load_dataset(file)
    settings = json.loads(run.attrs["settings"])
    assert (settings["seeds"], settings["lesion"], settings["terminal_feedback"]) == ([0, 1], ["olive@1"], False)


def test_sweep_saves_a_grid(capsys, tmp_path):
    file = tmp_path / "sweep.nc"
    command = ["sweep", "line-drawing", *TINY, "--truncation", "1-3", "--feedback-interval", "1,2", "--device", "cpu"]
    assert main([*command, "--models", "crnn,sccrnn", "--workers", "1", "--out", str(file)]) == 0
    assert dict(cc.load_dataset(file).sizes) | {"model": 2, "truncation": 3, "feedback_interval": 2} == dict(
        cc.load_dataset(file).sizes
    )
    assert "sccrnn" in capsys.readouterr().out


def test_every_setting_of_whole_numbers_can_be_a_range(monkeypatch):
    """A setting that is added is found here by its kind."""
    whole = {}
    for name, field in cc.Settings.__dataclass_fields__.items():
        kind = field.metadata["range"]
        if isinstance(getattr(kind, "kind", kind), Whole):
            whole[name] = "none,2-4" if isinstance(kind, Optional) else "2-4"
    assert {"epochs", "truncation", "granule_layers", "mossy_fibres", "validation_size"} <= set(whole)
    seen = {}

    def look(task, models, **settings):
        seen.update(settings)
        raise cc.FileError("seen")

    monkeypatch.setattr("ccdni_lib.cli.train.run_sweep", look)
    flags = [f"--{name.replace('_', '-')}={text}" for name, text in whole.items()]
    assert main(["sweep", "line-drawing", *flags, "--seeds", "5-7,9", "--learning-rate", "1e-3,2e-3"]) == 2
    for name, text in whole.items():
        assert seen[name] == (["none"] if "none" in text else []) + ["2", "3", "4"], name
    assert seen["learning_rate"] == ["1e-3", "2e-3"]
    assert seen["seeds"] == "5-7,9"


def test_a_sweep_records_and_saves_as_training_does(monkeypatch, tmp_path):
    seen = {}

    def look(task, models, **options):
        seen.update(options)
        raise cc.FileError("seen")

    monkeypatch.setattr("ccdni_lib.cli.train.run_sweep", look)
    options = ["--record", "activity,feedback", "--record-every", "3", "--save", str(tmp_path)]
    assert main(["sweep", "line-drawing", *options, "--out", "run.nc", "--overwrite", "--workers", "2"]) == 2
    assert seen.items() >= {"record_every": 3, "save": tmp_path, "overwrite": True, "resume": False}.items()
    assert seen.items() >= {"record": ["activity", "feedback"], "workers": 2, "cluster": None}.items()
    assert "learning_rate" not in seen


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["train"],
        ["sweep"],
        ["caption"],
        ["bench"],
        ["doctor"],
        ["publish"],
        ["tasks"],
        ["results"],
        ["figures"],
        ["ledger"],
    ],
)
def test_help_explains_every_option(capsys, command):
    assert main([*command, "--help"]) == 0
    text = capsys.readouterr().out
    assert "Usage" in text
    if command in (["train"], ["sweep"]):
        assert "anew instead: --overwrite" in " ".join(text.replace("│", "").split())
        assert "them instead: --resume" in " ".join(text.replace("│", "").split())
        flags = {"--" + name.replace("_", "-") for name in cc.Settings.__dataclass_fields__} - {"--model"}
        assert flags <= set(re.findall(r"--[a-z0-9-]+", text))


def test_tasks_lists_every_task_and_variant_in_80_columns(capsys, monkeypatch):
    monkeypatch.setattr("ccdni_lib.cli.console.out_console.width", 80, raising=False)
    assert main(["tasks"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in cc.TASKS)
    assert all(f"    {name}:{key}=…" in text for name, task in cc.TASKS.items() for key in task.variants)
    assert max(map(len, text.splitlines())) <= 80


# --- data ---


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


# --- trained networks ---


def test_trained_networks_are_saved_as_they_are_after_the_last_epoch(capsys, tmp_path):
    file, out = tmp_path / "networks.safetensors", tmp_path / "run.nc"
    assert main([*TRAIN, "--save", str(file), "--out", str(out)]) == 0
    assert f"networks saved to {file}\n" in capsys.readouterr().out
    network, about = cc.Network.load(file)
    run = cc.load_dataset(out)
    assert about["task"] == "line-drawing"
    assert about["settings"] == json.loads(run.attrs["settings"])
    assert about["settings"]["seeds"] == [0, 1]
    assert about["notes"] == {}
    few = cc.find_task("line-drawing").examples("validation", torch.float32, torch.device("cpu"))
    cues, _ = few.at(torch.arange(len(few)))
    for seed in (0, 1):
        lstm, readout, _ = network.to_torch(seed)
        output = readout(lstm(cues.transpose(0, 1))[0]).transpose(0, 1).detach()
        np.testing.assert_allclose(output, run.output.sel(seed=seed), atol=1e-4)


def test_saved_networks_are_not_lost(capsys, tmp_path):
    file, out = tmp_path / "networks.safetensors", tmp_path / "run.nc"
    file.write_text("mine")
    assert refused(capsys, *TRAIN, "--save", str(file)).startswith(f"{file}: exists already; resume it")
    assert file.read_text() == "mine"
    assert main([*TRAIN, "--save", str(file), "--out", str(out), "--overwrite"]) == 0
    before = file.read_bytes()
    again = [*TRAIN, "--save", str(file), "--out", str(out), "--resume"]
    assert main(again) == 0  # both are there
    assert file.read_bytes() == before
    file.unlink()
    capsys.readouterr()
    assert refused(capsys, *again).startswith(f"{file}: cannot be made, for {out} is complete; train anew (")
    assert list(tmp_path.iterdir()) == [out]


def test_networks_of_a_run_that_went_on_are_those_of_one_that_was_never_stopped(tmp_path):
    file, out = tmp_path / "networks.safetensors", tmp_path / "run.nc"
    few = {"seeds": 2, "epochs": 4, "lstm_units": 6, "granule_cells": 12, "batches": 3, "device": "cpu"}
    task = cc.find_task("line-drawing")

    def stop(done: float) -> None:
        if done > 0.4:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(cc.Interrupted):
        cc.train(task, **few, out=out, save=file, progress=stop)
    assert not file.exists()
    cc.train(task, **few, out=out, save=file, progress=False, resume=True)
    cc.train(task, **few, save=tmp_path / "whole", progress=False)
    (stopped, settings), (whole, same) = (cc.Network.load(path) for path in (file, tmp_path / "whole"))
    assert torch.equal(stopped.weights.flat, whole.weights.flat)
    assert settings == same


def test_doctor_finds_that_the_machine_computes_right(capsys):
    assert main(["doctor", "--device", "cpu"]) == 0
    assert "as they should be" in " ".join(capsys.readouterr().out.split())


def test_doctor_says_which_digits_there_are_and_minds_a_folder_without(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("CCDNI_DATA", "")
    monkeypatch.setenv("CCDNI_OFFLINE", "1")
    monkeypatch.setattr("ccdni_lib.data.digits._cache", lambda: tmp_path / "cache")
    assert main(["doctor", "--device", "cpu"]) == 0
    assert "scikit-learn's digits, 8×8 scaled" in " ".join(capsys.readouterr().out.split())
    assert main(["doctor", "--device", "cpu", "--data", str(tmp_path)]) == 1
    assert "must be a folder with MNIST's four files" in " ".join(capsys.readouterr().out.split())
    assert list(tmp_path.iterdir()) == []


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


def test_bench_writes_what_the_contract_says(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("ccdni_lib.cli.bench.ROUNDS", 1)
    monkeypatch.setattr("ccdni_lib.cli.bench.PRODUCT", 256)
    monkeypatch.setattr("ccdni_lib.cli.bench.UPDATES", 2)
    file = tmp_path / "bench.json"
    assert main(["bench", "--json", str(file), "--networks", "1,2", "--device", "cpu"]) == 0
    found = json.loads(file.read_text())
    assert {"gemm_gflops", "device", "rows"} <= set(found)
    assert [(row["task"], row["model"], row["networks"]) for row in found["rows"]] == [
        (task, model, size)
        for task in cc.TASKS
        if task != "captions"  # which must be asked for
        for model in ("crnn", "ccrnn")
        for size in (1, 2)
    ]
    for row in found["rows"]:
        assert {"task", "ms_engine", "ms_reference", "speedup", "floor_share"} <= set(row)
        assert row["speedup"] == pytest.approx(row["ms_reference"] / row["ms_engine"])


def test_ctrl_c_keeps_the_finished_epochs_and_resume_ends_as_an_uninterrupted_run(tmp_path):
    size = ["--seeds", "2", "--epochs", "40", "--lstm-units", "6", "--granule-cells", "12", "--device", "cpu"]
    command = [sys.executable, "-m", "ccdni_lib.cli.app", "train", "line-drawing", *size, "--batches", "200"]
    stopped, whole = tmp_path / "stopped.nc", tmp_path / "whole.nc"
    for patience in (4, 8, 16, 32):  # a busy machine may not get through an epoch in four seconds
        process = subprocess.Popen([*command, "--out", stopped], stderr=subprocess.PIPE, text=True)
        time.sleep(patience)
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=60)
        if stopped.exists():
            break
    assert process.returncode == 130, complaint
    assert re.search(r"^ccdni: stopped after epoch \d+; go on with the same command and --resume$", complaint, re.M)
    part = cc.load_dataset(stopped)
    assert 0 < part.sizes["epoch"] < 40
    for out, more in ((stopped, ["--resume"]), (whole, [])):
        subprocess.run([*command, "--out", out, *more], check=True, capture_output=True)
    assert cc.load_dataset(stopped).drop_attrs().identical(cc.load_dataset(whole).drop_attrs())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["stopped.nc", "whole.nc"]


def test_resume_files_that_cannot_be_used_are_refused(capsys, monkeypatch, tmp_path):
    file, parts = tmp_path / "run.nc", tmp_path / "run.nc.parts"

    @contextmanager
    def stop_half_way(title):
        yield lambda done: done > 0.5 and signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr("ccdni_lib.cli.train.show_progress", stop_half_way)
        assert main([*TRAIN, "--out", str(file)]) == 130
    capsys.readouterr()
    before = {path: path.read_bytes() for path in parts.rglob("*") if path.is_file() and path.name != "lock"}
    assert len(before) >= 2  # what the run is, and a checkpoint
    for path, content in before.items():
        for damaged in (b"", b"junk", b"\x08\0\0\0\0\0\0\0{}      ", content[: len(content) // 2]):
            path.write_bytes(damaged)
            sentence = refused(capsys, *TRAIN, "--out", str(file), "--resume")
            assert sentence.startswith(f"{path}: cannot be ")
            assert path.read_bytes() == damaged
        path.write_bytes(content)
    assert main([*TRAIN, "--out", str(file), "--resume"]) == 0
    assert list(tmp_path.iterdir()) == [file]
    capsys.readouterr()
    file.write_bytes(b"not NetCDF")
    assert refused(capsys, *TRAIN, "--out", str(file), "--resume").startswith(f"{file}: cannot be read as a result")
    assert file.read_bytes() == b"not NetCDF"
