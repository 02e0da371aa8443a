"""What tests of captions share: a tiny CNN in place of the pretrained one, and a small folder in COCO's layout."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torch import nn

from ccdni_lib.data import corpus
from ccdni_lib.data.cnn import CNN
from ccdni_lib.data.scenes.captions import captions
from ccdni_lib.data.scenes.draw import draw, scenes

SHARED = Path(__file__).parents[2] / "shared" / "data"
needs_sample = pytest.mark.skipif(not (SHARED / "coco").is_dir(), reason="the COCO sample is not beside the repository")
COLOURS = CNN("colours", 48, lambda: nn.Sequential(nn.AdaptiveAvgPool2d(4), nn.Flatten()))


def look_through_colours(monkeypatch: pytest.MonkeyPatch, store: Path) -> CNN:
    """Have all captions be learnt from 4×4 colours of each image, kept in a folder of the test."""
    for place in ("data.corpus", "tasks.captions", "study.describe"):
        monkeypatch.setattr(f"ccdni_lib.{place}.find_cnn", lambda name="efficientnet-lite0": COLOURS)
    monkeypatch.setenv("CCDNI_CACHE", str(store))
    corpus._features_of_part.cache_clear()
    return COLOURS


@pytest.fixture
def colours(monkeypatch, tmp_path_factory):
    """The tiny CNN, in use."""
    yield look_through_colours(monkeypatch, tmp_path_factory.mktemp("store"))
    corpus._features_of_part.cache_clear()


def coco_part(folder: Path, name: str, count: int, seed: int, kind: str = "jpg") -> Path:
    """One part of a download: images of scenes in 120×90 pixels, with annotations; gives the annotations' path."""
    entries, said = [], []
    (folder / name).mkdir(parents=True)
    for number, scene in enumerate(scenes(count, seed), start=1):
        file = f"{number:012d}.{kind}"
        Image.fromarray(draw(scene)).resize((120, 90)).save(folder / name / file)
        entries.append({"id": number, "file_name": file})
        said += [{"id": len(said), "image_id": number, "caption": f"{text.capitalize()}."} for text in captions(scene)]
    path = folder / "annotations" / f"captions_{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"images": entries, "annotations": said}))
    return path


def coco(folder: Path, year: int = 2014) -> Path:
    """A download of 12 images for training and 4 for validation."""
    coco_part(folder, f"train{year}", 12, seed=5)
    coco_part(folder, f"val{year}", 4, seed=6, kind="png")
    return folder


def scene_files(folder: Path, count: int, seed: int = 1) -> list[Path]:
    """Scenes as PNG files; of seed 1 they are those for validation."""
    paths = [folder / f"{number}.png" for number in range(count)]
    for path, scene in zip(paths, scenes(count, seed), strict=True):
        Image.fromarray(np.asarray(draw(scene))).save(path)
    return paths
