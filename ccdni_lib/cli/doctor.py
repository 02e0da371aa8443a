"""`ccdni doctor`: what is installed, which data are here, and whether this machine's devices compute the same."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version

import torch
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..data.digits import find_digits
from ..engine.files import FileError
from ..engine.training.devices import pick_device
from ..engine.training.ensemble import Ensemble
from ..engine.versions import source_revision
from ..tasks import LineDrawing, find_task, settings_for
from .console import out_console
from .options import Data, Device

PACKAGES = (
    "ccdni_lib",
    "torch",
    "numpy",
    "xarray",
    "h5netcdf",
    "safetensors",
    "pooch",
    "scikit-learn",
    "anywidget",
    "jupyter-book",
    "papermill",
)
TOLERANCE = 1e-4


def doctor(device: Device = "auto", data: Data = None) -> None:
    """Show versions, data and devices; train a few steps on the CPU and on the device, and compare."""
    raise typer.Exit(run_doctor(out_console, device))


def run_doctor(console: Console, device: str) -> int:
    """Print what there is, compare devices, and return 0 if all is well, 1 if not."""
    device = pick_device(device)
    table = Table.grid(padding=(0, 2))
    for name in PACKAGES:
        table.add_row(name, _version(name))
    table.add_row("Python", platform.python_version())
    table.add_row("source revision", source_revision(LineDrawing))
    table.add_row("CPU threads", f"{torch.get_num_threads()} of {os.cpu_count()} cores")
    table.add_row("CUDA", _cuda())
    try:
        digits, readable = find_digits(), True
    except FileError as error:
        digits, readable = str(error), False
    table.add_row("digits", Text(digits, "" if readable else "bold red"))
    console.print(table)
    apart = compare(device)
    well = apart < TOLERANCE
    verdict = "as they should be" if well else "[bold red]too far[/bold red]"
    console.print(f"5 steps of ccrnn on line-drawing, {device} against cpu in float64: {apart:.1e} apart, {verdict}")
    return 0 if well and readable else 1


def compare(device: str) -> float:
    """Largest difference of weights after 5 updates, between float32 on ``device`` and float64 on the CPU.

    Example:
        >>> compare("cpu") < TOLERANCE
        True
    """
    task, weights = find_task("line-drawing"), []
    for where, precision in ((device, "float32"), ("cpu", "float64")):
        settings = settings_for(task, seeds=2, batches=5, epochs=1, precision=precision)
        ensemble = Ensemble(task, [settings], where)
        for _ in ensemble.train():
            pass
        weights.append(ensemble.network.weights.flat.double().cpu())
    return float((weights[0] - weights[1]).abs().max())


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _cuda() -> str:
    if not torch.cuda.is_available():
        return "no device found"
    return ", ".join(torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count()))
