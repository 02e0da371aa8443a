"""Where to compute."""

from __future__ import annotations

import torch

from ..settings import SettingError


def pick_device(device: str) -> str:
    """A device that can be computed on.

    Args:
        device: "auto", which is "cuda" where there is one, else "cpu"; "cpu", "cuda" or "cuda:N".

    Raises:
        SettingError: when PyTorch has no such device.

    Example:
        >>> pick_device("cpu")
        'cpu'
    """
    found = torch.cuda.device_count()
    if device == "auto":
        return "cuda" if found else "cpu"
    known = ["cpu"] + ["cuda"] * bool(found) + [f"cuda:{index}" for index in range(found)]
    if device not in known:
        why = "" if found else ", for PyTorch finds no CUDA device here"
        raise SettingError(f"device {device}: must be one of auto, {', '.join(known)}{why}")
    return device
