"""The command line: `ccdni tasks | train | sweep | caption | results | figures | ledger | bench | doctor | publish`."""

from __future__ import annotations

import sys

import typer

from ..data import send_notices
from .bench import bench
from .caption import caption
from .console import complain, run_to_exit_code, write_readably
from .doctor import doctor
from .figures import figures
from .ledger import ledger
from .publish import publish
from .results import results
from .train import sweep, tasks, train

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Cortico-cerebellar networks as decoupled neural interfaces: train them, compare them, measure them.",
    epilog="Sources in the help: P21 = Pemberton et al. 2021 (NeurIPS), P20 = its ICLR 2021 version, SM = supplement, "
    "C = the authors' public code.",
)
for _command in (tasks, train, sweep, caption, results, figures, ledger, bench, doctor, publish):
    app.command()(_command)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: as typed, without the program's name; by default those of this process.

    Returns:
        Exit code: 0; 1 where a check failed; 2 after a user's mistake; 130 when stopped by Ctrl-C, 143 by SIGTERM.
    """
    write_readably()
    send_notices(complain)
    parser = typer.main.get_command(app)  # not app(): typer ends an interrupted command without a word

    def command() -> object:
        with parser.make_context("ccdni", sys.argv[1:] if arguments is None else list(arguments)) as context:
            return parser.invoke(context)

    return run_to_exit_code(command)


if __name__ == "__main__":
    sys.exit(main())
