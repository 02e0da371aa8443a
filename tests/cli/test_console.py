"""How commands end, and what they print where there are few characters: for all commands alike."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
import torch

from ccdni_lib.cli.app import app, main
from ccdni_lib.cli.console import Stopped, run_to_exit_code

COMMANDS = {
    "tasks": [],
    "train": ["line-drawing"],
    "sweep": ["line-drawing"],
    "caption": ["image.png", "--model", "networks.st"],
    "results": ["line-drawing-grid", "--out", "."],
    "figures": ["--out", "."],
    "ledger": [],
    "bench": [],
    "doctor": [],
    "publish": ["--repo", "https://github.com/a/b"],
}
WORK = {  # where each command's long work begins
    "tasks": "train.find_task",
    "train": "train.run_train",
    "sweep": "train.run_sweep",
    "caption": "caption.Captioner.load",
    "results": "results.make_result",
    "figures": "figures.draw_figures",
    "ledger": "ledger.run_ledger",
    "bench": "bench.run_bench",
    "doctor": "doctor.run_doctor",
    "publish": "publish.rewrite",
}


def test_all_commands_are_looked_at_here():
    assert [command.callback.__name__ for command in app.registered_commands] == list(COMMANDS) == list(WORK)


def end(monkeypatch, capsys, tmp_path, command: str, work) -> tuple[int, str]:
    """Exit code and the one sentence of a command whose long work does this instead."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(f"ccdni_lib.cli.{WORK[command]}", work)
    code, told = main([command, *COMMANDS[command]]), capsys.readouterr()
    assert told.err.count("\n") == 1
    assert told.err.startswith("ccdni: ")
    return code, told.err.removeprefix("ccdni: ").strip()


@pytest.mark.parametrize("command", COMMANDS)
def test_ctrl_c_ends_every_command_with_a_sentence(monkeypatch, capsys, tmp_path, command):
    def work(*_, **__):
        raise KeyboardInterrupt("stopped after epoch 3")

    code, sentence = end(monkeypatch, capsys, tmp_path, command, work)
    assert code == 130
    assert sentence.startswith("stopped after epoch 3")


