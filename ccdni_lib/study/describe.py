"""What trained networks say of any images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..data.cnn import find_cnn
from ..data.images import crops, read_image
from ..data.vocabulary import END, Vocabulary
from ..engine.files import FileError
from ..engine.learning.decoding import MOST, say
from ..engine.networks.network import Network
from ..engine.ranges import Whole
from ..engine.settings import SettingError
from ..engine.training.devices import pick_device

LONGEST = 1000  # words
AT_ONCE = 32  # images that are in memory


def caption_images(
    images: Sequence[str | Path], model: str | Path, width: int = 1, words: int = MOST, device: str = "cpu"
) -> list[list[str]]:
    """What each network of a file says of images.

    Args:
        images: files of any format that Pillow reads. They are shown to the CNN as those that the networks learnt from:
            scenes as a whole, photographs from their middle (see `ccdni_lib.data.images.crops`).
        model: file that ``ccdni_lib.train("captions", save=…)`` wrote.
        width: how many sentences are kept under way, 1 … the number of words that the networks know: 1 takes the
            likeliest word at each step, as published; more is a beam search (`ccdni_lib.engine.learning.decoding.say`).
        words: that are said at most, 1 … 1,000; 20 were published (P20 SM A.3).
        device: "auto", "cpu", "cuda" or "cuda:N".

    Returns:
        For each image, a caption from each network; empty from one that has diverged.

    Raises:
        FileError: when an image cannot be read (`Captioner.caption_each` goes on with the others), or the file is not
            of networks that learnt captions.
        SettingError: when a number is out of range, or the CNN's packages are not there (the extra ``[captions]``).

    Example:
        >>> caption_images(["photo.jpg"], "no/such.safetensors")
        Traceback (most recent call last):
            ...
        ccdni_lib.engine.files.FileError: no/such.safetensors: there is no such file
    """
    captions = []
    for found in Captioner.load(model, device).caption_each(images, width, words):
        if isinstance(found, FileError):
            raise found
        captions.append(found)
    return captions


@dataclass(frozen=True, eq=False)
class Captioner:
    """Trained networks, and what they need to see and to speak.

    Attributes:
        network: E of them.
        seeds: one for each.
        vocabulary: the words that they know.
        cnn: name of what looks at the images.
        whole: whether it is shown the whole image, or its middle.
        mean, spread: of each feature, over the images that the networks learnt from.
    """

    network: Network
    seeds: list[int]
    vocabulary: Vocabulary
    cnn: str
    whole: bool
    mean: Float[Tensor, " F"]
    spread: Float[Tensor, " F"]

    @classmethod
    def load(cls, path: str | Path, device: str = "cpu") -> Captioner:
        """Networks that ``ccdni_lib.train("captions", save=…)`` saved.

        Raises:
            FileError: when the file cannot be read, or is not of networks that learnt captions.
            SettingError: when there is no such device.
        """
        if not Path(path).is_file():
            raise FileError(f"{path}: there is no such file")
        try:
            network, about = Network.load(path, pick_device(device))
        except SettingError:
            raise
        except ValueError as error:
            raise FileError(str(error)) from None
        notes: dict[str, Any] = about.get("notes", {})
        if "vocabulary" not in notes:
            learnt = about.get("task", "something else")
            raise FileError(f"{path}: has networks that learnt {learnt}, must be of captions")
        return cls(
            network,
            about["settings"]["seeds"],
            Vocabulary.from_text(notes["vocabulary"], path),
            notes["cnn"],
            notes["view"] == "whole",
            torch.tensor(notes["mean"]),
            torch.tensor(notes["spread"]),
        )

    def caption_each(
        self, images: Sequence[str | Path], width: int = 1, words: int = MOST
    ) -> Iterator[list[str] | FileError]:
        """What each network says of each image, or why that cannot be read; a few images at a time.

        Args:
            images, width, words: as in `caption_images`.

        Raises:
            SettingError: as `caption_images`.
        """
        for name, value, most in (("width", width, len(self.vocabulary)), ("words", words, LONGEST)):
            try:
                Whole(1, most).read(value, 0)
            except (ValueError, TypeError):
                raise SettingError(f"{name} {value}: must be {Whole(1, most).allowed(None)}") from None
        for start in range(0, len(images), AT_ONCE):
            seen = [self._look(image) for image in images[start : start + AT_ONCE]]
            views = [each for each in seen if not isinstance(each, FileError)]
            captions = iter(self._say(np.concatenate(views), width, words) if views else [])
            for each in seen:
                yield each if isinstance(each, FileError) else next(captions)

    def _look(self, image: str | Path) -> np.ndarray | FileError:
        """What the CNN is shown of an image, ``(1, 224, 224, 3)``."""
        try:
            return crops(np.asarray(read_image(image)) if self.whole else image)
        except FileError as error:
            return error

    def _say(self, views: np.ndarray, width: int, words: int) -> list[list[str]]:
        weights = self.network.weights.flat
        features = find_cnn(self.cnn)(views, weights.device).half().float()  # as they are kept
        standard = ((features - self.mean) / self.spread).to(weights)
        diverged = self.network.weights["cell"].isnan().any(2).any(1)
        numbers = say(self.network, standard[None], width=width, most=words).masked_fill(diverged[:, None, None], END)
        return [self.vocabulary.decode(of_image) for of_image in numbers.transpose(0, 1).cpu()]
