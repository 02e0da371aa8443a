"""What a run keeps while it runs: nothing is joined that does not belong together, and nothing that is done is lost."""

from __future__ import annotations

import errno
import json
import os
import pickle
import shutil
import stat

import numpy as np
import pytest
import torch
from filelock import FileLock

import ccdni_lib as cc
from ccdni_lib.engine import files as engine_files
from ccdni_lib.engine.training import identity as identities
from ccdni_lib.engine.training.ensemble import Ensemble
from ccdni_lib.engine.training.examples import TensorExamples
from ccdni_lib.engine.training.loop import Interrupted

from .test_train import TINY, Stop

GRID = {"truncation": [1, 2, 3]}


def stop_a_sweep(task, out, **given):
    """A sweep that is stopped after some of its jobs."""
    with pytest.raises(Interrupted):
        cc.sweep(task, out=out, **{**GRID, **TINY, "progress": Stop(0.4), **given})
    assert any(out.with_name(f"{out.name}.parts").glob("*.nc"))


@pytest.mark.parametrize(
    ("first", "then", "words"),
    [
        ("ld-seqmnist", "dd-seqmnist", "task ld-seqmnist, not dd-seqmnist"),
        ("target-reaching", "target-reaching:targets=9", "task target-reaching, not target-reaching:targets=9"),
    ],
)
def test_a_sweep_of_another_task_is_not_gone_on_with(tmp_path, first, then, words):
    file = tmp_path / "x.nc"
    small = {"update": "sequence", "batches": 1, "batch_size": 2, "validation_size": 4, "progress": Stop(0.4)}
    stop_a_sweep(first, file, **small)
    with pytest.raises(cc.FileError, match=f"it was made with {words}"):
        cc.sweep(then, out=file, resume=True, **{**GRID, **TINY, **small, "progress": False})


class Tones(cc.Task):
    """A task of one's own, with a number that its name does not tell."""

    name, steps, inputs, outputs = "tones", 4, 1, 1

    def __init__(self, pitch: float, examples: int = 3):
        self.pitch, self.count = pitch, examples

    def examples(self, part, dtype, device):
        tones = torch.linspace(-self.pitch, self.pitch, self.count, dtype=dtype, device=device)
        return TensorExamples(tones[:, None, None].expand(-1, 4, 1), tones[:, None, None].expand(-1, 4, 1))


def test_a_task_with_other_numbers_under_the_same_name_is_not_gone_on_with(tmp_path):
    file = tmp_path / "x.nc"
    stop_a_sweep(Tones(1.0), file)
    with pytest.raises(cc.FileError, match=r"it was made with pitch 1\.0, not 2\.0"):
        cc.sweep(Tones(2.0), out=file, resume=True, **GRID, **TINY)
    assert cc.sweep(Tones(1.0), out=file, resume=True, **GRID, **TINY).attrs["complete"]


def test_a_part_of_another_revision_of_the_sources_is_not_joined(tmp_path, monkeypatch):
    file = tmp_path / "x.nc"
    stop_a_sweep("line-drawing", file)
    monkeypatch.setattr(identities, "source_revision", lambda task: "0123456789ab")
    with pytest.raises(cc.FileError, match=r"it was made with source revision \w{12}, not 0123456789ab"):
        cc.sweep("line-drawing", out=file, resume=True, **GRID, **TINY)


def test_a_part_of_another_job_is_not_joined(tmp_path):
    file, parts = tmp_path / "x.nc", tmp_path / "x.nc.parts"
    stop_a_sweep("line-drawing", file, progress=Stop(0.6))
    shutil.copy(parts / "0.nc", parts / "1.nc")
    with pytest.raises(cc.FileError, match=r"1\.nc: cannot be resumed from, it was made with truncation 1, not 2"):
        cc.sweep("line-drawing", out=file, resume=True, **GRID, **TINY)


def test_a_complete_result_without_the_recording_that_is_asked_for_is_not_returned(tmp_path):
    file = tmp_path / "x.nc"
    cc.train("line-drawing", out=file, **TINY)
    with pytest.raises(cc.FileError, match=r"it was made with record nothing, not coupling"):
        cc.train("line-drawing", out=file, resume=True, record=["coupling"], **TINY)
    made = cc.train("line-drawing", out=file, overwrite=True, record=["coupling"], **TINY)
    again = cc.train("line-drawing", out=file, resume=True, record=["coupling"], **TINY)
    assert "coupling" in again
    assert again.identical(made)


