"""Figures of anatomy, coupling and lesions."""
