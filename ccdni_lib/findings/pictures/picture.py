"""Figures that say what they show: every picture has an alternative text, and takes the colours of its page."""

from __future__ import annotations

import base64
import html
import io
import re
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from .slim import slim

STYLES = {
    "crnn": {"color": "#7d7d7d", "dash": "5 3", "label": "cRNN"},
    "ccrnn": {"color": "#d97000", "dash": "", "label": "ccRNN"},
    "sccrnn": {"color": "#0097a7", "dash": "2 3", "label": "sCC"},
}
THEMES = {"light": ("#000000", "#ffffff"), "dark": ("#e4e4e4", "#14171a")}  # ink and paper
_WARNING, _LETTERS, _LINE = "#d03c00", 13, 0.16  # of notes: colour, letters an inch, inches a line
_OPENING = re.compile(r'<svg (?:[^>"]|"[^"]*")*>')
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

    Attributes:
        note: what stands above the picture, in bold: that it is a smoke test, perhaps; empty for none.

    Example:
        >>> Picture(Figure(figsize=(2, 2)), "")
        Traceback (most recent call last):
        ...
        ValueError: a picture must have an alt text: one sentence or more that says what it shows
    """

    def __init__(self, figure: Figure, alt: str):
        if len(alt.split()) < 4:
            raise ValueError("a picture must have an alt text: one sentence or more that says what it shows")
        self.figure, self.alt, self.note = figure, alt, ""

    def with_note(self, note: str) -> Picture:
        """The same picture with a note above it, which its alternative text begins with; itself for an empty note.

        Example:
            >>> Picture(Figure(figsize=(2, 2)), "Nothing at all, on purpose.").with_note("Smoke test").alt
            'Smoke test. Nothing at all, on purpose.'
        """
        if not note:
            return self
        width, height = self.figure.get_size_inches()
        lines = textwrap.wrap(note, max(20, int(_LETTERS * width)))
        for number, line in enumerate(reversed(lines)):
            up = 1 + (0.06 + _LINE * number) / height
            self.figure.text(0.5, up, line, ha="center", va="bottom", weight="bold", color=_WARNING, fontsize=9)
        picture = Picture(self.figure, f"{note}. {self.alt}")
        picture.note = note
        return picture

    @property
    def _page(self) -> Bbox:
        """The figure and its note above it, in inches."""
        width, height = self.figure.get_size_inches()
        lines = textwrap.wrap(self.note, max(20, int(_LETTERS * width)))
        return Bbox.from_bounds(0, 0, width, height + (0.1 + _LINE * len(lines) if lines else 0))

    def svg(self) -> str:
        """An SVG element; black is the colour of the surrounding text."""
        buffer = io.StringIO()
        with mpl.rc_context(_STABLE):
            self.figure.savefig(
                buffer,
                format="svg",
                transparent=True,
                bbox_inches=self._page if self.note else None,
                metadata={"Date": None, "Creator": None},
            )
        text = buffer.getvalue()
        text = re.sub(r"\s*<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
        text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
        text = text.replace("#000000", "currentColor")
        label = self.alt.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
        # black text that matplotlib leaves uncoloured is currentColor too
        style = "max-width:100%;height:auto;fill:currentColor"
        return slim(text.replace("<svg ", f'<svg role="img" aria-label="{label}" style="{style}" ', 1))

    def png(self, dpi: int = 110) -> str:
        """PNG on white, base64."""
        buffer = io.BytesIO()
        with mpl.rc_context(_STABLE):
            page = self._page if self.note else None
            self.figure.savefig(buffer, format="png", dpi=dpi, bbox_inches=page, metadata={"Software": None})
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


def model_label(model: str) -> str:
    """How a model is called in figures.

    Example:
        >>> model_label("sccrnn")
        'sCC'
    """
    return STYLES[str(model)]["label"]


def alt_of(svg: str) -> str:
    """The alternative text that `Picture.svg` wrote into an SVG element, or nothing.

    Example:
        >>> alt_of(Picture(Figure(figsize=(2, 2)), "Nothing at all, & on purpose.").svg())
        'Nothing at all, & on purpose.'
    """
    found = re.search(r'role="img" aria-label="([^"]*)"', svg)
    return html.unescape(found[1]) if found else ""


def standalone(svg: str, theme: str = "light") -> str:
    """A file of its own from the SVG element of a page, in the colours of a theme; on light its ground is transparent.

    Args:
        svg: from `Picture.svg`.
        theme: "light" or "dark".

    Example:
        >>> text = standalone(Picture(Figure(figsize=(2, 2)), "Nothing at all, and on purpose.").svg(), "dark")
        >>> "currentColor" in text, "#14171a" in text
        (False, True)
    """
    ink, paper = THEMES[theme]
    svg = svg.replace("max-width:100%;height:auto;", "").replace("currentColor", ink)
    if theme != "light":
        ground = f'<rect width="100%" height="100%" style="fill:{paper}"/>'
        svg = _OPENING.sub(lambda opening: f"{opening[0]}\n {ground}", svg, count=1)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{svg}'


def png_of(svg: str, theme: str = "light", dpi: int = 300) -> bytes:
    """PNG of the SVG element of a page, in the colours of a theme, with the alternative text and the size in it.

    Its letters are from the fonts that come with matplotlib, so that it is the same on every machine.

    Args:
        svg: from `Picture.svg`.
        theme: "light" or "dark".
        dpi: pixels an inch.
    """
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo
    from resvg_py import svg_to_bytes

    fonts = str(Path(mpl.get_data_path()) / "fonts" / "ttf")
    how: Any = {"dpi": dpi, "background": THEMES[theme][1], "skip_system_fonts": True, "font_dirs": [fonts]}
    drawn, about = io.BytesIO(), PngInfo()
    about.add_itxt("Description", alt_of(svg))
    with Image.open(io.BytesIO(svg_to_bytes(svg_string=standalone(svg, theme), **how))) as image:
        image.convert("RGB").save(drawn, "png", dpi=(dpi, dpi), pnginfo=about)
    return drawn.getvalue()
