"""What the papers claim, how each claim is tested on stored results, and what comes out."""

from .catalogue import CLAIMS, TOPICS, experiments_of, find_claims
from .claim import VERDICTS, Claim, Comparison
from .ledger import Ledger, Row, evaluate

__all__ = [
    "CLAIMS",
    "TOPICS",
    "VERDICTS",
    "Claim",
    "Comparison",
    "Ledger",
    "Row",
    "evaluate",
    "experiments_of",
    "find_claims",
]
