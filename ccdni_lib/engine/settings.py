"""Every setting of a run: its meaning, unit, range and source. One table, from which the command line is made too.

Sources: P21 = Pemberton et al. 2021 (NeurIPS), P20 = its ICLR 2021 version with supplement (SM), J17 = Jaderberg et al.
2017, C = facts about the authors' public code. What a task was published with stands in the task; here are shared
defaults.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from .ranges import Choice, Lesion, Lesions, Number, Optional, Range, Seeds, Switch, Whole, one_line

MODELS = {
    "crnn": "cortex alone: an LSTM with truncated backpropagation through time",
    "ccrnn": "cortex and cerebellum",
    "sccrnn": "cortex and sparse cerebellum: each granule cell listens to a few mossy fibres",
}
LESIONS = {
    "cerebellum": "ablation: the cortex receives no predicted feedback and the cerebellum does not learn",
    "olive": "the cerebellum does not learn, its predictions go on",
    "nuclei": "the cortex receives no predicted feedback, the cerebellum goes on learning",
}
_RUN, _TIME, _NETWORK, _LEARNING, _FEEDBACK = "Run", "Time", "Network", "Learning", "Predicted feedback"
_RATE = Number(0, 10, positive=True)
_NEEDS = {
    "cerebellum": "which has no cerebellum",
    "feedback": "which receives no predicted feedback unless predictor is oracle",
}


class SettingError(ValueError):
    """A setting that cannot be: one sentence that names the value and what is allowed."""


def _setting(
    group: str,
    default: Any,
    range_: Range,
    meaning: str,
    source: str,
    *,
    unit: str = "",
    per_network: bool = False,
    needs: str = "",
) -> Any:
    """A field with what there is to know of it.

    Networks may differ in a ``per_network`` one and train side by side. One that ``needs`` a part (a key of `_NEEDS`)
    means nothing to a network without it.
    """
    about = {"group": group, "range": range_, "meaning": meaning, "source": source, "unit": unit}
    return field(default=default, metadata=about | {"per_network": per_network, "needs": needs})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of one run of one model, over its seeds.

    Example:
        >>> settings = Settings(truncation=2, seeds=(0, 1, 2))
        >>> settings.truncation, settings.feedback_scale, len(settings.seeds)
        (2, 0.1, 3)
    """

    model: str = _setting(_RUN, "ccrnn", Choice(tuple(MODELS)), "which network", "P21 section 3")
    seeds: tuple[int, ...] = _setting(
        _RUN, tuple(range(10)), Seeds(), "how many networks, or which", "P21 Fig. 2", unit="seeds", per_network=True
    )
    epochs: int = _setting(_RUN, 250, Whole(1, 1_000_000), "how long to train", "P21 Fig. 2b", unit="epochs")
    batches: int = _setting(_RUN, 16, Whole(1, 1_000_000), "batches in an epoch", "C", unit="batches")
    batch_size: int = _setting(_RUN, 50, Whole(1, 100_000), "sequences in a batch", "P20 SM A", unit="sequences")
    truncation: int = _setting(
        _TIME, 1, Whole(1, None), "how far gradient travels back in the cortex, T", "P20 SM A", unit="steps"
    )
    feedback_interval: int = _setting(
        _TIME,
        2,
        Whole(1, None),
        "how often the teacher speaks: at steps 0, k, 2k, …",
        "P21 section 3",
        unit="steps",
        per_network=True,
    )
    update: str = _setting(
        _TIME,
        "sequence",
        Choice(("sequence", "truncation")),
        "one update a sequence, or one after every truncation",
        "sequence: P21, C; truncation: P20 SM A",
    )
    lstm_units: int = _setting(_NETWORK, 50, Whole(1, 8192), "size of the cortex, n", "C", unit="units")
    granule_cells: int = _setting(
        _NETWORK,
        400,
        Whole(1, 65536),
        "granule cells in a layer of the cerebellum, M",
        "C",
        unit="cells",
        needs="cerebellum",
    )
    granule_layers: int = _setting(
        _NETWORK, 1, Whole(1, 4), "granule layers of the cerebellum", "P20 SM A", unit="layers", needs="cerebellum"
    )
    mossy_fibres: int | None = _setting(
        _NETWORK,
        None,
        Optional(Whole(1, 16384), "all of them (4 in a sccrnn)"),
        "mossy fibres that each granule cell listens to, K",
        "P20 section 2.1",
        unit="fibres",
        needs="cerebellum",
    )
    input_dropout: float = _setting(
        _NETWORK,
        0.0,
        Number(0, 0.99),
        "share of the numbers entering the cortex that is silenced in training",
        "P20 SM A.3",
    )
    learning_rate: float = _setting(_LEARNING, 1e-3, _RATE, "step size of Adam", "P20 SM A", per_network=True)
    cerebellum_learning_rate: float | None = _setting(
        _LEARNING,
        None,
        Optional(_RATE, "the cortex's"),
        "step size of Adam for the cerebellum",
        "published: the cortex's",
        per_network=True,
        needs="cerebellum",
    )
    beta1: float = _setting(_LEARNING, 0.9, Number(0, 0.999999), "decay of Adam's running mean", "Kingma & Ba 2014")
    beta2: float = _setting(_LEARNING, 0.999, Number(0, 0.999999), "decay of Adam's running square", "Kingma & Ba 2014")
    epsilon: float = _setting(
        _LEARNING, 1e-8, Number(0, 1, positive=True), "added to the root of Adam's running square", "Kingma & Ba 2014"
    )
    clip_norm: float | None = _setting(
        _LEARNING,
        None,
        Optional(Number(0, 1e6, positive=True), "no clipping"),
        "largest norm of a network's gradient",
        "C",
    )
    clip: str = _setting(
        _LEARNING,
        "joint",
        Choice(("joint", "separate")),
        "clip cortex and cerebellum by their joint norm, or each by its own",
        "C",
    )
    feedback_scale: float = _setting(
        _FEEDBACK,
        0.1,
        Number(0, 10),
        "factor on the predicted feedback that the cortex receives",
        "P20 SM A",
        per_network=True,
        needs="feedback",
    )
    terminal_feedback: bool = _setting(
        _TIME,
        False,
        Switch(),
        "predict feedback at the end of the sequence too, where no future is left",
        "C: on",
        per_network=True,
        needs="feedback",
    )
    predictor: str = _setting(
        _FEEDBACK,
        "learned",
        Choice(("learned", "oracle")),
        "what the cortex receives: the cerebellum's prediction, or the true future gradient",
        "learned: P21; oracle: a control",
    )
    lesion: tuple[Lesion, ...] = _setting(
        _FEEDBACK,
        (),
        Lesions(tuple(LESIONS)),
        "what is put out of action, and when",
        "P21 Fig. 3c, S6, S7",
        per_network=True,
        needs="feedback",
    )
    bias_factor: float = _setting(
        _NETWORK,
        1.0,
        Number(0, 100, positive=True),
        "factor on the cortex's initial weights, b",
        "P20 SM A",
        per_network=True,
    )
    cerebellum_init: str = _setting(
        _NETWORK,
        "zero",
        Choice(("zero", "random")),
        "initial last layer of the cerebellum",
        "zero: P20 SM A, J17; random: P21 Fig. S7",
        needs="cerebellum",
    )
    validation_size: int | None = _setting(
        _RUN,
        None,
        Optional(Whole(1, 1_000_000), "all"),
        "validation examples that are looked at after each epoch, and test examples at the end",
        "P20 SM A.2: all",
        unit="examples",
    )
    precision: str = _setting(_RUN, "float32", Choice(("float32", "float64")), "numbers to compute with", "PyTorch")

    def to_json(self) -> str:
        """All settings as one line of JSON."""
        return json.dumps(asdict(self) | {"lesion": [str(lesion) for lesion in self.lesion]})

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """Settings that `to_json` wrote.

        Args:
            text: one line of JSON.
        """
        values = json.loads(text)
        lesions = Lesions(tuple(LESIONS)).read(values["lesion"], 0)
        return cls(**values | {"seeds": tuple(values["seeds"]), "lesion": lesions})

    def switches(self, epoch: int) -> tuple[bool, bool]:
        """Whether the cortex receives predicted feedback (inject), and whether the olive trains the cerebellum (learn).

        Args:
            epoch: 0 is the first.

        Example:
            >>> ablated = Settings(lesion=(Lesion("cerebellum", 50),))
            >>> ablated.switches(49), ablated.switches(50)
            ((True, True), (False, False))
        """
        if self.model == "crnn" and self.predictor == "learned":
            return False, False
        struck = {lesion.kind for lesion in self.lesion if lesion.strikes(epoch)}
        return not struck & {"cerebellum", "nuclei"}, not struck & {"cerebellum", "olive"}


