"""What is kept in a chapter's file: run from top to bottom, no errors, nothing that another front end shows as junk."""

from __future__ import annotations

import pydoc
import re

import nbformat
import papermill
import pytest
import yaml

from .execute import BOOK, chapters

CODE_WIDTH = 77  # what fits the page
HIDDEN = {"remove-cell", "remove-input"}


@pytest.fixture(params=chapters(), ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell) -> set[str]:
    return set(cell.metadata.get("tags", []))


def test_is_a_valid_notebook_with_plain_cell_ids(notebook):
    nbformat.validate(notebook)
    assert all(re.fullmatch(r"[\w-]+", cell.id) for cell in notebook.cells)


def test_was_run_from_top_to_bottom_without_errors(notebook):
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [output for cell in cells for output in cell.outputs if output.output_type == "error"]


def test_holds_no_widget_state_no_times_no_machine(notebook):
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert all(set(cell.metadata) <= {"tags", "jupyter", "cellView"} for cell in notebook.cells)


def test_begins_with_its_title_and_parameters(notebook, path):
    first, second = notebook.cells[:2]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    assert "parameters" in tags(second)
    assert set(papermill.inspect_notebook(path)) == {"BUDGET", "DEVICE", "SEEDS"}


def test_fetches_the_project_from_the_address_in_the_configuration(notebook):
    address = yaml.safe_load((BOOK.parent / "_config.yml").read_text())["repository"]["url"]
    assert address in code_cells(notebook)[1].source


def test_text_has_no_directives_or_roles(notebook):
    """They would stand about as junk in Colab and in JupyterLab."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert not re.findall(r"^```\{|^:::|\{\w+(?::\w+)?\}`|^\(.+\)=$", text, re.M)


def test_code_fits_the_page(notebook):
    lines = [line for cell in code_cells(notebook) if not tags(cell) & HIDDEN for line in cell.source.splitlines()]
    assert not [line for line in lines if len(line) > CODE_WIDTH]


def test_defines_no_model(notebook):
    code = "\n".join(cell.source for cell in code_cells(notebook))
    assert not re.findall(r"class \w+\(.*Module\)|nn\.LSTM\(", code)


def test_stubs_fail_and_solutions_pass(notebook):
    cells = code_cells(notebook)
    stubs = [cell for cell in cells if "exercise" in tags(cell)]
    solutions = [cell for cell in cells if "solution" in tags(cell)]
    assert len(stubs) == len(solutions)
    for cell, mark in [(stub, "✗") for stub in stubs] + [(solution, "✓") for solution in solutions]:
        printed = "".join(output.get("text", "") for output in cell.outputs)
        assert printed.startswith(mark), cell.source


def test_every_picture_says_what_it_shows(notebook):
    pictures = [
        output.data["text/html"]
        for cell in code_cells(notebook)
        for output in cell.outputs
        if "<svg" in output.get("data", {}).get("text/html", "")
    ]
    assert pictures
    assert all(re.search(r'role="img" aria-label="[^"]{30,}"', picture) for picture in pictures)


def test_what_the_text_names_in_the_package_is_there(notebook):
    """Dotted names and paths of the package in Markdown, in and out of code marks."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for path in re.findall(r"ccdni_lib/[\w/.]*\w/?", text):
        assert (BOOK.parent / path).exists(), path
    for name in re.findall(r"ccdni_lib(?:\.\w+)+", text):
        assert pydoc.locate(name) is not None, name


def test_the_text_names_papers_by_their_years(notebook):
    """P21, P20 and J17; a single letter is a number of steps, a current or a pronoun."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    text = re.sub(r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$", "", text, flags=re.S)
    assert not re.findall(
        r"(?<![\w*])\**[NJI]\**(?: (?:says|said|reports|finds|writes|has|shows|paper)\b|, (?:section|Fig))", text
    )
