"""COCO's layout: what a download of either year gives, and what is said of a folder or file that is not like it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ccdni_lib import FileError, SettingError
from ccdni_lib.data.coco import load_coco, load_sample, read_annotations

COCO = Path(__file__).parents[2].parent / "shared" / "data" / "coco"
needs_coco = pytest.mark.skipif(not COCO.is_dir(), reason="the COCO sample is not beside the repository")
CONTENT = {
    "info": {"year": 2014},
    "images": [
        {"id": 9, "file_name": "a.jpg", "height": 4},
        {"id": 25, "file_name": "b.jpg"},
        {"id": 30, "file_name": "c.jpg"},
    ],
    "annotations": [
        {"image_id": 25, "id": 1, "caption": "A giraffe."},
        {"image_id": 9, "id": 2, "caption": "Lunch "},
        {"image_id": 25, "id": 3, "caption": "Two trees"},
        {"image_id": 30, "id": 4, "caption": "Flowers"},
    ],
}


def changed(*path, **fields) -> dict:
    """The content above with fields of one entry changed; a field that is None is taken out."""
    content = json.loads(json.dumps(CONTENT))
    entry = content
    for step in path:
        entry = entry[step]
    for name, value in fields.items():
        if value is None:
            del entry[name]
        else:
            entry[name] = value
    return content


def write(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def download(folder: Path, *names: str) -> Path:
    """A folder as unpacking COCO makes it, with three images in each part."""
    for name in names:
        write(folder / "annotations" / f"captions_{name}.json", CONTENT)
        for file in "abc":
            write(folder / name / f"{file}.jpg", "")
    return folder


# --- what is right ---


@needs_coco
def test_all_of_val2017_is_read():
    images = read_annotations(COCO / "captions_val2017.json")
    assert len(images) == 5000
    assert sum(len(image.captions) for image in images) == 25014
    assert Counter(len(image.captions) for image in images) == {5: 4987, 6: 12, 7: 1}
    by_number = {image.number: image for image in images}
    assert "A black Honda motorcycle parked in front of a garage." in by_number[179765].captions
    assert by_number[179765].file is None


@needs_coco
def test_the_sample_has_captions_and_features_of_all_and_files_of_some():
    sample = load_sample(COCO)
    assert len(sample) == 271
    assert len(list(sample.captions)) == 1355
    assert sample.features is not None
    assert sample.features.shape == (271, 1280)
    files = [image.file for image in sample.images if image.file]
    assert sorted(files) == sorted((COCO / "images").iterdir())
    assert all(int(image.file.stem) == image.number for image in sample.images if image.file)
    official = {image.number: image.captions for image in read_annotations(COCO / "captions_val2017.json")}
    shared = [image for image in sample.images if image.number in official]
    assert len(shared) == 191
    assert all(sorted(image.captions) == sorted(official[image.number]) for image in shared)
    assert load_sample(COCO.parent).source == sample.source


def test_captions_come_to_their_images_in_order(tmp_path):
    folder = download(tmp_path, "val2014")
    images = load_coco(folder, "validation").images
    assert [(image.number, image.file, image.captions) for image in images] == [
        (9, folder / "val2014" / "a.jpg", ("Lunch",)),
        (25, folder / "val2014" / "b.jpg", ("A giraffe.", "Two trees")),
        (30, folder / "val2014" / "c.jpg", ("Flowers",)),
    ]


@pytest.mark.parametrize("below", ["", "coco"])
def test_a_part_of_either_year_is_found(tmp_path, below):
    download(tmp_path / below, "train2014", "train2017", "val2017")
    assert load_coco(tmp_path).source == "COCO train2014, 3 images"
    assert load_coco(tmp_path, year=2017).source == "COCO train2017, 3 images"
    assert load_coco(tmp_path, "validation").source == "COCO val2017, 3 images"


def test_files_may_lie_in_sub_folders(tmp_path):
    write(tmp_path / "images" / "more" / "a.jpg", "")
    annotations = write(tmp_path / "captions.json", changed("images", 0, file_name="more/a.jpg"))
    with pytest.raises(FileError, match=r"images: has no b\.jpg, the file of image 25, and 1 other images"):
        read_annotations(annotations, tmp_path / "images")


# --- what is wrong ---

DAMAGES = {
    "cut": (json.dumps(CONTENT)[:-30], "is no JSON, or damaged ("),
    "a web page": ("<!DOCTYPE html>", "is no JSON, or damaged ("),
    "empty": ("", "is no JSON, or damaged ("),
    "a list": ([], 'must have the lists "images" and "annotations"'),
    "of another task": ({"images": []}, 'must have the lists "images" and "annotations"'),
    "images by name": (changed(images={}), 'must have the lists "images" and "annotations"'),
    "no name": (
        changed("images", 1, file_name=None),
        'images[1] must have a whole number "id" and a text "file_name", is {"id": 25}',
    ),
    "a number as text": (changed("images", 1, id="25"), 'images[1] must have a whole number "id"'),
    "true for a number": (changed("images", 1, id=True), 'images[1] must have a whole number "id"'),
    "not even an object": (
        changed(annotations=[3]),
        'annotations[0] must have a whole number "image_id" and a text "caption", is 3',
    ),
    "of segments": (changed("annotations", 2, caption=None), 'annotations[2] must have a whole number "image_id"'),
    "twice": (changed("images", 1, id=9), "image 9 is listed twice"),
    "of no image": (
        changed("annotations", 2, image_id=8),
        "annotations[2] is of image 8, which is not among its images",
    ),
    "empty caption": (changed("annotations", 2, caption=""), "image 25 has a caption without words, ''"),
    "blank caption": (changed("annotations", 3, caption=" .\n"), "image 30 has a caption without words, '.'"),
    "no caption": (changed("annotations", 1, image_id=25), "image 9 has no caption"),
}


@pytest.mark.parametrize(("content", "why"), DAMAGES.values(), ids=DAMAGES)
def test_wrong_annotations_are_named_with_the_image(tmp_path, content, why):
    path = write(tmp_path / "captions.json", content)
    with pytest.raises(FileError) as refused:
        read_annotations(path)
    assert str(refused.value).startswith(f"{path}: {why}")
    assert "\n" not in str(refused.value)


def test_long_entries_are_not_repeated_in_full(tmp_path):
    path = write(tmp_path / "captions.json", changed("annotations", 0, image_id=None, caption="giraffe " * 1000))
    with pytest.raises(FileError, match=r"…$") as refused:
        read_annotations(path)
    assert len(str(refused.value)) < 200 + len(str(path))


def test_missing_images_are_named_and_counted(tmp_path):
    folder = download(tmp_path, "val2014") / "val2014"
    (folder / "b.jpg").unlink()
    with pytest.raises(FileError) as refused:
        load_coco(tmp_path, "validation")
    assert str(refused.value) == f"{folder}: has no b.jpg, the file of image 25"
    (folder / "c.jpg").unlink()
    with pytest.raises(FileError, match=r"image 25, and 1 other images have none either$"):
        load_coco(tmp_path, "validation")
    (folder / "a.jpg").unlink()
    folder.rmdir()
    with pytest.raises(FileError, match=r"val2014: must be the folder of the images \(No such file or directory\)"):
        load_coco(tmp_path, "validation")


def test_what_is_not_there_is_named(tmp_path):
    download(tmp_path, "train2017")
    with pytest.raises(FileError, match=r"has no annotations/captions_val2014\.json or captions_val2017\.json; must"):
        load_coco(tmp_path, "validation")
    with pytest.raises(FileError, match=r"has no annotations/captions_train2014\.json; must"):
        load_coco(tmp_path, year=2014)
    with pytest.raises(FileError, match=r"no\.json: cannot be read \(No such file or directory\)"):
        read_annotations(tmp_path / "no.json")
    with pytest.raises(FileError, match=r"has no coco271\.json"):
        load_sample(tmp_path)
    with pytest.raises(SettingError, match="part test: must be one of training, validation"):
        load_coco(tmp_path, "test")
    with pytest.raises(SettingError, match="year 2015: must be one of 2014, 2017"):
        load_coco(tmp_path, year=2015)


ENTRIES = [{"id": n, "file": f"images/x/{n}.jpg", "captions": ["a cat"]} for n in (4, 7)]


def sample(folder: Path, entries: object = ENTRIES, ids: tuple[int, ...] = (4, 7), feat: object = None) -> Path:
    write(folder / "coco271.json", entries)
    np.savez(folder / "effnet_lite0_pooled_f16.npz", ids=ids, feat=np.ones((2, 5), "f2") if feat is None else feat)
    return folder


def test_a_sample_is_two_files_and_some_images(tmp_path):
    write(sample(tmp_path) / "images" / "7.jpg", "")
    found = load_sample(tmp_path)
    assert [image.file for image in found.images] == [None, tmp_path / "images" / "7.jpg"]
    assert found.source == "2 images of COCO 2017"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"entries": {}}, "coco271.json: must be a list of images"),
        (
            {"entries": [{"id": 4, "file": "x"}]},
            'coco271.json: image [0] must have a whole number "id" and a text "file"',
        ),
        ({"entries": [ENTRIES[0] | {"captions": []}]}, "coco271.json: image 4 has no caption"),
        ({"entries": [ENTRIES[0] | {"captions": [5]}]}, "coco271.json: image 4 has a caption without words, 5"),
        ({"ids": (7, 4)}, "effnet_lite0_pooled_f16.npz: must have a row of features for each image"),
        ({"feat": np.ones((3, 5))}, "effnet_lite0_pooled_f16.npz: must have a row of features for each image"),
        ({"feat": np.ones(2)}, "effnet_lite0_pooled_f16.npz: must have a row of features for each image"),
    ],
)
def test_a_wrong_sample_is_named(tmp_path, wrong, why):
    with pytest.raises(FileError) as refused:
        load_sample(sample(tmp_path, **wrong))
    assert str(refused.value).startswith(f"{tmp_path}/{why}")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"something else", b"\x93NUMPY\x01\x00"])
def test_damaged_features_are_named(tmp_path, content):
    path = sample(tmp_path) / "effnet_lite0_pooled_f16.npz"
    path.write_bytes(content)
    with pytest.raises(FileError) as refused:
        load_sample(tmp_path)
    assert str(refused.value).startswith(f"{path}: cannot be read as the features of the sample (")
    path.unlink()
    with pytest.raises(FileError) as refused:
        load_sample(tmp_path)
    assert str(refused.value) == f"{path}: cannot be read (No such file or directory)"


@pytest.mark.parametrize(
    "name",
    ["../secret.jpg", "a/../../secret.jpg", "/etc/hostname", "..", "C:/secret.jpg", "..\\secret.jpg", "\\secret"],
)
@pytest.mark.parametrize("images_here", [True, False])
def test_no_file_name_leads_out_of_the_folder(tmp_path, name, images_here):
    folder = download(tmp_path / "coco", "val2014")
    (tmp_path / "secret.jpg").touch()
    (tmp_path / "coco" / "secret.jpg").touch()
    path = folder / "annotations" / "captions_val2014.json"
    content = json.loads(path.read_text())
    content["images"][1]["file_name"] = name
    path.write_text(json.dumps(content))
    with pytest.raises(FileError) as refused:
        read_annotations(path, folder / "val2014" if images_here else None)
    assert str(refused.value).startswith(f"{path}: image ")
    assert str(refused.value).endswith(f" has the file_name {name!r}, which must stay in its folder")


def test_images_may_lie_in_folders_of_their_folder(tmp_path):
    folder = download(tmp_path, "val2014")
    (folder / "val2014" / "more").mkdir()
    (folder / "val2014" / "a.jpg").rename(folder / "val2014" / "more" / "a..jpg")
    path = folder / "annotations" / "captions_val2014.json"
    path.write_text(path.read_text().replace('"a.jpg"', '"more/a..jpg"'))
    assert load_coco(folder, "validation").images[0].file == folder / "val2014" / "more" / "a..jpg"
