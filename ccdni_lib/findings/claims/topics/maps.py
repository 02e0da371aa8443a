"""Claims on sparsity and expansion in the digit tasks: maps of K and M/N (P20 section 3.4, Fig. 5, S4, S5)."""

from __future__ import annotations

from functools import partial

import xarray as xr

from ..claim import Claim, Comparison
from ..readings import Measure, Sample, error_rate, final_value, mean_step_error, sample_of

_wrong = error_rate(final_value)
_good = 1.1  # times the error of the best cell
_ERRORS: dict[str, Measure] = {
    "seqmnist": _wrong,
    "c-seqmnist": final_value("ataxia_taught"),
    "ld-seqmnist": mean_step_error(final_value),
    "dd-seqmnist": mean_step_error(final_value),
}


def _cell(fibres: int, cells: int) -> Sample:
    return sample_of("seqmnist-map", _wrong, mossy_fibres=fibres, granule_cells=cells)


def _good_region(task: str) -> Sample:
    """Share of a map's cells whose error is at most a tenth above that of the best cell, for each seed."""

    def measure(run: xr.Dataset) -> xr.DataArray:
        errors = _ERRORS[task](run)
        map_dims = ["mossy_fibres", "granule_cells"]
        alive = errors.notnull().all(map_dims)
        return (errors <= _good * errors.min(map_dims)).mean(map_dims).where(alive)

    return sample_of(f"{task}-map", measure)


_best = partial(Comparison, expect="less", one=_cell(4, 300))

MAPS = (
    Claim(
        "P20-5a-combination",
        "P20 section 3.2 and 3.4, Fig. 5a, S4, S5",
        "In naming digits the expansion and sparsity found in nature, M/N = 5 and K = 4, are a good combination.",
        "the parameters found experimentally provide a good combination",
        "share of validation images named wrongly after the last epoch (0 … 1)",
        (
            _best("against K = 60, all mossy fibres", other=_cell(60, 300)),
            _best("against K = 1", other=_cell(1, 300)),
            _best("against M/N = 1", other=_cell(4, 60)),
            _best("against M/N = 1 and K = 60, as in J17", other=_cell(60, 60)),
        ),
        why="Better than sparser, denser and smaller. Teaching size, T = 3.",
    ),
    Claim(
        "P20-5b-wider",
        "P20 section 3.4, Fig. 5b, S4",
        "In regression tasks many more combinations of expansion and sparsity are good.",
        "is much wider in regression tasks such as the coordinate sMNIST",
        "share of the map's twelve cells with an error at most a tenth above that of the best (0 … 1)",
        tuple(
            Comparison(f"{task} against seqmnist", _good_region(task), _good_region("seqmnist"), "more", "difference")
            for task in ("c-seqmnist", "ld-seqmnist", "dd-seqmnist")
        ),
        why="Errors: share named wrongly; squared error at the last step (c-) or of a mean step (ld-, dd-). Teaching "
        "size, T = 3.",
    ),
)
