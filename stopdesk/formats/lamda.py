"""Molecules in LAMDA files: read with patience, refused with the line's number, written cleanly.

The format is that of https://home.strw.leidenuniv.nl/~moldata/molformat.html (Schöier et al. 2005, A&A 432, 369;
van der Tak et al. 2020, Atoms 8, 15). Real files have comments after numbers and between sections, columns that are
missing, quantum numbers of several words and a tail of notes; all of these are read.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.molecule import CM_TO_KELVIN, PARTNER_NAMES, FloatArray, IntArray, Molecule, Partner
from stopdesk.errors import FileError

#: c in cm s-1 over 1e9: a wavenumber in cm-1 times this is a frequency in GHz (exact by definition).
CM_TO_GHZ = 29.9792458

#: Files larger than this are no LAMDA files; the largest of the data base have some 20 MB.
MAX_BYTES = 100_000_000

#: No number of a LAMDA file comes near this; beyond, arithmetic on it would overflow.
LARGEST = 1e30

#: A frequency that far from that of the level energies is told of, and beyond the second part of it refused. The
#: bundled files stay below 0.4 %.
DOUBTFUL, WRONG = 0.01, 0.1

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([EeDd][+-]?\d+)?", re.ASCII)


def read_molecule(path: Path) -> Molecule:
    """The molecule in the LAMDA file at ``path``; FileError with the line where the file is damaged."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FileError(path, "is too large to be a LAMDA file; choose another file.")
        data = path.read_bytes()
    except OSError as error:
        raise FileError(path, f"cannot be read ({error.strerror or error}); check the file and its rights.") from error
    return parse_molecule(data, path.name)


def parse_molecule(data: bytes, file_name: str) -> Molecule:
    """The molecule in the bytes of a LAMDA file that goes by ``file_name``; FileError with the line where damaged."""
    reader = _Reader(_decode(data), file_name)
    name = reader.next("the molecule's name").text
    weight = reader.number("the molecular weight")
    if weight <= 0:
        reader.refuse("the molecular weight must be above zero")
    levels = _read_levels(reader)
    energy, level_name = levels.energy, levels.name
    lines = _read_lines(reader, levels)
    partners = _read_partners(reader, len(energy)) if reader.has_data() else ()
    return Molecule(
        name=name,
        weight=weight,
        level_energy=energy,
        level_weight=levels.weight,
        level_name=level_name,
        upper=lines.upper,
        lower=lines.lower,
        einstein_a=lines.einstein_a,
        frequency=lines.frequency,
        upper_energy=energy[lines.upper] * CM_TO_KELVIN,
        partners=partners,
        file_name=Path(file_name).name,
        sha256=hashlib.sha256(data).hexdigest(),
        notes=reader.rest(),
        doubts=_doubts(lines, levels),
    )


