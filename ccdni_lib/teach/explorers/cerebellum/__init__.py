"""Explorers of anatomy, coupling and lesions."""
