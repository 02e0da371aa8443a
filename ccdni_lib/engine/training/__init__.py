"""How networks train: examples, ensembles of networks, epochs, recordings, checkpoints, devices."""
