"""The explorer: one widget for built pages, live notebooks and print."""