@pytest.mark.parametrize("kind", ["train", "sweep"])
def test_what_a_stopped_run_has_done_is_neither_deleted_nor_used_unasked(tmp_path, kind, epochs_trained):
    file = tmp_path / "x.nc"
    given = {**TINY, **(GRID if kind == "sweep" else {})}
    run = getattr(cc, kind)
    with pytest.raises(Interrupted):
        run("line-drawing", out=file, **{**given, "progress": Stop(0.5)})
    kept = sorted(path.name for path in tmp_path.rglob("*"))
    with pytest.raises(cc.FileError, match=r"--resume.*--overwrite"):
        run("line-drawing", out=file, **given)
    assert sorted(path.name for path in tmp_path.rglob("*")) == kept
    epochs_trained.clear()
    whole = run("line-drawing", out=file, overwrite=True, **given)
    assert len(epochs_trained) == 3 * (6 if kind == "sweep" else 1)
    assert whole.attrs["complete"]
    assert list(tmp_path.iterdir()) == [file]


def test_an_interrupted_replacement_leaves_the_old_result_and_can_be_gone_on_with(tmp_path):
    file = tmp_path / "x.nc"
    old = cc.sweep("line-drawing", out=file, **GRID, **TINY)
    with pytest.raises(Interrupted):
        cc.sweep("line-drawing", out=file, overwrite=True, **GRID, **{**TINY, "epochs": 4, "progress": Stop(0.5)})
    assert cc.load_dataset(file).identical(old)
    new = cc.sweep("line-drawing", out=file, resume=True, **GRID, **{**TINY, "epochs": 4})
    assert new.sizes["epoch"] == 4
    assert cc.load_dataset(file).identical(new)
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("kind", ["train", "sweep"])
def test_a_full_disk_at_the_last_write_loses_nothing(tmp_path, monkeypatch, epochs_trained, kind):
    file = tmp_path / "x.nc"
    given = {**TINY, **(GRID if kind == "sweep" else {})}
    replace = engine_files.Path.replace

    def full(self, target):
        if str(target) == str(file):
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(engine_files.Path, "replace", full)
    with pytest.raises(cc.FileError, match=r"x\.nc: cannot be written \(No space left on device\)"):
        getattr(cc, kind)("line-drawing", out=file, **given)
    monkeypatch.undo()
    assert not file.exists()
    before = len(epochs_trained)
    again = getattr(cc, kind)("line-drawing", out=file, resume=True, **given)
    assert len(epochs_trained) == before  # nothing is trained again
    whole = getattr(cc, kind)("line-drawing", **given)
    assert again.drop_attrs().identical(whole.drop_attrs())
    assert list(tmp_path.iterdir()) == [file]


def test_two_runs_do_not_write_to_one_result(tmp_path):
    file, parts = tmp_path / "x.nc", tmp_path / "x.nc.parts"
    parts.mkdir()
    with FileLock(parts / "lock"):
        with pytest.raises(cc.FileError, match=r"x\.nc: is being written by another run"):
            cc.train("line-drawing", out=file, **TINY)
        with pytest.raises(cc.FileError, match=r"x\.nc: is being written by another run"):
            cc.train("line-drawing", out=file, overwrite=True, **TINY)
        assert [path.name for path in parts.iterdir()] == ["lock"]
    cc.train("line-drawing", out=file, **TINY)
    assert list(tmp_path.iterdir()) == [file]


def test_an_error_before_anything_is_done_leaves_nothing(tmp_path, monkeypatch):
    def fail(self):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(Ensemble, "train", fail)
    with pytest.raises(RuntimeError, match="out of memory"):
        cc.train("line-drawing", out=tmp_path / "x.nc", **TINY)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077])
