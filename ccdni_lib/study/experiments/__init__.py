"""Named experiments, and the results that are stored of them."""
