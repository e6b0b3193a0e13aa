"""Save: the user's file is the old one or the new one, whatever the disk, the folder or another program does."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

import stopdesk
from stopdesk.domain.run import Run
from stopdesk.domain.session import Session, Source
from stopdesk.errors import FileError
from stopdesk.session.file import SessionStore, read_session
from stopdesk.session.migrate import VERSION
from tests.processes import need_proc

#: Other programs find the same stopdesk, wherever the tests were started.
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(stopdesk.__file__).parents[1]), *sys.path])}

OLD, NEW = Session(source=Source(name="old")), Session(source=Source(name="new"))


def a_mixture(session: Session) -> bool:
    """Whether the parts are of more than one of the sessions that ``uniform`` makes."""
    return len({session.source.name, session.model, *(run.name for run in session.runs)}) != 1


def uniform(name: str) -> Session:
    created = datetime(2026, 1, 1, tzinfo=UTC)
    runs = tuple(Run(key=f"{n}", name=name, model=None, service=name, created=created) for n in range(5))
    return Session(source=Source(name=name), model=name, runs=runs)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SessionStore]:
    (tmp_path / "recovery").mkdir()
    with closing(SessionStore.create(tmp_path / "recovery" / "working.stop")) as store:
        store.write(OLD)
        yield store


@pytest.fixture
def target(tmp_path: Path, store: SessionStore) -> Path:
    """The user's file as it was saved before the last change."""
    (tmp_path / "home").mkdir()
    path = tmp_path / "home" / "ladder.stop"
    store.save_to(path)
    store.write(NEW)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file may grow over ``size``: to SQLite, a disk that does not take any more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_saving_over_the_old_file_and_over_it_again(store: SessionStore, target: Path) -> None:
    assert read_session(target) == OLD
    store.save_to(target)
    assert read_session(target) == NEW
    store.save_to(target)
    assert read_session(target) == NEW
    assert names(target.parent) == ["ladder.stop"]
    assert names(store.path.parent) == ["working.stop", "working.stop-shm", "working.stop-wal"]


def test_a_saved_file_stands_alone(store: SessionStore, target: Path) -> None:
    """No log beside it is needed: it can be mailed, and opened where nothing may be written."""
    store.save_to(target)
    header = target.read_bytes()[:100]
    assert header[18:20] == b"\x01\x01"
    assert header[60:64] == VERSION.to_bytes(4)
    assert header[68:72] == b"STOP"


