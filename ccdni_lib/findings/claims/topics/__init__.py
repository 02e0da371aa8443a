"""The claims themselves, one file a topic."""
