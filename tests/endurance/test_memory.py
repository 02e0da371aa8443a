"""A short version of `tests.endurance.memory`."""

from __future__ import annotations

import json
import subprocess
import sys


def test_memory_is_flat(tmp_path):
    """In a process of its own, which holds nothing of other tests."""
    script = [sys.executable, "-m", "tests.endurance.memory", "--times", "6", "--minutes", "0.1"]
    done = subprocess.run([*script, "--json", str(tmp_path / "figures")], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((tmp_path / "figures").read_text())["figures"]["moves, MB at the end"] > 0
