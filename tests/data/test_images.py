"""Image files of every depth, size and kind: read right, or refused with a sentence that blames what is at fault."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ccdni_lib import FileError
from ccdni_lib.data import images as module
from ccdni_lib.data.images import LARGEST, crops, read_image


def save(path: Path, values: np.ndarray, **how) -> Path:
    Image.fromarray(values).save(path, **how)
    return path


def grey(path: Path) -> list[int]:
    """The first row of a grey image, as it is read; its three colours must agree."""
    image = np.asarray(read_image(path))
    assert image.dtype == np.uint8
    assert (image == image[..., :1]).all()
    return image[0, :, 0].tolist()


def refused(path: Path) -> str:
    with pytest.raises(FileError) as error:
        read_image(path)
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(f"{path}: ")


PLACES = np.zeros((256, 256, 3), np.uint8)  # an image whose colours tell where a pixel was
PLACES[..., 0], PLACES[..., 1] = np.arange(256)[:, None], np.arange(256)
SIXTEEN = np.array([[0, 255, 256, 32768, 65535]], np.uint16)


@pytest.mark.parametrize("kind", ["png", "tif", "pgm", "jp2"])
def test_16_bits_of_grey_become_the_nearest_of_8(tmp_path, kind):
    assert grey(save(tmp_path / f"grey.{kind}", SIXTEEN, **({"irreversible": False} if kind == "jp2" else {}))) == [
        0,
        1,  # 255 / 257 = 0.99
        1,  # 256 / 257
        128,  # 127.5
        255,
    ]


def test_a_gradient_of_16_bits_is_that_of_8(tmp_path):
    eight = np.tile(np.arange(256, dtype=np.uint8), (256, 1))
    sixteen = eight.astype(np.uint16) * 257
    one, other = save(tmp_path / "8.png", eight), save(tmp_path / "16.png", sixteen)
    assert np.array_equal(crops(one), crops(other))


def test_12_bits_of_a_tiff_reach_from_black_to_white(tmp_path):
    """Four values packed into six bytes, by hand."""
    head = b"II*\0" + (8).to_bytes(4, "little")
    entries = [(256, 4), (257, 1), (258, 12), (259, 1), (262, 1), (273, 200), (277, 1), (278, 1), (279, 6)]
    table = b"".join(
        tag.to_bytes(2, "little") + b"\3\0\1\0\0\0" + value.to_bytes(4, "little") for tag, value in entries
    )
    content = head + len(entries).to_bytes(2, "little") + table + bytes(4)
    packed = bytes([0x00, 0x00, 0x10, 0x80, 0x0F, 0xFF])  # 0x000, 0x010, 0x800, 0xfff
    (tmp_path / "grey.tif").write_bytes(content.ljust(200, b"\0") + packed)
    assert grey(tmp_path / "grey.tif") == [0, 1, 128, 255]


def test_floating_point_grey_is_white_at_1(tmp_path):
    assert grey(save(tmp_path / "grey.tif", np.array([[0, 0.25, 0.5, 1]], np.float32))) == [0, 64, 128, 255]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (np.array([[0, 255]], np.float32), "has grey from 0 to 255, must be from 0 to 1"),
        (np.array([[-0.5, 1]], np.float32), "has grey from -0.5 to 1, must be from 0 to 1"),
        (np.array([[np.nan, 1]], np.float32), "has grey from nan to nan, must be from 0 to 1"),
        (np.array([[np.inf, 1]], np.float32), "has grey from 1 to inf, must be from 0 to 1"),
        (np.array([[0, 255]], np.int32), "has grey in whole numbers of 32 bits, must have 8 or 16"),
    ],
)
def test_numbers_of_which_nothing_says_what_is_white_are_refused(tmp_path, values, why):
    assert refused(save(tmp_path / "grey.tif", values)) == why


def test_16_bits_are_turned_and_transparent_as_8_are(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 3  # held upside down
    turned = save(tmp_path / "turned.png", SIXTEEN, exif=exif)
    assert grey(turned) == [255, 128, 1, 1, 0]
    assert grey(save(tmp_path / "clear.png", SIXTEEN, transparency=0)) == [255, 1, 1, 128, 255]


@pytest.mark.parametrize(("size", "pixels"), [((9500, 9500), "90,250,000"), ((20000, 20000), "400,000,000")])
def test_too_many_pixels_are_refused_without_a_warning_of_pillow(tmp_path, size, pixels):
    path = tmp_path / "large.png"
    Image.new("1", size).save(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert refused(path) == f"has {pixels} pixels, must have at most 64,000,000"


def test_the_largest_is_read_and_one_pixel_more_is_not(tmp_path, monkeypatch):
    assert LARGEST == 64_000_000
    monkeypatch.setattr(module, "LARGEST", 100)
    assert read_image(save(tmp_path / "100.png", np.zeros((10, 10), np.uint8))).size == (10, 10)
    assert refused(save(tmp_path / "110.png", np.zeros((10, 11), np.uint8))) == "has 110 pixels, must have at most 100"


def test_threads_leave_the_filters_of_warnings_as_they_were(tmp_path):
    path = save(tmp_path / "small.png", np.zeros((3, 3), np.uint8))
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(read_image, [path] * 200))
    assert list(warnings.filters) == before


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (MemoryError(), "cannot be read, for there is not enough memory"),
        (PermissionError(13, "Permission denied"), "cannot be read (Permission denied)"),
        (OSError(5, "Input/output error"), "cannot be read (Input/output error)"),
        (OSError("image file is truncated"), "cannot be read as an image (image file is truncated)"),
    ],
)
def test_what_is_at_fault_is_blamed(tmp_path, monkeypatch, fault, why):
    path = save(tmp_path / "sound.png", np.zeros((3, 3), np.uint8))

    def fail(*_, **__):
        raise fault

    monkeypatch.setattr(Image.Image, "convert", fail)
    assert refused(path) == why


def test_a_folder_is_no_image(tmp_path):
    assert refused(tmp_path) == "cannot be read (Is a directory)"


# --- what a CNN is shown ---


def test_a_file_is_shown_from_its_middle_and_an_array_as_a_whole(tmp_path):
    path = save(tmp_path / "places.png", PLACES)
    assert np.array_equal(crops(path), PLACES[None, 16:240, 16:240])
    assert np.array_equal(crops(str(path)), crops(path))
    whole = Image.fromarray(PLACES).resize((224, 224), Image.Resampling.BICUBIC)
    assert np.array_equal(crops(PLACES), np.asarray(whole)[None])
    assert crops(np.full((64, 128, 3), 7, np.uint8)).tolist() == np.full((1, 224, 224, 3), 7).tolist()


def test_random_views_are_cut_from_anywhere_and_mirrored_half_the_time(tmp_path):
    views = crops(save(tmp_path / "places.png", PLACES), views=200)
    assert np.array_equal(views[0], PLACES[16:240, 16:240])
    mirrored = views[1:, 0, 0, 1] > views[1:, 0, -1, 1]
    assert 70 < mirrored.sum() < 130
    upright = np.where(mirrored[:, None, None, None], views[1:, :, ::-1], views[1:])
    for view in upright:
        top, left = view[0, 0, :2].tolist()
        assert np.array_equal(view, PLACES[top : top + 224, left : left + 224])
    assert set(upright[:, 0, 0, 0]) == set(upright[:, 0, 0, 1]) == set(range(33))
    assert np.array_equal(crops(PLACES, 200, flip=False)[1:], upright)  # cut alike, never mirrored
    assert np.array_equal(crops(PLACES, 3), crops(PLACES, 200)[:3])
    assert not np.array_equal(crops(PLACES, 2, seed=1), crops(PLACES, 2))
    assert not np.array_equal(crops(PLACES, 2, index=1), crops(PLACES, 2))


def test_files_of_all_kinds_are_red_green_and_blue(tmp_path):
    grey = save(tmp_path / "grey.png", np.full((9, 9), 80, np.uint8))
    assert crops(grey)[0, 0, 0].tolist() == [80, 80, 80]
    clear = np.zeros((9, 9, 4), np.uint8)
    clear[..., 3] = np.arange(9)[:, None] < 5
    assert crops(save(tmp_path / "clear.png", clear * 255))[0, [0, -1], 0].tolist() == [[0, 0, 0], [255, 255, 255]]
    exif = Image.Exif()
    exif[0x0112] = 3  # held upside down
    turned = save(tmp_path / "turned.png", PLACES, exif=exif)
    assert np.array_equal(crops(turned)[0], PLACES[::-1, ::-1][16:240, 16:240])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, ""),
        (b"", "is no image in a format that Pillow knows"),
        (b"<!DOCTYPE html>", "is no image in a format that Pillow knows"),
        ("cut", "image file is truncated"),
    ],
)
def test_a_file_that_is_no_image_is_named(tmp_path, content, why):
    path = tmp_path / "image.jpg"
    if content == "cut":
        whole = save(path, np.random.default_rng(0).integers(256, size=(99, 99, 3), dtype=np.uint8)).read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(FileError) as refused:
        crops(path)
    sentence = f"{path}: cannot be read as an image ({why}" if why else f"{path}: cannot be read (No such file or"
    assert str(refused.value).startswith(sentence)
