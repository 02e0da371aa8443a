"""What the papers claim, the rules by which claims are judged, and the ledger of what came out."""
