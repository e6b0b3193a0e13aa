"""Loads the libraries of the virtual observatory, in one thread at a time.

Astropy and pyvo import parts of themselves in circles. Two threads that meet in such a circle from two sides wait for
each other, and Python ends one of them with a DeadlockError; so whatever uses them in a thread loads them here first.
"""

from __future__ import annotations

import importlib
import threading

_LIBRARIES = ("astropy.table", "astropy.units", "astropy.coordinates", "astropy.io.fits", "astropy.io.votable")
_TALKING = ("pyvo.dal",)

_lock = threading.Lock()
_loaded: set[str] = set()


def load(*, talking: bool = False) -> None:
    """Load astropy and, for ``talking``, pyvo; the first call takes a second or two, the others nothing."""
    wanted = _LIBRARIES + (_TALKING if talking else ())
    if _loaded.issuperset(wanted):
        return
    with _lock:
        for name in wanted:
            importlib.import_module(name)
            _loaded.add(name)
