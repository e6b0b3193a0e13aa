"""Takes the files of an earlier run out of the session, to where a form can take them from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from stopdesk import paths
from stopdesk.domain.run import StoredFile


class BlobStore(Protocol):
    """Where the files of earlier runs are kept."""

    def export_blob(self, sha256: str, path: Path) -> None:
        """Write the bytes of that sha256 to a file."""


def export(attachments: Mapping[str, StoredFile], store: BlobStore) -> dict[str, Path]:
    """The files by parameter name, each written under its own name (blocks)."""
    files = {}
    for parameter, stored in attachments.items():
        files[parameter] = paths.cache_dir() / "attachments" / stored.sha256[:16] / stored.name
        files[parameter].parent.mkdir(parents=True, exist_ok=True)
        store.export_blob(stored.sha256, files[parameter])
    return files
