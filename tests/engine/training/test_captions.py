"""Images and words, sequences that end early, dropout: the fast engine against the literal one."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.multiprocessing.reductions import StorageWeakRef
from torch.nn.functional import cross_entropy as torch_cross_entropy
from torch.utils._python_dispatch import TorchDispatchMode

from ccdni_lib.engine.learning.adam import Adam
from ccdni_lib.engine.learning.reference import Reference
from ccdni_lib.engine.learning.rule import Batch, Rule, learn, propagate
from ccdni_lib.engine.networks import cortex
from ccdni_lib.engine.networks.embedding import ImageAndWords
from ccdni_lib.engine.networks.losses import cross_entropy
from ccdni_lib.engine.networks.network import Network, Sizes
from ccdni_lib.engine.networks.parameters import Parameters

E, N, B, F, V = 3, 9, 6, 4, 11
SIZES = Sizes(inputs=5, units=5, outputs=V, granule_cells=12, granule_layers=2, words=V, features=F)
RATE, OLIVE, CLIP = 1e-2, 3e-3, 0.3
LENGTHS = [[9, 7, 7, 4, 3, 1], [6, 6, 5, 3, 2, 2], [4, 4, 3, 3, 1, 1]]  # longest first; the third network rests early


class Data:
    """Captions for E networks, each with its own."""

    def __init__(self, dropout: bool = True, lengths=LENGTHS, dtype=torch.float64):
        random = torch.Generator().manual_seed(1)
        self.features = torch.randn(E, B, F, generator=random, dtype=torch.float64).to(dtype)
        self.words = torch.randint(V, (E, N, B), generator=random)
        self.targets = torch.randint(V, (E, N, B), generator=random)
        self.lengths = torch.tensor(lengths)
        kept = (torch.rand(E, N, B, SIZES.inputs, generator=random) > 0.5).to(dtype) * 2
        self.kept = kept if dropout else None
        self.there = (self.lengths[:, None] > torch.arange(N)[:, None]).to(dtype)

    def batch(self) -> Batch:
        shown = ImageAndWords(self.words, self.features)
        return Batch(shown, self.targets, self.there, B, lengths=self.lengths, kept=self.kept)


def build(sizes: Sizes = SIZES, dtype=torch.float64, **draw) -> tuple[Network, Adam]:
    network = Network.draw(sizes, range(E), cerebellum_init="random", dtype=dtype, **draw)
    optimiser = Adam(network.parts, clip_norm=CLIP, apart=True)
    optimiser.set_rates([[RATE] * E, [OLIVE] * E][: len(network.parts)])
    return network, optimiser


def rule(truncation: int, online: bool) -> Rule:
    one = torch.ones(E, 1, 1, 1, dtype=torch.float64)
    return Rule(truncation, online, one * 0.1, one)


def reference(network: Network, index: int, truncation: int, online: bool) -> Reference:
    image, words = network.embedding_to_torch(index)
    settings = {"learning_rate": RATE, "cerebellum_learning_rate": OLIVE, "clip_norm": CLIP}
    wiring = None if network.wiring is None else network.wiring[index]
    modules = {"image": image, "words": words, "wiring": wiring}
    return Reference(*network.to_torch(index), truncation=truncation, online=online, **settings, **modules)


def each_word(output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return torch_cross_entropy(output.transpose(1, 2), target, reduction="none")


@pytest.mark.parametrize("dropout", [False, True])
@pytest.mark.parametrize("online", [False, True])
@pytest.mark.parametrize(
    ("truncation", "sizes"), [(1, SIZES), (4, SIZES), (4, replace(SIZES, mossy_fibres=4)), (9, SIZES)]
)
def test_follows_the_reference(truncation, sizes, online, dropout):
    network, optimiser = build(sizes)
    data = Data(dropout)
    literal = [reference(network, index, truncation, online) for index in range(E)]
    for _ in range(3):
        found = learn(network, data.batch(), rule(truncation, online), cross_entropy, optimiser)
        for index, one in enumerate(literal):
            longest = int(data.lengths[index].max())
            x = [data.features[index], *data.words[index, 1:longest]]
            kept = None if data.kept is None else data.kept[index, :longest]
            there, y = data.there[index, :longest], data.targets[index, :longest]
            error = one.learn(x, y, there, each_word, data.lengths[index], kept)
            assert error == pytest.approx(found[index].item(), rel=1e-12)
    for index, one in enumerate(literal):
        image, words = network.embedding_to_torch(index)
        mine = [*network.to_torch(index)[:2], image, words, network.to_torch(index)[2]]
        theirs = [one.lstm, one.readout, one.image, one.words, one.cerebellum]
        for ours, module in zip(mine, theirs, strict=True):
            for a, b in zip(ours.parameters(), module.parameters(), strict=True):
                torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-11)


def test_a_network_is_not_moved_by_longer_captions_of_its_neighbours():
    """The third network has nothing left to do after step 4; alone, it stops there."""
    network, optimiser = build()
    data = Data()
    alone = Network.draw(SIZES, [2], cerebellum_init="random", dtype=torch.float64)
    own = Adam(alone.parts, clip_norm=CLIP, apart=True)
    own.set_rates([[RATE], [OLIVE]])
    one = torch.ones(1, 1, 1, 1, dtype=torch.float64)
    whole = data.batch()
    mine = Batch(
        whole.inputs[2:, :4], whole.targets[2:, :4], whole.taught[2:, :4], B, None, whole.lengths[2:], data.kept[2:, :4]
    )
    for _ in range(4):
        learn(network, whole, rule(2, True), cross_entropy, optimiser)
        learn(alone, mine, Rule(2, True, one * 0.1, one), cross_entropy, own)
    for name, weight in alone.weights.items():
        torch.testing.assert_close(weight[0], network.weights[name][2], rtol=1e-10, atol=1e-12)
    assert optimiser.counts[:, 2].tolist() == own.counts[:, 0].tolist() == [8, 8]
    assert optimiser.counts[:, 0].tolist() == [20, 20]


def test_what_lies_behind_an_end_makes_no_difference():
    data, other = Data(), Data()
    behind = ~other.there.bool()
    other.words[behind], other.targets[behind] = 0, 3
    results = []
    for one in (data, other):
        network, optimiser = build()
        learn(network, one.batch(), rule(4, False), cross_entropy, optimiser)
        results.append(network.weights.flat)
    torch.testing.assert_close(*results, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("online", [False, True])
def test_a_large_readout_is_judged_in_slices(monkeypatch, online):
    results = []
    for limit in (2**23, 1):
        monkeypatch.setattr(cortex, "SLICE", limit)
        network, optimiser = build()
        error = learn(network, Data().batch(), rule(4, online), cross_entropy, optimiser)
        results.append((error, network.weights.flat))
    torch.testing.assert_close(*results, rtol=1e-12, atol=1e-14)


class Memory(TorchDispatchMode):
    """Watches how many bytes the tensors that are made take at once, at most."""

    def __init__(self, known: list[torch.Tensor]):
        super().__init__()
        self.known = {x.untyped_storage()._cdata for x in known}
        self.live: dict[int, tuple[StorageWeakRef, int]] = {}
        self.peak = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        found = function(*args, **(kwargs or {}))
        for x in found if isinstance(found, (tuple, list)) else [found]:
            if isinstance(x, torch.Tensor) and (storage := x.untyped_storage())._cdata not in self.known:
                self.live[storage._cdata] = StorageWeakRef(storage), storage.nbytes()
        self.live = {key: (ref, size) for key, (ref, size) in self.live.items() if not ref.expired()}
        self.peak = max(self.peak, sum(size for _, size in self.live.values()))
        return found


@pytest.mark.parametrize("online", [False, True])
def test_memory_at_the_published_size_is_bounded(online):
    """9,956 words, 100 captions, 5 networks: what an update makes beside weights, gradients and Adam's averages.

    That is one slice of outputs and what its loss needs, the word vectors' gradient, and, as in every task, what each
    step of the cortex was: 280 MB at most with updates after every truncation, 700 MB with one a sequence, beside the
    645 MB that it begins with. The outputs of all 31 steps alone would be 617 MB, several times over.
    """
    networks, steps, sequences, vocabulary, n = 5, 31, 100, 9956, 256
    sizes = Sizes(
        inputs=n, units=n, outputs=vocabulary, granule_cells=1024, granule_layers=2, words=vocabulary, features=1280
    )
    numbers = sum(networks * rows * columns for rows, columns in sizes.shapes().values())
    network = Network(sizes, Parameters(sizes.shapes(), networks, torch.empty(numbers, device="meta")))
    optimiser = Adam(network.parts, apart=True)
    optimiser.set_rates([[RATE] * networks] * 2)
    one = torch.ones(networks, 1, 1, 1, device="meta")
    words = torch.zeros(networks, steps, sequences, dtype=torch.long, device="meta")
    shown = ImageAndWords(words, torch.ones(networks, sequences, 1280, device="meta"))
    there, lengths = torch.ones(words.shape, device="meta"), torch.full((networks, sequences), steps)
    known = [x.flat for part in optimiser.parts for x in part] + [network.gradients.flat, network.weights.flat]
    with Memory(known) as watched:
        batch = Batch(shown, words, there, sequences, lengths=lengths)
        learn(network, batch, Rule(4, online, one, one), cross_entropy, optimiser)
    outputs = max(cortex.SLICE, networks * sequences * vocabulary)
    activity = networks * (4 if online else steps) * sequences * n
    assert watched.peak <= 4 * (5 * outputs + networks * vocabulary * n + 30 * activity)


def test_an_image_comes_first_and_then_words():
    network, _ = build()
    data = Data(dropout=False)
    entering = network.receive(data.batch().inputs)
    image, words = network.embedding_to_torch(1)
    torch.testing.assert_close(entering[1, 0], image(data.features[1]))
    torch.testing.assert_close(entering[1, 1:], words(data.words[1, 1:]))


def test_nothing_is_foreseen_where_a_caption_ends():
    """At each cut, what is injected is zero for all captions that have ended there."""
    network, _ = build()
    data = Data()
    found = propagate(network, data.batch(), rule(2, False), cross_entropy)
    ends = torch.tensor([2, 4, 6, 8, 10])
    goes_on = data.lengths[:, None] > ends[:, None]
    assert bool((found.injected.abs().sum(-1) > 0).eq(goes_on).all())


@pytest.mark.cuda
def test_cuda_agrees_with_the_cpu():
    data = Data()
    results = []
    for device in ("cpu", "cuda"):
        network, optimiser = build(device=device)
        batch = data.batch()
        there, kept, targets = (x.to(device) for x in (batch.taught, data.kept, batch.targets))
        shown = ImageAndWords(data.words.to(device), data.features.to(device))
        batch = Batch(shown, targets, there, B, lengths=data.lengths, kept=kept)
        one = torch.ones(E, 1, 1, 1, dtype=torch.float64, device=device)
        learn(network, batch, Rule(4, True, one * 0.1, one), cross_entropy, optimiser)
        results.append(network.weights.flat.cpu())
    torch.testing.assert_close(*results, rtol=1e-9, atol=1e-11)
