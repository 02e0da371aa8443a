"""How a network learns from one batch: the learning rule, Adam, spatial and forward DNI, decoding, the reference."""
