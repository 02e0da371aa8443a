"""All claims, by topic. Each stands, with the rule of its verdict, in the file of its topic."""

from __future__ import annotations

from collections.abc import Iterable

from ...engine.settings import SettingError
from .claim import Claim
from .topics.captions import CAPTIONS
from .topics.digits import DIGITS
from .topics.forward import FORWARDS
from .topics.lesions import LESIONS
from .topics.lines import LINES
from .topics.maps import MAPS
from .topics.reaching import TARGETS
from .topics.seqmnist import SEQUENTIAL

TOPICS: dict[str, tuple[Claim, ...]] = {
    "Line drawing": LINES,
    "Coupling and lesions": LESIONS,
    "Drawing and naming digits (P21)": DIGITS,
    "Target reaching": TARGETS,
    "Reading digits (P20)": SEQUENTIAL,
    "Sparsity and expansion": MAPS,
    "Forward DNI": FORWARDS,
    "Captions": CAPTIONS,
}
CLAIMS = {claim.id: claim for claims in TOPICS.values() for claim in claims}


def find_claims(names: list[str] | None = None) -> list[Claim]:
    """Claims by id, or all of them.

    Args:
        names: ids, or beginnings of ids, such as "P21-3".

    Raises:
        SettingError: for a name that no claim begins with.

    Example:
        >>> [claim.id for claim in find_claims(["P21-3a"])]
        ['P21-3a-continuous', 'P21-3a-intermediate', 'P21-3a-too-large']
    """
    found = []
    for name in names or [""]:
        chosen = [claim for id, claim in CLAIMS.items() if id == name] or [
            claim for id, claim in CLAIMS.items() if id.startswith(name)
        ]
        if not chosen:
            raise SettingError(f"claim {name}: must be one of {', '.join(CLAIMS)}, or how some of them begin")
        found += [claim for claim in chosen if claim not in found]
    return found


def experiments_of(claims: Iterable[Claim]) -> list[str]:
    """The experiments whose results claims rest on, each once.

    Example:
        >>> experiments_of(find_claims(["P21-2c", "P21-4c"]))
        ['line-drawing-grid', 'line-drawing-fresh', 'ld-seqmnist', 'dd-seqmnist']
    """
    return list(dict.fromkeys(name for claim in claims for name in claim.experiments))
