"""Spectra of FITS files, VOTables and text, each as its file says it."""

from __future__ import annotations

from stopdesk.formats.spectra.reading import MAX_BYTES, parse_spectra, read_bytes, read_spectra

__all__ = ["MAX_BYTES", "parse_spectra", "read_bytes", "read_spectra"]
