"""What stored results say: claims, figures, and the pictures that they are drawn in."""
