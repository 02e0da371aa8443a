"""The kinds of files that the package reads: how to make one, and what it is read as."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from PIL import Image
from torch import nn

import ccdni_lib as cc
from ccdni_lib.data.cnn import CNN, features
from ccdni_lib.data.coco import load_sample, read_annotations
from ccdni_lib.data.digits import read_idx
from ccdni_lib.data.images import read_image
from ccdni_lib.data.vocabulary import Vocabulary

TINY = {"seeds": 2, "epochs": 4, "batches": 2, "batch_size": 4, "lstm_units": 4, "granule_cells": 6}
TINY |= {"validation_size": 3, "device": "cpu"}
SCENES = np.random.default_rng(0).integers(256, size=(40, 8, 8, 3)).astype(np.uint8)
MEAN_COLOUR = CNN("mean-colour", 3, lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
CAPTIONS = [["A red ball.", "two girls' kites"], ["A dog on a T-shirt"], ["a ball, a ball", "the END", "Größe 3"]]


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes:
        name: for the table.
        make: makes one in a folder, with whatever else belongs there, and gives its path.
        read: reads it in that folder; gives something that is equal where the content is.
        has_checksum: whether it can be told that the content is another.
    """

    name: str
    make: Callable[[Path], Path]
    read: Callable[[Path], Any]
    has_checksum: bool = True


def content(run: xr.Dataset) -> tuple[Any, ...]:
    """All of a Dataset but how long it took, to compare."""
    attrs = {name: value for name, value in run.attrs.items() if name != "seconds"}
    return {name: (x.dims, x.dtype.str, x.values.tobytes()) for name, x in run.variables.items()}, attrs


class _Stop:
    """Interrupts once so much is done, as Ctrl-C does."""

    def __init__(self, at: float):
        self.at = at

    def __call__(self, done: float) -> None:
        if done >= self.at:
            self.at = 2.0
            os.kill(os.getpid(), signal.SIGINT)


def _train(folder: Path, **more: Any) -> xr.Dataset:
    return cc.train("line-drawing", out=folder / "run.nc", **{**TINY, "progress": False, **more})


def _sweep(folder: Path, **more: Any) -> xr.Dataset:
    options = {**TINY, "progress": False, **more}
    return cc.sweep("line-drawing", truncation=[1, 2], out=folder / "run.nc", workers=1, **options)


def _make_result(folder: Path) -> Path:
    _train(folder)
    return folder / "run.nc"


def _make_checkpoint(folder: Path) -> Path:
    with suppress(cc.Interrupted):
        _train(folder, progress=_Stop(0.5))
    return next(path for path in folder.rglob("*checkpoint*") if path.is_file())


def _make_run(folder: Path) -> Path:
    return _make_checkpoint(folder).parents[1] / "run.json"


def _make_part(folder: Path) -> Path:
    with suppress(cc.Interrupted):
        _sweep(folder, progress=_Stop(0.7))
    return next(folder.glob("*.parts/*.nc"))


def _make_network(folder: Path) -> Path:
    cc.train("line-drawing", model="sccrnn", save=folder / "networks.safetensors", **TINY, progress=False)
    return folder / "networks.safetensors"


def _read_network(folder: Path) -> Any:
    network, about = cc.Network.load(folder / "networks.safetensors")
    wiring = None if network.wiring is None else network.wiring.tolist()
    return {name: x.tolist() for name, x in network.weights.items()}, wiring, network.sizes, about


IDX = bytes([0, 0, 8, 3, 0, 0, 0, 9, 0, 0, 0, 28, 0, 0, 0, 28]) + np.random.default_rng(1).bytes(9 * 28 * 28)
IDX_SHA = hashlib.sha256(IDX).hexdigest()


def _make_idx(folder: Path) -> Path:
    (folder / "images").write_bytes(IDX)
    return folder / "images"


