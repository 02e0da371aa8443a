"""Train feedforward networks at every point of a grid; each point that is finished is kept, and not trained again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import torch
import xarray as xr

from ...engine.files import FileError, make_folder
from ...engine.training.identity import first_difference
from ..runs.files import load_dataset, save_dataset

Train = Callable[..., xr.Dataset]
Report = Callable[[float], object]


def sweep_feedforward(
    train: Train,
    *,
    folder: Path | None = None,
    identity: Mapping[str, Any] | None = None,
    workers: int | None = None,
    report: Report | None = None,
    **settings: Any,
) -> xr.Dataset:
    """Train at every combination of settings; each setting that is given as a list becomes a dimension.

    Args:
        train: `train_spatial` or `train_forward`.
        folder: where finished points are kept; whoever has saved the whole removes it. None keeps nothing.
        identity: what the numbers depend on beside the settings, as JSON can hold it.
        workers: processes; None trains here, one point after the other.
        report: called with the share that is done, 0 … 1.
        settings: arguments of ``train``; ``seeds`` are never varied.

    Returns:
        The Dataset of ``train`` with a dim for each varied setting in front; layers are labelled as "1+3" or "none".

    Raises:
        FileError: when a point in ``folder`` was made with something else, or cannot be read.

    Example:
        >>> from ccdni_lib.study.feedforward import train_spatial
        >>> few = {"seeds": 2, "batches": 30, "device": "cpu"}
        >>> grid = sweep_feedforward(train_spatial, decoupled=[(), (1, 2)], teacher=["learned", "told"], **few)
        >>> grid.decoupled.values.tolist(), grid.accuracy.dims
        (['none', '1+2'], ('decoupled', 'teacher', 'seed', 'batch'))
    """
    varied = {name: values for name, values in settings.items() if isinstance(values, list) and name != "seeds"}
    fixed = {name: value for name, value in settings.items() if name not in varied}
    points = [fixed | dict(zip(varied, values, strict=True)) for values in product(*varied.values())]
    parts: dict[int, xr.Dataset] = {}
    todo = {}
    for number, point in enumerate(points):
        made_from = json.loads(json.dumps({**(identity or {}), "point": point}))
        kept = None if folder is None else _load_part(folder / f"{number}.nc", made_from)
        if kept is None:
            todo[number] = point, made_from
        else:
            parts[number] = kept
    for number, part in _train_all(train, {number: point for number, (point, _) in todo.items()}, workers):
        if folder is not None:
            made_from = todo[number][1]
            save_dataset(part.assign_attrs(made_from=json.dumps(made_from)), make_folder(folder) / f"{number}.nc")
        parts[number] = part
        if report is not None:
            report(len(parts) / len(points))
    return _join([parts[number] for number in range(len(points))], varied)


def _load_part(path: Path, made_from: Mapping[str, Any]) -> xr.Dataset | None:
    if not path.exists():
        return None
    part = load_dataset(path)
    difference = first_difference(json.loads(part.attrs.pop("made_from", "{}")), made_from)
    if difference:
        raise FileError(f"{path}: cannot be resumed from, it was made with {difference}")
    return part


def _train_all(
    train: Train, points: Mapping[int, Mapping[str, Any]], workers: int | None
) -> Iterator[tuple[int, xr.Dataset]]:
    """Train at each point, here or in processes; gives number and Dataset as they are finished."""
    if workers is None or workers < 2 or len(points) < 2:
        yield from ((number, train(**point)) for number, point in points.items())
        return
    from loky import ProcessPoolExecutor, as_completed

    count = min(workers, len(points))
    with ProcessPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1,)) as executor:
        futures = {executor.submit(train, **point): number for number, point in points.items()}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BaseException:  # interrupted, too: nobody waits for the rest
            executor.shutdown(kill_workers=True)
            raise


def _join(parts: list[xr.Dataset], varied: Mapping[str, list[Any]]) -> xr.Dataset:
    whole = parts
    for name, values in reversed(list(varied.items())):
        whole = [xr.concat(whole[i : i + len(values)], name) for i in range(0, len(whole), len(values))]
    labels = {name: [_label(value) for value in values] for name, values in varied.items()}
    totals = {name: sum(part.attrs[name] for part in parts) for name in ("seconds", "diverged")}
    settings = json.loads(parts[0].attrs["settings"]) | labels
    return whole[0].assign_coords(labels).assign_attrs(parts[0].attrs | totals, settings=json.dumps(settings))


def _label(value: Any) -> Any:
    return "+".join(map(str, value)) or "none" if isinstance(value, tuple) else value
