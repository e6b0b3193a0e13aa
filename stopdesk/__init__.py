"""A desktop program for astronomers who model molecular lines."""
