"""One way to speak HTTP."""
