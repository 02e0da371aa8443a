"""The learning rule, literally: one network, one truncation at a time, `nn.LSTM` and autograd. Slow and obvious.

It is written from the equations and shares no code with the fast engine. The tests hold the engine against it, `ccdni
bench` measures the engine against it, and the chapter on time reads it aloud.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Reference:
    """A cortex and, if given, a cerebellum, with the optimiser that trains both.

    Args:
        lstm: the cortex, ``nn.LSTM(inputs, n)``.
        readout: ``nn.Linear(n, outputs)``.
        cerebellum: maps [h, c], 2n numbers, to the predicted feedback, 2n numbers; None for a cRNN.
        truncation: T, steps that gradient travels back.
        online: update after every truncation (P20) instead of once a sequence (P21).
        feedback_scale: factor on the predicted feedback where it is injected (P20 SM A).
        terminal_feedback: inject a prediction at the end of the sequence too.
        inject, learn: whether the cortex receives predictions, and whether the inferior olive trains the cerebellum.
        oracle: give the true future gradient in place of the cerebellum's prediction.
        learning_rate, cerebellum_learning_rate, betas, epsilon: of Adam.
        clip_norm, clip: largest gradient norm (None: no clipping), of both parts "joint" or of each "separate".
        wiring: ``(K, M)``, the mossy fibres of each granule cell; None when it listens to all.
        image, words: where an image comes in at the first step, and then words: what makes inputs of them, as
            ``nn.Linear(F, inputs)`` and ``nn.Embedding(V, inputs)``.

    Example:
        >>> _ = torch.manual_seed(0)
        >>> network = Reference(nn.LSTM(1, 5), nn.Linear(5, 2), truncation=2)
        >>> x, y = torch.ones(10, 3, 1), torch.ones(10, 3, 2)  # 10 steps, 3 sequences
        >>> first = network.learn(x, y, taught=torch.ones(10))
        >>> all(network.learn(x, y, taught=torch.ones(10)) < first for _ in range(20))
        True
    """

    def __init__(
        self,
        lstm: nn.LSTM,
        readout: nn.Linear,
        cerebellum: nn.Sequential | None = None,
        *,
        truncation: int,
        online: bool = False,
        feedback_scale: float = 0.1,
        terminal_feedback: bool = False,
        inject: bool = True,
        learn: bool = True,
        oracle: bool = False,
        learning_rate: float = 1e-3,
        cerebellum_learning_rate: float | None = None,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        clip_norm: float | None = None,
        clip: str = "joint",
        wiring: Tensor | None = None,
        image: nn.Linear | None = None,
        words: nn.Embedding | None = None,
    ):
        self.lstm, self.readout, self.cerebellum = lstm, readout, cerebellum
        self.truncation, self.online, self.feedback_scale = truncation, online, feedback_scale
        self.terminal_feedback, self.inject, self.oracle = terminal_feedback, inject, oracle
        self.olive = learn and cerebellum is not None and not oracle
        self.clip_norm, self.clip = clip_norm, clip
        self.image, self.words = image, words
        modules = [lstm, readout] + [module for module in (image, words) if module]
        self.cortical = [weight for module in modules for weight in module.parameters()]
        for weight in self.cortical:  # of an image that is not seen in a truncation it is zero, not missing
            weight.grad = torch.zeros_like(weight)
        self.cerebellar = [*cerebellum.parameters()] if cerebellum else []
        self.optimiser = torch.optim.Adam(
            [
                {"params": self.cortical, "lr": learning_rate},
                {"params": self.cerebellar, "lr": cerebellum_learning_rate or learning_rate},
            ][: 2 if cerebellum else 1],
            betas=betas,
            eps=epsilon,
        )
        if cerebellum and wiring is not None:  # pruned weights are zero, and their gradient is zero for ever
            granule = next(cerebellum.parameters())  # (M, 2n)
            kept = torch.zeros_like(granule).scatter_(1, wiring.T, 1)
            granule.data *= kept
            granule.register_hook(lambda gradient: gradient * kept)

    def learn(
        self,
        x: Tensor | Sequence[Tensor],
        y: Tensor,
        taught: Tensor,
        loss=None,
        lengths: Tensor | None = None,
        kept: Tensor | None = None,
    ) -> float:
        """Learn from one batch of sequences.

        Args:
            x: inputs, ``(N, B, I)``; or a list of N things that come in: an
                image's features ``(B, F)``, then words ``(B,)``.
            y: targets, ``(N, B, O)``.
            taught: 1 where the teacher speaks, else 0; ``(N,)`` or ``(N, B)``.
            loss: of each step and sequence, from outputs ``(T, B, O)`` and
                targets to ``(T, B)``; squared distance if None.
            lengths: after how many steps each sequence ends, ``(B,)``; None
                is after N, the longest.
            kept: factor on the inputs, ``(N, B, I)``: dropout; None is 1.

        Returns:
            The training error: L summed over the taught steps, averaged over
            the batch.
        """
        loss, steps, total = loss or _squared_distance, len(x), 0.0
        taught = taught.reshape(steps, -1)
        if lengths is None:
            lengths = torch.full(y.shape[1:2], steps, device=y.device)
        true = None
        if self.oracle:
            true = self._true_feedback(x, y, taught, loss, kept)
        h = c = taught.new_zeros(1, y.shape[1], self.lstm.hidden_size)
        for start in range(0, steps, self.truncation):
            stop = min(start + self.truncation, steps)

            # State is carried across the cut, gradient is not.
            h0, c0 = h.detach().requires_grad_(), c.detach().requires_grad_()
            inputs = self._entering(x, kept, start, stop)
            hidden, (h, c) = self.lstm(inputs, (h0, c0))
            output = self.readout(hidden)
            losses = loss(output, y[start:stop]) * taught[start:stop]
            error = losses.mean(dim=1).sum()

            # Predicted feedback arrives at the last state as if it were
            # the gradient of all losses that are still to come.
            end = torch.cat([h[0], c[0]], dim=-1)
            future = self._future(end.detach(), stop, lengths, true)
            one = torch.ones_like(error)
            torch.autograd.backward([error, end], [one, future])

            # What arrives at the first state is the inferior olive's
            # target for the prediction that is made there, if the
            # sequence has not ended before.
            if self.olive:
                begin = torch.cat([h0[0], c0[0]], dim=-1).detach()
                target = torch.cat([h0.grad[0], c0.grad[0]], dim=-1)
                miss = (self.cerebellum(begin) - target).square().mean(dim=-1)
                (miss * (lengths > start)).mean().backward()

            total += error.item()
            if self.online or stop == steps:
                self._step()
        return total

    def _entering(self, x: Tensor | Sequence[Tensor], kept: Tensor | None, start: int, stop: int) -> Tensor:
        """What enters the cortex in these steps."""
        if isinstance(x, Tensor):
            inputs = x[start:stop]
        else:
            inputs = torch.stack([(self.image if seen.ndim == 2 else self.words)(seen) for seen in x[start:stop]])
        return inputs if kept is None else inputs * kept[start:stop]

    @torch.no_grad()
    def _future(self, end: Tensor, stop: int, lengths: Tensor, true: list[Tensor] | None) -> Tensor:
        """What is injected at the end of a truncation: 0.1 times the prediction, and zero where no future is left."""
        if true is not None:
            return self.feedback_scale * true[stop]
        if self.cerebellum is None or not self.inject:
            return torch.zeros_like(end)
        goes_on = (lengths > stop) | self.terminal_feedback
        return self.feedback_scale * self.cerebellum(end) * goes_on[:, None]

    def _step(self) -> None:
        if self.clip_norm is not None:
            groups = [self.cortical + self.cerebellar] if self.clip == "joint" else [self.cortical, self.cerebellar]
            for group in groups:
                nn.utils.clip_grad_norm_(group, self.clip_norm)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=False)

    def _true_feedback(
        self, x: Tensor | Sequence[Tensor], y: Tensor, taught: Tensor, loss, kept: Tensor | None
    ) -> list[Tensor]:
        """Gradient of all later losses with respect to [h, c] before each step and, zero, after the last."""
        h = c = taught.new_zeros(1, y.shape[1], self.lstm.hidden_size, requires_grad=True)
        states, error = [], h.new_zeros(())
        for t in range(len(x)):
            states.append((h, c))
            hidden, (h, c) = self.lstm(self._entering(x, kept, t, t + 1), (h, c))
            error = error + (loss(self.readout(hidden), y[t : t + 1]) * taught[t]).mean()
        gradients = torch.autograd.grad(error, [part for state in states for part in state])
        true = [torch.cat([dh[0], dc[0]], -1) for dh, dc in zip(gradients[::2], gradients[1::2], strict=True)]
        return [*true, torch.zeros_like(true[0])]


def _squared_distance(output: Tensor, target: Tensor) -> Tensor:
    return (output - target).square().sum(-1)
