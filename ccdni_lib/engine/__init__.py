"""The science that computes; it knows no task's name."""
