"""The command line as a user types it: exit codes, sentences, files."""

from __future__ import annotations

import json
import re

import pytest

import ccdni_lib as cc
from ccdni_lib.cli.app import main
from ccdni_lib.engine.ranges import Optional, Whole
from tests.cli.commands import TINY, TRAIN, refused


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