TABLE = {f.name: f for f in fields(Settings)}


def read_values(kind: type, given: Mapping[str, Any], steps: int | None = None, task: str = "") -> dict[str, Any]:
    """Values of some of the fields of a dataclass of settings, each read by the ``range`` in its field's metadata.

    Args:
        kind: the dataclass, such as `Settings`.
        given: by field, as Python values or as text.
        steps: N, the number of steps of the task, where a range depends on it.
        task: its name, for the error's sentence.

    Raises:
        SettingError: naming the first value that cannot be, and what is allowed.

    Example:
        >>> read_values(Settings, {"seeds": "3", "truncation": "2"}, steps=10)
        {'seeds': (0, 1, 2), 'truncation': 2}
        >>> read_values(Settings, {"epochs": 0})
        Traceback (most recent call last):
        ...
        ccdni_lib.engine.settings.SettingError: epochs 0: must be a whole number 1…1,000,000
    """
    table = {each.name: each.metadata["range"] for each in fields(kind)}
    values = {}
    for name, value in given.items():
        if name not in table:
            close = difflib.get_close_matches(name, table, 1)
            known = f"did you mean {close[0]}?" if close else f"must be one of {', '.join(table)}"
            raise SettingError(f"unknown setting {one_line(name)}: {known}")
        try:
            if isinstance(value, bytes | bytearray | memoryview):
                raise TypeError  # they would be read as numbers, or as a list of them
            values[name] = table[name].read(value, steps or 0)
        except (ValueError, TypeError, AttributeError, OverflowError):
            where = f" for {task}" if task and getattr(table[name], "high", 0) is None else ""
            raise SettingError(f"{name} {one_line(value)}: must be {table[name].allowed(steps)}{where}") from None
    return values


