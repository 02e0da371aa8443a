"""The terminal: what is printed, the bar of long work, and how a mistake or an interruption ends a command."""

from __future__ import annotations

import codecs
import re
import signal
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import torch
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ..data import follow_progress
from ..engine.files import FileError
from ..engine.settings import SettingError
from ..study.runs.board import WorkerError

UsageError = typer.BadParameter.__base__  # what typer's parser raises
FAILED, MISTAKE = 1, 2  # exit codes
STOPPED, TERMINATED = 130, 143  # 128 and the signal's number, as shells count
out_console, err_console = Console(), Console(stderr=True)
_ASCII = {  # what stands for characters that an old terminal, or a file in its encoding, does not have
    **{"→": "->", "←": "<-", "…": "...", "·": "*", "×": "x", "÷": "/", "±": "+/-", "√": "sqrt", "°": " deg", "‖": "||"},
    **{"−": "-", "–": "-", "≤": "<=", "≥": ">=", "∈": "in", "“": '"', "”": '"', "’": "'"},
    **{"●": "*", "◐": "+", "○": "-", "✓": "+", "✗": "x"},
}


class Stopped(KeyboardInterrupt):
    """A command was interrupted; the message says what is kept and how to go on."""


def complain(sentence: str) -> None:
    """Print a sentence for the user on stderr."""
    err_console.print(f"ccdni: {sentence}", markup=False, highlight=False, soft_wrap=True)


def write_readably() -> None:
    """From now on, write a character that stdout or stderr cannot encode as something readable, and fail at none."""
    codecs.register_error("ccdni-readable", _replace_by_ascii)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="ccdni-readable")


def _replace_by_ascii(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(in_ascii, error.object[error.start : error.end])), error.end


def in_ascii(character: str) -> str:
    r"""What stands for a character where there is only ASCII: a likeness, a Greek letter's name, or its number.

    Example:
        >>> [in_ascii(character) for character in "→±δé☃"]
        ['->', '+/-', 'delta', 'e', '\\u2603']
    """
    greek = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(character, ""))
    if greek:
        return greek[2].lower() if greek[1] == "SMALL" else greek[2].capitalize()
    alike = _ASCII.get(character) or unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return alike or ascii(character)[1:-1]


@contextmanager
def resumable(kept: str) -> Iterator[None]:
    """Say, where the block is interrupted, what is kept of it and how to go on.

    Example:
        >>> try:
        ...     with resumable("go on with --resume"):
        ...         raise KeyboardInterrupt("stopped after epoch 3")
        ... except Stopped as stopped:
        ...     print(stopped)
        stopped after epoch 3; go on with --resume
    """
    try:
        yield
    except KeyboardInterrupt as stopped:
        raise Stopped(f"{str(stopped) or 'stopped'}; {kept}") from None


def run_to_exit_code(command: Callable[[], object]) -> int:
    """Run a command to its exit code: a user's mistake is one sentence and 2, Ctrl-C one and 130, SIGTERM one and 143.

    Args:
        command: what to run; its own exit code is what it returns, 0 for None, or has in `typer.Exit`.
    """
    with _termination_interrupts() as terminated:
        try:
            code = command()
            return code if isinstance(code, int) else 0
        except typer.Exit as finished:
            return finished.exit_code
        except (SettingError, FileError) as error:
            complain(str(error))
            return MISTAKE
        except WorkerError as error:
            complain(str(error))
            return FAILED
        except UsageError as error:
            if error.format_message():  # empty where the help was printed instead
                complain(error.format_message())
            return MISTAKE
        except (KeyboardInterrupt, typer.Abort) as stopped:
            complain(str(stopped) or "stopped")
            return TERMINATED if terminated.is_set() else STOPPED
        except OSError as error:  # of files that no one else knew to speak of; without a name, of what is printed
            complain(f"{error.filename or 'output'}: cannot be used ({error.strerror or error})")
            return MISTAKE
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            complain("there is not enough memory; smaller networks, or fewer at once, need less")
            return FAILED


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error says that memory, of the computer or of a GPU, was not enough.

    Example:
        >>> is_out_of_memory(MemoryError()), is_out_of_memory(RuntimeError("shapes differ"))
        (True, False)
    """
    known = isinstance(error, MemoryError | torch.OutOfMemoryError)
    return known or "DefaultCPUAllocator: can't allocate memory" in str(error)  # which has no class of its own


@contextmanager
def _termination_interrupts() -> Iterator[threading.Event]:
    """Have SIGTERM do what Ctrl-C does at that moment, so that files and worker processes are looked after as then."""
    terminated = threading.Event()
    if threading.current_thread() is not threading.main_thread():  # where Python lets no one handle signals
        yield terminated
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        terminated.set()
        on_ctrl_c = signal.getsignal(signal.SIGINT)
        if not callable(on_ctrl_c):  # a shell has it ignored in the background
            raise KeyboardInterrupt
        on_ctrl_c(signal.SIGINT, frame)

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield terminated
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def show_progress(title: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on a terminal; gives the function to be called with the share that is done, 0 … 1."""
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    with Progress(
        *columns, TimeRemainingColumn(), console=err_console, transient=True, disable=not err_console.is_terminal
    ) as bar:
        whole, preparation = bar.add_task(title, total=1.0), bar.add_task("", total=1.0, visible=False)

        def show_preparation(what: str, done: float) -> None:
            bar.update(preparation, description=what, completed=done, visible=done < 1)

        with follow_progress(show_preparation):
            yield lambda done: bar.update(whole, completed=done)
