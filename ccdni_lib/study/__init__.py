"""What is asked of the networks: runs, measures, results, figures."""
