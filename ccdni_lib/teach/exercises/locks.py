"""Exercises of the chapter on locks: who waits, and for how long."""

from __future__ import annotations

from .exercise import Case, Exercise

EXERCISES = [
    Exercise(
        "update_tick",
        [
            Case("layer 2 of 5", (2, 5), 9),
            Case("layer 1 of 3", (1, 3), 6),
            Case("layer 3 of 3", (3, 3), 4),
            Case("layer 1 of 1", (1, 1), 2),
        ],
        [
            (
                lambda layer, depth: depth + layer,
                "You sent the feedback through the layers in the order of the forward steps; it comes from the top.",
            ),
            (
                lambda layer, depth: 2 * depth - layer,
                "You are one tick early: tick L is the last layer's forward step, and its update comes after it.",
            ),
            (
                lambda layer, depth: 2 * (depth - layer),
                "That is how long the layer waits in between; asked is the tick of its update.",
            ),
        ],
    ),
    Exercise(
        "idle_share",
        [
            Case("a depth of 2", (2,), 0.5),
            Case("a depth of 1", (1,), 0.0),
            Case("a depth of 5", (5,), 0.8),
            Case("a depth of 100", (100,), 0.99),
        ],
        [
            (lambda depth: 1 / depth, "That is the share in which a layer works; asked is the rest."),
            (
                lambda depth: 1 - 1 / (2 * depth),
                "A layer works in two ticks of each round: in its forward step and in its update.",
            ),
            (
                lambda depth: 1 - 2 / (depth + 1),
                "You let all layers update in one tick, as when an error is broadcast; here each waits for the next.",
            ),
        ],
    ),
    Exercise(
        "stale_updates",
        [
            Case("layer 3 of 3", (3, 3), 0),
            Case("layer 1 of 3", (1, 3), 2),
            Case("layer 2 of 8", (2, 8), 6),
            Case("layer 1 of 1", (1, 1), 0),
        ],
        [
            (
                lambda layer, depth: 2 * (depth - layer),
                "You counted ticks; every second one is an update, the others are forward steps.",
            ),
            (
                lambda layer, depth: depth - layer + 1,
                "You counted the update that uses this feedback as well; asked are those before it.",
            ),
            (
                lambda layer, depth: depth,
                "The upper layers are better off: the last one has its feedback at once.",
            ),
        ],
    ),
]
