"""What can be written down, on request, while networks train: their activity, and the feedback they receive."""

from __future__ import annotations

import torch
from torch import Tensor

from .ensemble import Ensemble

RECORDINGS = {
    "activity": "h and c of the cortex after every step; granule cells at every cut",
    "feedback": "predicted, bootstrapped and true feedback for [h, c] at every cut",
}
DIMS = {
    "h": ("time", "example", "unit"),
    "c": ("time", "example", "unit"),
    "granule": ("cut", "example", "granule_cell"),
    "predicted_feedback": ("cut", "example", "component"),
    "target_feedback": ("cut", "example", "component"),
    "true_feedback": ("cut", "example", "component"),
}
SHOWN = 64


def shown(ensemble: Ensemble) -> Tensor:
    """The validation examples whose outputs and activity are kept: all, or the first 64."""
    return torch.arange(min(SHOWN, len(ensemble.validation)), device=ensemble.device)


def record(ensemble: Ensemble, what: str) -> dict[str, Tensor]:
    """One kind of recording of all networks as they are now; ``(E, …)`` with the dims in `DIMS`.

    Args:
        ensemble: the networks.
        what: a key of `RECORDINGS`.
    """
    p, truncation = ensemble.probe(shown(ensemble)), ensemble.shared.truncation
    cerebellum, s = ensemble.network.cerebellum, p.activity.at_cuts(truncation)
    layers = cerebellum.predict(s.flatten(1, 2)) if cerebellum else []
    if what == "activity":
        granule = {"granule": layers[1].unflatten(1, s.shape[1:3])} if layers else {}
        return {"h": p.activity.h[:, 1:], "c": p.activity.c[:, 1:]} | granule
    feedback = ensemble.network.cortex.readout_backward(p.error)
    _, true = ensemble.network.cortex.backward(p.activity, feedback, None, ensemble.task.steps)
    predicted = {"predicted_feedback": layers[-1].unflatten(1, s.shape[1:3])} if layers else {}
    _, target = ensemble.network.cortex.backward(p.activity, feedback, p.injected, truncation)
    return predicted | {"target_feedback": target[:, ::truncation], "true_feedback": true[:, ::truncation]}
