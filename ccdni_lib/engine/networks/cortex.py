"""The cortex: E LSTMs side by side, and their linear readout, forward and backward.

The cell is `torch.nn.LSTM`'s: gates in the order i, f, g, o, and two biases that are added (Hochreiter & Schmidhuber
1997; P20 SM A). The backward pass is written out, because the learning rule cuts it into truncations that are all
computed at once (see `learning.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from .losses import Loss
from .parameters import Parameters

SLICE = 2**23  # numbers of output that exist at once
_sigmoid_backward = torch.ops.aten.sigmoid_backward  # (dL/dy, y) -> dL/dx = dL/dy · y (1 - y)
_tanh_backward = torch.ops.aten.tanh_backward  # (dL/dy, y) -> dL/dx = dL/dy · (1 - y²)


def cortex_shapes(inputs: int, units: int, outputs: int) -> dict[str, tuple[int, int]]:
    """Names and shapes of one cortical network's weights: the cell's (in, out), the readout's (out, in).

    With few outputs the longer side of a product lies along memory then, and BLAS is a good deal faster.
    ``cell`` holds the LSTM's four weights as the rows of one matrix, from [h, x, 1, 1] to the gates i, f, g, o: the
    last two rows are its two biases.

    Args:
        inputs: I, numbers that enter the cell at each step.
        units: n, LSTM units.
        outputs: O, numbers that go out at each step.

    Example:
        >>> cortex_shapes(inputs=1, units=50, outputs=2)
        {'cell': (53, 200), 'readout_weight': (2, 50), 'readout_bias': (1, 2)}
    """
    return {
        "cell": (units + inputs + 2, 4 * units),
        "readout_weight": (outputs, units),
        "readout_bias": (1, outputs),
    }


@dataclass(frozen=True)
class Activity:
    """What E cortical networks did in N steps; step ``t`` leads from state ``t`` to state ``t + 1``.

    Attributes:
        g: candidate, ``(E, N, B, n)``, between -1 and 1.
        tanh_c: tanh of the cell after each step, ``(E, N, B, n)``.
        gates: ``(E, N, B, 4n)``, the activities of i, f, (1 + g) / 2, o; between 0 and 1.
        c: memory cells, ``(E, N+1, B, n)``; ``c[:, 0]`` is where the run began.
        entering: what enters the cell at each step, [h, x, 1, 1], ``(E, N+1, B, n+I+2)``.

    Example:
        >>> weights = Parameters(cortex_shapes(inputs=1, units=5, outputs=2), networks=3)
        >>> activity = Cortex(weights, weights.zeros_like()).run(torch.ones(3, 10, 7, 1))
        >>> activity.h.shape, activity.states_at_cuts(4).shape  # ten steps, cut before 0, 4 and 8
        (torch.Size([3, 11, 7, 5]), torch.Size([3, 3, 7, 10]))
    """

    g: Float[Tensor, "E N B n"]
    tanh_c: Float[Tensor, "E N B n"]
    gates: Float[Tensor, "E N B 4*n"]
    c: Float[Tensor, "E N+1 B n"]
    entering: Float[Tensor, "E N+1 B _"]

    @property
    def h(self) -> Float[Tensor, "E states B n"]:
        """Output states, between -1 and 1; ``h[:, 0]`` is where the run began."""
        return self.entering[..., : self.c.shape[-1]]

    def states_at_cuts(self, truncation: int, end: bool = False) -> Float[Tensor, "E cuts B state"]:
        """[h, c] at the first state of each truncation: what the mossy fibres carry to the cerebellum.

        Args:
            truncation: T, 1 … N steps.
            end: whether the last state, behind the last step, is wanted too.

        Returns:
            ``(E, ⌈N/T⌉, B, 2n)``, one more with ``end``.
        """
        parts = []
        for x in (self.h, self.c):
            first = x[:, :-1:truncation]
            parts.append(torch.cat((first, x[:, -1:]), dim=1) if end else first)
        return torch.cat(parts, dim=-1)


class Cortex:
    """E LSTMs with a linear readout of h.

    Args:
        weights: the weights named by `cortex_shapes`.
        gradients: where `judge` and `differentiate` put dL/dweights; the same names and shapes.

    Example:
        >>> weights = Parameters(cortex_shapes(inputs=1, units=5, outputs=2), networks=3)
        >>> cortex = Cortex(weights, weights.zeros_like())
        >>> activity = cortex.run(torch.ones(3, 10, 7, 1))
        >>> cortex.readout(activity.h[:, 1:]).shape  # 3 networks, 10 steps, 7 sequences, 2 outputs
        torch.Size([3, 10, 7, 2])
    """

    def __init__(self, weights: Parameters, gradients: Parameters):
        self.weights = weights
        self.gradients = gradients
        self.units = weights["readout_weight"].shape[2]

    def run(
        self,
        inputs: Float[Tensor, "#E N B I"],
        state: tuple[Float[Tensor, "E B n"], Float[Tensor, "E B n"]] | None = None,
    ) -> Activity:
        """Run N steps; no graph is kept.

        Args:
            inputs: that enter the cell, for each network its own or for all the same.
            state: h and c to start from; None is zero.
        """
        E, (_, N, B, I), n = self.weights.networks, inputs.shape, self.units
        # tanh x = 2 σ(2x) - 1: one sigmoid serves all four gates, and PyTorch's tanh takes a CPU five times as long
        cell, minus_one = self.weights["cell"].clone(), inputs.new_full((), -1)
        cell[..., 2 * n : 3 * n] *= 2
        # Memory of most is time-major, (N, E, B, ·), so that a step works on whole, contiguous blocks.
        entering = inputs.new_empty(E, N + 1, B, n + I + 2)
        c, gates = inputs.new_empty(N + 1, E, B, n), inputs.new_empty(N, E, B, 4 * n)
        g, tanh_c = inputs.new_empty(N, E, B, n), inputs.new_empty(N, E, B, n)
        h = entering[..., :n]
        h[:, 0], c[0] = (0, 0) if state is None else state
        entering[:, :-1, :, n : n + I] = inputs
        entering[..., n + I :] = 1
        steps = zip(entering.unbind(1), gates, c, g, tanh_c, c[1:], h[:, 1:].unbind(1), strict=False)
        for e_t, z, c_t, g_t, tanh_t, c_next, h_next in steps:
            torch.bmm(e_t, cell, out=z)
            i, f, candidate, o = z.sigmoid_().chunk(4, dim=-1)
            torch.add(minus_one, candidate, alpha=2, out=g_t)
            torch.mul(f, c_t, out=c_next).addcmul_(i, g_t)
            torch.add(minus_one, torch.mul(c_next, 2, out=tanh_t).sigmoid_(), alpha=2, out=tanh_t)
            torch.mul(o, tanh_t, out=h_next)
        g, tanh_c, gates, c = (x.transpose(0, 1) for x in (g, tanh_c, gates, c))
        return Activity(g, tanh_c, gates, c, entering)

    def readout(self, h: Float[Tensor, "E N B n"]) -> Float[Tensor, "E N B O"]:
        """Output ŷ = h · V + b at each step.

        Args:
            h: states after each step.
        """
        w = self.weights
        return torch.bmm(h.flatten(1, 2), w["readout_weight"].mT).add_(w["readout_bias"]).unflatten(1, h.shape[1:3])

    def judge(
        self,
        h: Float[Tensor, "E N B n"],
        targets: Tensor,
        share: Float[Tensor, "#E N #B"],
        loss: Loss,
        counts: Float[Tensor, "E 1 B 1"] | None = None,
    ) -> tuple[Float[Tensor, "E N B"], Float[Tensor, "E N B n"]]:
        """Read out, and send back what the loss of each step says to the state of that step.

        A large readout is never there for all steps at once: outputs are made, judged and used up a few steps at a
        time, `SLICE` numbers of them or those of one step. Its weight is not copied. So the memory of an update is
        bounded, beside weights, gradients and Adam's averages, by five such slices, the gradient of the word vectors
        and thirty numbers a unit, step and sequence: 280 MB for 5 networks, 9,956 words, batches of 100 and T = 4
        (P20 SM A.3).

        Args:
            h: states after each step.
            targets: as the loss wants them, ``(E or 1, N, B, …)``.
            share: factor on dL_t/dŷ_t, 0 where the teacher is silent.
            loss: of a step.
            counts: how often each sequence counts in the gradients; None is once.

        Returns:
            L_t of all steps, taught or not, and dL_t/dh_t of the taught ones. The readout's ``gradients`` are filled.
        """
        w, grad = self.weights, self.gradients
        E, N, B, _ = h.shape
        some = max(1, SLICE // (E * B * w["readout_bias"].shape[2]))
        losses, feedback = [], []
        for start in range(0, N, some):
            now = slice(start, start + some)
            states = h[:, now]
            few, slope = loss(self.readout(states), targets[:, now])
            error = slope * share[:, now, :, None]  #                 dL_t/dŷ_t
            feedback.append(torch.bmm(error.flatten(1, 2), w["readout_weight"]).unflatten(1, error.shape[1:3]))
            losses.append(few)
            if counts is not None:
                error *= counts
            error, states = error.flatten(1, 2), states.flatten(1, 2)
            if start == 0:
                torch.bmm(error.mT, states, out=grad["readout_weight"])
                torch.sum(error, dim=1, keepdim=True, out=grad["readout_bias"])
            else:
                grad["readout_weight"].baddbmm_(error.mT, states)
                grad["readout_bias"].add_(error.sum(dim=1, keepdim=True))
        if len(losses) == 1:
            return losses[0], feedback[0]
        return torch.cat(losses, dim=1), torch.cat(feedback, dim=1)

    def entering_backward(self, dz: Float[Tensor, "E N B gates"]) -> Float[Tensor, "E N B I"]:
        """dL/d(what enters the cell at each step).

        Args:
            dz: gradient of what the gates receive, from `backward`.
        """
        cell = self.weights["cell"][:, self.units : -2]
        return torch.bmm(dz.flatten(1, 2), cell.mT).unflatten(1, dz.shape[1:3])

    def backward(
        self,
        activity: Activity,
        feedback: Float[Tensor, "E N B n"],
        injected: Float[Tensor, "E cuts B state"] | None,
        truncation: int,
        at: Sequence[int] = (0,),
    ) -> tuple[Float[Tensor, "E N B gates"], dict[int, Float[Tensor, "E _ B state"]]]:
        """Send feedback back through time, in all ⌈N/T⌉ truncations at once.

        The loop runs over the T steps of a truncation; step ``j`` of every truncation is one slice, ``[:, j::T]``. A
        last truncation that is shorter joins at the last step it has.

        Args:
            activity: a run of N steps.
            feedback: dL_t/dh_t, the real feedback of each step.
            injected: gradient of all later losses with respect to [h, c] at the end of each truncation; None is zero.
            truncation: T, 1 … N steps.
            at: the steps of a truncation, 0 … T - 1, before which the gradient that arrives is wanted.

        Returns:
            The gradient of what the gates receive and, for each step in ``at``, the gradient that arrives at the state
            before it in every truncation that has it: at 0, ``(E, cuts, B, 2n)``, at the truncations' first states.
        """
        E, N, B, n = feedback.shape
        from_h, dz = self.weights["cell"][:, :n], feedback.new_empty(E, N, B, 4 * n)
        ends = feedback.new_zeros(E, -(-N // truncation), B, 2 * n) if injected is None else injected
        dh_later, dc_later = ends[:, : N // truncation].chunk(2, dim=-1)
        arriving: dict[int, Tensor] = {}
        for j in reversed(range(truncation)):
            now = slice(j, None, truncation)
            gates, g, tanh_c, c_before = (
                x[:, now] for x in (activity.gates, activity.g, activity.tanh_c, activity.c[:, :-1])
            )
            i, f, _, o = gates.chunk(4, dim=-1)
            dz_now = dz[:, now]
            dz_i, dz_f, dz_g, dz_o = dz_now.chunk(4, dim=-1)
            if dh_later.shape[1] < dz_now.shape[1]:
                dh_end, dc_end = ends[:, -1:].chunk(2, dim=-1)
                dh_later, dc_later = torch.cat((dh_later, dh_end), dim=1), torch.cat((dc_later, dc_end), dim=1)

            dh = feedback[:, now] + dh_later
            dc = _tanh_backward(dh * o, tanh_c).add_(dc_later)
            torch.mul(dc, g, out=dz_i)
            torch.mul(dc, c_before, out=dz_f)
            torch.mul(dh, tanh_c, out=dz_o)
            # all four at once, for whole blocks of memory are faster than parts of them; that of g is written over
            _sigmoid_backward.grad_input(dz_now, gates, grad_input=dz_now)
            _tanh_backward.grad_input(dc * i, g, grad_input=dz_g)
            if j or j in at:
                dh_later = torch.bmm(from_h, dz_now.flatten(1, 2).mT).mT.unflatten(1, dh.shape[1:3])
                dc_later = dc * f
            if j in at:
                arriving[j] = torch.cat((dh_later, dc_later), dim=-1)
        return dz, arriving

    def differentiate(
        self,
        activity: Activity,
        dz: Float[Tensor, "E N B gates"],
        counts: Float[Tensor, "E 1 B 1"] | None,
    ) -> None:
        """Fill the cell's ``gradients`` from the gradients of what the gates receive.

        Args:
            activity: a run of N steps.
            dz: from `backward`.
            counts: how often each sequence counts; None is once.
        """
        entering = activity.entering[:, :-1]
        if counts is not None:
            entering = entering * counts
        torch.bmm(entering.flatten(1, 2).mT, dz.flatten(1, 2), out=self.gradients["cell"])
