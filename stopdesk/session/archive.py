"""Writes results that are in a session into one zip archive."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from stopdesk.domain.run import StoredFile
from stopdesk.errors import FileError
from stopdesk.session.atomic import replacing
from stopdesk.session.file import SessionStore


def write_archive(
    store: SessionStore,
    members: Sequence[tuple[str, StoredFile]],
    target: Path,
    *,
    progress: Callable[[int, int], None],
) -> None:
    """Write files of the session, each under the name given, into a zip archive that takes the place of ``target``.

    ``progress`` is told bytes so far and bytes in all; what it raises ends the work. The archive is whole or not there:
    FileError says what could not be read or written.
    """
    total = sum(file.size for _, file in members)
    done = 0
    with replacing(target) as packed, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in members:
            with archive.open(name, "w", force_zip64=True) as member:
                try:
                    for piece in store.pieces(file.sha256):
                        member.write(piece)
                        done += len(piece)
                        progress(done, total)
                except FileError as error:
                    raise FileError(target, f"was not written, for want of {name}. {error}") from error
