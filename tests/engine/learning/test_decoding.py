"""What networks say, against literal loops over PyTorch's modules and all sentences there are."""

from __future__ import annotations

from itertools import product

import pytest
import torch

from ccdni_lib.engine.learning.decoding import say
from ccdni_lib.engine.networks.network import Network, Sizes

E, Q, F, MOST = 3, 4, 4, 6


def build(V: int, units: int = 6, seed: int = 0, end: float = 0.0) -> Network:
    """Networks with something to say; ``end`` makes ends likelier."""
    sizes = Sizes(inputs=5, units=units, outputs=V, words=V, features=F)
    network = Network.draw(sizes, range(seed, seed + E), bias_factor=3.0, dtype=torch.float64)
    network.weights["readout_weight"].mul_(6)
    network.weights["readout_bias"][:, :, 0] += end
    return network


def images(networks: int = 1, seed: int = 1) -> torch.Tensor:
    return torch.randn(networks, Q, F, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


class Speaker:
    """One network as plain PyTorch: log-probabilities of the next word after an image and some words."""

    def __init__(self, network: Network, index: int):
        self.lstm, self.readout, _ = network.to_torch(index)
        self.image, self.vectors = network.embedding_to_torch(index)

    @torch.no_grad()
    def __call__(self, image: torch.Tensor, words: list[int]) -> torch.Tensor:
        entering = torch.cat([self.image(image)[None], self.vectors(torch.tensor(words, dtype=torch.long))])
        h, _ = self.lstm(entering)
        return self.readout(h[-1]).log_softmax(-1)

    def score(self, image: torch.Tensor, sentence: tuple[int, ...]) -> float:
        return sum(self(image, list(sentence[:place]))[word].item() for place, word in enumerate(sentence))


def greedy(speaker: Speaker, image: torch.Tensor, most: int) -> list[int]:
    words: list[int] = []
    while len(words) < most:
        words.append(int(speaker(image, words).argmax()))
        if words[-1] == 0:
            return words + [0] * (most - len(words))
    return words


def beam(speaker: Speaker, image: torch.Tensor, most: int, width: int) -> list[int]:
    """Sentences as lists; those that have ended stay in the race."""
    kept: list[tuple[float, list[int]]] = [(0.0, [])]
    for _ in range(most):
        longer = []
        for score, words in kept:
            if words and words[-1] == 0:
                longer.append((score, words))
            else:
                longer += [(score + p, [*words, word]) for word, p in enumerate(speaker(image, words).tolist())]
        kept = sorted(longer, key=lambda one: -one[0])[:width]
    return kept[0][1] + [0] * (most - len(kept[0][1]))


@pytest.mark.parametrize("shared", [True, False], ids=["the same images", "images of their own"])
def test_one_at_a_time_is_the_likeliest_word_each_time(shared):
    network, seen = build(V=9, end=0.5), images(1 if shared else E)
    said = say(network, seen, most=MOST)
    for index in range(E):
        speaker = Speaker(network, index)
        wanted = [greedy(speaker, image, MOST) for image in seen[0 if shared else index]]
        assert said[index].tolist() == wanted
    assert len({tuple(row) for row in said.flatten(0, 1).tolist()}) > 3
    ended = (said == 0).any(-1)
    assert ended.any()
    assert not ended.all()  # both kinds have been compared


def test_a_caption_ends_once_and_is_filled_up_with_ends():
    network = build(V=9, end=1.0)
    said = say(network, images(), most=MOST)
    assert said.shape == (E, Q, MOST)
    after = (said == 0).cumsum(-1) > 0
    assert (said[after] == 0).all()
    assert (said[~after] != 0).all()
    for one, more in ((1, 4), (3, MOST)):  # to stop earlier changes nothing before
        assert torch.equal(say(network, images(), most=one), say(network, images(), most=more)[..., :one])


def test_a_network_that_only_ends_says_nothing():
    assert not say(build(V=9, end=1e3), images(), most=MOST).any()
    assert not say(build(V=9, end=1e3), images(), width=5, most=MOST).any()
    assert (say(build(V=9, end=-1e3), images(), width=3, most=MOST) != 0).all()


@pytest.mark.parametrize("width", [2, 3, 7])
@pytest.mark.parametrize("end", [0.0, 2.0])
def test_a_beam_is_a_list_of_the_best_so_far(width, end):
    network, seen = build(V=7, end=end), images()
    said = say(network, seen, width=width, most=MOST)
    for index in range(E):
        speaker = Speaker(network, index)
        assert said[index].tolist() == [beam(speaker, image, MOST, width) for image in seen[0]]


@pytest.mark.parametrize("seed", range(3))
def test_where_all_sentences_are_kept_the_likeliest_is_found(seed):
    """With V sentences under way, all of one word are kept, and so none of two is missed."""
    V = 7
    network, seen = build(V, seed=10 * seed), images(seed=seed)
    said = say(network, seen, width=V, most=2)
    whole = [(0,), *product(range(1, V), range(V))]
    for index in range(E):
        speaker = Speaker(network, index)
        for place, image in enumerate(seen[0]):
            best = max(whole, key=lambda sentence, image=image: speaker.score(image, sentence))
            assert said[index, place].tolist() == [*best, 0][:2]


def test_more_sentences_under_way_find_likelier_ones():
    """Not always, but on average; and a beam is of use only where it says something else."""
    network, seen = build(V=9), images()
    speakers = [Speaker(network, index) for index in range(E)]

    def likely(width: int) -> float:
        said = say(network, seen, width=width, most=4)
        cut = [[row[: row.index(0) + 1] if 0 in row else row for row in rows] for rows in said.tolist()]
        return sum(
            speaker.score(image, tuple(row))
            for speaker, rows in zip(speakers, cut, strict=True)
            for image, row in zip(seen[0], rows, strict=True)
        )

    assert likely(1) < likely(3) <= likely(9)


@pytest.mark.parametrize("width", [1, 3])
def test_images_do_not_disturb_each_other(width, monkeypatch):
    network, seen = build(V=9), images()
    said = say(network, seen, width=width, most=MOST)
    alone = [say(network, seen[:, place : place + 1], width=width, most=MOST) for place in range(Q)]
    assert torch.equal(said, torch.cat(alone, dim=1))
    monkeypatch.setattr("ccdni_lib.engine.learning.decoding.SLICE", 1)
    assert torch.equal(said, say(network, seen, width=width, most=MOST))


def test_what_cannot_be_is_refused():
    for width in (0, 10):
        with pytest.raises(ValueError, match=rf"width {width}: must be 1…9, the number of words"):
            say(build(V=9), images(), width=width)
    deaf = Network.draw(Sizes(inputs=5, units=6, outputs=9), range(E))
    with pytest.raises(ValueError, match="must have an embedding"):
        say(deaf, images().float())
