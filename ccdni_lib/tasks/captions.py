"""Captions: an image comes in at the first step, then the words of a caption; at each step the next word is asked.

P20 section 3.3 and SM A.3; P21 section 3.3. A pretrained CNN looks at the image; what is learnt is the map from its
features, standardised, to the cortex, the word vectors, the cortex, the readout and the cerebellum.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from inspect import signature
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..data.cnn import RESNETS, find_cnn
from ..data.corpus import SOURCES, Corpus, features_of, load_corpus
from ..data.vocabulary import Encoded
from ..engine.learning.decoding import say
from ..engine.networks.embedding import ImageAndWords
from ..engine.networks.losses import cross_entropy
from ..engine.ranges import Choice, Optional, Range, Whole
from ..engine.settings import SettingError
from ..engine.training.ensemble import Ensemble
from .base import Task
from .checksum import hash_of_texts

SILENT = 1e-3  # standard deviation of a feature that says nothing


class CaptionExamples:
    """Captions, each with each view of its image.

    Args:
        features: of the images, ``(images, views, F)``.
        image: which image each caption is of, ``(captions,)``.
        captions: words and lengths.

    Example:
        >>> captions = Encoded(torch.tensor([[5, 7, 0], [5, 0, 0]]), torch.tensor([3, 2]))
        >>> examples = CaptionExamples(torch.ones(1, 2, 4), torch.tensor([0, 0]), captions)
        >>> shown, targets = examples.at(torch.tensor([[2]]))
        >>> len(examples), shown.words.tolist(), targets.tolist(), examples.lengths.tolist()
        (4, [[[0, 5, 0]]], [[[5, 0, 0]]], [3, 3, 2, 2])
    """

    lengths: Int[Tensor, " Q"] | None

    def __init__(self, features: Float[Tensor, "images views F"], image: Int[Tensor, " captions"], captions: Encoded):
        self.features, self.image, self.words = features, image, captions.words
        self.views = features.shape[1]
        self.lengths = captions.lengths.cpu().repeat_interleave(self.views)

    def __len__(self) -> int:
        return len(self.words) * self.views

    def at(self, index: Int[Tensor, "*some"]) -> tuple[ImageAndWords, Tensor]:
        """What comes in, and the next word at each step; example ``views · caption + view``."""
        caption = index // self.views
        said = self.words[caption]
        before = torch.cat([torch.zeros_like(said[..., :1]), said[..., :-1]], dim=-1)
        return ImageAndWords(before, self.features[self.image[caption], index % self.views]), said


class Captions(Task):
    """Say what is to be seen.

    Errors are bits: what a word costs, on average, when it is told by the probabilities that the network gave.

    Args:
        source: "scenes", drawn here; or "coco", in the folder that ``CCDNI_DATA`` names when the task is made.
        images: how many scenes to train on.
        minimum: how often a word must occur in training captions; None is 1 for scenes, 5 for COCO.
        cnn: what looks at the images.
        views: of each training image; 1 is the middle alone, more are random crops too (P20 SM A.3).

    Example:
        >>> task = Captions(images=20)
        >>> task.steps, task.features, task.published["truncation"]
        (26, 1280, 4)
    """

    name = "captions"
    summary = "an image, then the words of its caption; say the next word"
    source = "P20 section 3.3, SM A.3; P21 section 3.3, Fig. 5"
    loss = staticmethod(cross_entropy)
    finite, keeps_outputs = False, False
    error_factor, error_unit = 1 / math.log(2), "bit"
    budgets = {
        "quick": {"seeds": 2, "epochs": 30, "lstm_units": 64, "granule_cells": 256, "learning_rate": 3e-3}
        | {"validation_size": 500},
        "class": {"seeds": 5, "epochs": 20, "lstm_units": 128, "granule_cells": 512, "learning_rate": 3e-3},
        "live": {"seeds": 2, "epochs": 12, "lstm_units": 32, "granule_cells": 64, "learning_rate": 1e-2, "batches": 10}
        | {"cerebellum_learning_rate": 1e-3, "clip_norm": 1.0, "clip": "separate", "validation_size": 200},
    }
    unused = {
        "feedback_interval": "for its teacher speaks at every step",
        "terminal_feedback": "for its captions end at different steps",
    }
    variants: ClassVar[Mapping[str, Range]] = {
        "source": Choice(SOURCES),
        "images": Whole(10, 100_000),
        "minimum": Optional(Whole(1, 1000), "the usual one, 5 for COCO, 1 for scenes"),
        "cnn": Choice(("efficientnet-lite0", *RESNETS)),
        "views": Whole(1, 100),
    }

    def __init__(
        self,
        source: str = "scenes",
        images: int = 1000,
        minimum: int | None = None,
        cnn: str = "efficientnet-lite0",
        views: int = 1,
    ):
        chosen = {"source": source, "images": images, "minimum": minimum}
        told, usual = chosen | {"cnn": cnn, "views": views}, signature(type(self)).parameters
        own = [f"{key}={value}" for key, value in told.items() if value != usual[key].default]
        self.name = ":".join([type(self).name, ",".join(own)]) if own else type(self).name
        if source == "coco" and images != usual["images"].default:
            raise SettingError(f"images {images}: must not be given for COCO, all of whose images are used")
        folder = os.environ.get("CCDNI_DATA") if source == "coco" else None
        self.chosen, self.cnn, self.views = chosen | {"folder": folder}, cnn, views
        corpus = self.corpus
        self.words = self.inputs = self.outputs = len(corpus.vocabulary)
        self.features, self.steps = find_cnn(cnn).width, 1 + corpus.longest
        captions = sum(map(len, corpus.training.captions))
        self.published = {
            "seeds": 5,
            "epochs": 10,
            "batches": math.ceil(captions / 100),
            "batch_size": 100,
            "truncation": 4,
            "feedback_interval": 1,
            "update": "truncation",
            "lstm_units": 256,
            "granule_cells": 1024,
            "granule_layers": 2,
            "learning_rate": 1e-3,
            "input_dropout": 0.5,
        }

    @property
    def corpus(self) -> Corpus:
        """Images and captions."""
        return load_corpus(**self.chosen)

    @property
    def data(self) -> str:
        """Which images, and what looks at them."""
        return f"{self.corpus.name}; {find_cnn(self.cnn).name}" + (f", {self.views} views" if self.views > 1 else "")

    @property
    def checksum(self) -> str:
        """A short hash of the images and captions, and of how a CNN looks at them; twelve hexadecimal digits."""
        return hash_of_texts(self.corpus.checksum, self.cnn, str(self.views))

    def examples(self, part: str, dtype: torch.dtype, device: torch.device) -> CaptionExamples:
        """Training or validation captions, each with each view of its image."""
        told = self.corpus.part(part).captions
        image = torch.repeat_interleave(torch.tensor([len(texts) for texts in told]))
        encoded = self.corpus.vocabulary.encode((text for texts in told for text in texts), self.steps)
        mean, spread = self.standard()
        features = ((features_of(self.corpus, part, self.cnn, self.views) - mean) / spread).to(device, dtype)
        return CaptionExamples(features, image.to(device), Encoded(encoded.words.to(device), encoded.lengths))

    def standard(self) -> tuple[Float[Tensor, " F"], Float[Tensor, " F"]]:
        """Mean and standard deviation of each feature over the training images; a feature that is silent has 1."""
        features = features_of(self.corpus, "training", self.cnn, self.views)[:, 0]
        spread = features.std(0, correction=0)
        return features.mean(0), spread.where(spread > SILENT, 1.0)

    def taught_steps(self, feedback_interval: int) -> np.ndarray:
        """1 at all steps; ``(N,)``."""
        return np.ones(self.steps)

    def draw(self, rng: np.random.Generator, batches: int, size: int) -> np.ndarray:
        """Captions without repetition, in an order of the seed's own, all before any comes again; a view of each."""
        captions, needed = sum(map(len, self.corpus.training.captions)), batches * size
        rounds = [rng.permutation(captions) for _ in range(-(-needed // captions))]
        drawn = self.views * np.concatenate(rounds)[:needed].reshape(batches, size)
        return drawn + rng.integers(self.views, size=drawn.shape) if self.views > 1 else drawn

    def final(self, ensemble: Ensemble) -> Mapping[str, tuple[tuple[str, ...], Tensor]]:
        """What the networks say, and what it costs them to be told what people say.

        ``said`` (seed, image, word): numbers of the words that each network says of each validation image, greedily.
        ``length_bits`` (seed, length): bits per word of validation captions of 0, 1, 2, … words; NaN where is none.
        ``length_captions`` (seed, length): how many those are. ``training_bits`` (seed): bits per word of training
        captions, without dropout, as many of them as of validation captions (P20 Fig. S13).
        """
        validation, training = ensemble.validation, ensemble.training
        assert isinstance(validation, CaptionExamples)
        images = validation.features[:, 0]
        index = ensemble.validation_index()
        nats, steps = ensemble.sequence_losses(validation, index)
        few = torch.arange(min(len(index), len(training) // self.views), device=ensemble.device) * self.views
        own, own_steps = ensemble.sequence_losses(training, few)
        length = torch.nn.functional.one_hot(steps - 1, self.steps).to(nats)  # (captions, words)
        bits = self.error_factor * (nats @ length) / (steps.to(nats) @ length)  #   0 / 0 where there is none
        return {
            "said": (("image", "word"), say(ensemble.network, images[None]).to(torch.int32)),
            "length_bits": (("length",), bits),
            "length_captions": (("length",), length.sum(0).to(torch.int32).expand(len(ensemble), -1)),
            "training_bits": ((), self.error_factor * own.sum(1) / own_steps.sum()),
        }

    def prepare(self) -> None:
        """Have the CNN look at all images."""
        for part in ("training", "validation"):
            features_of(self.corpus, part, self.cnn, self.views)

    def notes(self) -> dict[str, Any]:
        """What must be known to use trained networks: the words, the CNN, and mean and spread of its features.

        And what the CNN was shown of each image: its "whole", or its "middle" (see `ccdni_lib.data.cnn.crops`).
        """
        mean, spread = (x.tolist() for x in self.standard())
        view = "whole" if self.corpus.training.scenes else "middle"
        words = self.corpus.vocabulary.as_text()
        return {"vocabulary": words, "cnn": self.cnn, "view": view, "mean": mean, "spread": spread}
