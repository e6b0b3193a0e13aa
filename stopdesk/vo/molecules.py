"""Any molecule of LAMDA by its name, through astroquery, kept with date and checksum for the days without a network."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stopdesk.errors import FileError, Gone, InputError, Malformed, NotAllowed, Refused, ServerTrouble, Unreachable
from stopdesk.formats.lamda import MAX_BYTES, parse_molecule
from stopdesk.vo import cache

_log = logging.getLogger(__name__)

#: Seconds without a byte after which the server counts as unreachable.
TIMEOUT = 30.0


@dataclass(frozen=True)
class FetchedMolecule:
    """A LAMDA file that was fetched: its ``name`` in the database, where it lies, when and where it was got."""

    name: str
    path: Path
    date: datetime
    sha256: str
    url: str


def fetch(name: str, *, again: bool = False, address: str | None = None) -> FetchedMolecule:
    """The file that LAMDA has under ``name`` (as ``hc3n@xpol``), from the cache unless ``again``.

    ``address`` is the URL of a file with ``{0}`` for the name, where not astroquery's own. InputError for a name that
    cannot be one, NetworkError where the server has no such file or gives none, Malformed where it is no LAMDA file.
    """
    key = _sanitised(name)
    if not again:
        known = _read_sidecar(cache.folder("molecules") / f"{key}.json")
        if known is not None:
            return known
    url, data = _download(key, address)
    try:
        parse_molecule(data, f"{key}.dat")
    except FileError as error:
        raise Malformed(f"What {url} sent is not a LAMDA file ({error}) Try again later.", url=url) from error
    return _keep(key, data, url)


def cached() -> tuple[FetchedMolecule, ...]:
    """What has been fetched before and is still whole, by name."""
    found = (_read_sidecar(sidecar) for sidecar in sorted(cache.folder("molecules").glob("*.json")))
    return tuple(molecule for molecule in found if molecule is not None)


def _sanitised(name: str) -> str:
    """The name as it stands in LAMDA's addresses: lower case, never a path."""
    key = name.strip().lower().removesuffix(".dat")
    if not re.fullmatch(r"[a-z0-9][a-z0-9+@_-]{0,63}", key):
        raise InputError(
            f"{name!r} cannot be the name of a LAMDA file; names look like hc3n or hcn@hfs (letters, digits, + - @ _)."
        )
    return key


def _download(key: str, address: str | None) -> tuple[str, bytes]:
    """The address and the bytes of a file, fetched with astroquery's session."""
    import requests
    from astroquery.lamda import Lamda

    url = (address or Lamda.url).format(key)
    try:
        response = Lamda._request("GET", url, cache=False, timeout=TIMEOUT)
        _check_status(response.status_code, key, url)
        data = bytes(response.content)
    except requests.RequestException as error:
        _log.info("fetching %s: %s", url, error)
        raise Unreachable(
            f"LAMDA does not answer at {url}. Check the network; bundled molecules and those fetched before need none.",
            url=url,
        ) from error
    if len(data) > MAX_BYTES:
        raise Malformed(f"What {url} sent is too large to be a LAMDA file.", url=url)
    return url, data


def _check_status(status: int, key: str, url: str) -> None:
    """Raise what a status other than 200 means."""
    if status in (404, 410):
        raise Gone(f"LAMDA has no file {key}.dat; look up the name on its pages ({url}).", url=url)
    if status in (401, 403):
        raise NotAllowed(f"The server does not give {url} to us (status {status}).", url=url, login=status == 401)
    if status >= 500:
        raise ServerTrouble(f"The server of LAMDA has trouble (status {status}); try again later.", url=url)
    if status != 200:
        raise Refused(f"The server of LAMDA answered {url} with status {status}.", url=url)


def _keep(key: str, data: bytes, url: str) -> FetchedMolecule:
    """Write the file and, last, its sidecar, each in one step."""
    path = cache.folder("molecules") / f"{key}.dat"
    molecule = FetchedMolecule(key, path, datetime.now(UTC).replace(microsecond=0), _sha256(data), url)
    sidecar = {"name": key, "date": molecule.date.isoformat(), "sha256": molecule.sha256, "url": url}
    cache.write(path, data)
    cache.write(path.with_suffix(".json"), json.dumps(sidecar, indent=2).encode())
    return molecule


def _read_sidecar(sidecar: Path) -> FetchedMolecule | None:
    """The molecule that a sidecar describes; None where there is none, or the file is not what was fetched."""
    path = sidecar.with_suffix(".dat")
    try:
        record: dict[str, Any] = json.loads(sidecar.read_text(encoding="utf-8"))
        molecule = FetchedMolecule(
            record["name"], path, datetime.fromisoformat(record["date"]), record["sha256"], record["url"]
        )
        return molecule if _sha256(path.read_bytes()) == molecule.sha256 else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
