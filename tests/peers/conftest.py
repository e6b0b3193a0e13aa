"""The real peers, one of each for all tests: a DaCHS with our services, and a SLURM."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from tests.desk import opened_desk
from tests.peers.dachs_site import AWKWARD, DachsSite
from tests.peers.processes_as import missing, root_words
from tests.peers.slurm_cluster import SlurmCluster

#: Where tests/peers/set_up puts the environment of the engine.
ENGINE = Path(f"/var/tmp/stopdesk-peers-{os.getuid()}/engine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests in here need peers; the first one waits for them to start."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.peers)
            item.add_marker(pytest.mark.timeout(300))


def _folder(name: str) -> Path:
    """A folder that the users of the servers can enter, and whose path is short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix=f"stopdesk-{name}-"))
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def dachs() -> Iterator[DachsSite]:
    """A DaCHS site with our services, and with the awkward ones where they are at hand."""
    for program, package in (("dachs", "python3-gavo"), ("/usr/lib/postgresql/15/bin/initdb", "postgresql-15")):
        if shutil.which(program) is None:
            missing(f"{package} is not installed")
    if not (ENGINE / "bin" / "stopdesk").exists():
        missing(f"the engine is not installed in {ENGINE}")
    site = DachsSite(folder=_folder("dachs"), engine=ENGINE)
    try:
        site.start()
        yield site
    finally:
        site.stop()


@pytest.fixture(scope="session")
def slurm() -> Iterator[SlurmCluster]:
    """A SLURM of one node."""
    if shutil.which("slurmctld", path="/usr/sbin") is None or shutil.which("munged", path="/usr/sbin") is None:
        missing("SLURM (slurm-wlm, munge) is not installed")
    words = root_words()
    if words is None:
        missing("SLURM can only be started by root")
    cluster = SlurmCluster(folder=_folder("slurm"), root_words=words)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(params=["directly", "through SLURM"])
def way(request: pytest.FixtureRequest, dachs: DachsSite) -> Iterator[str]:
    """How DaCHS runs models in this test."""
    way = str(request.param)
    dachs.configure(slurm_conf=request.getfixturevalue("slurm").conf if way == "through SLURM" else None)
    yield way
    dachs.configure()


@pytest.fixture
def awkward(dachs: DachsSite) -> DachsSite:
    """The site, where it has the awkward services."""
    if not AWKWARD.is_dir():
        pytest.skip("the awkward services are not beside the checkout")
    return dachs


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[app.Desk]:
    """The window."""
    with opened_desk(qtbot) as desk:
        yield desk