def _make_idx_packed(folder: Path) -> Path:
    (folder / "images.gz").write_bytes(gzip.compress(IDX))
    return folder / "images.gz"


def _make_annotations(folder: Path) -> Path:
    images = [{"id": number, "file_name": f"{number:012}.jpg"} for number in range(3)]
    said = [{"image_id": number, "caption": text} for number, texts in enumerate(CAPTIONS) for text in texts]
    (folder / "captions.json").write_text(json.dumps({"images": images, "annotations": said}))
    return folder / "captions.json"


def _make_sample(folder: Path) -> Path:
    entries = [{"id": n, "file": f"images/{n}.jpg", "captions": texts} for n, texts in enumerate(CAPTIONS)]
    (folder / "coco271.json").write_text(json.dumps(entries))
    features_file = folder / "effnet_lite0_pooled_f16.npz"
    made = np.random.default_rng(2).random((3, 50)).astype(np.float16)
    np.savez_compressed(features_file, ids=np.arange(3), feat=made)
    return folder / "coco271.json"


def _make_sample_features(folder: Path) -> Path:
    return _make_sample(folder).with_name("effnet_lite0_pooled_f16.npz")


def _read_sample(folder: Path) -> Any:
    sample = load_sample(folder)
    made = None if sample.features is None else sample.features.tolist()
    return [(image.number, image.captions) for image in sample.images], made


def _read_features(folder: Path) -> Any:
    return features(SCENES, MEAN_COLOUR, store=folder, views=2).tolist()


def _make_features(folder: Path) -> Path:
    _read_features(folder)
    return next(folder.rglob("*.safetensors"))


def _make_vocabulary(folder: Path) -> Path:
    Vocabulary.build([text for texts in CAPTIONS for text in texts], minimum=1).save(folder / "words.tsv")
    return folder / "words.tsv"


def _read_vocabulary(folder: Path) -> Any:
    vocabulary = Vocabulary.load(folder / "words.tsv")
    return vocabulary.words, vocabulary.counts


def _make_image(suffix: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        Image.fromarray(SCENES[0]).resize((60, 40)).save(folder / f"image{suffix}")
        return folder / f"image{suffix}"

    return make


def _read_image(suffix: str) -> Callable[[Path], Any]:
    return lambda folder: np.asarray(read_image(folder / f"image{suffix}")).tobytes()


def _read_run(go_on: Callable[..., xr.Dataset]) -> Callable[[Path], Any]:
    """What a stopped run comes to when it goes on, tried in a copy of its folder."""

    def read(folder: Path) -> Any:
        copy = folder.parent / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy)
        return content(go_on(copy, resume=True))

    return read


_ALL = (
    Kind("result", _make_result, lambda folder: content(cc.load_dataset(folder / "run.nc"))),
    Kind("checkpoint", _make_checkpoint, _read_run(_train)),
    Kind("what a run is", _make_run, _read_run(_train)),
    Kind("part of a sweep", _make_part, _read_run(_sweep)),
    Kind("networks", _make_network, _read_network),
    Kind("features of images", _make_features, _read_features),
    Kind("IDX", _make_idx, lambda folder: read_idx(folder / "images", IDX_SHA).tolist()),
    Kind("IDX, packed", _make_idx_packed, lambda folder: read_idx(folder / "images.gz", IDX_SHA).tolist()),
    Kind("COCO annotations", _make_annotations, lambda f: read_annotations(f / "captions.json"), has_checksum=False),
    Kind("COCO sample", _make_sample, _read_sample, has_checksum=False),
    Kind("COCO sample, features", _make_sample_features, _read_sample),
    Kind("vocabulary", _make_vocabulary, _read_vocabulary, has_checksum=False),
    Kind("JPEG", _make_image(".jpg"), _read_image(".jpg"), has_checksum=False),
    Kind("PNG", _make_image(".png"), _read_image(".png"), has_checksum=False),
)
KINDS = {kind.name: kind for kind in _ALL}
