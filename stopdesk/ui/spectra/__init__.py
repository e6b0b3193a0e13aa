"""Spectra, plotted."""
