"""What can be written down, on request, while networks train: activity and feedback, or what is measured of them.

Measures are taken on the device and are small: no activity is kept for them. They look at the first 64 validation
examples (all of them in a task that has fewer).
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from ..learning.rule import Propagation
from .ensemble import Ensemble
from .populations import correlations, mean_correlation, r_pop

RECORDINGS = {  # what may be kept, by the name that ``record`` takes
    "activity": "h and c of the cortex after every step; granule cells at every cut",
    "feedback": "predicted, bootstrapped and true feedback for [h, c] at every cut",
    "coupling": "correlations of cortical units with granule cells: mean |r|, how they are distributed, silent cells",
    "quality": "predicted feedback against its target and the true gradient at every cut: cosine, relative error",
    "correlation": "how much alike cortical units are, and components of predicted feedback: mean |r|, r_pop",
}
DIMS = {
    "h": ("time", "example", "unit"),
    "c": ("time", "example", "unit"),
    "granule": ("cut", "example", "granule_cell"),
    "predicted_feedback": ("cut", "example", "component"),
    "target_feedback": ("cut", "example", "component"),
    "true_feedback": ("cut", "example", "component"),
    "coupling": (),
    "coupling_histogram": ("r",),
    "silent_granules": (),
    "target_cosine": ("cut",),
    "target_error": ("cut",),
    "true_cosine": ("cut",),
    "true_error": ("cut",),
    "cortex_correlation": (),
    "cortex_r_pop": (),
    "feedback_correlation": (),
    "feedback_r_pop": (),
}
RECORDED_EXAMPLES = 64
BINS = 40  # of a distribution of correlations, -1 … 1


def recorded_examples(ensemble: Ensemble) -> Tensor:
    """The validation examples whose outputs and activity are kept: all, or the first 64.

    Args:
        ensemble: the networks, with their validation examples.

    Returns:
        Their places, whole numbers from 0 on.

    Example:
        >>> from ccdni_lib.tasks import find_task, settings_for
        >>> task = find_task("line-drawing")
        >>> recorded_examples(Ensemble(task, [settings_for(task, "live")])).tolist()
        [0, 1, 2, 3, 4, 5, 6]
    """
    return torch.arange(min(RECORDED_EXAMPLES, len(ensemble.validation)), device=ensemble.device)


@torch.inference_mode()
def record(ensemble: Ensemble, what: str) -> dict[str, Tensor]:
    """One kind of recording of all networks as they are now; ``(E, …)`` with the dims in `DIMS`.

    Args:
        ensemble: the networks.
        what: a key of `RECORDINGS`.

    Returns:
        Variables by name; `ccdni_lib.tasks.variables` says what each is. Without a cerebellum there are none of what
        only a cerebellum has.

    Example:
        >>> from ccdni_lib.tasks import find_task, settings_for
        >>> task = find_task("line-drawing")
        >>> found = record(Ensemble(task, [settings_for(task, "live")]), "correlation")
        >>> sorted(found), found["cortex_r_pop"].shape  # of five networks
        (['cortex_correlation', 'cortex_r_pop', 'feedback_correlation', 'feedback_r_pop'], torch.Size([5]))
    """
    p = ensemble.probe(recorded_examples(ensemble))
    return _KINDS[what](ensemble, p)


def _activity(ensemble: Ensemble, p: Propagation) -> dict[str, Tensor]:
    cerebellum, s = ensemble.network.cerebellum, p.activity.states_at_cuts(ensemble.shared.truncation)
    layers = cerebellum.predict(s.flatten(1, 2)) if cerebellum else []
    granule = {"granule": layers[1].unflatten(1, s.shape[1:3])} if layers else {}
    return {"h": p.activity.h[:, 1:], "c": p.activity.c[:, 1:]} | granule


def _feedback(ensemble: Ensemble, p: Propagation) -> dict[str, Tensor]:
    cortex, cerebellum, truncation = ensemble.network.cortex, ensemble.network.cerebellum, ensemble.shared.truncation
    N, s = ensemble.task.steps, p.activity.states_at_cuts(truncation)
    cuts = range(0, N, truncation)
    _, true = cortex.backward(p.activity, p.feedback, None, N, at=cuts)
    _, target = cortex.backward(p.activity, p.feedback, p.injected, truncation)
    found = {"target_feedback": target[0], "true_feedback": torch.cat([true[k] for k in cuts], dim=1)}
    if ensemble.rule.oracle:
        return {"predicted_feedback": found["true_feedback"]} | found
    layers = cerebellum.predict(s.flatten(1, 2)) if cerebellum else []
    return ({"predicted_feedback": layers[-1].unflatten(1, s.shape[1:3])} if layers else {}) | found


def _coupling(ensemble: Ensemble, p: Propagation) -> dict[str, Tensor]:
    """Pearson's r over examples and steps, of each unit's h with each cell of the first granule layer (P21 Fig. 3b)."""
    h, layers = _states(ensemble, p)
    if not layers:
        return {}
    r = correlations(h, layers[1])
    silent = r.isnan().all(-2)
    place = ((r.nan_to_num(0) + 1) * (BINS / 2)).long().clamp(max=BINS - 1).flatten(1)
    shares = torch.zeros(len(r), BINS, dtype=r.dtype, device=r.device)
    shares.scatter_add_(1, place, (~r.isnan()).flatten(1).to(r.dtype))
    return {
        "coupling": r.abs().nanmean((-2, -1)),
        "coupling_histogram": shares / shares.sum(1, keepdim=True),
        "silent_granules": silent.to(r.dtype).mean(-1).where(h.isfinite().all(-1).all(-1), torch.nan),
    }


def _quality(ensemble: Ensemble, p: Propagation) -> dict[str, Tensor]:
    """δ̂ against δ̄ and δ, all examples and components of a cut as one vector; NaN where a length is zero."""
    found, measured = _feedback(ensemble, p), {}
    if "predicted_feedback" not in found:
        return {}
    predicted = found["predicted_feedback"].flatten(2)
    for name in ("target", "true"):
        other = found[f"{name}_feedback"].flatten(2)
        length = torch.linalg.vector_norm(other, dim=-1)
        length = length.where(length > 0, torch.nan)
        own = torch.linalg.vector_norm(predicted, dim=-1)
        along = (predicted * other).sum(-1)
        measured[f"{name}_cosine"] = along / (length * own.where(own > 0, torch.nan))
        measured[f"{name}_error"] = torch.linalg.vector_norm(predicted - other, dim=-1) / length
    return measured


def _correlation(ensemble: Ensemble, p: Propagation) -> dict[str, Tensor]:
    """Over examples and steps: of all units' h, and of the components of δ̂ (P20 Fig. 2e, f, 3d, S6, S7)."""
    h, layers = _states(ensemble, p)
    populations = {"cortex": h} | ({"feedback": layers[-1]} if layers else {})
    measured = {f"{name}_correlation": mean_correlation(x) for name, x in populations.items()}
    return measured | {f"{name}_r_pop": r_pop(x) for name, x in populations.items()}


def _states(ensemble: Ensemble, p: Propagation) -> tuple[Float[Tensor, "E R n"], list[Tensor]]:
    """The cortex's h after every step of every example, and what the cerebellum makes of [h, c], layer by layer."""
    h, c = (x[:, 1:].flatten(1, 2) for x in (p.activity.h, p.activity.c))
    cerebellum = ensemble.network.cerebellum
    return h, cerebellum.predict(torch.cat([h, c], -1)) if cerebellum else []


_KINDS = {
    "activity": _activity,
    "feedback": _feedback,
    "coupling": _coupling,
    "quality": _quality,
    "correlation": _correlation,
}
