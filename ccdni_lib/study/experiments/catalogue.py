"""Which experiments there are: for every published figure that can be made here, what must be trained."""

from __future__ import annotations

from ...engine.settings import SettingError
from .captions import CAPTIONS
from .digits import DIGITS
from .experiment import Experiment
from .feedforward import FEEDFORWARD
from .lines import LINES
from .reaching import REACHING

_ALL: tuple[Experiment, ...] = (*LINES, *REACHING, *DIGITS, *CAPTIONS, *FEEDFORWARD)
EXPERIMENTS = {one.name: one for one in _ALL}


def find_experiment(name: str) -> Experiment:
    """The experiment of that name.

    Raises:
        SettingError: when there is none.
    """
    if name not in EXPERIMENTS:
        raise SettingError(f"experiment {name}: must be one of {', '.join(EXPERIMENTS)}")
    return EXPERIMENTS[name]
