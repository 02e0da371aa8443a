"""Named experiments, and the results that are stored of them."""

from .results import load_result

__all__ = ["load_result"]
