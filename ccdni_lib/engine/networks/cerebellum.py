"""The cerebellum: E feedforward synthesisers side by side, dense or sparse, forward and backward.

Mossy fibres carry the cortical state [h, c]; granule cells are ReLU units; Purkinje cells and nuclei return the
predicted feedback for h and c (P21 section 2.1; P20 SM A). A sparse granule cell listens to K of the 2n mossy fibres.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from .parameters import Parameters


def cerebellum_shapes(
    units: int, granule_cells: int, granule_layers: int = 1, mossy_fibres: int | None = None
) -> dict[str, tuple[int, int]]:
    """Names and shapes of one cerebellum's weights: those of granule cells (in, out), those of nuclei (out, in).

    With more granule cells than mossy fibres the longer side of a product lies along memory then, and BLAS is a good
    deal faster.

    Args:
        units: n, LSTM units of the cortex; there are 2n mossy fibres and 2n outputs.
        granule_cells: M, in each granule layer.
        granule_layers: 1 … 4; 2 for captions (P20 SM A.3).
        mossy_fibres: K inputs a granule cell keeps; None for all 2n. Only the kept weights are stored.

    Example:
        >>> cerebellum_shapes(units=50, granule_cells=400, mossy_fibres=4)["granule0_weight"]
        (4, 400)
    """
    shapes: dict[str, tuple[int, int]] = {}
    fan_in = mossy_fibres or 2 * units
    for layer in range(granule_layers):
        shapes[f"granule{layer}_weight"] = (fan_in, granule_cells)
        shapes[f"granule{layer}_bias"] = (1, granule_cells)
        fan_in = granule_cells
    return shapes | {"nuclei_weight": (2 * units, granule_cells), "nuclei_bias": (1, 2 * units)}


class Cerebellum:
    """E synthesisers δ̂ = C(h, c).

    Args:
        weights: the weights named by `cerebellum_shapes`.
        gradients: where `differentiate` puts dL_C/dweights; the same names and shapes.
        wiring: which mossy fibres each granule cell listens to, ``(E, K, M)``, values 0 … 2n - 1, different within a
            cell; None when it listens to all.

    Example:
        >>> weights = Parameters(cerebellum_shapes(units=5, granule_cells=40), networks=3)
        >>> cerebellum = Cerebellum(weights, weights.zeros_like())
        >>> layers = cerebellum.predict(torch.ones(3, 7, 10))
        >>> [tuple(layer.shape) for layer in layers]  # mossy fibres, granule cells, predicted feedback
        [(3, 7, 10), (3, 7, 40), (3, 7, 10)]
    """

    def __init__(self, weights: Parameters, gradients: Parameters, wiring: Int[Tensor, "E K M"] | None = None):
        self.weights = weights
        self.gradients = gradients
        self.wiring = wiring
        self.layers = sum(name.endswith("_weight") for name in weights) - 1
        self.outputs = weights["nuclei_bias"].shape[2]
        self.fibres = weights["granule0_weight"].shape[1] if self.layers else weights["nuclei_weight"].shape[2]
        if wiring is not None:
            # At K = 4 a dense product still beats gathering K inputs per cell, on CPU and GPU; what follows K is the
            # weights, their gradients and Adam's moments. Pruned entries of this buffer are zero and are never written.
            self.fibres = self.outputs
            self._dense = weights.flat.new_zeros(wiring.shape[0], self.fibres, wiring.shape[2])

    def predict(self, mossy: Float[Tensor, "E R state"]) -> list[Float[Tensor, "E R _"]]:
        """Activities layer by layer: mossy fibres, granule cells (one or more layers), predicted feedback.

        Args:
            mossy: cortical states [h, c]; R counts them over boundaries and sequences.
        """
        w, activities = self.weights, [mossy]
        for layer in range(self.layers):
            weight = self._expand(w["granule0_weight"]) if layer == 0 else w[f"granule{layer}_weight"]
            activities.append(torch.bmm(activities[-1], weight).add_(w[f"granule{layer}_bias"]).relu_())
        activities.append(torch.bmm(w["nuclei_weight"], activities[-1].mT).mT.add_(w["nuclei_bias"]))
        return activities

    def differentiate(self, activities: list[Float[Tensor, "E _ _"]], error: Float[Tensor, "E R state"]) -> None:
        """Fill ``gradients`` from dL_C/dδ̂, the (weighted) error that the inferior olive sends.

        Args:
            activities: from `predict`.
            error: dL_C/dδ̂ for the first R rows of them; a row that has no error is left out.
        """
        w, grad, activities = self.weights, self.gradients, [a[:, : error.shape[1]] for a in activities]
        torch.bmm(error.mT, activities[-2], out=grad["nuclei_weight"])
        torch.sum(error, dim=1, keepdim=True, out=grad["nuclei_bias"])
        back = w["nuclei_weight"]
        for layer in reversed(range(self.layers)):
            before, after = activities[layer : layer + 2]
            error = torch.bmm(error, back)
            torch.ops.aten.threshold_backward.grad_input(error, after, 0, grad_input=error)
            back = w[f"granule{layer}_weight"].mT
            if layer == 0 and self.wiring is not None:
                torch.gather(torch.bmm(before.mT, error), 1, self.wiring, out=grad["granule0_weight"])
            else:
                torch.bmm(before.mT, error, out=grad[f"granule{layer}_weight"])
            torch.sum(error, dim=1, keepdim=True, out=grad[f"granule{layer}_bias"])

    def _expand(self, weight: Tensor) -> Tensor:
        return weight if self.wiring is None else self._dense.scatter_(1, self.wiring, weight)
