"""Our own files: sessions and settings."""
