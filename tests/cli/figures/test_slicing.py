"""What a cell stands on: the same value comes out as from all cells, and what is not needed does not run."""

from __future__ import annotations

import pytest

from ccdni_lib.cli.figures.slicing import stands_on

NOTEBOOKS = {
    "a chain": (["a = 1", "b = a + 1", "c = 9", "seen = b"], {0, 1, 3}),
    "a later meaning hides an earlier one": (["a = 1", "a = 2", "seen = a"], {1, 2}),
    "a meaning that builds on an earlier one": (["a = 1", "a = a + 1", "a += 5", "seen = a"], {0, 1, 2, 3}),
    "a meaning that may not come": (["a = 1", "if False:\n    a = 2", "seen = a"], {0, 1, 2}),
    "a part that is set": (["a = {}", "b = {}", "a['x'] = 1", "b['x'] = 2", "seen = a['x']"], {0, 2, 4}),
    "a method that changes": (["a = []", "for i in range(3):\n    a.append(i)", "seen = sum(a)"], {0, 1, 2}),
    "a method whose value is kept": (["a = [3]", "b = a.copy()", "seen = a[0]"], {0, 2}),
    "what a function takes when called": (["k = 2", "def f(x):\n    return k * x", "seen = f(3)"], {0, 1, 2}),
    "what a function has of its own": (["k = 2", "def f(k):\n    x = k\n    return x", "x = 9", "seen = f(3)"], {1, 3}),
    "names of comprehensions": (["i = 7", "a = [i for i in range(3)]", "seen = i + a[0]"], {0, 1, 2}),
    "names of loops": (["i = 7", "for i in range(3):\n    a = i", "seen = a"], {1, 2}),
    "imports": (["import math", "import json as j", "from math import pi as p", "seen = math.floor(p)"], {0, 2, 3}),
    "several names at once": (["a, (b, *c) = 1, (2, 3)", "d = 0", "seen = c[0]"], {0, 2}),
    "a decorator and a default": (
        ["d = lambda f: f", "k = 4", "@d\ndef f(x=k):\n    return x", "seen = f()"],
        {0, 1, 2, 3},
    ),
    "magic": (["%matplotlib inline", "a = 1", "!ls", "seen = a"], {1, 3}),
}


@pytest.mark.parametrize(("cells", "places"), NOTEBOOKS.values(), ids=NOTEBOOKS)
def test_the_same_comes_out_of_fewer_cells(cells, places):
    kept = stands_on(cells, [len(cells) - 1])
    assert set(kept) == places
    whole, part = {}, {}
    for source in cells:
        if source[0] not in "%!":
            exec(source, whole)
    for source in kept.values():
        exec(source, part)
    assert part["seen"] == whole["seen"]


def test_only_wanted_cells_show_something():
    cells = ["a = 1\nprint(a)\nf'{a}'", "(\n    a\n    + 1\n)"]
    assert stands_on(cells, [0]) == {0: cells[0]}
    assert stands_on([*cells, "b = a\nb"], [2]) == {0: "a = 1\nprint(a)", 2: "b = a\nb"}
    assert stands_on(cells, []) == {}


def test_a_cell_that_is_no_python_is_told():
    with pytest.raises(SyntaxError):
        stands_on(["a = = 1", "b = 2"], [1])
