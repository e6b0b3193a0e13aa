"""Writing files whole: what lies at the target is the old file or the new one, never half of one."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from stopdesk.errors import FileError

_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your disk quota is used up",
    errno.EFBIG: "the file would be larger than is permitted there",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "you have no permission for it",
    errno.EPERM: "the system does not permit it",
    errno.ENOENT: "it is not there (any more)",
    errno.ENOTDIR: "a part of its path is no folder",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ELOOP: "its links lead in a circle",
    errno.EIO: "the disk does not work as it should",
}


def words(error: OSError | RuntimeError) -> str:
    """Why the system would not, as half a sentence; a RuntimeError is a circle of links, before Python 3.13."""
    if isinstance(error, RuntimeError):
        return _WORDS[errno.ELOOP]
    return _WORDS.get(error.errno or 0, error.strerror or str(error))


@contextlib.contextmanager
def replacing(path: Path, *, mode: int | None = None) -> Iterator[BinaryIO]:
    """A file to write that takes the place of ``path`` when the block ends well, on disk and in one step.

    Links are followed. Permissions are ``mode``, else those of the old file, else the user's default.
    Raises FileError; the old file is then as it was.
    """
    target = _target(path)
    temporary = target.parent / f".stopdesk-{secrets.token_hex(8)}.tmp"
    try:
        if mode is None and target.exists():
            mode = target.stat().st_mode & 0o777
        descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
        with os.fdopen(descriptor, "wb") as file:
            if mode is not None:
                os.fchmod(descriptor, mode)
            yield file
            file.flush()
            os.fsync(descriptor)
        temporary.replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        raise FileError(
            path, f"cannot be written: {words(error)}. Nothing was changed: mend that, or choose another place."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _target(path: Path) -> Path:
    """Where the file really lies; FileError when it may not be replaced."""
    try:
        target = path.resolve()
        if target.is_dir():
            raise FileError(path, "cannot be written: it is a folder. Choose the name of a file.")
        if target.exists() and not target.is_file():
            raise FileError(path, "cannot be written: it is no ordinary file. Choose another place.")
        if target.exists() and not os.access(target, os.W_OK):
            raise FileError(path, "cannot be written: it is read-only. Choose another place, or change that.")
        if not target.parent.is_dir():
            raise FileError(path, f"cannot be written: there is no folder {target.parent}. Choose another place.")
    except (OSError, RuntimeError) as error:
        raise FileError(path, f"cannot be written: {words(error)}. Choose another place.") from error
    return target


def _sync_folder(folder: Path) -> None:
    """Bring the new name to disk too; some network disks refuse this, and the file is then as safe as they make it."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
