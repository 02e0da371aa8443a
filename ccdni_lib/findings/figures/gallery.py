"""Published figures by name: drawn from stored results or from others, with what they were made of in words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence

import xarray as xr

from ...engine.settings import SettingError
from ...study.experiments import find_experiment, load_result
from ..pictures.picture import Picture
from .figure import Figure
from .published import FIGURES

_COVERED_BEFORE = ("engine", "the task's own file")  # by the revision of results that do not say what made them


def draw(name: str, load: Callable[[str], xr.Dataset] = load_result) -> Picture:
    """Draw a published figure.

    Args:
        name: of the figure; see `FIGURES`.
        load: gives the result of an experiment by its name; the stored ones by default.

    Returns:
        The picture. Where a result is smaller than published, the picture itself says so, and its text does, too.

    Raises:
        SettingError: when there is no such figure.
        FileError: when a stored result is missing.

    Example:
        >>> draw("P21-2b").alt.split(".")[0]
        'Learning curves over 250 epochs, mean and standard error over 10 seeds'
    """
    if name not in FIGURES:
        raise _unknown_figure(name)
    results = [load(experiment) for experiment in FIGURES[name].experiments]
    return FIGURES[name].picture(*results).with_note(size_note(results))


def find_figures(names: Sequence[str] = ()) -> list[Figure]:
    """The figures of these names, or of whole ones: P21-4 is all of P21-4a to P21-4d. All where none is named.

    Raises:
        SettingError: when there is none of a name.

    Example:
        >>> [figure.name for figure in find_figures(["P21-4c", "P21-3"])]
        ['P21-3a', 'P21-3b', 'P21-3c', 'P21-4c-ld', 'P21-4c-dd']
        >>> find_figures(["P21-9"])  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        ccdni_lib.engine.settings.SettingError: figure P21-9: must be one of P21-2b, P21-2b-drawings, P21-2c, ...
    """
    chosen = set() if names else set(FIGURES)
    for name in names:
        whole = re.compile(rf"{re.escape(name)}(?!\d).*" if re.search(r"-S?\d", name) else re.escape(name))
        own = {known for known in FIGURES if whole.fullmatch(known)}
        if not own:
            raise _unknown_figure(name)
        chosen |= own
    return [figure for name, figure in FIGURES.items() if name in chosen]


def published_order(name: str) -> tuple[bool, bool, int, str]:
    """Where a figure stands: P21 before P20, supplements behind; parts as they stand in the table.

    Example:
        >>> sorted(["P20-2b", "P21-S1", "P21-10", "P21-2d"], key=published_order)
        ['P21-2d', 'P21-10', 'P21-S1', 'P20-2b']
    """
    parts = re.match(r"(P2[01])-(S?)(\d+)([a-z]?)", name)
    if parts is None:
        return (True, True, 0, name)
    return (parts[1] != "P21", bool(parts[2]), int(parts[3]), parts[4])


def size_note(results: Sequence[xr.Dataset]) -> str:
    """What a picture must say of the size of its results; nothing where they have the published size.

    Args:
        results: with the attribute ``budget``; where it is missing, they were stored at published size.

    Example:
        >>> run = xr.Dataset(coords={"seed": [0, 1], "epoch": [1, 20]}, attrs={"budget": "quick"})
        >>> size_note([run])
        'Smoke test, not evidence: budget quick, 2 seeds, 20 epochs'
        >>> size_note([run.assign_attrs(budget="paper")])
        ''
    """
    smaller: dict[str, list[xr.Dataset]] = {}
    for result in results:
        if result.attrs.get("budget", "paper") != "paper":
            smaller.setdefault(result.attrs["budget"], []).append(result)
    if not smaller:
        return ""
    parts = [f"budget {budget}, {_size_in_words(own)}" for budget, own in smaller.items()]
    return f"{'Smoke test, not evidence' if 'quick' in smaller else 'Not the published size'}: {'; '.join(parts)}"


def figure_text(name: str, picture: Picture, results: Mapping[str, xr.Dataset]) -> str:
    """What stands beside a figure's files: what it shows, in words, and for each result what made it.

    Args:
        name: of the figure.
        picture: as drawn.
        results: by experiment, that it was drawn from.
    """
    lines = [picture.alt, "", f"Figure {name}: {FIGURES[name].shows}."]
    for experiment, result in results.items():
        about = result.attrs
        size = _size_in_words([result])
        if "budget" in about:
            size = f"budget {about['budget']}, {size}"
        made = ", ".join(f"{what} {version}" for what, version in json.loads(about.get("versions", "{}")).items())
        covered = find_experiment(experiment).computed_by if "made_from" in about else _COVERED_BEFORE
        lines += [
            f"Drawn from {experiment}: {size}; made by `{about.get('made_by', 'unknown')}` with {made}; "
            f"source revision {about.get('source_revision', 'unknown')}, which covers {', '.join(covered)}."
        ]
    if not results:
        lines += ["Drawn from no result: nothing is trained for it."]
    return "\n".join([*lines, ""])


def _size_in_words(results: Sequence[xr.Dataset]) -> str:
    """How many seeds and epochs, or batches, results have.

    Example:
        >>> runs = [xr.Dataset(coords={"seed": range(n), "epoch": [1, 10 * n]}) for n in (2, 3)]
        >>> _size_in_words(runs)
        '2 to 3 seeds, 20 to 30 epochs'
    """
    counted = {
        "seeds": {result.sizes["seed"] for result in results},
        "epochs": {int(result.epoch[-1]) for result in results if "epoch" in result.coords},
        "batches": {int(result.batch[-1]) for result in results if "batch" in result.coords},
    }
    return ", ".join(
        f"{min(numbers)}{f' to {max(numbers)}' if len(numbers) > 1 else ''} {what}"
        for what, numbers in counted.items()
        if numbers
    )


def _unknown_figure(name: str) -> SettingError:
    return SettingError(f"figure {name}: must be one of {', '.join(sorted(FIGURES, key=published_order))}")
