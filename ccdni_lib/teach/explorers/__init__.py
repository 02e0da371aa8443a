"""The explorers of the chapters."""
