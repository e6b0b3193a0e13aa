"""A desktop program for astronomers who model molecular lines."""

__version__ = "0.1.0"
