"""Options of the command line that are made from the table of settings, and values read from what was typed."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer

from .engine.ranges import Lesions, Range, Switch, Whole
from .engine.settings import TABLE


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


def asked(given: dict[str, Any]) -> dict[str, Any]:
    """What was given, without what was left out."""
    return {name: value for name, value in given.items() if value is not None}


def words(text: str) -> list[str]:
    """What stands between the commas.

    Example:
        >>> words("crnn,ccrnn"), words("")
        (['crnn', 'ccrnn'], [])
    """
    return [word for word in text.split(",") if word]


def several_of(name: str, text: str) -> Any:
    """A value, or a list of values to vary, from what was typed for one setting."""
    range_: Range = TABLE[name].metadata["range"]
    if name == "seeds":
        return text
    parts = text.split(";" if isinstance(range_, Lesions) else ",")
    values: list[Any] = []
    for part in parts:
        low, dash, high = part.partition("-")
        if (
            isinstance(range_, Whole)
            and dash
            and low.isdecimal()
            and high.isdecimal()
            and int(high) - int(low) < 10_000
        ):
            values += map(str, range(int(low), int(high) + 1))
        else:
            values.append(part)
    return values[0] if len(values) == 1 else values
