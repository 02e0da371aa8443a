"""Pictures as files of their own: colours, letters, words."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from ccdni_lib.findings.pictures.picture import THEMES, Picture, alt_of, drawing, png_of, standalone

WORDS = 'Two bars, "a" > "b" & both < 3, in ° and ½.'


def picture(alt: str = WORDS) -> Picture:
    with drawing(2, 1.5) as figure:
        axes = figure.subplots()
        axes.bar([0, 1], [2, 1], color="#0097a7")
        axes.set(xlabel="$\\hat\\delta_1$", ylabel="error")
    return Picture(figure, alt)


@pytest.mark.parametrize("alt", ["", "A plot", "one two three"])
def test_a_figure_without_words_is_refused(alt):
    with pytest.raises(ValueError, match="must have an alt text"):
        Picture(Figure(), alt)


def test_words_come_back_from_the_picture():
    assert alt_of(picture().svg()) == WORDS
    assert alt_of("<svg></svg>") == ""


@pytest.mark.parametrize("theme", THEMES)
def test_a_file_is_valid_and_has_one_ink(theme):
    text = standalone(picture().svg(), theme)
    root = ElementTree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.attrib["aria-label"] == WORDS
    assert "currentColor" not in text
    assert [other in text for other in ("#000000", "#e4e4e4")] == [theme == "light", theme == "dark"]
    ground = root[0]
    assert ground.tag.endswith("rect") == (theme == "dark")


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """Contrast ratio of two colours, 1 … 21 (WCAG 2.2)."""

    def luminance(color):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in np.array(color) / 255]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear))

    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_pixels_have_the_size_and_colours_that_were_asked_for(theme):
    with Image.open(io.BytesIO(png_of(picture().svg(), theme, dpi=200))) as image:
        assert image.size == (400, 300)
        assert image.info["Description"] == WORDS
        pixels = np.asarray(image)
    ink, paper = (tuple(bytes.fromhex(color[1:])) for color in THEMES[theme])
    assert contrast(ink, paper) > 7
    assert tuple(pixels[0, 0]) == paper
    assert (pixels == ink).all(-1).any()
    assert (pixels == (0x00, 0x97, 0xA7)).all(-1).any()


def test_letters_are_those_that_matplotlib_draws():
    """Its own renderer as the judge: the same ink in the same rows and columns, to a pixel or two."""
    shown = picture()
    buffer = io.BytesIO()
    shown.figure.savefig(buffer, dpi=100)
    with Image.open(buffer) as one, Image.open(io.BytesIO(png_of(shown.svg(), dpi=100))) as other:
        expected, drawn = (255 - np.asarray(image.convert("L"), dtype=float) for image in (one, other))
    for axis in (0, 1):
        assert np.corrcoef(expected.sum(axis), drawn.sum(axis))[0, 1] > 0.95