def test_all_files_have_the_mode_of_new_files(tmp_path, umask):
    before = os.umask(umask)
    try:
        with pytest.raises(Interrupted):
            cc.train("line-drawing", out=tmp_path / "x.nc", **{**TINY, "progress": Stop(0.5)})
        cc.train("line-drawing", out=tmp_path / "y.nc", save=tmp_path / "y.safetensors", **TINY)
    finally:
        os.umask(before)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "lock"]
    assert {path.suffix for path in files} == {".nc", ".safetensors", ".json", ""}  # "": the checkpoint
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o666 & ~umask}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_resumed_run_is_reported_from_where_it_stopped(tmp_path, workers):
    file = tmp_path / "x.nc"
    given = {**GRID, **TINY, "epochs": 30, "workers": workers}
    with pytest.raises(Interrupted):
        cc.sweep("line-drawing", out=file, **{**given, "progress": Stop(0.5)})
    told = []
    cc.sweep("line-drawing", out=file, resume=True, **{**given, "progress": told.append})
    assert told[0] > 0
    assert max(told[:8]) > 0.3
    assert told[-1] == pytest.approx(1.0)


def test_a_sweep_saves_its_trained_networks(tmp_path):
    folder = tmp_path / "networks"
    grid = {"truncation": [1, 2], "feedback_interval": [1, 2]}
    cc.sweep("line-drawing", ["ccrnn"], save=folder, **grid, **TINY)
    names = {f"model-ccrnn_truncation-{t}_feedback-interval-{k}.safetensors" for t in (1, 2) for k in (1, 2)}
    assert {path.name for path in folder.iterdir()} == names
    assert [path.name for path in tmp_path.iterdir()] == ["networks"]
    cc.train("line-drawing", truncation=2, feedback_interval=1, save=tmp_path / "one.safetensors", **TINY)
    one, about = cc.Network.load(tmp_path / "one.safetensors")
    same, settings = cc.Network.load(folder / "model-ccrnn_truncation-2_feedback-interval-1.safetensors")
    assert about == settings
    for name, weight in one.weights.items():
        np.testing.assert_allclose(same.weights[name], weight, rtol=1e-4, atol=1e-6)


def test_lesioned_networks_of_a_sweep_are_saved_also_after_an_interruption(tmp_path):
    given = {"lesion": ["", "olive@1", "cerebellum@2"], **TINY}
    cc.sweep("line-drawing", ["ccrnn"], save=tmp_path / "whole", **given)
    with pytest.raises(Interrupted):
        cc.sweep(
            "line-drawing",
            ["ccrnn"],
            save=tmp_path / "stopped",
            out=tmp_path / "x.nc",
            **{**given, "progress": Stop(0.7)},
        )
    cc.sweep("line-drawing", ["ccrnn"], save=tmp_path / "stopped", out=tmp_path / "x.nc", resume=True, **given)
    stopped = tmp_path / "stopped"
    for path in (tmp_path / "whole").iterdir():
        (whole, about), (resumed, same) = (cc.Network.load(folder / path.name) for folder in (path.parent, stopped))
        assert about == same
        assert whole.weights.flat.equal(resumed.weights.flat)
    assert len(list(stopped.iterdir())) == 3


def test_an_interruption_travels_between_processes():
    run = cc.train("line-drawing", **TINY)
    stopped = pickle.loads(pickle.dumps(Interrupted(run)))
    assert str(stopped) == "stopped after epoch 3"
    assert stopped.finished.identical(run)
    assert str(pickle.loads(pickle.dumps(Interrupted(what="stopped, 2 of 3")))) == "stopped, 2 of 3"


@pytest.mark.parametrize("place", [0.02, 0.3, 0.6, 0.9, 0.999])
def test_a_damaged_result_is_told_by_its_name(tmp_path, place):
    file = tmp_path / "x.nc"
    cc.train("line-drawing", out=file, **TINY)
    content = bytearray(file.read_bytes())
    content[int(place * len(content))] ^= 0x10
    file.write_bytes(content)
    with pytest.raises(cc.FileError, match=r"x\.nc: .*damaged"):
        cc.load_dataset(file)


def test_other_programs_read_a_result(tmp_path):
    """The checksum behind the data is in nobody's way."""
    import h5py

    file = tmp_path / "x.nc"
    run = cc.train("line-drawing", out=file, **TINY)
    with h5py.File(file) as opened:
        np.testing.assert_array_equal(opened["train_error"][:], run.train_error)
        assert json.loads(opened.attrs["identity"])["task"] == "line-drawing"
