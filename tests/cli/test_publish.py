"""`ccdni publish`: every place that names the repository, and no other."""

from __future__ import annotations

import pytest

from ccdni_lib.cli.app import main
from ccdni_lib.cli.publish import current_repository, rewrite

FILES = {
    "_config.yml": "repository:\n  url: https://github.com/OWNER/ccdni-book\n",
    "README.md": "[![x](https://colab.research.google.com/github/OWNER/ccdni-book/blob/main/book/a.ipynb)]\n",
    "book/a.ipynb": '{"source": "!git clone https://github.com/OWNER/ccdni-book ccdni-book"}',
    "CITATION.cff": "repository-code: https://github.com/OWNER/ccdni-book\n",
    "notes.md": "OWNER/ccdni-bookshelf is another, as is MYOWNER/ccdni-book\n",
    ".venv/x.md": "https://github.com/OWNER/ccdni-book\n",
}


@pytest.fixture
def project(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_rewrites_what_names_the_repository_and_leaves_the_rest(project):
    changed = rewrite(project, "https://github.com/lab/cerebellum.git")
    assert {path.relative_to(project).as_posix() for path in changed} == {
        "_config.yml",
        "README.md",
        "book/a.ipynb",
        "CITATION.cff",
    }
    assert current_repository(project) == "lab/cerebellum"
    for name in ("_config.yml", "README.md", "book/a.ipynb", "CITATION.cff"):
        assert (project / name).read_text() == FILES[name].replace("OWNER/ccdni-book", "lab/cerebellum")
    for name in ("notes.md", ".venv/x.md"):
        assert (project / name).read_text() == FILES[name]


def test_can_be_done_again(project):
    rewrite(project, "https://github.com/a/b")
    rewrite(project, "https://github.com/OWNER/ccdni-book")
    assert all((project / name).read_text() == text for name, text in FILES.items())


@pytest.mark.parametrize("address", ["", "github.com/a/b", "https://github.com/a", "https://example.org/a/b"])
def test_refuses_what_is_no_repository(project, capsys, address):
    assert main(["publish", "--repo", address, "--root", str(project)]) == 2
    assert "must be https://github.com/OWNER/NAME" in capsys.readouterr().err
    assert (project / "README.md").read_text() == FILES["README.md"]


def test_refuses_a_folder_that_is_not_the_project(tmp_path, capsys):
    assert main(["publish", "--repo", "https://github.com/a/b", "--root", str(tmp_path)]) == 2
    assert "must exist and name the repository" in capsys.readouterr().err
