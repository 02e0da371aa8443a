"""What a claim is, how it is tested on stored results, and what is concluded.

A claim makes one or more comparisons. Each compares networks with their twins and says beforehand what must come out:

- "less" or "more": the whole 95 % interval of the effect lies on that side of no effect;
- "same", within a margin: the whole interval lies within the margin around no effect;
- "not less" or "not more", within a margin: the interval may lie on either side, but not beyond the margin.

A claim *holds* if all its comparisons come out, *holds in part* if some do, *does not hold* if none does. A claim that
something *can* happen needs only one. Where a result is missing, or one of the comparisons cannot be made on it, or the
project has no such task, it is *not tested*.
No correction is made for the number of claims: of a hundred comparisons without any effect, some will come out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from ...study.measures.statistics import KINDS, Effect, paired_effect
from .readings import LacksError, Measure, Runs, Sample, sample_of

HOLDS, IN_PART, DOES_NOT_HOLD, NOT_TESTED = VERDICTS = ("holds", "holds in part", "does not hold", "not tested")
EXPECTATIONS = ("less", "more", "same", "not less", "not more")


@dataclass(frozen=True)
class Comparison:
    """Networks against their twins, and what must come out.

    Attributes:
        label: under which conditions, or between which networks, in words.
        one, other: what is compared, a number a network.
        expect: one of `EXPECTATIONS`.
        kind: of effect, see `ccdni_lib.study.measures.statistics.KINDS`.
        within: margin, for "same", "not less" and "not more": a share of a ratio (0.25: from 0.8 to 1.25), or a
            difference.

    Raises:
        ValueError: for what is expected, or a kind, that there is not.
    """

    label: str
    one: Sample
    other: Sample
    expect: str
    kind: str = "ratio"
    within: float = 0.0

    def __post_init__(self) -> None:
        if self.expect not in EXPECTATIONS:
            raise ValueError(f"expect {self.expect}: must be one of {', '.join(EXPECTATIONS)}")
        if self.kind not in KINDS:
            raise ValueError(f"kind {self.kind}: must be one of {', '.join(KINDS)}")

    @property
    def rule(self) -> str:
        """What must come out, as a sentence without a subject."""
        null, (low, high) = KINDS[self.kind][1], self._margins()
        return {
            "less": f"{self.kind} below {null:g}",
            "more": f"{self.kind} above {null:g}",
            "same": f"{self.kind} between {low:.3g} and {high:.3g}",
            "not less": f"{self.kind} not below {low:.3g}",
            "not more": f"{self.kind} not above {high:.3g}",
        }[self.expect]

    def _margins(self) -> tuple[float, float]:
        if self.kind == "difference":
            return -self.within, self.within
        return 1 / (1 + self.within), 1 + self.within

    def met_by(self, effect: Effect) -> bool | None:
        """Whether it came out; None where too few networks are left to tell."""
        if not (np.isfinite(effect.low) and np.isfinite(effect.high)):
            return None
        null, (low, high) = KINDS[self.kind][1], self._margins()
        return {
            "less": effect.high < null,
            "more": effect.low > null,
            "same": low < effect.low and effect.high < high,
            "not less": effect.low > low,
            "not more": effect.high < high,
        }[self.expect]

    def evaluate(self, runs: Runs) -> Outcome:
        """Compare, on results.

        Args:
            runs: results by the name of their experiment.

        Raises:
            KeyError: when a measure reads what nothing measures.
        """
        try:
            pair = xr.align(self.one.read(runs), self.other.read(runs), join="inner")
        except LacksError as lacks:
            return Outcome(self, None, np.array([]), np.array([]), str(lacks))
        one, other = (values.values for values in xr.broadcast(*(x.reset_coords(drop=True) for x in pair)))
        effect = paired_effect(one, other, self.kind)
        if self.kind == "factor":
            one, other = np.exp(one), np.exp(other)
        few = "" if effect.n > 1 else f"{effect.n} networks are too few to tell"
        return Outcome(self, effect, one, other, few)


@dataclass(frozen=True)
class Outcome:
    """What came of a comparison.

    Attributes:
        comparison: which.
        effect: with interval and test; None where the result has no such networks.
        one, other: the numbers compared, one a network.
        missing: why nothing can be told; empty where something can.
    """

    comparison: Comparison
    effect: Effect | None
    one: np.ndarray
    other: np.ndarray
    missing: str = ""

    @property
    def came_out(self) -> bool | None:
        """Whether what was expected came out; None where nothing can be told."""
        return self.comparison.met_by(self.effect) if self.effect else None


@dataclass(frozen=True)
class Claim:
    """A sentence of a paper, and how it is tested.

    Attributes:
        id: as on the command line.
        place: paper (P21 or P20), section and figure.
        says: the claim, in our words.
        quote: a few of the paper's words, so that the sentence can be found.
        measure: what is measured, with its unit.
        comparisons: the tests; empty where there is none.
        published: the paper's own value, where it gives one.
        needs: "all" comparisons or, for a claim that something can happen, "any" of them.
        why: the reason for what is not obvious in the rule.
        untested: why there are no tests.
    """

    id: str
    place: str
    says: str
    quote: str
    measure: str = ""
    comparisons: tuple[Comparison, ...] = ()
    published: str = ""
    needs: str = "all"
    why: str = ""
    untested: str = ""

    @property
    def experiments(self) -> tuple[str, ...]:
        """Whose results it needs."""
        samples = [sample for each in self.comparisons for sample in (each.one, each.other)]
        return tuple(dict.fromkeys(name for sample in samples for name in sample.experiments))

    @property
    def rule(self) -> str:
        """The rule of the verdict, in words."""
        if not self.comparisons:
            return ""
        parts = "; ".join(f"{each.label}: {each.rule}" for each in self.comparisons)
        return f"Holds if {self.needs} of these come out: {parts}." + (f" {self.why}" if self.why else "")

    def verdict(self, outcomes: Sequence[Outcome]) -> str:
        """What is concluded; nothing where of one comparison nothing can be told.

        Args:
            outcomes: of its comparisons.
        """
        came_out = [outcome.came_out for outcome in outcomes]
        if not came_out or None in came_out:
            return NOT_TESTED
        if all(came_out) or (self.needs == "any" and any(came_out)):
            return HOLDS
        return IN_PART if any(came_out) else DOES_NOT_HOLD


def twins(
    label: str,
    experiment: str,
    measure: Measure,
    expect: str = "less",
    model: str = "ccrnn",
    other: str = "crnn",
    within: float = 0.0,
    **point: Any,
) -> Comparison:
    """The commonest comparison: of two models at one point of an experiment, as a ratio of means.

    Example:
        >>> from ccdni_lib.findings.claims.readings import final_value
        >>> twins("T = 1", "line-drawing-grid", final_value("ataxia_score"), truncation=1, feedback_interval=2).rule
        'ratio below 1'
    """
    one, twin = (sample_of(experiment, measure, model=name, **point) for name in (model, other))
    return Comparison(label, one, twin, expect, within=within)
