"""The jobs panel and its details."""
