"""`ccdni caption`: what trained networks say of any images."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..engine.files import FileError
from ..engine.learning.decoding import MOST
from ..engine.settings import SettingError
from ..study.describe import Captioner
from .console import FAILED, complain, out_console
from .options import Device


def caption(
    images: Annotated[list[Path], typer.Argument(help="Image files.", metavar="IMAGE", show_default=False)],
    model: Annotated[
        Path, typer.Option(help="File that `ccdni train captions --save` wrote.", show_default=False, metavar="FILE")
    ],
    width: Annotated[int, typer.Option(help="Sentences kept under way; more than 1 is a beam search.")] = 1,
    words: Annotated[int, typer.Option(help="Words that are said at most, 1…1,000.")] = MOST,
    seed: Annotated[
        int | None, typer.Option(help="Only the network of this seed; by default all.", show_default=False)
    ] = None,
    device: Device = "auto",
) -> None:
    """Say what is to be seen in images, with networks that learnt captions.

    A line for each image and network: image, seed, caption; the first two only where there are several. An image that
    cannot be read is a sentence; the others get their captions, and the exit code is 1.
    """
    captioner = Captioner.load(model, device)
    if seed is not None and seed not in captioner.seeds:
        raise SettingError(f"seed {seed}: must be one of {', '.join(map(str, captioner.seeds))}, those in {model}")
    failed = 0
    for image, found in zip(images, captioner.caption_each(images, width, words), strict=True):
        if isinstance(found, FileError):
            complain(str(found))
            failed += 1
            continue
        for own, text in zip(captioner.seeds, found, strict=True):
            if seed in (None, own):
                several = [str(image)] * (len(images) > 1) + [f"seed {own}"] * (seed is None and len(found) > 1)
                line = ": ".join([*several, text or "(nothing)"])
                out_console.print(line, markup=False, highlight=False, soft_wrap=True)
    if failed:
        raise typer.Exit(FAILED)
