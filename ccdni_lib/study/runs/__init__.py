"""Runs: one job is planned, run somewhere, and its Datasets are assembled into one."""
