"""The same SVG in half the bytes: what matplotlib writes for editors is left out."""

from __future__ import annotations

import re
from typing import Any


def slim(svg: str) -> str:
    """The same picture in half the bytes: no names of groups, one font for all, coordinates to a hundredth of a point.

    Args:
        svg: as matplotlib writes it.

    Example:
        >>> slim('<svg style="a: b"> <g id="axes_1"> <text style="font-family: Sans; c: d" x="1.2345">1.2345</text></g></svg>')
        '<svg style="font-family:Sans;a:b"><text style="c:d" x="1.23">1.2345</text></svg>'
    """  # noqa: E501
    family = re.search(r'font-family: [^;"]*; ?', svg)
    if family:
        svg = svg.replace(family[0], "").replace('style="', f'style="{family[0]}', 1)
    for pattern, short in _SHORTER:
        svg = re.sub(pattern, short, svg)
    svg = re.sub(_MARKS, _same_style, svg)
    for _ in range(3):  # groups in groups
        svg = re.sub(_ALONE, r"\1", svg)
    return svg


_SHORTER: list[tuple[str, Any]] = [
    (r">\s+<", "><"),
    (r' transform="rotate\(-?0 [^"]*"|(?<=<g) id="[^"]*"', ""),
    (r' (?:d|x|y|transform)="[^"]*"', lambda found: re.sub(r"(\.\d\d)\d+", r"\1", found[0])),
    (r'(?<= d=)"[^"]*"', lambda found: re.sub(r"\s*([A-Za-z\"])\s*", r"\1", found[0])),
    (r'(?<= style=)"[^"]*"', lambda found: re.sub(r"([:;]) ", r"\1", found[0])),
]
_MARKS = r'<g([^>]*)>((?:<use [^>]*style="[^"]*"/>)+)</g>'
_ALONE = r"<g>(<(?:path|use) [^>]*/>|<text [^>]*>[^<]*</text>)</g>"


def _same_style(group: re.Match[str]) -> str:
    """A group of marks, which has their style itself if it is that of all."""
    style, *others = set(re.findall(r' style="[^"]*"', group[2]))
    return group[0] if others else f"<g{group[1]}{style}>{group[2].replace(style, '')}</g>"
