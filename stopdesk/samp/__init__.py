"""Other programs on this desk, over SAMP: what is said to them, and the link that carries it."""
