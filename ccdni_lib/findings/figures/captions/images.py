"""Figures of captions: scenes with what is said of them, and which lessons reach the image."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from ....data.corpus import Part
from ....data.scenes.captions import SILENT, facts, truth
from ....data.scenes.draw import COLOURS, Scene, draw
from ....data.scenes.facts import holds
from ....engine.settings import SettingError
from ....tasks import find_task
from ....tasks.captions import Captions
from ...pictures.picture import STYLES, Picture, drawing, model_label

PEOPLE = "people"  # whose captions: here the grammar's, which are all true
_SILENT = sorted(SILENT, key=len, reverse=True)  # phrases that state nothing


def caption_task(run: xr.Dataset) -> Captions:
    """The task that a run is of.

    Raises:
        SettingError: when it is none of captions, or none of scenes.

    Example:
        >>> caption_task(xr.Dataset(attrs={"task": "line-drawing"}))
        Traceback (most recent call last):
            ...
        ccdni_lib.engine.settings.SettingError: task line-drawing: must be captions of scenes
    """
    task = find_task(run.attrs["task"])
    if not isinstance(task, Captions) or not task.corpus.validation.scenes:
        raise SettingError(f"task {task.name}: must be captions of scenes")
    return task


def mark_untrue(caption: str, scene: Scene) -> str:
    """A caption with what is not so of its scene in brackets.

    What belongs to one fact, or to several that only together end, stands or falls as one.

    Example:
        >>> from ccdni_lib.data.scenes.draw import Thing
        >>> scene = Scene((Thing("star", "red", "small", 0, 0), Thing("ring", "blue", "large", 0, 1)), "dark")
        >>> mark_untrue("there is a red star and a green ring on a dark background", scene)
        'there is a red star and [a green ring] on a dark background'
        >>> mark_untrue("a star above a ring", scene)
        'a star [above a ring]'
    """
    words, stated, told, begun = caption.split(), facts(caption), [], 0
    known = 0  # facts that the words so far have stated
    for end in range(1, len(words) + 1):
        so_far = facts(" ".join(words[:end]))
        now = next((n for n in range(len(stated), known, -1) if so_far[:n] == stated[:n]), known)
        if now > known:
            piece = " ".join(words[begun:end])
            silent = next((f"{phrase} " for phrase in _SILENT if piece.startswith(f"{phrase} ")), "")
            so = all(holds(fact, scene) for fact in stated[known:now])
            told.append(piece if so else f"{silent}[{piece.removeprefix(silent)}]")
            begun, known = end, now
    return " ".join([*told, *words[begun:]])


def median_networks(run: xr.Dataset) -> xr.Dataset:
    """Of each model (and truncation …) the network in the middle: of median bits per word at the end.

    Args:
        run: with the dim seed; one seed of an even number is the better of the two in the middle.

    Returns:
        ``said`` without seed.
    """
    order = run.bits_per_word.isel(epoch=-1).fillna(np.inf).argsort(run.bits_per_word.isel(epoch=-1).dims.index("seed"))
    middle = order.isel(seed=(run.sizes["seed"] - 1) // 2, drop=True)
    return run[["said"]].isel(seed=middle)


def captions_of_median_networks(run: xr.Dataset, images: Sequence[int]) -> dict[str, list[str]]:
    """What the middle network of each model says of some images of the validation part.

    Args:
        run: dims model, seed, epoch, image, word; of captions of scenes.
        images: places in the validation part.
    """
    import torch

    vocabulary, said = caption_task(run).corpus.vocabulary, median_networks(run).said.isel(image=list(images))
    return {
        str(model): vocabulary.decode(torch.tensor(said.sel(model=model).values, dtype=torch.long))
        for model in run.model.values
    }


def captioned_scenes(part: Part, images: Sequence[int], captions: int = 2) -> Picture:
    """Scenes, with some of the captions that the grammar has for each.

    Args:
        part: of a corpus of scenes.
        images: places in it.
        captions: how many of each.
    """
    told = {image: {PEOPLE: list(part.captions[image][:captions])} for image in images}
    alt = "; ".join(f"{describe_scene(part.scenes[image])}: {' / '.join(told[image][PEOPLE])}" for image in images)
    return _captioned_grid(part, told, f"{len(images)} scenes, each with true captions. {alt}.")


def scenes_with_written_captions(run: xr.Dataset, images: Sequence[int]) -> Picture:
    """What each model says of some scenes, below a caption of the grammar's (P21 Fig. 5c; P20 Figs. 4c, S12).

    What is not so stands in brackets. Of each model the network of median bits per word speaks.

    Args:
        run: dims model, seed, epoch, image, word.
        images: places in the validation part.
    """
    part, texts = caption_task(run).corpus.validation, captions_of_median_networks(run, images)
    told, alt = {}, []
    for place, image in enumerate(images):
        own = {model: mark_untrue(own[place], part.scenes[image]) or "(nothing)" for model, own in texts.items()}
        told[image] = {PEOPLE: [part.captions[image][0]]} | {model: [text] for model, text in own.items()}
        models = "; ".join(f"{model_label(model)}: {text}" for model, text in own.items())
        alt.append(f"{describe_scene(part.scenes[image])}: {part.captions[image][0]}; {models}")
    return _captioned_grid(part, told, "What is not so is in brackets. " + ". ".join(alt) + ".")


def unrolled_caption_network(scene: Scene, caption: str, truncation: int) -> Picture:
    """The network in time: what comes in at each step, what is asked, and how far each lesson travels back.

    P21 Fig. 5a and P20 Fig. 4a, unrolled.

    Args:
        scene: that the caption is of.
        caption: its words.
        truncation: T; cuts lie before steps 0, T, 2T, ….
    """
    words = [*caption.split(), "(end)"]
    cuts = range(truncation, len(words), truncation)
    with drawing(6.2, 3.3) as figure:
        axes = figure.subplots()
        for step, word in enumerate(words):
            _draw_step(axes, step, word, words[step - 1] if step else "")
            _draw_lesson(axes, step, step // truncation * truncation)
        for cut in cuts:
            axes.plot([cut - 0.5] * 2, [-0.5, 0.9], color="black", linewidth=1, linestyle=":")
            way = {"arrowstyle": "->", "color": STYLES["ccrnn"]["color"], "linewidth": 1.6}
            axes.annotate("", (cut - 0.8, -0.62), (cut - 0.2, -0.62), arrowprops=way)
            axes.text(
                cut - 0.5, -0.75, "cere-\nbellum", color=STYLES["ccrnn"]["color"], ha="center", va="top", fontsize=8
            )
        box = {"boxstyle": "round", "facecolor": "none", "edgecolor": "black", "linewidth": 0.8}
        axes.text(0, -1.15, "CNN", ha="center", va="center", bbox=box)
        axes.imshow(draw(scene), extent=(-0.55, 0.55, -2.6, -1.5), interpolation="none", aspect="equal", clip_on=False)
        for row, text in ((1.25, "asked"), (0, "cortex"), (-0.95, "comes in")):
            axes.text(-0.8, row, text, ha="right", va="center", fontsize=8)
        axes.set(xlim=(-1.8, len(words) + 0.3), ylim=(-2.65, 2.2))
        axes.axis("off")
    return Picture(
        figure,
        f"The network unrolled in time. A scene ({describe_scene(scene)}) comes in through a CNN at step 0, then the "
        f"words; asked are, from step 0 on, {', '.join(words)}. With T = {truncation} there are cuts before steps "
        f"{', '.join(map(str, cuts))}, where the cerebellum predicts what would come back; only the lessons of "
        f"{', '.join(words[:truncation])} travel back to the image.",
    )


def _draw_step(axes: Axes, step: int, asked: str, comes: str) -> None:
    """One step of the unrolled network."""
    turned: Any = {"rotation": 45, "rotation_mode": "anchor"}
    axes.scatter(step, 0, s=190, facecolors="none", edgecolors=STYLES["crnn"]["color"], linewidths=1.8)
    axes.plot([step, step], [-0.8, -0.3], color="black", linewidth=0.7)
    axes.plot([step, step], [0.3, 0.95], color="black", linewidth=0.7)
    axes.text(step, 1.05, asked, ha="left", va="bottom", **turned)
    axes.text(step, -0.9, comes, ha="right", va="top", **turned)
    if step:
        axes.plot([step - 0.75, step - 0.25], [0, 0], color=STYLES["crnn"]["color"], linewidth=1.2)


def _draw_lesson(axes: Axes, step: int, cut: int) -> None:
    """How far the lesson of a step travels back: full where it comes to the image, dashed where it does not."""
    if step > cut:
        look: Any = {"color": "black", "linewidth": 0.9, "linestyle": "--" if cut else "-"}
        height = 0.3 + 0.16 * (step - cut)
        way = np.linspace(step - 0.06, cut + 0.08, 40)
        bow = 0.26 + height * np.sin(np.linspace(0, np.pi, 40)) * 0.8
        axes.plot(way, bow, **look)
        axes.annotate("", (way[-1], bow[-1]), (way[-3], bow[-3]), arrowprops={"arrowstyle": "->", "color": "black"})


def words_in_reach(
    captions: Sequence[str], truncations: Sequence[int], words: Sequence[str] = tuple(COLOURS)
) -> Picture:
    """At which steps some words are asked, and the share of them whose lessons come to the image for each truncation.

    Args:
        captions: texts.
        truncations: T.
        words: which; by default the colours.
    """
    steps = naming_steps(captions, words)
    shares = [float((steps < T).mean()) for T in truncations]
    with drawing(6.0, 2.4) as figure:
        left, right = figure.subplots(1, 2, width_ratios=(1.4, 1))
        count = np.bincount(steps)
        left.bar(range(len(count)), count / len(steps), 0.8, color=STYLES["crnn"]["color"])
        left.axvline(3.5, color="black", linestyle=":", linewidth=1)
        left.text(3.4, 0.97 * max(count) / len(steps), "T = 4 ", ha="right", va="top")
        left.set(xlabel="step at which a colour is asked", ylabel="share of all colours")
        left.set_xticks(range(0, len(count), 4))
        right.plot(range(len(shares)), shares, marker="o", markersize=4, color=STYLES["crnn"]["color"])
        right.set(xlabel="truncation T", ylabel="whose lessons come\nto the image", ylim=(0, 1))
        right.set_xticks(range(len(shares)), truncations)
        for axes in (left, right):
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    told = ", ".join(f"T = {T}: {share:.0%}" for T, share in zip(truncations, shares, strict=True))
    return Picture(
        figure,
        f"Left, the steps at which {len(steps):,} colours are asked in captions; the image comes in at step 0. Right, "
        f"the share of them that is asked in the first truncation, so that the lesson comes to the image: {told}.",
    )


def naming_steps(captions: Sequence[str], words: Sequence[str] = tuple(COLOURS)) -> np.ndarray:
    """The steps at which some words are asked, over all captions; the image comes in at step 0.

    Args:
        captions: texts.
        words: which; by default the colours.

    Example:
        >>> naming_steps(["there is a red star", "a blue ring above a red ring"]).tolist()
        [3, 1, 5]
    """
    return np.array([step for text in captions for step, word in enumerate(text.split()) if word in words])


def describe_scene(scene: Scene) -> str:
    """What is in a scene, in words: for those who cannot see it.

    Example:
        >>> from ccdni_lib.data.scenes.draw import Thing
        >>> describe_scene(Scene((Thing("star", "red", "small", 0, 0), Thing("ring", "blue", "large", 0, 1)), "dark"))
        'a small red star, a large blue ring (dark)'
    """
    things = ", ".join(f"a {thing.size} {thing.colour} {thing.shape}" for thing in scene.things)
    return f"{things} ({scene.background})"


def _captioned_grid(part: Part, told: Mapping[int, Mapping[str, Sequence[str]]], alt: str, wide: int = 52) -> Picture:
    """Scenes below one another, texts to their right, each with the label of who says it."""
    heights = [
        max(5.0, sum(_lines_needed(text, wide) for texts in own.values() for text in texts) + 0.6)
        for own in told.values()
    ]
    with drawing(5.4, 0.175 * sum(heights)) as figure:
        panels = figure.subplots(len(told), 2, width_ratios=(1, 4.4), height_ratios=heights, squeeze=False)
        for (image, own), (left, right), height in zip(told.items(), panels, heights, strict=True):
            left.imshow(draw(part.scenes[image]), interpolation="none", clip_on=False)
            left.set_anchor("N")
            left.axis("off")
            _write_captions(right, own, height, wide)
    return Picture(figure, alt)


def _write_captions(axes: Axes, told: Mapping[str, Sequence[str]], height: float, wide: int) -> None:
    axes.set(xlim=(0, 1), ylim=(height, 0))
    axes.axis("off")
    row = 0.1
    for who, texts in told.items():
        style = STYLES.get(who, {"color": "black", "label": "true"})
        for text in texts:
            if len(told) > 1:
                axes.text(0, row, style["label"], color=style["color"], va="top", fontweight="bold")
            across = 0.15 if len(told) > 1 else 0.0
            axes.text(across, row, textwrap.fill(text, wide), va="top", linespacing=1.15)
            row += _lines_needed(text, wide)


def _lines_needed(text: str, wide: int) -> float:
    return len(textwrap.wrap(text, wide)) + 0.25


def true_shares(run: xr.Dataset, images: Sequence[int]) -> dict[str, list[float]]:
    """The share of what each model's middle network states of each image that holds."""
    scenes = caption_task(run).corpus.validation.scenes
    texts = captions_of_median_networks(run, images)
    return {
        model: [truth(text, scenes[image]) for text, image in zip(own, images, strict=True)]
        for model, own in texts.items()
    }
