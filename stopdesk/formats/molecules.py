"""The molecules that come with the program: which there are, and their data when asked for."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from stopdesk import paths
from stopdesk.domain.molecule import Molecule
from stopdesk.errors import FileError, InputError
from stopdesk.formats.lamda import read_molecule


@dataclass(frozen=True)
class BundledMolecule:
    """One bundled LAMDA file: the ``key`` of requests, a name and a title for people, whom to cite, where it lies.

    ``reference`` names the sources of the rates, partner by partner, in the file's own words; ``sha256`` is that of
    the file.
    """

    key: str
    name: str
    title: str
    reference: str
    path: Path
    sha256: str


@cache
def bundled() -> tuple[BundledMolecule, ...]:
    """All bundled molecules, in the order of the index; the files themselves are not opened."""
    index = paths.resources() / "molecules" / "index.toml"
    try:
        entries = tomllib.loads(index.read_text(encoding="utf-8"))["molecule"]
        return tuple(
            BundledMolecule(
                key=entry["key"],
                name=entry["name"],
                title=entry["title"],
                reference=entry["reference"],
                path=index.parent / entry["file"],
                sha256=entry["sha256"],
            )
            for entry in entries
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise FileError(index, f"cannot be used ({error}); install the program again.") from error


def find(key: str) -> BundledMolecule:
    """The bundled molecule of that key, upper or lower case; InputError names those there are."""
    wanted = key.strip().lower()
    for molecule in bundled():
        if molecule.key == wanted:
            return molecule
    raise InputError(
        f"There is no bundled molecule {key!r}; there are: {', '.join(molecule.key for molecule in bundled())}. "
        "Others can be opened as LAMDA files."
    )


def load(key: str) -> Molecule:
    """The data of a bundled molecule under its short name, whatever its file calls it; read once in a process."""
    molecule = find(key)
    return _load(molecule.path, molecule.name)


@cache
def _load(path: Path, name: str) -> Molecule:
    return replace(read_molecule(path), name=name)
