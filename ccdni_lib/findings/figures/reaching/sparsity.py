"""Figures of sparseness: how much is learned with K mossy fibres a granule cell, and M/N granule cells a fibre."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from matplotlib.patches import Rectangle

from ....study.measures.errors import mean_sem
from ....study.measures.outcomes import taught_error
from ...pictures.picture import STYLES, Picture, drawing, line_style

BETTER, WORSE = STYLES["sccrnn"]["color"], STYLES["crnn"]["color"]


def error_and_unit(run: xr.Dataset) -> tuple[xr.DataArray, str]:
    """What a task is judged by in validation, and its unit: wrong answers in per cent, or loss per taught step.

    Args:
        run: from `train` or `sweep`, whole or compact.
    """
    error = taught_error(run)
    return (100 * error, "wrong (%)") if run.attrs["task"] == "seqmnist" else (error, "squared error")


@dataclass(frozen=True)
class Wiring:
    """What a map of K and M/N is drawn from.

    Attributes:
        title: what is learned.
        error: of sparse networks, dims mossy_fibres, granule_cells, seed, epoch.
        alone: of the cortex alone, trained alike, dims seed, epoch.
        unit: of both.
        fibres: N, mossy fibres there are.
        usual: M of the published network.
    """

    title: str
    error: xr.DataArray
    alone: xr.DataArray
    unit: str
    fibres: int
    usual: int

    @classmethod
    def of(cls, title: str, sparse: xr.Dataset, alone: xr.Dataset, usual: int) -> Wiring:
        """From stored runs: all errors in the task's own measure (see `error_and_unit`).

        Args:
            title: what is learned.
            sparse: of the model sccrnn, dims mossy_fibres, granule_cells, seed, epoch; the greatest K is all fibres.
            alone: of the model crnn, dims seed, epoch.
            usual: M of the published network.
        """
        (error, unit), (without, _) = error_and_unit(sparse), error_and_unit(alone)
        return cls(title, error, without, unit, int(sparse.mossy_fibres.max()), usual)

    def gain(self) -> xr.DataArray:
        """By how much the mean error at the end lies below that of the cortex alone, as a share of it.

        Compared after the last epoch that both have.

        Returns:
            Dims mossy_fibres, granule_cells; 1 at the most, below 0 where the cortex alone is better.

        Example:
            >>> dims = ("mossy_fibres", "granule_cells", "seed", "epoch")
            >>> at = {"mossy_fibres": [4], "granule_cells": [80], "seed": [0], "epoch": [1]}
            >>> error = xr.DataArray(np.full((1, 1, 1, 1), 3.0), at, dims)
            >>> alone = xr.DataArray([[4.0]], {"seed": [0], "epoch": [1]}, ("seed", "epoch"))
            >>> Wiring("a task", error, alone, "", 20, 80).gain().item()
            0.25
        """
        return 1 - self.ends().mean("seed") / self.alone_ends().mean("seed")

    def ends(self) -> xr.DataArray:
        """Error at the end; dims mossy_fibres, granule_cells, seed."""
        return self._last_common(self.error)

    def alone_ends(self) -> xr.DataArray:
        """Error of the cortex alone at the same epoch; dim seed."""
        return self._last_common(self.alone)

    def _last_common(self, values: xr.DataArray) -> xr.DataArray:
        last = int(min(self.error.epoch[-1], self.alone.epoch[-1]))
        return values.sel(epoch=last, method="nearest", drop=True)


def wiring_maps(wirings: list[Wiring]) -> Picture:
    """Maps of the error at the end over K and M/N, against the cortex alone (P20 Fig. 5, S3b, d, S5).

    The number is the mean error; the colour says by how much it lies below (teal) or above (grey) that of the cortex
    alone. Boxes: the published dense (solid) and sparse (dotted) cerebellum.

    Args:
        wirings: a panel each.
    """
    rows = -(-len(wirings) // 2)
    with drawing(6.4, 2.7 * rows) as figure:
        places = figure.subplots(rows, min(2, len(wirings)), squeeze=False).ravel()
        for axes in places[len(wirings) :]:
            axes.axis("off")
        for axes, wiring in zip(places[: len(wirings)], wirings, strict=True):
            _draw_map(axes, wiring)
    return Picture(
        figure,
        "Maps of the error at the end of training, over the number of mossy fibres of each granule cell and of granule "
        f"cells; coloured by how far it lies below that of a cortex alone. {'; '.join(_in_words(w) for w in wirings)}.",
    )


def wiring_curves(wirings: list[Wiring]) -> Picture:
    """Learning curves over K and M/N in small panels, with those of the cortex alone (P20 Fig. S3a, c, S4).

    Args:
        wirings: a block each.
    """
    rows = -(-len(wirings) // 2)
    with drawing(6.8, 3.0 * rows + 0.3) as figure:
        blocks = np.ravel(figure.subfigures(rows, min(2, len(wirings)), squeeze=False))
        for block, wiring in zip(blocks[: len(wirings)], wirings, strict=True):
            _draw_curves(block, wiring)
    return Picture(
        figure,
        "Learning curves in small panels, from left to right by mossy fibres a granule cell, from bottom to top by "
        f"granule cells: cortex alone, dashed, and with a cerebellum. {'; '.join(_in_words(w) for w in wirings)}.",
    )


def _draw_map(axes: Axes, wiring: Wiring) -> None:
    gain, error = wiring.gain(), wiring.ends().mean("seed")
    kept, cells = gain.mossy_fibres.values, gain.granule_cells.values
    strongest = max(0.1, float(np.abs(gain).max()))
    for x, K in enumerate(kept):
        for y, M in enumerate(cells):
            at = {"mossy_fibres": K, "granule_cells": M}
            share = float(gain.sel(at))
            color, strength = (BETTER, share) if share > 0 else (WORSE, -share)
            look: dict[str, Any] = {"color": color, "alpha": 0.75 * strength / strongest, "linewidth": 0}
            axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, **look))
            axes.text(x, y, f"{float(error.sel(at)):.3g}", ha="center", va="center", fontsize=8)
            if wiring.usual == M and K in (4, wiring.fibres):
                model = "sccrnn" if K == 4 else "ccrnn"
                box: dict[str, Any] = {"edgecolor": STYLES[model]["color"], "linestyle": line_style(model)["linestyle"]}
                axes.add_patch(Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, fill=False, linewidth=1.8, **box))
    axes.set_title(f"{wiring.title}: {wiring.unit}\ncortex alone {mean_sem(wiring.alone_ends())}")
    axes.set(xlim=(-0.5, len(kept) - 0.5), ylim=(-0.5, len(cells) - 0.5))
    axes.set_xticks(range(len(kept)), [f"{K}*" if wiring.fibres == K else str(K) for K in kept])
    axes.set_yticks(range(len(cells)), [f"{M / wiring.fibres:g}" for M in cells])
    axes.set(xlabel="mossy fibres a granule cell, K", ylabel="granule cells\na mossy fibre, M/N")
    axes.tick_params(length=0)


def _draw_curves(block: SubFigure, wiring: Wiring) -> None:
    kept, cells = wiring.error.mossy_fibres.values, wiring.error.granule_cells.values[::-1]
    last = int(wiring.error.epoch[-1])
    alone, mean = (
        _fewer_epochs(values.sel(epoch=slice(None, last)).mean("seed")) for values in (wiring.alone, wiring.error)
    )
    panels = block.subplots(len(cells), len(kept), squeeze=False, sharex=True, sharey=True)
    for line, M in zip(panels, cells, strict=True):
        for axes, K in zip(line, kept, strict=True):
            axes.plot(alone.epoch, alone, **line_style("crnn") | {"linewidth": 1})
            own = mean.sel(mossy_fibres=K, granule_cells=M)
            model = "ccrnn" if wiring.fibres == K else "sccrnn"
            axes.plot(own.epoch, own, color=STYLES[model]["color"], linewidth=1.2)
            axes.set(xlim=(0, last), ylim=(0, None), xticks=[0, last])
            axes.tick_params(labelsize=7, length=0)
            if line is panels[0]:
                axes.set_title(f"K = {K}{'*' * (wiring.fibres == K)}", fontsize=8)
        line[0].set_ylabel(f"{M / wiring.fibres:g}", fontsize=8)
    block.suptitle(f"{wiring.title}: {wiring.unit}", fontsize=9)
    block.supxlabel("epoch", fontsize=8)
    block.supylabel("M/N", fontsize=8)


def _fewer_epochs(values: xr.DataArray, about: int = 24) -> xr.DataArray:
    """Fewer epochs, at equal distances, for a small panel."""
    epoch = values.epoch.values
    wanted = np.linspace(epoch[0], epoch[-1], about)
    return values.isel(epoch=np.unique(np.abs(epoch[:, None] - wanted).argmin(0)))


def _in_words(wiring: Wiring) -> str:
    error = wiring.ends().mean("seed")
    best = error.isel(error.argmin(["mossy_fibres", "granule_cells"]))
    low, high = float(error.min()), float(error.max())
    return (
        f"{wiring.title}: {wiring.unit} {mean_sem(wiring.alone_ends())} for the cortex alone, means of {low:.3g} to "
        f"{high:.3g} with a cerebellum, the best at K = {int(best.mossy_fibres)} and M/N = "
        f"{int(best.granule_cells) / wiring.fibres:g}"
    )