@pytest.mark.parametrize("command", COMMANDS)
def test_sigterm_does_what_ctrl_c_does_but_for_the_exit_code(monkeypatch, capsys, tmp_path, command):
    before = signal.getsignal(signal.SIGTERM)
    seen = []

    def work(*_, **__):
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:  # as on Ctrl-C, so that workers are stopped
            seen.append(command)
            raise

    code, sentence = end(monkeypatch, capsys, tmp_path, command, work)
    assert (code, seen) == (143, [command])
    assert sentence.startswith("stopped")
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize(
    ("command", "more", "kept"),
    [
        ("train", ["--out", "run.nc"], "go on with the same command and --resume"),
        ("train", [], "nothing is kept where no --out is given"),
        ("sweep", ["--out", "run.nc"], "go on with the same command and --resume"),
        ("sweep", [], "nothing is kept where no --out is given"),
        ("results", [], "--resume"),
        ("figures", [], "the figures that were drawn are in ."),
        ("ledger", [], "nothing is kept where no --out is given"),
        ("ledger", ["--budget", "quick", "--out", "made"], "the same command goes on from what is in made"),
        ("publish", [], "the same command rewrites what is left"),
    ],
)
def test_who_is_stopped_is_told_what_is_kept(monkeypatch, capsys, tmp_path, command, more, kept):
    def work(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setitem(COMMANDS, command, [*COMMANDS[command], *more])
    code, sentence = end(monkeypatch, capsys, tmp_path, command, work)
    assert code == 130
    assert sentence.startswith("stopped; ")
    assert kept in sentence


def test_sigterm_stops_training_between_two_batches_and_keeps_what_is_done(monkeypatch, capsys, tmp_path):
    from contextlib import contextmanager

    @contextmanager
    def terminate_half_way(title):
        yield lambda done: done > 0.5 and signal.raise_signal(signal.SIGTERM)

    size = ["--seeds", "2", "--epochs", "4", "--lstm-units", "6", "--granule-cells", "12", "--batches", "3"]
    command = ["train", "line-drawing", *size, "--device", "cpu", "--out", str(tmp_path / "run.nc")]
    with monkeypatch.context() as patch:
        patch.setattr("ccdni_lib.cli.train.show_progress", terminate_half_way)
        assert main(command) == 143
    sentence = capsys.readouterr().err
    assert sentence.startswith("ccdni: stopped after epoch 2; ")
    assert "--resume" in sentence
    assert main([*command, "--resume"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["run.nc"]


def test_a_second_sigterm_does_not_wait(monkeypatch):
    def stubborn():
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:
            signal.raise_signal(signal.SIGTERM)
        raise AssertionError("the second signal was lost")

    assert run_to_exit_code(stubborn) == 143


def test_where_ctrl_c_is_ignored_sigterm_still_stops():
    """As in a shell's background."""

    def work():
        signal.raise_signal(signal.SIGTERM)
        raise AssertionError("the signal was lost")

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert run_to_exit_code(work) == 143
    finally:
        signal.signal(signal.SIGINT, before)


def test_exit_codes_are_those_of_the_command(capsys):
    def stop():
        raise Stopped("stopped; nothing is kept")

    def fill_the_disk():
        raise OSError(28, "No space left on device")

    def ask_for_too_much():
        torch.empty(10**15)

    def mistake_of_ours():
        raise RuntimeError("shapes differ")

    assert [run_to_exit_code(lambda code=code: code) for code in (0, 1, None)] == [0, 1, 0]
    assert capsys.readouterr().err == ""
    assert [run_to_exit_code(command) for command in (stop, fill_the_disk, ask_for_too_much)] == [130, 2, 1]
    assert capsys.readouterr().err.splitlines() == [
        "ccdni: stopped; nothing is kept",
        "ccdni: output: cannot be used (No space left on device)",
        "ccdni: there is not enough memory; smaller networks, or fewer at once, need less",
    ]
    with pytest.raises(RuntimeError, match="shapes differ"):  # not to be hidden
        run_to_exit_code(mistake_of_ours)


ALL = """
import sys
from ccdni_lib.cli.app import main

small = ["line-drawing", "--seeds", "2", "--epochs", "2", "--lstm-units", "5", "--granule-cells", "5", "--batches", "2"]
helps = [[name, "--help"] for name in sys.argv[1:]]
shows = [["tasks"], ["ledger"], ["ledger", "P21-3"], ["figures", "--list"], ["doctor", "--device", "cpu"]]
mistakes = [["train", "line-drawing", "--truncation", "99"], ["train", "caf\u00e9-\u2192"], ["caption", "x"]]
trains = [["train", *small], ["sweep", *small, "--truncation", "1-2", "--workers", "1"]]
print([main(command) for command in [["--help"], *helps, *shows, *mistakes, *trains]])
"""


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_every_command_prints_in_any_encoding(tmp_path, encoding):
    surroundings = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "CCDNI_DATA": "", "COLUMNS": "160"}
    run = subprocess.run([sys.executable, "-c", ALL, *COMMANDS], cwd=tmp_path, env=surroundings, capture_output=True)
    printed, complaints = run.stdout.decode(encoding), run.stderr.decode(encoding)
    assert run.returncode == 0, complaints
    assert printed.splitlines()[-1] == str([0] * (1 + len(COMMANDS) + 5) + [2] * 3 + [0] * 2)
    assert "->" in printed  # of `ccdni tasks`
    assert "* holds" in printed  # of `ccdni ledger`
    assert ("1…10" if encoding == "cp1252" else "1...10") in complaints
    assert ("café-->" if encoding == "cp1252" else "cafe-->") in complaints
    assert "?" not in complaints.replace("did you mean", "")
    assert list(tmp_path.iterdir()) == []
