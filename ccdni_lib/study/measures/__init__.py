"""What is measured in a run: errors, statistics, populations, captions."""
