"""Figures of the chapter on locks: how long layers wait, and what late feedback does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from ...pictures.parts import pair_with_looks
from ...pictures.picture import Picture, drawing

_LOOKS = [("#7d7d7d", (0, (5, 3)), "o"), ("#0097a7", (0, (2, 2)), "s"), ("#d97000", "-", "D")]


def waiting_shares(depths: Sequence[int], shares: Mapping[str, Sequence[float]]) -> Picture:
    """How much of its time a layer waits, over the depth of the network.

    Args:
        depths: L, layers.
        shares: way of learning → share of its time in which a layer waits, 0 … 1, one for each depth; at most three.

    Example:
        >>> waiting_shares([1, 2, 4], {"backpropagation": [0.0, 0.5, 0.75]})
        <picture: Share of its time that a layer waits, over depth. At 4 layers: backpropagation 75%.>
    """
    with drawing(4.6, 2.9) as figure:
        axes = figure.subplots()
        for (way, values), (color, dash, marker) in pair_with_looks(shares.items(), _LOOKS, "ways of learning"):
            axes.plot(depths, 100 * np.asarray(values), color=color, linestyle=dash, marker=marker, ms=4, label=way)
        axes.set(xlabel="depth (layers)", ylabel="a layer waits (% of its time)", ylim=(-3, 103), xticks=depths)
        axes.legend(loc="center right")
    told = ", ".join(f"{way} {values[-1]:.0%}" for way, values in shares.items())
    return Picture(figure, f"Share of its time that a layer waits, over depth. At {depths[-1]} layers: {told}.")


def late_feedback_paths(paths: Mapping[int, ArrayLike], limits: Mapping[int, float], rate: float) -> Picture:
    """Gradient descent on a bowl with feedback that is τ steps old: how it goes, and how bold it may be.

    The bold line on the right is 2 sin(π / (4τ + 2)): above it the distance grows.

    Args:
        paths: delay τ → distance from the goal, step by step.
        limits: delay τ → the largest learning rate that was found to arrive, times curvature.
        rate: learning rate of the paths, times curvature.

    Example:
        >>> late_feedback_paths({0: [1.0, 0.6], 1: [1.0, 0.6]}, {0: 2.0, 1: 1.0}, rate=0.4).figure.axes[1].get_xlabel()
        'delay τ (updates)'
    """
    with drawing(5.6, 2.8) as figure:
        left, right = figure.subplots(1, 2)
        for (delay, path), (color, dash, _) in pair_with_looks(paths.items(), _LOOKS, "delays"):
            left.plot(path, color=color, linestyle=dash, label=f"τ = {delay}")
        left.axhline(0, color="black", linewidth=0.6)
        left.set(xlabel="update", ylabel="distance from the goal", ylim=(-3.2, 3.2))
        left.set_title(f"The same learning rate, {rate:g}")
        left.legend(loc="upper left", handlelength=2.4)
        delays = np.linspace(0, max(limits), 200)
        right.plot(delays, 2 * np.sin(np.pi / (4 * delays + 2)), color="#8a4fbf", label="2 sin(π / (4τ + 2))")
        right.scatter(list(limits), list(limits.values()), s=14, color="black", zorder=3, label="found by trying")
        right.set(xlabel="delay τ (updates)", ylabel="largest learning rate", ylim=(0, 2.2))
        right.set_title("The boldest that still arrives")
        right.legend()
    told = "; ".join(f"{limit:.2f} at a delay of {delay}" for delay, limit in limits.items())
    return Picture(
        figure,
        f"Left: distance from the goal over updates when the gradient is {', '.join(map(str, paths))} updates old, at "
        f"learning rate {rate:g}; the older, the more it swings. Right: the largest learning rate that still arrives "
        f"falls with the delay: {told}.",
    )