def test_permissions_are_kept_and_new_files_get_the_users(store: SessionStore, target: Path) -> None:
    target.chmod(0o640)
    store.save_to(target)
    assert target.stat().st_mode & 0o777 == 0o640
    umask = os.umask(0o027)
    try:
        store.save_to(target.with_name("other.stop"))
    finally:
        os.umask(umask)
    assert target.with_name("other.stop").stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(store: SessionStore, target: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.stop"
    link.symlink_to(target)
    store.save_to(link)
    assert link.is_symlink()
    assert read_session(target) == NEW


def test_saving_onto_the_working_copy_is_refused(store: SessionStore, tmp_path: Path) -> None:
    (tmp_path / "link.stop").symlink_to(store.path)
    for path in (store.path, store.path.parent / ".." / "recovery" / "working.stop", tmp_path / "link.stop"):
        with pytest.raises(FileError, match="working copy of the open session"):
            store.save_to(path)
    assert store.read() == OLD


def test_saving_onto_the_working_copy_of_another_window_is_refused(store: SessionStore, tmp_path: Path) -> None:
    with closing(SessionStore.create(tmp_path / "other.stop")) as other:
        other.write(NEW)
        with pytest.raises(FileError, match="another program has this file open"):
            store.save_to(other.path)
        assert other.read() == NEW


def test_places_where_nothing_can_be_saved(store: SessionStore, target: Path, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="it is a folder"):
        store.save_to(tmp_path / "home")
    with pytest.raises(FileError, match="there is no folder"):
        store.save_to(tmp_path / "vanished" / "x.stop")
    with pytest.raises(FileError, match="no ordinary file"):
        store.save_to(Path("/dev/null"))
    with pytest.raises(FileError, match="cannot be written"):
        store.save_to(target / "x.stop")
    with pytest.raises(FileError, match="too long"):
        store.save_to(tmp_path / ("x" * 300))
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    with pytest.raises(FileError, match="cannot be written"):
        store.save_to(tmp_path / "circle" / "x.stop")
    assert read_session(target) == OLD
    assert names(target.parent) == ["ladder.stop"]


def test_a_folder_that_vanishes(store: SessionStore, target: Path) -> None:
    shutil.rmtree(target.parent)
    with pytest.raises(FileError, match="there is no folder"):
        store.save_to(target)
    assert store.read() == NEW


def test_a_read_only_folder(store: SessionStore, target: Path) -> None:
    if os.geteuid() == 0:  # to whom nothing is read-only but what the kernel makes so
        need_proc()
        with pytest.raises(FileError, match="cannot be written"):
            store.save_to(Path("/proc/ladder.stop"))
        return
    target.parent.chmod(0o555)
    try:
        with pytest.raises(FileError, match="no permission"):
            store.save_to(target)
    finally:
        target.parent.chmod(0o755)
    assert read_session(target) == OLD


def test_a_disk_that_takes_no_more(store: SessionStore, target: Path) -> None:
    store.put_blob(os.urandom(300_000))
    with largest_file(200_000), pytest.raises(FileError, match="disk"):
        store.save_to(target)
    assert read_session(target) == OLD
    assert names(target.parent) == ["ladder.stop"]
    assert not list(store.path.parent.glob("*.saving"))
    store.save_to(target)
    assert read_session(target) == NEW


def test_an_autosave_that_the_disk_does_not_take_changes_nothing_and_can_be_done_again(store: SessionStore) -> None:
    big = Session(layout={"filling": "x" * 3_000_000})
    with largest_file(1_000_000):
        with pytest.raises(FileError, match="disk"):
            store.write(big)
        assert store.read() == OLD
        with pytest.raises(FileError, match="disk"):
            store.put_blob(os.urandom(5_000_000))
    store.write(big)
    assert store.read() == big


FULL_DISK = """
import os, sys
from pathlib import Path
from stopdesk.domain.session import Session
from stopdesk.errors import FileError
from stopdesk.session.file import SessionStore, read_session
from tests.processes import need_proc
home, working = Path(sys.argv[1]), Path(sys.argv[2])
store = SessionStore.create(working)
store.save_to(home / "it.stop")
store.write(Session(model="lte"))
store.put_blob(os.urandom(2_000_000))
try:
    store.save_to(home / "it.stop")
except FileError as error:
    print(error)
print(os.listdir(home), read_session(home / "it.stop").model)
"""


def test_a_full_disk(tmp_path: Path) -> None:
    unshare = shutil.which("unshare")
    home = tmp_path / "small disk"
    home.mkdir()
    private = [unshare or "", "--user", "--map-root-user", "--mount", "sh", "-c"]
    mount = ['mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"', str(home)]
    if unshare is None or subprocess.run([*private, *mount, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be mounted here")
    python = [sys.executable, "-c", FULL_DISK, str(home), str(tmp_path / "working.stop")]
    done = subprocess.run([*private, *mount, *python], capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert done.stderr == ""
    said, after = done.stdout.splitlines()
    assert "it.stop: cannot be written: the disk is full." in said
    assert after == "['it.stop'] lvg"


def test_two_stores_on_one_working_copy_agree(store: SessionStore) -> None:
    with closing(SessionStore.open(store.path)) as other:
        assert other.read() == OLD
        other.write(NEW)
        assert store.read() == NEW
        store.write(NEW)
        store.write(OLD)
        assert other.read() == OLD
        other.write(NEW)
        store.write(OLD)
        assert other.read() == OLD


def test_two_stores_and_many_threads_write_whole_sessions(store: SessionStore, target: Path) -> None:
    """Whoever reads or saves meanwhile sees one of the sessions that were written, never a mixture."""

    wrong: list[Session] = []
    store.write(uniform("start"))

    def work(own: SessionStore, name: str) -> None:
        for turn in range(25):
            own.write(uniform(f"{name}{turn}"))
            own.put_blob(f"{name}{turn}".encode())
            if a_mixture(found := own.read()):
                wrong.append(found)

    with closing(SessionStore.open(store.path)) as other:
        threads = [threading.Thread(target=work, args=(own, f"{n}-")) for n, own in enumerate([store, store, other])]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            store.save_to(target)
            if a_mixture(found := read_session(target)):
                wrong.append(found)
        for thread in threads:
            thread.join()
    assert wrong == []
