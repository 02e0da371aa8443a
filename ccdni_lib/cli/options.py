"""Options that commands share or that are made from the table of settings, and values read from what was typed."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from ..data import use_folder
from ..data.corpus import SOURCES
from ..engine.ranges import Lesions, Optional, Range, Switch, Whole, span
from ..engine.settings import TABLE, SettingError
from ..engine.training.recorders import RECORDINGS
from ..tasks import BUDGETS, TASKS, Captions

SCENES, COCO = SOURCES
Option = tuple[Any, Any]  # its annotation and its default, ... where it must be given
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")]
Workers = Annotated[
    int | None,
    typer.Option(help="Processes, or on a GPU threads; by default one a core, or four.", show_default=False),
]
Data = Annotated[  # has done its work when a command begins
    Path | None,
    typer.Option(
        help="Folder that has the data; the same as the environment variable CCDNI_DATA.",
        callback=lambda folder: folder and use_folder(folder),
        show_default=False,
        metavar="DIR",
    ),
]
SHARED: dict[str, Option] = {
    "task": (Annotated[str, typer.Argument(help=f"One of: {', '.join(TASKS)}.", show_default=False)], ...),
    "budget": (Annotated[str, typer.Option(help="; ".join(f"{b}: {w}" for b, w in BUDGETS.items()))], "paper"),
    "device": (Device, "auto"),
    "data": (
        Annotated[
            str | None,
            typer.Option(
                help="Folder that has the data, the same as CCDNI_DATA; for captions, COCO in that folder, or "
                "scenes, drawn here.",
                show_default=False,
                metavar="DIR",
            ),
        ],
        None,
    ),
    "out": (
        Annotated[Path | None, typer.Option("--out", "-o", help="NetCDF file to write.", show_default=False)],
        None,
    ),
    "resume": (
        Annotated[
            bool,
            typer.Option(
                "--resume", help="Go on where a run with the same --out stopped; to begin anew instead: --overwrite."
            ),
        ],
        False,
    ),
    "overwrite": (
        Annotated[
            bool,
            typer.Option(
                "--overwrite", help="Begin anew and replace files that exist; to go on from them instead: --resume."
            ),
        ],
        False,
    ),
    "record": (Annotated[str, typer.Option(help=f"What else to keep, with commas: {', '.join(RECORDINGS)}.")], ""),
    "record_every": (Annotated[int, typer.Option(help="Epochs between two of these recordings.")], 1),
}


def flag_of(name: str) -> str:
    """The flag of a setting.

    Example:
        >>> flag_of("learning_rate")
        '--learning-rate'
    """
    return "--" + name.replace("_", "-")


def setting_options(*, several: bool) -> list[inspect.Parameter]:
    """One option for each setting, with its meaning, range, unit, default and source as help."""
    options = []
    for name, field in TABLE.items():
        about, range_ = field.metadata, field.metadata["range"]
        if several and name == "model":
            continue
        unit = f" ({about['unit']})" if about["unit"] else ""
        meaning = f"{about['meaning'][0].upper()}{about['meaning'][1:]}{unit}"
        text = f"{meaning}: {range_.allowed(None)}. Source: {about['source']}."
        option = typer.Option(
            f"{flag_of(name)}/--no-{name.replace('_', '-')}"
            if isinstance(range_, Switch) and not several
            else flag_of(name),
            help=text,
            show_default=False,
            metavar=None if isinstance(range_, Switch) and not several else name.split("_")[-1].upper(),
            rich_help_panel=about["group"],
        )
        kind = bool | None if isinstance(range_, Switch) and not several else str | None
        options.append(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind, option])
        )
    return options


def choose_data(task: str, data: str | None) -> str:
    """Name the task with the data that were asked for; a folder is used from now on.

    Args:
        task: as typed, perhaps with a variant.
        data: a folder, for captions one with COCO; or "scenes", for captions only; None changes nothing.

    Returns:
        The task's name, with its variant.

    Raises:
        SettingError: when the task has no scenes, or its variant says something else.
        FileError: when there is no such folder.

    Example:
        >>> choose_data("captions", None), choose_data("captions", "scenes"), choose_data("line-drawing", None)
        ('captions', 'captions:source=scenes', 'line-drawing')
        >>> choose_data("line-drawing", "scenes")
        Traceback (most recent call last):
            ...
        ccdni_lib.engine.settings.SettingError: data scenes: must be a folder for line-drawing; only captions are of \
scenes
    """
    if data is None:
        return task
    name, _, variant = task.partition(":")
    of_captions = name == Captions.name
    if data != SCENES:
        use_folder(data)
    elif not of_captions:
        raise SettingError(f"data {data}: must be a folder for {name}; only {Captions.name} are of scenes")
    if not of_captions:
        return task
    source = f"source={SCENES if data == SCENES else COCO}"
    parts = [part for part in split_commas(variant) if part != source]
    for part in parts:
        if part.startswith("source="):
            raise SettingError(f"data {data}: must not be given with {part}")
    return f"{name}:{','.join([*parts, source])}"


def split_commas(text: str) -> list[str]:
    """What stands between the commas.

    Example:
        >>> split_commas("crnn,ccrnn"), split_commas("")
        (['crnn', 'ccrnn'], [])
    """
    return [word for word in text.split(",") if word]


def read_values(name: str, text: str) -> Any:
    """A value, or a list of values to vary, from what was typed for one setting of a sweep; each is still text.

    Raises:
        SettingError: when a range of whole numbers falls.

    Example:
        >>> read_values("truncation", "1-3,7"), read_values("mossy_fibres", "none,2-3"), read_values("epochs", "9")
        (['1', '2', '3', '7'], ['none', '2', '3'], '9')
        >>> read_values("truncation", "5-3")
        Traceback (most recent call last):
            ...
        ccdni_lib.engine.settings.SettingError: truncation 5-3: must rise, as in 3-5
    """
    range_: Range = TABLE[name].metadata["range"]
    if name == "seeds":  # all of which train side by side
        return text
    kind = range_.kind if isinstance(range_, Optional) else range_
    values: list[str] = []
    for part in text.split(";" if isinstance(range_, Lesions) else ","):
        if isinstance(kind, Whole) and re.fullmatch(r"\s*\d+-\d+\s*", part):
            try:
                values += map(str, span(part))
            except ValueError as error:
                raise SettingError(f"{name} {error}") from None
        else:
            values.append(part)
    return values[0] if len(values) == 1 else values
