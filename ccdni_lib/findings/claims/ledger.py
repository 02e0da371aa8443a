"""The ledger: every claim, what the paper says, what came out here, and a verdict.

Rules stand in the files of the claims (`ccdni_lib.findings.claims.catalogue`) and were written from the papers, apart
from results; here they are applied.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import xarray as xr

from ...engine.files import FileError
from ...study.experiments import MissingResult, load_result
from ...study.measures.errors import mean_sem
from .catalogue import TOPICS, find_claims
from .claim import NOT_TESTED, VERDICTS, Claim, Outcome

Source = Callable[[str], xr.Dataset]
MARKS = dict(zip(VERDICTS, "●◐○–", strict=True))
HEADINGS = ("comparison", "mean ± s.e.m. of both", "effect [95 %]", "p", "n", "as claimed?")  # of outcomes


@dataclass(frozen=True)
class Row:
    """What became of a claim.

    Attributes:
        claim: which.
        outcomes: of its comparisons; empty where it was not tested.
        verdict: one of `ccdni_lib.findings.claims.claim.VERDICTS`.
        reason: why it was not tested; empty where it was.
        missing: experiments of which there is no stored result.
        unreadable: a sentence about each stored result that is damaged.
        minutes: that its results took to make, by device: those of all ensembles together, of which some ran at once.
    """

    claim: Claim
    outcomes: tuple[Outcome, ...] = ()
    verdict: str = NOT_TESTED
    reason: str = ""
    missing: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    minutes: Mapping[str, float] = field(default_factory=dict)

    @property
    def command(self) -> str:
        """What makes its results; empty where there is nothing to make."""
        return f"ccdni results {' '.join(self.claim.experiments)}" if self.claim.experiments else ""

    @property
    def tally(self) -> str:
        """How many comparisons came out, of all; empty where it was not tested."""
        if self.verdict == NOT_TESTED:
            return ""
        return f"{sum(bool(outcome.came_out) for outcome in self.outcomes)} of {len(self.outcomes)}"

    @property
    def facts(self) -> dict[str, str]:
        """What stands beside its comparisons: name → text, of those that there are.

        Example:
            >>> list(evaluate(find_claims(["P21-3b-feedback"])[0]).facts)
            ['paper', 'not tested']
        """
        claim = self.claim
        facts = {
            "paper": f"“{claim.quote}”" + (f" ({claim.published})" if claim.published else ""),
            "measure": claim.measure,
            "rule": claim.rule,
            "not tested": self.reason,
            "command": self.command,
            "took": ", ".join(_duration(*each) for each in self.minutes.items()),
        }
        return {name: text for name, text in facts.items() if text}


def _duration(device: str, minutes: float) -> str:
    return f"{minutes:.1f} {'core minutes' if device == 'cpu' else f'minutes, several runs at once on one {device}'}"


def evaluate(claim: Claim, source: Source = load_result) -> Row:
    """Test one claim on results.

    Args:
        claim: which.
        source: gives a result by the name of its experiment, or raises MissingResult where there is none, and
            another FileError where it cannot be read. The row then says so.

    Example:
        >>> evaluate(find_claims(["P21-3b-feedback"])[0]).reason
        'A cause is claimed; neither paper describes an experiment that would change feedback alone.'
    """
    if claim.untested:
        return Row(claim, reason=claim.untested)
    runs: dict[str, xr.Dataset] = {}
    missing, unreadable = [], []
    for name in claim.experiments:
        try:
            runs[name] = source(name)
        except MissingResult:
            missing.append(name)
        except FileError as error:
            unreadable.append(str(error))
    if missing or unreadable:
        found = ([f"no stored result of {', '.join(missing)}"] if missing else []) + unreadable
        return Row(claim, reason=f"{'; '.join(found)}.", missing=tuple(missing), unreadable=tuple(unreadable))
    outcomes = tuple(comparison.evaluate(runs) for comparison in claim.comparisons)
    verdict = claim.verdict(outcomes)
    lacking = [outcome for outcome in outcomes if outcome.missing]
    reason = "; ".join(f"{outcome.comparison.label}: {outcome.missing}" for outcome in lacking)
    if reason:
        reason = f"nothing can be told of {len(lacking)} of {len(outcomes)} comparisons: {reason}."
    minutes: dict[str, float] = {}
    for run in runs.values():
        device = run.attrs.get("device", "cpu")
        minutes[device] = minutes.get(device, 0.0) + run.attrs["seconds"] / 60
    return Row(claim, outcomes, verdict, reason, minutes=minutes)


@dataclass(frozen=True)
class Ledger:
    """Rows of the ledger, as a table in a notebook and on a page."""

    rows: Sequence[Row]

    @classmethod
    def from_results(cls, claims: Iterable[Claim] | None = None, source: Source = load_result) -> Ledger:
        """Evaluate claims, by default all of them; each result is read once.

        Args:
            claims: which.
            source: as of `evaluate`.
        """
        read: dict[str, xr.Dataset] = {}

        def read_once(name: str) -> xr.Dataset:
            if name not in read:
                read[name] = source(name)
            return read[name]

        return cls([evaluate(claim, read_once) for claim in (find_claims() if claims is None else claims)])

    @property
    def missing(self) -> list[str]:
        """Experiments that it needs and of which there is no stored result."""
        return list(dict.fromkeys(name for row in self.rows for name in row.missing))

    @property
    def unreadable(self) -> list[str]:
        """A sentence about each stored result that it needs and that is damaged."""
        return list(dict.fromkeys(sentence for row in self.rows for sentence in row.unreadable))

    @property
    def counts(self) -> dict[str, int]:
        """How often each verdict was given."""
        found = Counter(row.verdict for row in self.rows)
        return {verdict: found[verdict] for verdict in VERDICTS}

    def by_topic(self) -> dict[str, list[Row]]:
        """Its rows under the topics of `ccdni_lib.findings.claims.catalogue.TOPICS`."""
        rows = {row.claim.id: row for row in self.rows}
        sorted_ = {topic: [rows[claim.id] for claim in claims if claim.id in rows] for topic, claims in TOPICS.items()}
        return {topic: chosen for topic, chosen in sorted_.items() if chosen}

    def __repr__(self) -> str:
        return f"<ledger of {len(self.rows)} claims: {summary(self)}>"

    def _repr_html_(self) -> str:
        parts = [f"<p><strong>{len(self.rows)} claims</strong>: {_counts(self)}.</p>"]
        for topic, rows in self.by_topic().items():
            parts.append(f'<p class="topic">{escape(topic)}</p>')
            parts += [_row(row) for row in rows]
        return f'<style>{_STYLE}</style><div class="ccdni-ledger">{"".join(parts)}</div>'


def summary(ledger: Ledger) -> str:
    """Counts of verdicts in a line.

    Example:
        >>> summary(Ledger.from_results(find_claims(["P21-3b-feedback"])))
        '0 holds, 0 holds in part, 0 does not hold, 1 not tested'
    """
    return ", ".join(f"{count} {verdict}" for verdict, count in ledger.counts.items())


def outcome_texts(outcome: Outcome) -> tuple[str, str, str, str]:
    """An outcome as texts: both groups as mean ± s.e.m., effect with interval, p, and n."""
    if outcome.effect is None:
        return "", "", "", ""
    effect = outcome.effect
    left_out = f" ({effect.left_out} diverged)" if effect.left_out else ""
    groups = f"{mean_sem(outcome.one)} / {mean_sem(outcome.other)}"
    return groups, str(effect), f"{effect.p:.2g}", f"{effect.n}{left_out}"


def came_out_word(outcome: Outcome) -> str:
    """Whether a comparison came out, in a word."""
    return {True: "yes", False: "no", None: "?"}[outcome.came_out]


# The page. Letters and lines take the page's colours; a verdict is a sign and a word, its colour only repeats it.
_STYLE = """
.ccdni-ledger{line-height:1.45}
.ccdni-ledger .topic{font-weight:700;margin:1.4em 0 .3em}
.ccdni-ledger details{border-top:1px solid rgba(128,128,128,.45);padding:.35em 0;margin:0;background:none}
.ccdni-ledger summary{cursor:pointer;display:grid;grid-template-columns:8.5em 1fr;gap:0 .8em;list-style:none}
.ccdni-ledger summary::-webkit-details-marker{display:none}
.ccdni-ledger summary:focus-visible{outline:2px solid currentColor;outline-offset:2px}
.ccdni-ledger .verdict{font-weight:600;white-space:nowrap}
.ccdni-ledger .verdict i{font-style:normal;display:inline-block;width:1.2em}
.ccdni-ledger .holds i{color:#2f9e5b}.ccdni-ledger .part i{color:#c98a00}
.ccdni-ledger .not i{color:#d9534f}.ccdni-ledger .un i{color:#888}
.ccdni-ledger .place{display:block;font-size:.85em;opacity:.8}
.ccdni-ledger .more{padding:.4em 0 .6em 1em;border-left:3px solid rgba(128,128,128,.45);margin:.4em 0}
.ccdni-ledger dl{display:grid;grid-template-columns:max-content 1fr;gap:.15em .8em;margin:0 0 .6em}
.ccdni-ledger dt{font-weight:600}.ccdni-ledger dd{margin:0;overflow-wrap:anywhere}
.ccdni-ledger .scroll{overflow-x:auto}
.ccdni-ledger table{border-collapse:collapse;font-size:.85em;margin:0;color:inherit;width:100%}
.ccdni-ledger tr{background:none!important;border-bottom:1px solid rgba(128,128,128,.3)}
.ccdni-ledger :is(th,td){text-align:left;padding:.2em .7em .2em 0;color:inherit;vertical-align:top}
.ccdni-ledger :is(th,td).n{white-space:nowrap}
@media(max-width:600px){.ccdni-ledger summary,.ccdni-ledger dl{grid-template-columns:1fr}
.ccdni-ledger dd{margin-bottom:.4em}.ccdni-ledger .more{padding-left:.6em}}
@media print{.ccdni-ledger details>*{display:block}}
"""
_CLASSES = dict(zip(VERDICTS, ("holds", "part", "not", "un"), strict=True))


def _verdict(verdict: str, text: str) -> str:
    return f'<span class="verdict {_CLASSES[verdict]}"><i aria-hidden="true">{MARKS[verdict]}</i>{escape(text)}</span>'


def _counts(ledger: Ledger) -> str:
    return ", ".join(_verdict(verdict, f"{count} {verdict}") for verdict, count in ledger.counts.items())


def _row(row: Row) -> str:
    claim = row.claim
    tally = f" · {row.tally}" if row.tally else ""
    head = (
        f"{_verdict(row.verdict, row.verdict)}<span>{escape(claim.says)}"
        f'<span class="place">{escape(claim.place)} · {escape(claim.id)}{tally}</span></span>'
    )
    listed = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in row.facts.items())
    return f'<details><summary>{head}</summary><div class="more"><dl>{listed}</dl>{_outcomes(row)}</div></details>'


def _outcomes(row: Row) -> str:
    if not row.outcomes:
        return ""
    body = ""
    for outcome in row.outcomes:
        groups, effect, p, n = (escape(text) for text in outcome_texts(outcome))
        wanted = f"{outcome.comparison.label} ({outcome.comparison.rule})"
        cells = [f"<td>{escape(wanted)}</td>"]
        cells += [
            f'<td class="n">{text}</td>'
            for text in (groups or escape(outcome.missing), effect, p, n, came_out_word(outcome))
        ]
        body += f"<tr>{''.join(cells)}</tr>"
    top = "".join(f"<th>{heading}</th>" for heading in HEADINGS)
    return f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
