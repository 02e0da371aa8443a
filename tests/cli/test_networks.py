"""What a run saves, and how it goes on where it was stopped."""

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
from tests.cli.commands import TRAIN, refused


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
