"""A Dask cluster whose workers share nothing with the client: folders, environment, data."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

import ccdni_lib as cc
from ccdni_lib.engine.training.loop import Interrupted
from ccdni_lib.study.runs import cluster as clusters
from ccdni_lib.study.runs.board import WorkerError

from .test_train import TINY, Stop

distributed = pytest.importorskip("distributed", reason="needs the extra [cluster]: pip install distributed")
GRID = {"truncation": [1, 2, 3]}


def start_dask(*arguments: str, cwd, **environment: str | None) -> subprocess.Popen:
    """A scheduler or a worker, in a folder and an environment of its own."""
    own = {name: value for name, value in {**os.environ, **environment}.items() if value is not None}
    command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
    with (cwd / "log").open("wb") as log:
        return subprocess.Popen(command, cwd=cwd, env=own, stdout=log, stderr=log, start_new_session=True)


class Cluster:
    """A scheduler and two workers in folders of their own, without the client's data."""

    def __init__(self, folder, workers=2):
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        options = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
        self.scheduler = start_dask("dask_scheduler", *options, cwd=self.made("scheduler"))
        self.workers = [self.start_worker(number) for number in range(workers)]
        with distributed.Client(self.address, timeout=60, set_as_default=False) as client:
            if workers:
                client.wait_for_workers(workers, timeout=60)

    def made(self, name):
        folder = self.folder / name
        folder.mkdir()
        return folder

    def start_worker(self, number):
        options = ["--no-dashboard", "--nthreads", "1", "--local-directory", ".", "--host", "127.0.0.1"]
        cwd = self.made(f"worker-{number}")
        return start_dask("dask_worker", self.address, *options, cwd=cwd, CCDNI_DATA=None, CCDNI_OFFLINE="1")

    def close(self):
        for process in [*self.workers, self.scheduler]:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    made.close()


def test_jobs_stop_and_go_on_with_a_relative_out_and_progress_within_a_job(cluster, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {**TINY, "epochs": 1000, "seeds": 1, "truncation": [1, 2]}
    told = []
    stop = Stop(0.1)

    def follow(share):
        told.append(share)
        stop(share)

    with pytest.raises(Interrupted, match="stopped with 0 of 4 ensembles done"):
        cc.sweep("line-drawing", out="x.nc", cluster=cluster.address, **{**given, "progress": follow})
    assert any(0 < share < 0.25 for share in told)  # a quarter is one job
    kept = sorted(path.name for path in tmp_path.glob("x.nc.parts/*/*"))
    assert "checkpoint" in kept
    given = {**given, "progress": False}
    resumed = cc.sweep("line-drawing", out="x.nc", cluster=cluster.address, resume=True, **given)
    assert [path.name for path in tmp_path.iterdir()] == ["x.nc"]
    here = cc.sweep("line-drawing", workers=2, **given)  # where no types are checked, which takes long
    np.testing.assert_array_equal(resumed.validation_error, here.validation_error)
    left = [path for path in cluster.folder.rglob("*") if path.suffix in (".nc", ".safetensors") or "tmp" in path.name]
    assert left == []


def test_networks_come_back(cluster, tmp_path):
    given = {**GRID, **TINY}
    cc.sweep("line-drawing", ["ccrnn"], save=tmp_path / "there", cluster=cluster.address, **given)
    cc.sweep("line-drawing", ["ccrnn"], save=tmp_path / "here", **given)
    for path in (tmp_path / "here").iterdir():
        there, here = (cc.Network.load(tmp_path / place / path.name)[0] for place in ("there", "here"))
        assert there.weights.flat.equal(here.weights.flat)


def test_a_worker_without_the_data_says_so_before_anything_trains(cluster, tmp_path, monkeypatch):
    if not os.environ.get("CCDNI_DATA"):
        pytest.skip("needs MNIST")
    monkeypatch.setattr(clusters, "_CARRIED", ())
    small = {"seeds": 1, "epochs": 1, "batches": 1, "update": "sequence", "progress": False}
    with pytest.raises(WorkerError, match=r"^worker tcp://127.0.0.1:\d+: has scikit-learn's digits.*must have MNIST"):
        cc.sweep("seqmnist", out=tmp_path / "x.nc", cluster=cluster.address, **small)
    assert list(tmp_path.iterdir()) == []


def test_the_clients_data_folder_is_used_where_the_worker_has_it(cluster):
    if not os.environ.get("CCDNI_DATA"):
        pytest.skip("needs MNIST")
    small = {"seeds": 1, "epochs": 1, "batches": 1, "validation_size": 10, "update": "sequence", "progress": False}
    run = cc.sweep("seqmnist", ["crnn"], cluster=cluster.address, **small)
    assert run.attrs["data"] == "MNIST"


def test_a_worker_with_other_versions_says_so(cluster, monkeypatch):
    from ccdni_lib.engine.training import identity

    monkeypatch.setattr(identity, "versions", lambda: {"ccdni_lib": "9.9.9", "torch": "1.0"})
    with pytest.raises(WorkerError, match=r"^worker tcp.*: has ccdni_lib [\d.]+, must have 9\.9\.9; install the same"):
        cc.sweep("line-drawing", cluster=cluster.address, **TINY)


def test_a_device_that_no_worker_has_is_said_in_its_words(cluster):
    with pytest.raises((WorkerError, cc.SettingError), match=r"device cuda: must be one of auto, cpu"):
        cc.sweep("line-drawing", cluster=cluster.address, **{**TINY, "device": "cuda"})


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://127.0.0.1:9", r"cluster tcp://127\.0\.0\.1:9: must be the address of a Dask scheduler that answers"),
        ("nohost.invalid:8786", r"cluster nohost\.invalid:8786: must be the address of a Dask scheduler"),
        ("tcp://", r"cluster tcp://: must be the address of a Dask scheduler"),
    ],
)
def test_where_nobody_is_it_is_one_sentence_and_no_folder(tmp_path, monkeypatch, address, words):
    monkeypatch.setattr(clusters, "PATIENCE", 2)
    with pytest.raises(cc.SettingError, match=words):
        cc.sweep("line-drawing", out=tmp_path / "x.nc", cluster=address, **TINY)
    assert list(tmp_path.iterdir()) == []


