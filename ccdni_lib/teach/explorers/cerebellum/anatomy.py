"""Paper, code, anatomy: which symbol of the papers is which name in this code, and which part of the brain."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """A part of the model.

    Attributes:
        symbol: in the papers, as TeX.
        code: settings, weights, methods of the cerebellum, fields of `engine.learning.Propagation`, or Class.name.
        brain: what it stands for (P21 section 2.1, P20 section 2.1).
    """

    symbol: str
    code: tuple[str, ...]
    brain: str


PARTS = (
    Part("h_t,\\ c_t", ("Cortex.run",), "activity of a cortical area"),
    Part("[h, c]", ("Activity.states_at_cuts",), "pons and mossy fibres, 2n of them"),
    Part("M", ("granule_cells",), "granule cells, and how many"),
    Part("K", ("mossy_fibres", "wiring"), "claws of a granule cell, and which mossy fibres they hold"),
    Part("\\mathcal C", ("predict",), "granule cells, Purkinje cells and nuclei at work"),
    Part("\\theta_{\\mathcal C}", ("granule0_weight",), "synapses of mossy fibres on granule cells"),
    Part("", ("nuclei_weight",), "synapses of parallel fibres, and what the nuclei make of them"),
    Part("\\hat\\delta", ("predicted",), "output of the nuclei"),
    Part("0.1", ("feedback_scale",), "how strongly it acts on cortex, by way of the thalamus"),
    Part("\\bar\\delta", ("arriving",), "the feedback that cortex then receives"),
    Part("\\mathcal L_{\\mathcal C}", ("update",), "inferior olive, where the two are compared"),
    Part("", ("differentiate",), "climbing fibres, and the plasticity that they cause"),
)


def anatomy_table() -> str:
    """The parts of the model (`PARTS`) as a table in Markdown: symbol, part of the brain, name in this code.

    Example:
        >>> print(anatomy_table().splitlines()[5])
        | $K$ | claws of a granule cell, and which mossy fibres they hold | `mossy_fibres`, `wiring` |
    """
    rows = ["| papers | brain | this code |", "|---|---|---|"]
    for part in PARTS:
        symbol, code = f"${part.symbol}$" if part.symbol else "", ", ".join(f"`{name}`" for name in part.code)
        rows.append(f"| {symbol} | {part.brain} | {code} |")
    return "\n".join(rows)
