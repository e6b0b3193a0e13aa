"""The molecules that forms offer: their names now, their files when they are needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stopdesk.domain.molecule import Molecule
from stopdesk.formats import lamda, molecules


@dataclass(frozen=True)
class MoleculeEntry:
    """One bundled molecule: its request name, its formula, and what it is."""

    key: str
    name: str
    title: str
    reference: str

    @property
    def label(self) -> str:
        """What the menu shows and the search looks through."""
        return f"{self.name} – {self.title}" if self.title and self.title != self.name else self.name


def fetch_from_lamda(name: str) -> Path:
    """The file of a molecule of LAMDA by its name, kept for the days without a network."""
    from stopdesk.vo.molecules import fetch  # late: astroquery is slow to import

    return fetch(name).path


@dataclass(frozen=True)
class MoleculeLibrary:
    """The bundled molecules in the order in which they are offered, and how to load one, or a file of the user's.

    ``load``, ``read`` and ``fetch`` (any molecule of LAMDA by name, to a file) block and are called in tasks.
    """

    entries: tuple[MoleculeEntry, ...]
    load: Callable[[str], Molecule]
    read: Callable[[Path], Molecule]
    fetch: Callable[[str], Path] = fetch_from_lamda

    @classmethod
    def bundled(cls) -> MoleculeLibrary:
        """What comes with the program."""
        entries = tuple(MoleculeEntry(m.key, m.name, m.title, m.reference) for m in molecules.bundled())
        return cls(entries, molecules.load, lamda.read_molecule)

    @property
    def keys(self) -> frozenset[str]:
        """Request names."""
        return frozenset(entry.key for entry in self.entries)

    def name_of(self, key: str) -> str:
        """The formula of a molecule, its key where it is none of ours."""
        return next((entry.name for entry in self.entries if entry.key == key), key)