def test_without_distributed_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(cc.SettingError, match=r"needs the package distributed: pip install 'ccdni_lib\[cluster\]'"):
        cc.sweep("line-drawing", cluster="tcp://127.0.0.1:8786", **TINY)


def test_without_workers_it_says_how_to_start_one(tmp_path, monkeypatch):
    monkeypatch.setattr(clusters, "PATIENCE", 3)
    lonely = Cluster(tmp_path, workers=0)
    try:
        with pytest.raises(cc.SettingError, match="has no workers; start one with: dask worker tcp://127"):
            cc.sweep("line-drawing", cluster=lonely.address, **TINY)
    finally:
        lonely.close()


@pytest.mark.parametrize("victim", ["worker", "scheduler"])
def test_what_is_killed_in_the_cluster_costs_no_result(tmp_path, victim, capfd):
    out = tmp_path / "x.nc"
    cluster = Cluster(tmp_path)
    given = {**TINY, "epochs": 600, "seeds": 1, "truncation": [1, 2, 3]}
    killed = []

    def kill(share):
        if share > 0.05 and not killed:
            killed.append(time.monotonic())
            process = cluster.scheduler if victim == "scheduler" else cluster.workers[0]
            os.killpg(process.pid, signal.SIGKILL)

    try:
        if victim == "worker":  # the other one takes over
            cc.sweep("line-drawing", ["crnn"], out=out, cluster=cluster.address, **{**given, "progress": kill})
        else:
            with pytest.raises(WorkerError, match="the scheduler is gone; what is done is kept"):
                cc.sweep("line-drawing", ["crnn"], out=out, cluster=cluster.address, **{**given, "progress": kill})
            cc.sweep("line-drawing", ["crnn"], out=out, resume=True, workers=2, **given)
    finally:
        cluster.close()
    assert killed
    assert "distributed" not in capfd.readouterr().err  # our sentence tells what broke
    here = cc.sweep("line-drawing", ["crnn"], workers=2, **given)
    np.testing.assert_array_equal(cc.load_dataset(out).validation_error, here.validation_error)
    assert not (tmp_path / "x.nc.parts").exists()
