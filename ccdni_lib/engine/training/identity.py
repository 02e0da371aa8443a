"""What the numbers of a training run depend on, so that nothing is joined that does not belong together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..settings import Settings
from ..versions import source_revision, versions
from .examples import Trainable

Identity = dict[str, Any]
_WORDS = {"source_revision": "source revision", "checksum": "examples with checksum", "recordings": "record"}


def identity_of(
    task: Trainable, points: Sequence[Settings], recordings: Sequence[str] = (), record_every: int = 1
) -> Identity:
    """All that the numbers of a training run depend on, as JSON can hold it.

    Args:
        task: what is learned; it counts with its parameters and with a checksum of its examples.
        points: settings of the networks that train side by side.
        recordings: kinds of `RECORDINGS` that are kept.
        record_every: epochs between two recordings; counts for nothing where nothing is recorded.

    Returns:
        The task, its parameters, data and their checksum, the settings, the recordings, the revision of the sources,
        and the versions of what computes. The device is no part of it: devices agree to rounding.

    Example:
        >>> from ccdni_lib.tasks import find_task, settings_for
        >>> task = find_task("line-drawing")
        >>> identity = identity_of(task, [settings_for(task)])
        >>> identity["task"], identity["points"][0]["truncation"], identity["recordings"]
        ('line-drawing', 1, [])
    """
    whole = {
        "task": task.name,
        "parameters": dict(task.parameters),
        "data": task.data,
        "checksum": task.checksum,
        "points": [json.loads(point.to_json()) for point in points],
        "recordings": list(recordings),
        "record_every": record_every if recordings else 1,
        "source_revision": source_revision(type(task)),
        "versions": versions(),
    }
    return json.loads(json.dumps(whole))  # as it comes back from a file


def first_difference(theirs: Mapping[str, Any], mine: Mapping[str, Any]) -> str | None:
    """The first thing in which two identities differ, as words to follow "it was made with"; None if they agree.

    Example:
        >>> first_difference({"points": [{"epochs": 3}]}, {"points": [{"epochs": 4}]})
        'epochs 3, not 4'
        >>> first_difference({"task": "a", "recordings": []}, {"task": "a", "recordings": ["coupling"]})
        'record nothing, not coupling'
        >>> first_difference({"task": "a"}, {"task": "a"}) is None
        True
    """
    for name, own in mine.items():
        other = theirs.get(name)
        if other == own:
            continue
        if name == "points" and isinstance(other, list):
            if len(other) != len(own):
                return f"{len(other)} sets of settings, not {len(own)}"
            return next(filter(None, map(first_difference, other, own)))
        if isinstance(own, Mapping) and isinstance(other, Mapping):
            return first_difference(other, own) or f"other {name}"
        return f"{_WORDS.get(name, name)} {_plain(other)}, not {_plain(own)}"
    return None


def _plain(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(map(str, value)) or "nothing"
    return "nothing" if value == "" else "none" if value is None else str(value)
