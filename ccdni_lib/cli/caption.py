"""`ccdni caption`: what trained networks say of any images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from jaxtyping import Float
from rich.console import Console
from torch import Tensor

from ..data.cnn import crops, find_cnn, read_image
from ..data.vocabulary import END, Vocabulary
from ..engine.files import FileError
from ..engine.learning.decoding import MOST, say
from ..engine.networks.network import Network
from ..engine.ranges import Whole
from ..engine.settings import SettingError
from ..engine.training.devices import pick_device
from .console import out_console
from .options import Device

LONGEST = 1000  # words


def caption(
    images: Annotated[list[Path], typer.Argument(help="Image files.", metavar="IMAGE", show_default=False)],
    model: Annotated[
        Path, typer.Option(help="File that `ccdni train captions --save` wrote.", show_default=False, metavar="FILE")
    ],
    width: Annotated[int, typer.Option(help="Sentences kept under way; more than 1 is a beam search.")] = 1,
    most: Annotated[int, typer.Option("--words", help="Words that are said at most, 1…1,000.")] = 20,
    seed: Annotated[
        int | None, typer.Option(help="Only the network of this seed; by default all.", show_default=False)
    ] = None,
    device: Device = "auto",
) -> None:
    """Say what is to be seen in images, with networks that learnt captions."""
    run_caption(out_console, images, model, width, most, seed, device)


def caption_images(
    images: Sequence[str | Path], model: str | Path, width: int = 1, words: int = MOST, device: str = "cpu"
) -> list[list[str]]:
    """What each network of a file says of images.

    Args:
        images: files of any format that Pillow reads. They are shown to the CNN as those that the networks learnt from:
            scenes as a whole, photographs from their middle (see `ccdni_lib.data.cnn.crops`).
        model: file that ``ccdni_lib.train("captions", save=…)`` wrote.
        width: how many sentences are kept under way, 1 … the number of words that the networks know: 1 takes the
            likeliest word at each step, as published; more is a beam search (`ccdni_lib.engine.learning.decoding.say`).
        words: that are said at most, 1 … 1,000; 20 were published (P20 SM A.3).
        device: "auto", "cpu", "cuda" or "cuda:N".

    Returns:
        For each image, a caption from each network; empty from one that has diverged.

    Raises:
        FileError: when an image cannot be read, or the file is not of networks that learnt captions.
        SettingError: when a number is out of range, or the CNN's packages are not there (the extra ``[captions]``).

    Example:
        >>> caption_images(["photo.jpg"], "no/such.safetensors")
        Traceback (most recent call last):
            ...
        ccdni_lib.engine.files.FileError: no/such.safetensors: there is no such file
    """
    return _load(model, device).describe(images, width, words)


def run_caption(
    console: Console,
    images: Sequence[Path],
    model: Path,
    width: int,
    words: int,
    seed: int | None,
    device: str,
) -> None:
    """Print a line for each image and network: image, seed, caption; the first two only where there are several."""
    speakers = _load(model, device)
    if seed is not None and seed not in speakers.seeds:
        raise SettingError(f"seed {seed}: must be one of {', '.join(map(str, speakers.seeds))}, those in {model}")
    for image, captions in zip(images, speakers.describe(images, width, words), strict=True):
        for own, said in zip(speakers.seeds, captions, strict=True):
            if seed in (None, own):
                several = [str(image)] * (len(images) > 1) + [f"seed {own}"] * (seed is None and len(captions) > 1)
                console.print(": ".join([*several, said or "(nothing)"]), markup=False, highlight=False, soft_wrap=True)


@dataclass(frozen=True, eq=False)
class _Speakers:
    """Trained networks, and what they need to see and to speak."""

    network: Network
    seeds: list[int]
    vocabulary: Vocabulary
    cnn: str
    whole: bool
    mean: Float[Tensor, " F"]
    spread: Float[Tensor, " F"]

    def describe(self, images: Sequence[str | Path], width: int, words: int) -> list[list[str]]:
        """What each says of each image."""
        for name, value, most in (("width", width, len(self.vocabulary)), ("words", words, LONGEST)):
            try:
                Whole(1, most).read(value, 0)
            except (ValueError, TypeError):
                raise SettingError(f"{name} {value}: must be {Whole(1, most).allowed(None)}") from None
        if not images:
            return []
        weights = self.network.weights.flat
        seen = [crops(np.asarray(read_image(image)) if self.whole else image) for image in images]
        features = find_cnn(self.cnn)(np.concatenate(seen), weights.device).half().float()  # as they are kept
        standard = ((features - self.mean) / self.spread).to(weights)
        diverged = self.network.weights["cell"].isnan().any(2).any(1)
        said = say(self.network, standard[None], width=width, most=words).masked_fill(diverged[:, None, None], END)
        return [self.vocabulary.decode(numbers) for numbers in said.transpose(0, 1).cpu()]


def _load(path: str | Path, device: str) -> _Speakers:
    if not Path(path).is_file():
        raise FileError(f"{path}: there is no such file")
    try:
        network, about = Network.load(path, pick_device(device))
    except ValueError as error:
        raise FileError(str(error)) from None
    notes: dict[str, Any] = about.get("notes", {})
    if "vocabulary" not in notes:
        raise FileError(f"{path}: has networks that learnt {about.get('task', 'something else')}, must be of captions")
    mean, spread = (torch.tensor(notes[name]) for name in ("mean", "spread"))
    vocabulary = Vocabulary.from_text(notes["vocabulary"], path)
    return _Speakers(
        network, about["settings"]["seeds"], vocabulary, notes["cnn"], notes["view"] == "whole", mean, spread
    )