def make_settings(task: str, steps: int, published: Mapping[str, Any], **given: Any) -> Settings:
    """Settings from the shared defaults, then what the task was published with, then what is given; all checked.

    Args:
        task: name, for the error's sentence.
        steps: N, the number of steps of the task.
        published: the task's own defaults.
        given: what the user asks for, as Python values or as text.

    Raises:
        SettingError: naming the first value that cannot be, and what is allowed.

    Example:
        >>> make_settings("line-drawing", 10, {}, truncation=11)
        Traceback (most recent call last):
        ...
        ccdni_lib.engine.settings.SettingError: truncation 11: must be a whole number 1…10 for line-drawing
    """
    settings = Settings(**read_values(Settings, {**published, **given}, steps, task))
    mossy = 2 * settings.lstm_units
    if settings.model == "sccrnn" and settings.mossy_fibres is None:
        settings = replace(settings, mossy_fibres=min(4, mossy))
    if settings.mossy_fibres is not None and settings.mossy_fibres > mossy:
        raise SettingError(f"mossy_fibres {settings.mossy_fibres}: must be 1…{mossy}, twice the number of lstm_units")
    if settings.predictor == "oracle" and settings.update == "truncation":
        raise SettingError(
            "predictor oracle: must go with update sequence, for the true future is known only at its end"
        )
    return settings


def check_needs(points: Sequence[Settings], given: Mapping[str, Any]) -> None:
    """Refuse what was given and means nothing to any network of a run, such as granule cells for a cortex alone.

    Args:
        points: settings of all networks of the run: in a sweep over models, a setting must mean something to one.
        given: what the user asked for, by name, of a sweep what is varied; defaults are no part of it, and None, "none"
            and "" ask for nothing.

    Raises:
        SettingError: naming the first setting that means nothing.

    Example:
        >>> check_needs([Settings(model="crnn"), Settings(model="ccrnn")], {"granule_cells": 400})
        >>> check_needs([Settings(model="crnn")], {"granule_cells": 400})
        Traceback (most recent call last):
        ...
        ccdni_lib.engine.settings.SettingError: granule_cells 400: must be left out for a crnn, which has no cerebellum
    """
    parts = {
        "": True,
        "cerebellum": any(point.model != "crnn" for point in points),
        "feedback": any(point.model != "crnn" or point.predictor == "oracle" for point in points),
    }
    for name, value in given.items():
        needs = TABLE[name].metadata["needs"] if name in TABLE else ""
        absent = value is None or (isinstance(value, (str, tuple, list)) and value in ("", "none", (), []))
        if not parts[needs] and not absent:
            raise SettingError(f"{name} {one_line(value)}: must be left out for a crnn, {_NEEDS[needs]}")
