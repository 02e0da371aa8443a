"""Cortico-cerebellar networks as decoupled neural interfaces: a fast engine, and a book around it.

Example:
    >>> import ccdni_lib as cc
    >>> run = cc.train("line-drawing", model="ccrnn", budget="live", epochs=2, progress=False)
    >>> run.ataxia_score.mean("seed").dims
    ('epoch',)
"""

from .engine.files import FileError
from .engine.learning.reference import Reference
from .engine.networks.network import Network, Sizes
from .engine.settings import SettingError, Settings
from .engine.training.loop import Interrupted, Training
from .study.experiments import load_result
from .study.runs.board import WorkerError
from .study.runs.files import load_dataset, save_dataset
from .study.runs.train import sweep, train, watch
from .tasks import TASKS, Task, find_task, settings_for

__all__ = [
    "TASKS",
    "FileError",
    "Interrupted",
    "Network",
    "Reference",
    "SettingError",
    "Settings",
    "Sizes",
    "Task",
    "Training",
    "WorkerError",
    "find_task",
    "load_dataset",
    "load_result",
    "save_dataset",
    "settings_for",
    "sweep",
    "train",
    "watch",
]
