"""One update of a cortico-cerebellar network: the learning rule.

A sequence of N steps is cut into truncations of T. State passes a cut, gradient does not: whatever lies beyond it, the
cortex would have to wait for. The cerebellum predicts it instead.

Symbols. ``s_t = [h_t, c_t]`` is the cortical state before step t, ``L_t`` the loss of step t, ``k = 0, T, 2T, …`` cuts.
Sources. P21: Pemberton et al. 2021 (NeurIPS); P20: its ICLR version, with SM D on recurrent DNI; J17: Jaderberg et
al. 2017.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..networks.cortex import Activity
from ..networks.embedding import ImageAndWords
from ..networks.losses import Loss
from ..networks.network import Network
from .adam import Adam

State = tuple[Float[Tensor, "E B n"], Float[Tensor, "E B n"]]


@dataclass(frozen=True)
class Batch:
    """What a batch asks of E networks. Dimensions marked 1 may be shared by all networks, or sequences.

    Attributes:
        inputs: ``(E or 1, N, B, I)``, or an image and words.
        targets: ``(E or 1, N, B, O)``, or class numbers ``(E or 1, N, B)``.
        taught: ``(E or 1, N, B or 1)``; 1 where the teacher gives feedback, 0 where it is silent.
        size: how many sequences the batch has, counted with their multiplicity.
        counts: how often each sequence occurs in the batch, ``(E, B)``; None is once each.
        lengths: after how many steps each sequence ends, ``(E, B)``, on the CPU, a network's longest first; None where
            all have N. Nothing is ``taught`` behind an end.
        kept: factor on all that enters the cell, ``(E, N, B, I)``: 0 where dropout has struck; None is 1.

    Example:
        >>> batch = Batch(torch.ones(1, 10, 3, 1), torch.ones(1, 10, 3, 2), torch.ones(1, 10, 1), size=3)
        >>> batch.steps(8, 10).targets.shape
        torch.Size([1, 2, 3, 2])
    """

    inputs: Float[Tensor, "#E N B I"] | ImageAndWords
    targets: Tensor
    taught: Float[Tensor, "#E N #B"]
    size: int
    counts: Float[Tensor, "E B"] | None = None
    lengths: Int[Tensor, "E B"] | None = None
    kept: Float[Tensor, "E N B I"] | None = None

    def steps(self, start: int, stop: int) -> Batch:
        """The same batch, some of its steps only, without the sequences that have ended before.

        Args:
            start, stop: first step, and the one behind the last; 0 … N.
        """
        rows, lengths = slice(None), None
        if self.lengths is not None:
            rows = slice(int((self.lengths > start).sum(-1).max()))
            lengths = self.lengths[:, rows] - start
        here = slice(None), slice(start, stop), rows
        kept = None if self.kept is None else self.kept[here]
        inputs, targets, taught = self.inputs[here], self.targets[here], self.taught[here]
        return replace(self, inputs=inputs, targets=targets, taught=taught, lengths=lengths, kept=kept)

    def unfinished(self, at: Sequence[int]) -> Float[Tensor, "#E cuts #B 1"] | float:
        """1 where a sequence has something left to do, else 0; a plain 1 where all sequences have N steps.

        Args:
            at: steps to look at, 0 … N.
        """
        if self.lengths is None:
            return 1.0
        left = self.lengths[:, None] > torch.tensor(at)[:, None]
        return left[..., None].to(self.taught)

    def active_networks(self) -> list[bool] | None:
        """For each network, whether any sequence is left; None where all have some."""
        left = None if self.lengths is None else (self.lengths > 0).any(-1).tolist()
        return None if left is None or all(left) else left


@dataclass(frozen=True)
class Rule:
    """How the networks learn. Per-network factors are ``(E, 1, 1, 1)``; None is zero for all of them.

    Attributes:
        truncation: T, steps that gradient travels back; 1 … N.
        online: update after every truncation (P20) instead of once a sequence (P21).
        inject: factor on the predicted feedback that the cortex receives; 0.1 in the papers, 0 when it is cut off.
        learn: 1 where the inferior olive trains the cerebellum, 0 where it does not.
        terminal: 1 where feedback is predicted at the end of the sequence too, though no future is left there; must be
            None where sequences differ in length.
        oracle: give the true future gradient in place of the cerebellum's prediction.

    Example:
        >>> Rule(truncation=2, inject=torch.full((3, 1, 1, 1), 0.1), learn=torch.ones(3, 1, 1, 1)).online
        False
    """

    truncation: int
    online: bool = False
    inject: Float[Tensor, "E 1 1 1"] | None = None
    learn: Float[Tensor, "E 1 1 1"] | None = None
    terminal: Float[Tensor, "E 1 1 1"] | None = None
    oracle: bool = False


@dataclass(frozen=True)
class Propagation:
    """All that one batch makes the networks do, before any weight changes. Each cut starts a truncation.

    Attributes:
        activity: of the cortex.
        losses: L_t, ``(E, N, B)``, for all steps, taught or not.
        feedback: dL_t/dh_t, ``(E, N, B, n)``; zero where the teacher is silent.
        dz: dL/d(gates' inputs), ``(E, N, B, 4n)``.
        layers: of the cerebellum, ``(E, cuts·B or (cuts+1)·B, ·)``; empty when it is silent.
        predicted: δ̂ at the cuts, ``(E, cuts or cuts+1, B, 2n)``; None when there is none.
        injected: what the end of each truncation receives, ``(E, cuts, B, 2n)``; None is zero.
        arriving: δ̄, the gradient that arrives at the first state of each truncation, ``(E, cuts, B, 2n)``; None where
            no cerebellum is there to learn from it.
    """

    activity: Activity
    losses: Float[Tensor, "E N B"]
    feedback: Float[Tensor, "E N B n"]
    dz: Float[Tensor, "E N B gates"]
    layers: list[Tensor]
    predicted: Float[Tensor, "E _ B state"] | None
    injected: Float[Tensor, "E cuts B state"] | None
    arriving: Float[Tensor, "E cuts B state"] | None


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

    Example:
        >>> from ccdni_lib.engine.networks.losses import squared_distance
        >>> from ccdni_lib.engine.networks.network import Sizes
        >>> network = Network.draw(Sizes(inputs=1, units=5, outputs=2, granule_cells=40), seeds=[0, 1, 2])
        >>> batch = Batch(torch.ones(1, 10, 7, 1), torch.ones(1, 10, 7, 2), torch.ones(1, 10, 1), size=7)
        >>> rule = Rule(truncation=4, learn=torch.ones(3, 1, 1, 1))  # cuts before steps 0, 4 and 8
        >>> propagate(network, batch, rule, squared_distance).predicted.shape
        torch.Size([3, 3, 7, 10])
    """
    cortex, T = network.cortex, rule.truncation
    counts = None if batch.counts is None else batch.counts[:, None, :, None]

    # The cortex runs through its N steps. L = Σ_t L_t over the taught steps, averaged over the batch.
    entering = network.receive(batch.inputs)
    activity = cortex.run(entering if batch.kept is None else entering * batch.kept, state)
    share = batch.taught / batch.size
    losses, feedback = cortex.judge(activity.h[:, 1:], batch.targets, share, loss, counts)  # L_t, dL_t/dh_t
    N = losses.shape[1]

    # At every cut the cerebellum sees s_k and predicts what the losses still to come will say to it.
    layers, predicted, injected = [], None, None
    beyond = not last or rule.terminal is not None
    if rule.oracle:
        cuts = range(0, N, T)
        _, true = cortex.backward(activity, feedback, None, N, at=cuts)
        predicted = torch.cat([true[k] for k in cuts], dim=1)  #     Σ_{t≥k} dL_t/ds_k, by full backpropagation
    elif network.cerebellum is not None and (rule.inject is not None or rule.learn is not None):
        s = activity.states_at_cuts(T, beyond)
        layers = network.cerebellum.predict(s.flatten(1, 2))
        predicted = layers[-1].unflatten(1, s.shape[1:3])  #         δ̂_k = C(s_k)                      P21 eq. 1
    if predicted is not None and rule.inject is not None:
        ahead = predicted[:, 1:]
        injected = predicted.new_zeros(*losses.shape[:1], -(-N // T), *predicted.shape[2:])
        torch.mul(ahead, rule.inject, out=injected[:, : ahead.shape[1]])  # 0.1 · δ̂, at the end of each truncation
        if batch.lengths is not None:  # a sequence that ends within a truncation has no future at its end
            injected *= batch.unfinished([start + T for start in range(0, N, T)])
        elif last and rule.terminal is not None:
            injected[:, -1:] *= rule.terminal

    # Within each truncation feedback travels back to the first state, and no further.        P20 SM D eq. 2
    dz, arriving = cortex.backward(activity, feedback, injected, T, at=(0,) if layers else ())
    return Propagation(activity, losses, feedback, dz, layers, predicted, injected, arriving.get(0))


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

    Args:
        network, batch, rule, loss, state, last: as in `propagate`.
        optimiser: of the network's parts; its weights are changed in place.

    Returns:
        What `propagate` returns, and the state in which the batch ends: h and c, ``(E, B, n)`` each.

    Example:
        >>> from ccdni_lib.engine.networks.losses import squared_distance
        >>> from ccdni_lib.engine.networks.network import Sizes
        >>> network = Network.draw(Sizes(inputs=1, units=5, outputs=2), seeds=[0, 1])
        >>> optimiser = Adam(network.parts)
        >>> optimiser.set_rates([[1e-2, 1e-2]])
        >>> batch = Batch(torch.ones(1, 10, 7, 1), torch.ones(1, 10, 7, 2), torch.ones(1, 10, 1), size=7)
        >>> p, (h, c) = update(network, batch, Rule(truncation=5), squared_distance, optimiser)
        >>> h.shape, bool((training_error(p, batch) == p.losses.sum((1, 2)) / 7).all())
        (torch.Size([2, 7, 5]), True)
    """
    p = propagate(network, batch, rule, loss, state, last)
    counts = None if batch.counts is None else batch.counts[:, None, :, None]

    # Cortex: real and predicted feedback are one gradient to it.    θ ← θ - α Σ_t δ_t dh_t/dθ      P21 eq. 1, P20 eq. 1
    network.cortex.differentiate(p.activity, p.dz, counts)
    if network.embedding is not None and isinstance(batch.inputs, ImageAndWords):
        entered = network.cortex.entering_backward(p.dz)
        network.embedding.differentiate(batch.inputs, entered if batch.kept is None else entered.mul_(batch.kept))

    # Inferior olive: what the cerebellum predicted for s_k against what then arrived there,
    #   δ̄_k = Σ_{k≤t<k+T} dL_t/ds_k + 0.1 C(s_{k+T}) ds_{k+T}/ds_k        P21 section 2; J17 section 2.1: bootstrapped
    #   L_C = ‖δ̂_k - δ̄_k‖², averaged over batch and components, summed over cuts; it moves C's weights only.
    if p.predicted is not None and p.arriving is not None and network.cerebellum is not None and rule.learn is not None:
        miss = p.predicted[:, : p.arriving.shape[1]] - p.arriving
        share = rule.learn * (2 / (batch.size * miss.shape[-1]))
        share = share * batch.unfinished(range(0, p.losses.shape[1], rule.truncation))
        olive = miss.mul_(share if counts is None else share * counts)
        network.cerebellum.differentiate(p.layers, olive.flatten(1, 2))

    optimiser.step(batch.active_networks())
    return p, (p.activity.h[:, -1], p.activity.c[:, -1])


def learn(network: Network, batch: Batch, rule: Rule, loss: Loss, optimiser: Adam) -> Float[Tensor, " E"]:
    """Learn from one batch of whole sequences, with one update for all truncations or one after each.

    Args:
        network: E networks; their weights are changed in place.
        batch: whole sequences.
        rule: the learning rule.
        loss: of a step.
        optimiser: of the network's parts.

    Returns:
        The batch's training error, L summed over the taught steps, before (online: during) the update, ``(E,)``.

    Example:
        >>> from ccdni_lib.engine.networks.losses import squared_distance
        >>> from ccdni_lib.engine.networks.network import Sizes
        >>> network = Network.draw(Sizes(inputs=1, units=5, outputs=2), seeds=[0, 1])
        >>> optimiser = Adam(network.parts)
        >>> optimiser.set_rates([[1e-2, 1e-2]])
        >>> batch = Batch(torch.ones(1, 10, 7, 1), torch.ones(1, 10, 7, 2), torch.ones(1, 10, 1), size=7)
        >>> rule = Rule(truncation=5)
        >>> first, *_, last = (learn(network, batch, rule, squared_distance, optimiser) for _ in range(20))
        >>> bool((last < first).all())
        True
    """
    if not rule.online:
        p, _ = update(network, batch, rule, loss, optimiser)
        return training_error(p, batch)
    steps = batch.targets.shape[1]
    state: State | None = None
    error = network.weights.flat.new_zeros(len(network))
    for start in range(0, steps, rule.truncation):
        stop = min(start + rule.truncation, steps)
        piece = batch.steps(start, stop)
        if state is not None:
            state = state[0][:, : piece.targets.shape[2]], state[1][:, : piece.targets.shape[2]]
        p, state = update(network, piece, replace(rule, truncation=stop - start), loss, optimiser, state, stop == steps)
        error = error + training_error(p, piece)
    return error


def training_error(p: Propagation, batch: Batch) -> Float[Tensor, " E"]:
    """Σ_t L_t over the taught steps, averaged over the batch, for each network: the first sum of P21 eq. 2.

    Args:
        p: what the batch made the networks do.
        batch: it.

    Returns:
        In the unit of the loss, ``(E,)``.
    """
    losses = p.losses * batch.taught if batch.counts is None else p.losses * batch.taught * batch.counts[:, None]
    return losses.sum((1, 2)) / batch.size
