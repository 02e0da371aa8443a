"""Images with captions as a task needs them: two parts, a vocabulary, and what a CNN makes of the images.

There are two sources. Scenes are drawn here, any number of them. COCO is a folder of the user's: a download in its
layout, or the sample of a few hundred images (see `ccdni_lib.data.coco`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..engine.files import FileError
from ..engine.randomness import Purpose, generator
from . import report_progress
from .cnn import features, find_cnn
from .coco import SAMPLE, YEARS, CaptionedImage, load_coco, load_sample
from .scenes.captions import LONGEST as LONGEST_OF_SCENES
from .scenes.captions import captions
from .scenes.draw import Scene, draw, scenes
from .vocabulary import Vocabulary

SOURCES = ("scenes", "coco")
VALIDATED = 200  # scenes
SPLIT = 4 / 5  # of the sample, this share is for training
LONGEST = 30  # words of a caption; what a longer one says after them is cut off


@dataclass(frozen=True, eq=False)
class Part:
    """Some images with captions.

    Attributes:
        captions: of each image, one or more.
        files: of the images, where they lie in files.
        scenes: what is to be seen, where we draw it.
        made: features of each, where those came with the captions.
    """

    captions: tuple[tuple[str, ...], ...]
    files: tuple[Path, ...] = ()
    scenes: tuple[Scene, ...] = ()
    made: Float[Tensor, "Q F"] | None = None

    def __len__(self) -> int:
        return len(self.captions)


@dataclass(frozen=True, eq=False)
class Corpus:
    """Images with captions, for training and for validation.

    Attributes:
        name: what they are, in a line.
        training, validation: the two parts.
        minimum: how often a word must occur in training captions to be in the vocabulary.
        longest: words of a caption at most.
    """

    name: str
    training: Part
    validation: Part
    minimum: int
    longest: int

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of the training captions that are often enough."""
        return Vocabulary.build((text for texts in self.training.captions for text in texts), self.minimum)

    @cached_property
    def checksum(self) -> str:
        """A short hash of captions and images, twelve hexadecimal digits; computed when first asked for, and kept.

        Images are told by what is drawn or by the names of their files, not by the features that a CNN makes of them,
        whose last digits differ between machines; features that came with the captions are told by themselves.
        """
        digest = hashlib.sha256(f"{self.minimum} {self.longest};".encode())
        for part in (self.training, self.validation):
            digest.update(repr((part.captions, [file.name for file in part.files], part.scenes)).encode())
            if part.made is not None:
                digest.update(f"{tuple(part.made.shape)};".encode())
                digest.update(part.made.contiguous().numpy().data)
        return digest.hexdigest()[:12]

    def part(self, name: str) -> Part:
        """The "training" or the "validation" part."""
        return self.training if name == "training" else self.validation


@lru_cache(maxsize=4)
def load_corpus(
    source: str = "scenes", images: int = 1000, minimum: int | None = None, folder: str | None = None
) -> Corpus:
    """Images with captions.

    Args:
        source: "scenes" or "coco".
        images: scenes to train on; `VALIDATED` others are for validation.
        minimum: how often a word must occur; None is 1 for scenes and the sample, 5 for COCO.
        folder: with COCO, a download of 2014 or 2017 or the sample.

    Raises:
        FileError: when the folder has no captions of both parts, or they are not what they must be.

    Example:
        >>> corpus = load_corpus(images=20)
        >>> len(corpus.training), len(corpus.validation), corpus.name
        (20, 200, '20 scenes, 200 others for validation')
    """
    if source == "scenes":
        name = f"{images:,} scenes, {VALIDATED} others for validation"
        return Corpus(
            name, _draw_scenes(images, seed=0), _draw_scenes(VALIDATED, seed=1), minimum or 1, LONGEST_OF_SCENES
        )
    if folder is None:
        raise FileError("captions of COCO: must have a folder, named by --data or CCDNI_DATA")
    if any((place / SAMPLE).is_file() for place in (Path(folder), Path(folder) / "coco")):
        return _load_sample_corpus(folder, minimum or 1)
    training = load_coco(folder)
    year = next(year for year in YEARS if training.source.startswith(f"COCO train{year},"))
    validation = load_coco(folder, "validation", year)  # that of another year shares images with it
    for part, found in (("training", training), ("validation", validation)):
        if not len(found):
            raise FileError(f"{folder}: must have images for {part}, its annotations list none")
    return Corpus(
        training.source, _part_of_files(training.images), _part_of_files(validation.images), minimum or 5, LONGEST
    )


def features_of(
    corpus: Corpus, part: str, cnn: str = "efficientnet-lite0", views: int = 1
) -> Float[Tensor, "Q views F"]:
    """What a CNN makes of the images of a part, computed once and kept (see `ccdni_lib.data.cnn.features`).

    Args:
        corpus: the images.
        part: "training" or "validation".
        cnn: which CNN.
        views: how many; the first is the middle of the image, the others are cut from it at random, and mirrored with
            even chance unless captions tell left from right, as those of scenes do. Validation has the first alone.

    Raises:
        SettingError: when the CNN's packages are not there.
        FileError: when an image cannot be read, or there are features but no images to take other views of.
    """
    images, wanted = corpus.part(part), views if part == "training" else 1
    if images.made is not None:
        if wanted > 1:
            raise FileError(f"views {views}: must be 1 for {corpus.name}, whose images are not all there as files")
        if images.made.shape[1] != find_cnn(cnn).width:
            raise FileError(
                f"cnn {cnn}: must be one that makes the {images.made.shape[1]:,} features that came with {corpus.name}"
            )
        return images.made[:, None]
    return _features_of_part(corpus, part, cnn, wanted)


@lru_cache(maxsize=8)
def _features_of_part(corpus: Corpus, part: str, cnn: str, views: int) -> Float[Tensor, "Q views F"]:
    images = corpus.part(part)
    chosen = np.stack([draw(scene) for scene in images.scenes]) if images.scenes else images.files
    tell = partial(report_progress, f"{len(images):,} images for {part}")
    return features(chosen, find_cnn(cnn), views=views, flip=not images.scenes, progress=tell)


def _draw_scenes(count: int, seed: int) -> Part:
    shown = scenes(count, seed)
    return Part(tuple(captions(scene) for scene in shown), scenes=shown)


def _load_sample_corpus(folder: str, minimum: int) -> Corpus:
    sample = load_sample(folder)
    order = generator(0, Purpose.SPLIT).permutation(len(sample))
    cut = round(SPLIT * len(sample))

    def part(chosen: np.ndarray) -> Part:
        places = sorted(chosen.tolist())
        made = None if sample.features is None else sample.features[torch.tensor(places)]
        return Part(tuple(sample.images[place].captions for place in places), made=made)

    name = f"{sample.source}, {len(sample) - cut} of them for validation"
    return Corpus(name, part(order[:cut]), part(order[cut:]), minimum, LONGEST)


def _part_of_files(images: tuple[CaptionedImage, ...]) -> Part:
    files = tuple(image.file for image in images if image.file is not None)
    return Part(tuple(image.captions for image in images), files=files)