def write_molecule(molecule: Molecule, path: Path) -> None:
    """Write ``molecule`` as a LAMDA file without any of the liberties that programs stumble over.

    Every section has one comment line above it, every number is written so that it reads back as the same float.
    """
    path.write_text("\n".join(_written(molecule)) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class _Line:
    """A line that is no comment: its number in the file (from 1), its text without a trailing comment, its words."""

    number: int
    text: str
    words: list[str]


@dataclass(frozen=True, eq=False)
class _Levels:
    """The levels of a file; ``resolution`` is one of the last digit that an energy is given with, in cm-1."""

    energy: FloatArray
    resolution: FloatArray
    weight: FloatArray
    name: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Lines:
    """The radiative transitions of a file."""

    upper: IntArray
    lower: IntArray
    einstein_a: FloatArray
    frequency: FloatArray


class _Reader:
    """Hands out a file's lines of data one after the other and knows where it stands."""

    def __init__(self, text: str, file_name: str) -> None:
        # Not splitlines(), which also splits at characters that an editor does not count as the end of a line.
        self._lines = re.split(r"\r\n|\n|\r", text.removesuffix("\n"))
        self._file_name = file_name
        self._next = 0
        self.line_number = 0

    def has_data(self) -> bool:
        """Whether any line that is no comment is left."""
        return any(_is_data(line) for line in self._lines[self._next :])

    def remaining(self) -> int:
        """How many lines, comments included, are left."""
        return len(self._lines) - self._next

    def rest(self) -> str:
        """What is left, without the exclamation marks: the notes of the file."""
        left = (line.strip().lstrip("!").strip() for line in self._lines[self._next :])
        return "\n".join(line for line in left if line)

    def refuse(self, text: str, line: int | None = None) -> None:
        """Raise a FileError for the line read last, or for ``line``."""
        raise FileError(
            self._file_name, f"{text}. Get the file again, or mend this line.", line=line or self.line_number
        )

    def next(self, what: str, *, keep_comment: bool = False) -> _Line:
        """The next line of data, which should hold ``what``."""
        while self._next < len(self._lines):
            raw = self._lines[self._next]
            self._next += 1
            if _is_data(raw):
                self.line_number = self._next
                text = raw.strip() if keep_comment else raw.partition("!")[0].strip()
                return _Line(self._next, text, text.split())
        self.refuse(f"the file ends where {what} should stand", len(self._lines))
        raise AssertionError  # refuse() has raised

    def number(self, what: str) -> float:
        """A line's first word as a number; a heading that lost its exclamation mark is passed over."""
        line = self.next(what)
        if not _NUMBER.fullmatch(line.words[0]) and re.search(r"number|weight|mass", line.text, re.IGNORECASE):
            line = self.next(what)
        if len(line.words) > 1 and _NUMBER.fullmatch(line.words[1]):
            self.refuse(f"{what} should stand here by itself; perhaps a number further up is too small")
        return self.value(line.words[0], what)

    def count(self, what: str, *, least: int, of_lines: bool = True) -> int:
        """How many of ``what`` follow; never more than lines are left when each takes a line."""
        value = self.number(f"the number of {what}")
        if value != int(value) or value < least:
            self.refuse(f"the number of {what} is {value:g}; it must be a whole number, at least {least}")
        if of_lines and value > self.remaining():
            self.refuse(f"{value:.0f} {what} are announced, but the file has only {self.remaining()} more lines")
        return int(value)

    def value(self, word: str, what: str) -> float:
        """``word`` as a number of a possible size, zero or more."""
        value = float(word.replace("d", "e").replace("D", "e")) if _NUMBER.fullmatch(word) else math.nan
        if math.isnan(value):
            self.refuse(f"{what} should be a number, but '{word[:40]}' stands there")
        if abs(value) > LARGEST:
            self.refuse(f"{what} is not a possible one ({word[:40]})")
        if value < 0:
            self.refuse(f"{what} is negative ({word[:40]})")
        return value

    def level(self, word: str, n_levels: int) -> int:
        """``word`` as the number of a level, given from 0."""
        if not (word.isascii() and word.isdigit() and len(word) < 10 and 1 <= int(word) <= n_levels):
            self.refuse(f"'{word[:40]}' is not the number of a level (1 to {n_levels})")
        return int(word) - 1


def _read_levels(reader: _Reader) -> _Levels:
    """Energies, statistical weights and names of the levels."""
    n_levels = reader.count("energy levels", least=2)
    energies, resolutions, weights, names = np.empty(n_levels), np.empty(n_levels), np.empty(n_levels), []
    for i in range(n_levels):
        words = reader.next(f"level {i + 1}").words
        if len(words) < 3:
            reader.refuse("a level needs its number, its energy and its statistical weight")
        if words[0] != str(i + 1):
            reader.refuse(f"level {i + 1} should stand here, but the line begins with '{words[0][:40]}'")
        energies[i] = reader.value(words[1], "the level's energy")
        resolutions[i] = _last_digit(words[1])
        weights[i] = reader.value(words[2], "the statistical weight")
        if weights[i] == 0:
            reader.refuse("the statistical weight is zero")
        names.append(_level_name(words[3:], i + 1))
    return _Levels(energies, resolutions, weights, tuple(names))


def _last_digit(word: str) -> float:
    """What one of the last digit of a number is worth: 0.01 in ``3.45``."""
    mantissa, _, exponent = re.sub("[EeDd]", "e", word).partition("e")
    power = float(exponent or 0) - len(mantissa.partition(".")[2])
    return float(10.0 ** min(max(power, -30.0), 30.0))


def _read_lines(reader: _Reader, levels: _Levels) -> _Lines:
    """The radiative transitions; a missing frequency follows from the level energies."""
    energy = levels.energy
    n_lines = reader.count("radiative transitions", least=1)
    upper, lower = np.empty(n_lines, np.int64), np.empty(n_lines, np.int64)
    einstein_a, frequency = np.empty(n_lines), np.empty(n_lines)
    for i in range(n_lines):
        words = reader.next(f"radiative transition {i + 1}").words
        if len(words) < 4:
            reader.refuse("a radiative transition needs its number, its two levels and its Einstein coefficient")
        reader.value(words[0], "the transition's number")
        upper[i], lower[i] = (reader.level(word, len(energy)) for word in words[1:3])
        step = energy[upper[i]] - energy[lower[i]]
        if step <= 0:
            reader.refuse(f"level {words[1]} does not lie above level {words[2]}, so no line goes between them")
        einstein_a[i] = reader.value(words[3], "the Einstein coefficient")
        given = reader.value(words[4], "the frequency") if len(words) > 4 else 0.0
        frequency[i] = given if given > 0 else step * CM_TO_GHZ
        rounding = levels.resolution[upper[i]] + levels.resolution[lower[i]]
        if abs(frequency[i] / CM_TO_GHZ - step) > WRONG * step + rounding:
            reader.refuse(
                f"the frequency is {given:g} GHz, but the energies of levels {words[1]} and {words[2]} make it "
                f"{step * CM_TO_GHZ:.6g} GHz"
            )
    return _Lines(upper, lower, einstein_a, frequency)


def _doubts(lines: _Lines, levels: _Levels) -> tuple[str, ...]:
    """A sentence about the frequencies that do not fit the level energies well; empty where all do."""
    of_levels = (levels.energy[lines.upper] - levels.energy[lines.lower]) * CM_TO_GHZ
    apart = np.abs(lines.frequency / of_levels - 1.0)
    found = np.flatnonzero(apart > DOUBTFUL)
    if not found.size:
        return ()
    worst = int(found[np.argmax(apart[found])])
    name = f"{levels.name[lines.upper[worst]]}-{levels.name[lines.lower[worst]]}"
    text = (
        f"The file gives {lines.frequency[worst]:.6g} GHz for the line {name}, and its level energies make it "
        f"{of_levels[worst]:.6g} GHz; the numbers are computed with the latter."
    )
    more = found.size - 1
    return (text + (f" {more} more {'line differs' if more == 1 else 'lines differ'} so." if more else ""),)


def _read_partners(reader: _Reader, n_levels: int) -> tuple[Partner, ...]:
    """The collision partners with their rates."""
    partners: list[Partner] = []
    for _ in range(reader.count("collision partners", least=0)):
        partner = _read_partner(reader, n_levels)
        if any(partner.code == other.code for other in partners):
            reader.refuse(f"the rates with {partner.name} end here, and they are the second with that partner")
        partners.append(partner)
    return tuple(partners)


def _read_partner(reader: _Reader, n_levels: int) -> Partner:
    """One collision partner: code and reference, temperatures, rates."""
    heading = reader.next("a collision partner", keep_comment=True).text
    code = heading[:1]
    if code not in {str(known) for known in PARTNER_NAMES} or heading[1:2].isdigit():
        reader.refuse("a collision partner should begin with its code, 1 to 7")
    n_rates = reader.count("collisional transitions", least=1)
    n_temperatures = reader.count("collision temperatures", least=1, of_lines=False)
    temperatures = _row(reader, reader.next("the collision temperatures").words, n_temperatures, "temperature")
    if temperatures[0] <= 0 or np.any(np.diff(temperatures) <= 0):
        reader.refuse("the collision temperatures must be above zero and ascend")
    upper, lower = np.empty(n_rates, np.int64), np.empty(n_rates, np.int64)
    rates: list[FloatArray] = []
    for i in range(n_rates):
        words = reader.next(f"collisional transition {i + 1}").words
        if len(words) < 4:
            reader.refuse("a collisional transition needs its number, its two levels and its rates")
        upper[i], lower[i] = (reader.level(word, n_levels) for word in words[1:3])
        if upper[i] == lower[i]:
            reader.refuse("a collisional transition needs two different levels")
        rates.append(_row(reader, words[3:], n_temperatures, "rate"))
    description = heading[1:].replace("!", " ").strip(" '\"\t")
    return Partner(int(code), " ".join(description.split()), temperatures, upper, lower, np.array(rates))


def _row(reader: _Reader, words: list[str], n_expected: int, what: str) -> FloatArray:
    """A row of ``n_expected`` numbers, not negative."""
    if len(words) != n_expected:
        reader.refuse(
            f"{n_expected} {what}{'s' if n_expected > 1 else ''} should stand here, but there are {len(words)}"
        )
    try:
        row: NDArray[np.float64] = np.array([float(word) for word in words])
        plain = bool((row >= 0).all() and (row < LARGEST).all()) and not any("_" in word for word in words)
    except ValueError:
        plain = False
    return row if plain else np.array([reader.value(word, f"a {what}") for word in words])


def _is_data(line: str) -> bool:
    """Whether a line is neither blank nor a comment."""
    text = line.strip()
    return bool(text) and not text.startswith("!")


def _level_name(words: Sequence[str], number: int) -> str:
    """The quantum numbers as one word (``1_0_1``); the level's number where the file gives none."""
    parts = " ".join(words).replace('"', " ").replace("'", " ").split()
    name = "_".join(parts) or str(number)
    return str(int(name)) if name.isascii() and name.isdigit() and len(name) < 10 else name


def _decode(data: bytes) -> str:
    """The text of a file, which is UTF-8 or, in older ones, Latin-1."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _written(molecule: Molecule) -> list[str]:
    """The lines of a clean LAMDA file."""
    lines = ["!MOLECULE", " ".join(molecule.name.split()), "!MOLECULAR WEIGHT", repr(molecule.weight)]
    lines += ["!NUMBER OF ENERGY LEVELS", str(molecule.n_levels), "!LEVEL + ENERGIES(cm^-1) + WEIGHT + QUANTUM NUMBERS"]
    levels = zip(molecule.level_energy.tolist(), molecule.level_weight.tolist(), molecule.level_name, strict=True)
    lines += [f"{i} {energy!r} {weight!r} {name}" for i, (energy, weight, name) in enumerate(levels, 1)]
    lines += ["!NUMBER OF RADIATIVE TRANSITIONS", str(molecule.n_lines)]
    lines += ["!TRANS + UP + LOW + EINSTEINA(s^-1) + FREQ(GHz) + E_u(K)"]
    columns = (molecule.upper + 1, molecule.lower + 1, molecule.einstein_a, molecule.frequency, molecule.upper_energy)
    for i, row in enumerate(zip(*(column.tolist() for column in columns), strict=True), 1):
        lines.append(" ".join([str(i), *(repr(value) for value in row)]))
    lines += ["!NUMBER OF COLL PARTNERS", str(len(molecule.partners))]
    for partner in molecule.partners:
        lines += ["!COLLISIONS BETWEEN", f"{partner.code} {partner.description}".strip()]
        lines += ["!NUMBER OF COLL TRANS", str(len(partner.upper))]
        lines += ["!NUMBER OF COLL TEMPS", str(len(partner.temperatures))]
        lines += ["!COLL TEMPS", " ".join(repr(value) for value in partner.temperatures.tolist())]
        lines += ["!TRANS + UP + LOW + COLLRATES(cm^3 s^-1)"]
        rows = zip((partner.upper + 1).tolist(), (partner.lower + 1).tolist(), partner.rates.tolist(), strict=True)
        for i, (upper, lower, rates) in enumerate(rows, 1):
            lines.append(f"{i} {upper} {lower} " + " ".join(map(repr, rates)))
    return lines + [f"!{note}" for note in molecule.notes.splitlines()]
