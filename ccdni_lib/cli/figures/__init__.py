"""`ccdni figures`."""
