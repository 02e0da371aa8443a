"""Run the chapters and keep their outputs in them, without what differs from one run to the next for no reason.

python tests/notebooks/execute.py [CHAPTER …]
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

BOOK = Path(__file__).parents[2] / "book"


def chapters() -> list[Path]:
    return sorted(BOOK.glob("*.ipynb"))


def execute(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    options = {"timeout": 600, "store_widget_state": False, "coalesce_streams": True}
    client = NotebookClient(notebook, resources={"metadata": {"path": BOOK}}, **options)
    client.execute()
    tidy(notebook)
    nbformat.write(notebook, path)


def tidy(notebook: nbformat.NotebookNode) -> None:
    """Drop time stamps, versions, widget models, and the PNG of pictures that are there as SVG."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            data.pop("application/vnd.jupyter.widget-view+json", None)
            if "text/html" in data:
                data.pop("image/png", None)


if __name__ == "__main__":
    for chapter in [Path(name) for name in sys.argv[1:]] or chapters():
        print(chapter.name, flush=True)
        execute(chapter)
