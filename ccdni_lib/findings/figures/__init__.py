"""Published figures, drawn from results."""
