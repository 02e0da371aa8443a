"""One update of a cortico-cerebellar network: the learning rule.

A sequence of N steps is cut into truncations of T. State passes a cut, gradient does not: whatever lies beyond it, the
cortex would have to wait for. The cerebellum predicts it instead.

Symbols. ``s_t = [h_t, c_t]`` is the cortical state before step t, ``L_t`` the loss of step t, ``k = 0, T, 2T, …`` cuts.
Sources. N: Pemberton et al. 2021 (NeurIPS); I: its ICLR version, with SM D on recurrent DNI; J: Jaderberg et al. 2017.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from .adam import Adam
from .cortex import Activity
from .losses import Loss
from .network import Network

State = tuple[Float[Tensor, "E B n"], Float[Tensor, "E B n"]]


@dataclass(frozen=True)
class Batch:
    """What a batch asks of E networks. Dimensions marked 1 may be shared by all networks, or sequences.

    Attributes:
        inputs: ``(E or 1, N, B, I)``.
        targets: ``(E or 1, N, B, O)``, or class numbers ``(E or 1, N, B)``.
        taught: ``(E or 1, N, B or 1)``; 1 where the teacher gives feedback, 0 where it is silent.
        counts: how often each sequence occurs in the batch, ``(E, B)``; None is once each.
        size: how many sequences the batch has, counted with their multiplicity.
    """

    inputs: Float[Tensor, "#E N B I"]
    targets: Tensor
    taught: Float[Tensor, "#E N #B"]
    size: int
    counts: Float[Tensor, "E B"] | None = None

    def steps(self, start: int, stop: int) -> Batch:
        """The same batch, steps ``start`` to ``stop`` only."""
        cut = slice(start, stop)
        return replace(self, inputs=self.inputs[:, cut], targets=self.targets[:, cut], taught=self.taught[:, cut])


@dataclass(frozen=True)
class Rule:
    """How the networks learn. Per-network factors are ``(E, 1, 1, 1)``; None is zero for all of them.

    Attributes:
        truncation: T, steps that gradient travels back; 1 … N.
        online: update after every truncation (I) instead of once a sequence (N).
        inject: factor on the predicted feedback that the cortex receives; 0.1 in the papers, 0 when it is cut off.
        learn: 1 where the inferior olive trains the cerebellum, 0 where it does not.
        terminal: 1 where feedback is predicted at the end of the sequence too, though no future is left there.
        oracle: give the true future gradient in place of the cerebellum's prediction.
    """

    truncation: int
    online: bool = False
    inject: Float[Tensor, "E 1 1 1"] | None = None
    learn: Float[Tensor, "E 1 1 1"] | None = None
    terminal: Float[Tensor, "E 1 1 1"] | None = None
    oracle: bool = False


@dataclass(frozen=True)
class Propagation:
    """All that one batch makes the networks do, before any weight changes. K cuts start the K truncations.

    Attributes:
        activity: of the cortex.
        output: ``(E, N, B, O)``.
        losses: L_t, ``(E, N, B)``, for all steps, taught or not.
        error: dL/dy_t, ``(E, N, B, O)``; zero where the teacher is silent.
        dz: dL/d(gates' inputs), ``(E, N, B, 4n)``.
        layers: of the cerebellum, ``(E, K·B or (K+1)·B, ·)``; empty when it is silent.
        predicted: δ̂ at the cuts, ``(E, K or K+1, B, 2n)``; None when there is none.
        injected: what the end of each truncation receives, ``(E, K, B, 2n)``; None is zero.
        arriving: δ̄, the gradient that arrives at the first state of each truncation, ``(E, K, B, 2n)``; computed only
            where a cerebellum is there to learn from it.
    """

    activity: Activity
    output: Float[Tensor, "E N B O"]
    losses: Float[Tensor, "E N B"]
    error: Float[Tensor, "E N B O"]
    dz: Float[Tensor, "E N B gates"]
    layers: list[Tensor]
    predicted: Float[Tensor, "E _ B state"] | None
    injected: Float[Tensor, "E K B state"] | None
    arriving: Float[Tensor, "E K B state"]


def propagate(
    network: Network, batch: Batch, rule: Rule, loss: Loss, state: State | None = None, last: bool = True
) -> Propagation:
    """Run the networks, predict feedback at the cuts, and send real and predicted feedback back.

    Args:
        network: E networks.
        batch: N steps of B sequences.
        rule: the learning rule.
        loss: of a step.
        state: h and c to start from, ``(E, B, n)`` each; None is zero.
        last: whether the sequence ends with this batch, so that no future lies beyond it.
    """
    cortex, T = network.cortex, rule.truncation

    # The cortex runs through its N steps. L = Σ_t L_t over the taught steps, averaged over the batch.
    activity = cortex.run(batch.inputs, state)
    output = cortex.readout(activity.h[:, 1:])
    losses, slope = loss(output, batch.targets)
    error = slope * (batch.taught / batch.size)[..., None]  #        dL_t/dy_t
    feedback = cortex.readout_backward(error)  #                     dL_t/dh_t, from the loss of step t alone

    # At every cut the cerebellum sees s_k and predicts what the losses still to come will say to it.
    layers, predicted, injected = [], None, None
    beyond = not last or rule.terminal is not None
    if rule.oracle:
        _, true = cortex.backward(activity, feedback, None, len(feedback[0]))
        predicted = true[:, ::T]  #                                  Σ_{t≥k} dL_t/ds_k, by full backpropagation
    elif network.cerebellum is not None and (rule.inject is not None or rule.learn is not None):
        s = activity.at_cuts(T, beyond)
        layers = network.cerebellum.predict(s.flatten(1, 2))
        predicted = layers[-1].unflatten(1, s.shape[1:3])  #         δ̂_k = C(s_k)                      N eq. 1
    if predicted is not None and rule.inject is not None:
        ahead = predicted[:, 1:]
        injected = predicted.new_zeros(*losses.shape[:1], -(-losses.shape[1] // T), *predicted.shape[2:])
        torch.mul(ahead, rule.inject, out=injected[:, : ahead.shape[1]])  # 0.1 · δ̂, at the end of each truncation
        if last and rule.terminal is not None:
            injected[:, -1:] *= rule.terminal

    # Within each truncation feedback travels back to the first state, and no further.        I SM D eq. 2
    dz, arriving = cortex.backward(activity, feedback, injected, T, to_first=bool(layers))
    return Propagation(activity, output, losses, error, dz, layers, predicted, injected, arriving[:, ::T])


def update(
    network: Network,
    batch: Batch,
    rule: Rule,
    loss: Loss,
    optimiser: Adam,
    state: State | None = None,
    last: bool = True,
) -> tuple[Propagation, State]:
    """One update: cortex and cerebellum each take one step down their own loss.

    Arguments are those of `propagate`; returns what it returns, and the state in which the batch ends.
    """
    p = propagate(network, batch, rule, loss, state, last)
    often = None if batch.counts is None else batch.counts[:, None, :, None]

    # Cortex: real and predicted feedback are one gradient to it.    θ ← θ - α Σ_t δ_t dh_t/dθ      N eq. 1, I eq. 1
    network.cortex.differentiate(p.activity, p.dz, p.error, often)

    # Inferior olive: what the cerebellum predicted for s_k against what then arrived there,
    #   δ̄_k = Σ_{k≤t<k+T} dL_t/ds_k + 0.1 C(s_{k+T}) ds_{k+T}/ds_k   N section 2; J section 2.1: a bootstrapped target
    #   L_C = ‖δ̂_k - δ̄_k‖², averaged over batch and components, summed over cuts; it moves C's weights only.
    if p.predicted is not None and network.cerebellum is not None and p.layers and rule.learn is not None:
        miss = p.predicted[:, : p.arriving.shape[1]] - p.arriving
        share = rule.learn * (2 / (batch.size * miss.shape[-1]))
        olive = miss.mul_(share if often is None else share * often)
        network.cerebellum.differentiate(p.layers, olive.flatten(1, 2))

    optimiser.step()
    return p, (p.activity.h[:, -1], p.activity.c[:, -1])


def learn(network: Network, batch: Batch, rule: Rule, loss: Loss, optimiser: Adam) -> Float[Tensor, "E"]:
    """Learn from one batch of whole sequences, with one update for all truncations or one after each.

    Returns:
        The batch's training error, L summed over the taught steps, before (online: during) the update, ``(E,)``.
    """
    if not rule.online:
        p, _ = update(network, batch, rule, loss, optimiser)
        return training_error(p, batch)
    steps, state = batch.inputs.shape[1], None
    error = network.weights.flat.new_zeros(len(network))
    for start in range(0, steps, rule.truncation):
        stop = min(start + rule.truncation, steps)
        piece = batch.steps(start, stop)
        p, state = update(network, piece, replace(rule, truncation=stop - start), loss, optimiser, state, stop == steps)
        error = error + training_error(p, piece)
    return error


def training_error(p: Propagation, batch: Batch) -> Float[Tensor, "E"]:
    """Σ_t L_t over the taught steps, averaged over the batch, for each network: the first sum of N eq. 2."""
    losses = p.losses * batch.taught if batch.counts is None else p.losses * batch.taught * batch.counts[:, None]
    return losses.sum((1, 2)) / batch.size
