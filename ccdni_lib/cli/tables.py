"""The end of a run, as a table for the terminal."""

from __future__ import annotations

import itertools
from pathlib import Path

import xarray as xr
from rich import box
from rich.console import Console
from rich.table import Table

from ..study.measures.errors import mean_sem

ROWS = 60


def summarise(console: Console, run: xr.Dataset, out: Path | None) -> None:
    """Print mean ± s.e.m. over seeds of what was measured in the last epoch, a row for each point of a sweep.

    Args:
        console: where to.
        run: from `ccdni_lib.train` or `ccdni_lib.sweep`.
        out: the file it was saved to, if any.
    """
    varied = [str(dim) for dim in run.train_error.dims if dim not in ("seed", "epoch")]
    columns, caption = _columns(run, brief=len(varied) > 1)
    seeds = run.sizes["seed"]
    over = f"{seeds} seeds, mean ± s.e.m." if seeds > 1 else "1 seed"
    title = f"{run.attrs['task']}: epoch {run.sizes['epoch']}, {over}; {run.attrs['seconds']:.1f} s"
    table = Table(box=box.SIMPLE_HEAD)
    for heading in [*(dim.replace("_", "\n") for dim in varied), *columns]:
        table.add_column(heading, justify="right", no_wrap=True, min_width=0 if heading in columns else 5)
    places = list(itertools.product(*(range(run.sizes[dim]) for dim in varied)))
    for place in places[:ROWS]:
        chosen = dict(zip(varied, place, strict=True))
        labels = [str(run[dim].values[index]) for dim, index in chosen.items()]
        table.add_row(*labels, *(mean_sem(values.isel(chosen).values) for values in columns.values()))
    console.print(title, style="table.title", highlight=False)  # not of the table, which may be much narrower
    console.print(table)
    console.print(caption, style="table.caption", highlight=False)
    if len(places) > ROWS:
        console.print(f"… and {len(places) - ROWS} more rows in the file")
    if run.attrs.get("data"):
        console.print(f"data: {run.attrs['data']}", highlight=False, soft_wrap=True)
    if run.attrs["diverged"]:
        console.print(f"{run.attrs['diverged']} networks diverged; they are NaN from there on")
    if out is not None:
        console.print(f"saved to {out}", highlight=False, soft_wrap=True)


def _columns(run: xr.Dataset, brief: bool) -> tuple[dict[str, xr.DataArray], str]:
    """What is shown of a run, and what there is to know of it; ``brief`` leaves room for the dims of a sweep."""
    last = run.isel(epoch=-1)
    if "bits_per_word" in run:
        columns = {} if brief else {"training, with\ndropout": last.train_error}
        columns |= {"training": last.training_bits} if "training_bits" in run else {}
        return columns | {"validation": last.bits_per_word}, "bits per word; the end counts as a word"
    columns = {} if brief else {"training\nerror": last.train_error}
    if bool((run.taught.sum("time") == 1).all()) and bool(run.taught.isel(time=-1).all()):
        columns["validation\nerror"] = last.validation_error.isel(time=-1)
        caption = "errors are those of the last step, the only one that is taught"
    else:
        columns["ataxia\nscore"] = last.ataxia_score
        columns |= {"of which\nuntaught": last.ataxia_untaught}
        if "validation_accuracy" not in run:
            columns |= {"and\ntaught": last.ataxia_taught}
        caption = "training error is per taught step, the score and its parts are sums over steps"
    for name, heading in (("validation_accuracy", "validation\naccuracy"), ("test_accuracy", "test\naccuracy")):
        if name in run:
            columns[heading] = last[name]
    return columns, caption
