"""Image files, read as a CNN is to see them: 8 bits of red, green and blue, and crops of one size."""

from __future__ import annotations

import re
import threading
import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps
from PIL.TiffImagePlugin import TiffImageFile

from ..engine.files import FileError
from ..engine.randomness import Purpose, generator

SIDE, AROUND = 224, 256  # pixels: of what a CNN sees, and of what that is cut from
LARGEST = 64_000_000  # pixels; an image takes up to 15 bytes of memory for each
_one_at_a_time = threading.Lock()  # filters of warnings are not made for threads


def crops(
    image: str | Path | np.ndarray, views: int = 1, flip: bool = True, seed: int = 0, index: int = 0
) -> UInt8[np.ndarray, "views 224 224 3"]:
    """What a CNN is shown of an image: its middle or all of it, and then as many random crops as are wanted.

    The first view of a file is the middle of the image resized to 256×256; that of an array is the whole, for a scene
    that we draw is described up to its edges. The others are cut from anywhere in 256×256 and flipped with even chance
    (P20 SM A.3). Resizing is bicubic, and does not keep the ratio of the sides.

    Args:
        image: a file of any format that Pillow reads; or red, green and blue, 0 … 255, uint8 ``(height, width, 3)``.
        views: how many, 1 or more.
        flip: whether random ones may be mirrored; not where captions tell left from right.
        seed, index: which random ones: of this seed, 0 or more, for the image of this number in its set.

    Raises:
        FileError: as `read_image`.

    Example:
        >>> scene = np.zeros((64, 96, 3), np.uint8)
        >>> crops(scene, views=3).shape
        (3, 224, 224, 3)
    """
    whole = Image.fromarray(image) if isinstance(image, np.ndarray) else read_image(image)
    around = np.asarray(whole.resize((AROUND, AROUND), Image.Resampling.BICUBIC))
    margin, rng = AROUND - SIDE, generator(seed, Purpose.EXAMPLES, index)

    def cut(top: int, left: int) -> np.ndarray:
        return around[top : top + SIDE, left : left + SIDE]

    if isinstance(image, np.ndarray):
        shown = [np.asarray(whole.resize((SIDE, SIDE), Image.Resampling.BICUBIC))]
    else:
        shown = [cut(margin // 2, margin // 2)]
    for _ in range(views - 1):
        view, mirrored = cut(*rng.integers(margin + 1, size=2).tolist()), rng.random() < 0.5
        shown.append(view[:, ::-1] if mirrored and flip else view)
    return np.stack(shown)


def read_image(path: str | Path) -> Image.Image:
    """An image file in red, green and blue: turned as its camera was held, what is transparent before white.

    16 bits of grey become the nearest of 8; so do floating-point numbers, whose white is 1.

    Args:
        path: a file of any format that Pillow reads, of at most `LARGEST` pixels.

    Returns:
        An image of Pillow's mode RGB.

    Raises:
        FileError: when it cannot be read as an image, is too large, or has numbers of which nothing says what is white.
    """
    try:
        with Path(path).open("rb") as stream:
            opened = _open(path, stream)
            white, image = _white_of(path, opened), ImageOps.exif_transpose(opened)
            if white is not None:
                image = _scale(path, image, white)
            if image.has_transparency_data:
                image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
            return image.convert("RGB")
    except FileError:
        raise
    except MemoryError:
        raise FileError(f"{path}: cannot be read, for there is not enough memory") from None
    except (OSError, ValueError, SyntaxError) as error:
        if isinstance(error, OSError) and error.strerror:  # the file may be sound
            raise FileError(f"{path}: cannot be read ({error.strerror})") from error
        why = "is no image in a format that Pillow knows" if isinstance(error, Image.UnidentifiedImageError) else error
        raise FileError(f"{path}: cannot be read as an image ({why})") from error


def _open(path: str | Path, stream: BinaryIO) -> Image.Image:
    """The image, of which nothing but the head is read yet."""
    try:
        with _one_at_a_time, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(stream)
        pixels = image.width * image.height
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        pixels = int(re.findall(r"\d+", str(error))[0])
    if pixels > LARGEST:
        raise FileError(f"{path}: has {pixels:,} pixels, must have at most {LARGEST:,}")
    return image


def _white_of(path: str | Path, image: Image.Image) -> float | None:
    """The number that is white, where Pillow keeps grey as numbers that do not end at 255; None for other images."""
    if image.mode == "F":
        return 1.0
    if not image.mode.startswith("I"):
        return None
    if image.mode == "I" and image.format not in ("PNG", "PPM"):  # whose 16 bits some versions hold in 32
        raise FileError(f"{path}: has grey in whole numbers of 32 bits, must have 8 or 16")
    bits = image.tag_v2.get(258, (16,))[0] if isinstance(image, TiffImageFile) else 16
    return 2.0**bits - 1


def _scale(path: str | Path, image: Image.Image, white: float) -> Image.Image:
    """The image with its grey in 8 bits. Pillow itself would cut off what is more than 255."""
    values = np.asarray(image).astype(np.float32)
    if not (values >= 0).all() or not (values <= white).all():
        raise FileError(f"{path}: has grey from {values.min():g} to {values.max():g}, must be from 0 to {white:g}")
    grey = np.round(values * (255 / white)).astype(np.uint8)
    if isinstance(image.info.get("transparency"), int):  # the grey that is not to be seen
        grey[values == image.info["transparency"]] = 255
    return Image.fromarray(grey)
