"""What a network is made of: parameters, cortex, cerebellum, embedding, and feedforward networks."""
