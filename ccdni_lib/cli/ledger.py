"""`ccdni ledger`: the table of claims on the terminal, and whether stored results still come out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console, Group
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from ..engine.files import FileError
from ..engine.settings import SettingError
from ..findings.claims.catalogue import experiments_of, find_claims
from ..findings.claims.claim import VERDICTS
from ..findings.claims.ledger import HEADINGS, MARKS, Ledger, Row, came_out_word, outcome_texts, summary
from ..study.experiments import differences, load_result, make_results, results_folder
from ..study.experiments.experiment import RESULT_BUDGETS
from ..study.experiments.recheck import is_quick
from ..study.experiments.results import WHERE_RESULTS_ARE
from .console import complain, out_console, resumable
from .options import Data, Workers
from .results import BUDGET_HELP

WIDE = 110  # columns that the table needs
_COLOURS = dict(zip(VERDICTS, ("green", "yellow", "red", "dim"), strict=True))
_CAPTION = (
    "effect: of the first comparison, with 95 % interval over networks; n: pairs of networks; "
    "came out: of all comparisons. In full: ccdni ledger CLAIM"
)


def ledger(
    claims: Annotated[
        list[str] | None,
        typer.Argument(help="Claims by id, or how it begins, as P21-3; by default all.", show_default=False),
    ] = None,
    budget: Annotated[
        str,
        typer.Option(help=f"stored: the results that are there. To make those that are needed first: {BUDGET_HELP}."),
    ] = "stored",
    check: Annotated[
        bool, typer.Option("--check", help="Make samples anew: are the stored results still what the code computes?")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for results that are made; those that it has are used. By default a temporary one.",
            show_default=False,
        ),
    ] = None,
    workers: Workers = None,
    data: Data = None,
) -> None:
    """Every published claim: what the paper says, what came out here, and a verdict."""
    kept = f"the same command goes on from what is in {out}" if out else "nothing is kept where no --out is given"
    with resumable(kept):
        raise typer.Exit(run_ledger(out_console, claims, budget, check, out, workers))


def run_ledger(
    console: Console,
    names: list[str] | None = None,
    budget: str = "stored",
    check: bool = False,
    out: Path | None = None,
    workers: int | None = None,
    say: Callable[[str], object] = complain,
) -> int:
    """Print the ledger.

    Args:
        console: where to.
        names: claims by id or how it begins; by default all. Claims that are named are shown in full.
        budget: "stored" reads the stored results; "quick", "class" or "paper" makes those first that are missing.
        check: make a small piece of the quicker results anew instead, and compare with what is stored.
        out: folder for results that are made; what lies there already is used. By default a temporary one.
        workers: processes, see `ccdni_lib.sweep`.
        say: called with a sentence about what is missing or damaged.

    Returns:
        Exit code: 0, or 1 when a stored result is missing, is damaged, or does not come out any more.

    Raises:
        SettingError: for a claim or a budget that there is not, or a folder where nothing is made.
        FileError: when no result is stored at all, or one that is to be used was made with something else.
    """
    claims = find_claims(names)
    if budget not in RESULT_BUDGETS:
        raise SettingError(f"budget {budget}: must be one of {', '.join(RESULT_BUDGETS)} for the ledger")
    if check and budget != "stored":
        raise SettingError(f"budget {budget}: must be stored where results are checked")
    if budget == "stored":
        for name, value in (("out", out), ("workers", workers)):
            if value is not None:
                raise SettingError(f"{name} {value}: must be given with a budget other than stored only")
        if not any(results_folder().glob("*.nc")):
            raise FileError(f"{results_folder()}: has no stored results; it {WHERE_RESULTS_ARE}")
    if check:
        return _check(console, [name for name in experiments_of(claims) if is_quick(name)])
    with ExitStack() as stack:
        folder = None
        if budget != "stored":
            folder = out or Path(stack.enter_context(tempfile.TemporaryDirectory()))
            make_results(experiments_of(claims), folder, budget, workers=workers, report=partial(_report, console))
        ledger = Ledger.from_results(claims, partial(load_result, folder=folder))
    if names:
        for row in ledger.rows:
            _in_full(console, row)
    else:
        console.print((_table if console.width >= WIDE else _lines)(ledger, budget), highlight=False)
    console.print(f"{len(ledger.rows)} claims: {summary(ledger)}", highlight=False)
    if ledger.missing:
        say(f"no stored result of {', '.join(ledger.missing)}; ccdni results makes them")
    for sentence in ledger.unreadable:
        say(sentence)
    return 1 if ledger.missing or ledger.unreadable else 0


def _report(console: Console, name: str) -> None:
    console.print(f"making {name}", highlight=False)


def _check(console: Console, names: list[str]) -> int:
    wrong = 0
    for name in names:
        try:
            found = differences(name)
        except FileError as error:
            console.print(f"[red]✗[/red] {name}: {escape(str(error))}", highlight=False, soft_wrap=True)
            wrong += 1
            continue
        apart = ", ".join(f"{key} by {share:.1%}" for key, share in found.items())
        mark, what = ("[red]✗[/red]", f"differs: {apart}") if found else ("[green]✓[/green]", "comes out")
        console.print(f"{mark} {name}: {what}", highlight=False, soft_wrap=True)
        wrong += bool(found)
    console.print(f"{len(names) - wrong} of {len(names)} results come out", highlight=False)
    return 1 if wrong else 0


def _verdict(row: Row) -> str:
    colour = _COLOURS[row.verdict]
    return f"[{colour}]{MARKS[row.verdict]} {row.verdict}[/{colour}]"


def _first_effect(row: Row) -> tuple[str, str, str]:
    """Of the first comparison of which anything is known: effect, p and n."""
    outcome = next((one for one in row.outcomes if one.effect), None)
    return outcome_texts(outcome)[1:] if outcome else ("", "", "")


def _lines(ledger: Ledger, budget: str) -> Group:
    """What the table says, for a narrow terminal: a claim and its verdict, what the paper says, and the effect."""
    parts: list[str | Padding] = [f"[italic]Claims, on {budget} results[/italic]"]
    for topic, rows in ledger.by_topic().items():
        parts.append(f"\n[bold]{topic}[/bold]")
        for row in rows:
            told = [escape(row.claim.says)]
            if row.tally:
                effect, p, n = _first_effect(row)
                told.append(escape(f"effect {effect}, p {p}, n {n}; came out: {row.tally}"))
            parts.append(f"{row.claim.id}  {_verdict(row)}")
            parts.append(Padding("\n".join(told), (0, 0, 0, 4)))
    return Group(*parts, f"\n[dim italic]{_CAPTION}[/dim italic]")


def _table(ledger: Ledger, budget: str) -> Table:
    """A row for each claim, with its first comparison; the rest is shown when a claim is named."""
    table = Table(
        title=f"Claims, on {budget} results",
        title_justify="left",
        caption=_CAPTION,
        caption_justify="left",
        expand=True,
        box=box.SIMPLE,
    )
    table.add_column("claim", no_wrap=True)
    table.add_column("what the paper says", min_width=20, ratio=2)
    table.add_column("effect [95 %]", ratio=1)
    for heading in ("p", "n", "came\nout"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True, min_width=15)
    for topic, rows in ledger.by_topic().items():
        table.add_section()
        table.add_row("", f"[bold]{topic}[/bold]")
        for row in rows:
            effect, p, n = _first_effect(row)
            table.add_row(row.claim.id, escape(row.claim.says), escape(effect), p, n, row.tally, _verdict(row))
    return table


def _in_full(console: Console, row: Row) -> None:
    claim = row.claim
    console.print(f"[bold]{claim.id}[/bold]  {_verdict(row)}", highlight=False)
    facts = Table.grid(padding=(0, 2))
    facts.add_column(no_wrap=True)
    facts.add_column()
    for name, text in {"claim": claim.says, "place": claim.place, **row.facts}.items():
        facts.add_row(f"[dim]{name}[/dim]", escape(text))
    console.print(facts)
    if row.outcomes:
        table = Table(box=box.SIMPLE_HEAD)
        for heading in HEADINGS:
            table.add_column(heading)
        for outcome in row.outcomes:
            groups, effect, p, n = outcome_texts(outcome)
            cells = (outcome.comparison.label, groups or outcome.missing, effect, p, n, came_out_word(outcome))
            table.add_row(*(escape(cell) for cell in cells))
        console.print(table)
    console.print()
