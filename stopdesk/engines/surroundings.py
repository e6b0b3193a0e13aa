"""What worker processes are started with: their environment, and a folder each for temporary files.

A process that is killed leaves its temporary files behind. So the processes of a pool have their folders in one that
goes with the pool; and where a whole program was killed, the next pool of any program of the user removes it. That the
owner lives shows in a lock that it holds, which the system takes back at its death, however that comes.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO

#: How the folder of a pool begins.
PREFIX = "stopdesk-workers-"

#: The file in it that its owner has locked.
LOCK = "owner.lock"

#: A folder without a lock may be one that is just being made, for so long, in seconds.
_BEING_MADE = 3600.0

#: So many are looked at by one pool.
_LOOK_AT = 1000

#: Libraries of linear algebra and compiled loops keep to one thread, as the grid is spread over processes.
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def environment(folder: Path) -> dict[str, str]:
    """One thread each, the folder for temporary files, and the way to this program where it is not installed."""
    environment = {**os.environ, **dict.fromkeys(_ONE_THREAD, "1"), "TMPDIR": str(folder)}
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").exists():
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(checkout), os.environ.get("PYTHONPATH", ""))))
    return environment


class Folders:
    """The folders of the processes of one pool, made when first needed; used by one thread."""

    def __init__(self) -> None:
        self._root: Path | None = None
        self._lock: IO[bytes] | None = None

    def new(self) -> Path:
        """A folder for one more process; OSError where there can be none."""
        if self._root is None:
            remove_left()
            self._root = Path(tempfile.mkdtemp(prefix=PREFIX))
            self._lock = (self._root / LOCK).open("wb")
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        return Path(tempfile.mkdtemp(dir=self._root))

    def close(self) -> None:
        """Remove all of them; their processes have ended."""
        if self._root is not None:
            shutil.rmtree(self._root, ignore_errors=True)
            self._root = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def remove_left() -> None:
    """Remove the folders of this user's pools that did not come to remove them."""
    for folder in islice(Path(tempfile.gettempdir()).glob(f"{PREFIX}*"), _LOOK_AT):
        with contextlib.suppress(OSError), _without_owner(folder) as is_left:
            if is_left:
                shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _without_owner(folder: Path) -> Iterator[bool]:
    """Whether the folder is one of ours whose owner is dead; OSError where that cannot be told."""
    about = folder.lstat()
    if folder.is_symlink() or not folder.is_dir() or about.st_uid != os.getuid():
        yield False
        return
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        yield time.time() - about.st_mtime > _BEING_MADE
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # BlockingIOError, an OSError, where somebody holds it
        yield True
    finally:
        os.close(lock)
