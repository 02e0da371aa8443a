"""Figures that say what they show: every picture has an alternative text, and takes the colours of its page."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

STYLES = {
    "crnn": {"color": "#7d7d7d", "dash": "5 3", "label": "cRNN"},
    "ccrnn": {"color": "#d97000", "dash": "", "label": "ccRNN"},
    "sccrnn": {"color": "#0097a7", "dash": "2 3", "label": "sCC"},
}
_STABLE: Any = {
    "svg.hashsalt": "ccdni",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "hatch.linewidth": 2.0,
}


class Picture:
    """A matplotlib figure with its alternative text.

    In a notebook or a built page it is an inline SVG whose letters and axes have the colour of the surrounding text, so
    that it can be read on light and on dark; elsewhere it is a PNG on white.

    Args:
        figure: what is shown.
        alt: what it shows, in words, for those who cannot see it; at least a sentence.

    Raises:
        ValueError: without an alternative text.

    Example:
        >>> Picture(Figure(figsize=(2, 2)), "")
        Traceback (most recent call last):
        ...
        ValueError: a picture must have an alt text: one sentence or more that says what it shows
    """

    def __init__(self, figure: Figure, alt: str):
        if len(alt.split()) < 4:
            raise ValueError("a picture must have an alt text: one sentence or more that says what it shows")
        self.figure, self.alt = figure, alt

    def svg(self) -> str:
        """An SVG element; black is the colour of the surrounding text."""
        buffer = io.StringIO()
        with mpl.rc_context(_STABLE):
            self.figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
        text = buffer.getvalue()
        text = re.sub(r"\s*<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
        text = re.sub(r' d="[^"]*"', lambda path: re.sub(r"(\.\d\d)\d+", r"\1", path[0]), text, flags=re.DOTALL)
        text = text.replace("#000000", "currentColor")
        label = self.alt.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
        # black text that matplotlib leaves uncoloured is currentColor too
        style = "max-width:100%;height:auto;fill:currentColor"
        return text.replace("<svg ", f'<svg role="img" aria-label="{label}" style="{style}" ', 1)

    def png(self, dpi: int = 110) -> str:
        """PNG on white, base64."""
        buffer = io.BytesIO()
        with mpl.rc_context(_STABLE):
            self.figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
        return base64.b64encode(buffer.getvalue()).decode()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self.svg(), "image/png": self.png()}

    def __repr__(self) -> str:
        return f"<picture: {self.alt}>"


@contextmanager
def drawing(width: float, height: float) -> Iterator[Figure]:
    """A new figure, in inches, to draw on in the house's style.

    Example:
        >>> with drawing(3, 2) as figure:
        ...     _ = figure.subplots().plot([0, 1])
    """
    with mpl.rc_context(_STABLE):
        yield Figure(figsize=(width, height), layout="constrained")


def line_style(model: str) -> dict[str, Any]:
    """How a model's lines look: colour and dashes, so that both tell them apart.

    Example:
        >>> line_style("ccrnn")["color"]
        '#d97000'
    """
    style = STYLES[model]
    dash = tuple(float(length) for length in style["dash"].split())
    return {"color": style["color"], "linestyle": (0, dash) if dash else "-", "label": style["label"]}
