"""Catalogues and observations: molecules by name."""
