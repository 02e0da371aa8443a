"""Photographs with captions, in COCO's layout: Lin et al. 2014, Chen et al. 2015.

A download is a folder with the annotations, one JSON file for each part, and a folder of images for each::

    annotations/captions_train2014.json    train2014/COCO_train2014_000000000009.jpg …
    annotations/captions_val2014.json      val2014/COCO_val2014_000000000042.jpg …

or the same of 2017, whose files are called 000000000009.jpg. The published networks learnt from 2014: 82,783 images
with 414,113 captions, and 40,504 more with 202,654 for validation (P20 SM A.3). Nothing is downloaded from here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..engine.files import FileError
from ..engine.settings import SettingError
from .vocabulary import tokenize

PARTS = {"training": "train", "validation": "val"}
YEARS = (2014, 2017)  # the published one first
SAMPLE, SAMPLE_FEATURES = "coco271.json", "effnet_lite0_pooled_f16.npz"


class CaptionedImage(NamedTuple):
    """An image and what people said it shows.

    Attributes:
        number: COCO's id of it.
        file: where it lies; None where only its captions, and perhaps its features, are here.
        captions: as they were written, without spaces at the ends; one or more, none without words.
    """

    number: int
    file: Path | None
    captions: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class CaptionedImages:
    """A set of images with captions.

    Attributes:
        images: in the order of the file that they are from.
        source: what they are, in a line.
        features: what a CNN made of each, where that lies beside them; else None.
    """

    images: tuple[CaptionedImage, ...]
    source: str
    features: Float[Tensor, "Q F"] | None = None

    def __len__(self) -> int:
        return len(self.images)

    @property
    def captions(self) -> Iterator[str]:
        """All captions, image after image."""
        return (caption for image in self.images for caption in image.captions)


def load_coco(folder: str | Path, part: str = "training", year: int | None = None) -> CaptionedImages:
    """COCO's captions from a download that has its layout, be it of 2014 or of 2017.

    Args:
        folder: what the download was unpacked to, or the folder above where that is called coco.
        part: "training" or "validation".
        year: 2014 or 2017; if None, whichever is there, 2014 before 2017.

    Raises:
        SettingError: when there is no such part or year.
        FileError: when the folder lacks something, or it is not what it must be; see `read_annotations`.

    Example:
        >>> load_coco("no/such", "test")
        Traceback (most recent call last):
            ...
        ccdni_lib.engine.settings.SettingError: part test: must be one of training, validation
    """
    if part not in PARTS:
        raise SettingError(f"part {part}: must be one of {', '.join(PARTS)}")
    if year is not None and year not in YEARS:
        raise SettingError(f"year {year}: must be one of {', '.join(map(str, YEARS))}")
    names = [f"{PARTS[part]}{one}" for one in (YEARS if year is None else (year,))]
    for place in (Path(folder), Path(folder) / "coco"):
        for name in names:
            annotations = place / "annotations" / f"captions_{name}.json"
            if annotations.is_file():
                images = read_annotations(annotations, place / name)
                return CaptionedImages(images, f"COCO {name}, {len(images):,} images")
    looked = " or ".join(f"captions_{name}.json" for name in names)
    raise FileError(f"{folder}: has no annotations/{looked}; must be a folder as COCO's download makes it")


def read_annotations(annotations: str | Path, images: str | Path | None = None) -> tuple[CaptionedImage, ...]:
    """The images of one of COCO's caption files, each with its captions.

    The file is a JSON object with a list "images", each with a whole number "id" and a "file_name", and a list
    "annotations", each with a "caption" and the "image_id" that it belongs to. Whatever else they have is not read.

    Args:
        annotations: the JSON file.
        images: the folder with the images, which must be there, all of them; None where the captions are enough.

    Raises:
        FileError: when the file cannot be read or is not like that, a caption has no words, a "file_name" leads out of
            the folder, or an image has no caption or no file: the first that is found, by its number.
    """
    content = _read_json(annotations)
    listed, said = (content.get(name) if isinstance(content, dict) else None for name in ("images", "annotations"))
    if not isinstance(listed, list) or not isinstance(said, list):
        raise FileError(f'{annotations}: must have the lists "images" and "annotations" of COCO\'s caption files')
    names = {}
    for place, entry in enumerate(listed):
        number, name = _read_fields(annotations, f"images[{place}]", entry, id=int, file_name=str)
        if number in names:
            raise FileError(f"{annotations}: image {number} is listed twice")
        if PureWindowsPath(name).anchor or ".." in PureWindowsPath(name).parts:  # whose paths are the more general
            raise FileError(f"{annotations}: image {number} has the file_name {name!r}, which must stay in its folder")
        names[number] = name
    captions: dict[int, list[str]] = {number: [] for number in names}
    for place, entry in enumerate(said):
        number, caption = _read_fields(annotations, f"annotations[{place}]", entry, image_id=int, caption=str)
        if number not in captions:
            raise FileError(f"{annotations}: annotations[{place}] is of image {number}, which is not among its images")
        captions[number].append(caption.strip())
    for number, texts in captions.items():
        _check_captions(annotations, number, texts)
    files = dict.fromkeys(names) if images is None else _find_files(Path(images), names)
    return tuple(CaptionedImage(number, files[number], tuple(texts)) for number, texts in captions.items())


def load_sample(folder: str | Path) -> CaptionedImages:
    """A few hundred of COCO's images: captions and features of all, the files of some.

    Args:
        folder: with coco271.json (a list of objects with "id", "file" and "captions"), effnet_lite0_pooled_f16.npz
            ("ids" and "feat", of EfficientNet-lite0 as `ccdni_lib.data.cnn` has it) and images/, or the folder above.

    Raises:
        FileError: when one of the two is not there or not like that, or a caption has no words.
    """
    place = next((p for p in (Path(folder), Path(folder) / "coco") if (p / SAMPLE).is_file()), None)
    if place is None:
        raise FileError(
            f"{folder}: has no {SAMPLE}; must be the folder of the COCO sample or have it as its sub-folder"
        )
    path, images = place / SAMPLE, []
    entries = _read_json(path)
    if not isinstance(entries, list):
        raise FileError(f"{path}: must be a list of images")
    for at, entry in enumerate(entries):
        number, name, captions = _read_fields(path, f"image [{at}]", entry, id=int, file=str, captions=list)
        _check_captions(path, number, captions)
        file = place / "images" / Path(name).name
        images.append(CaptionedImage(number, file if file.is_file() else None, tuple(map(str.strip, captions))))
    features = _read_features(place / SAMPLE_FEATURES, [image.number for image in images])
    return CaptionedImages(tuple(images), f"{len(images)} images of COCO 2017", features)


def _read_json(path: str | Path) -> Any:
    try:
        return json.loads(Path(path).read_bytes())
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path}: is no JSON, or damaged ({error})") from error


def _read_fields(path: str | Path, where: str, entry: Any, **kinds: type) -> list[Any]:
    """Some fields of an object in a file, each of the kind that it must have."""
    found = [entry.get(name) if isinstance(entry, dict) else None for name in kinds]
    if all(type(value) is kind for value, kind in zip(found, kinds.values(), strict=True)):
        return found
    said = {int: "a whole number", str: "a text", list: "a list"}
    wanted = " and ".join(f'{said[kind]} "{name}"' for name, kind in kinds.items())
    text = json.dumps(entry)
    raise FileError(f"{path}: {where} must have {wanted}, is {text if len(text) <= 80 else text[:79] + '…'}")


def _check_captions(path: str | Path, number: int, captions: list[Any]) -> None:
    if not captions:
        raise FileError(f"{path}: image {number} has no caption")
    for caption in captions:
        if not isinstance(caption, str) or not tokenize(caption):
            raise FileError(f"{path}: image {number} has a caption without words, {caption!r}")


def _find_files(folder: Path, names: dict[int, str]) -> dict[int, Path]:
    """Where each image lies. The folder is listed once: to ask for 80,000 files one by one takes long on some disks."""
    try:
        there = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise FileError(f"{folder}: must be the folder of the images ({error.strerror})") from error
    missing = [
        number
        for number, name in names.items()
        if name not in there and not ("/" in name and (folder / name).is_file())
    ]
    if missing:
        others = f", and {len(missing) - 1:,} other images have none either" if missing[1:] else ""
        raise FileError(f"{folder}: has no {names[missing[0]]}, the file of image {missing[0]}{others}")
    return {number: folder / name for number, name in names.items()}


def _read_features(path: Path, numbers: list[int]) -> Float[Tensor, "Q F"]:
    try:
        with path.open("rb") as stream, np.load(stream) as stored:
            ids, features = stored["ids"], stored["feat"]
    except Exception as error:  # NumPy, zipfile and zlib have many ways to say that a file is damaged
        if isinstance(error, OSError) and error.strerror:  # the file may be sound
            raise FileError(f"{path}: cannot be read ({error.strerror})") from error
        raise FileError(f"{path}: cannot be read as the features of the sample ({error})") from error
    if ids.tolist() != numbers or features.ndim != 2 or len(features) != len(numbers):
        raise FileError(f"{path}: must have a row of features for each image of {SAMPLE}, in its order")
    return torch.from_numpy(features.astype(np.float32))
