"""The ledger at a glance: how many claims of each topic hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..claims.claim import VERDICTS
from ..pictures.picture import Picture, drawing

_STYLES: dict[str, dict[str, Any]] = {  # blue to orange, which the colour-blind tell apart, and an empty bar
    "holds": {"color": "#0097a7"},
    "holds in part": {"color": "#0097a7", "alpha": 0.4},
    "does not hold": {"color": "#d97000"},
    "not tested": {"color": "none", "edgecolor": "#7d7d7d"},
}


def verdicts_by_topic(verdicts: Mapping[str, Sequence[str]]) -> Picture:
    """A bar for each topic, divided by verdicts.

    Args:
        verdicts: of all claims of each topic.

    Example:
        >>> verdicts_by_topic({"Captions": ["not tested", "not tested"], "Lines": ["holds"]}).alt.split(": ", 1)[1]
        'Captions, 2 not tested; Lines, 1 holds.'
    """
    counts = {topic: {verdict: list(given).count(verdict) for verdict in VERDICTS} for topic, given in verdicts.items()}
    with drawing(6.4, 0.34 * len(counts) + 0.9) as figure:
        axes = figure.subplots()
        left = dict.fromkeys(counts, 0)
        for verdict in VERDICTS:
            widths = [count[verdict] for count in counts.values()]
            axes.barh(list(counts), widths, left=list(left.values()), label=verdict, height=0.62, **_STYLES[verdict])
            for row, (topic, width) in enumerate(zip(counts, widths, strict=True)):
                if width:
                    axes.text(left[topic] + width / 2, row, str(width), ha="center", va="center")
                left[topic] += width
        axes.invert_yaxis()
        axes.set_xlabel("claims")
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=len(VERDICTS))
    said = (
        ", ".join([topic, *(f"{number} {verdict}" for verdict, number in count.items() if number)])
        for topic, count in counts.items()
    )
    return Picture(figure, f"Verdicts on claims by topic, as stacked bars: {'; '.join(said)}.")
