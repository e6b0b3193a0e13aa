"""The answer that comes with the program: a record of ALMA's archive, as a search that a session can keep."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stopdesk import paths
from stopdesk.domain.run import StoredFile
from stopdesk.domain.search import Cone, Outcome, PortalAnswer, Search
from stopdesk.domain.settings import ServiceKind
from stopdesk.domain.target import Position, Target
from stopdesk.formats.votable import read_table
from stopdesk.session.file import SessionStore
from stopdesk.vo import libraries

#: Where the record is of, and when it was taken out of the archive.
_ADDRESS = "https://almascience.eso.org/tap#example"
_DATE = datetime(2019, 12, 11, 20, 57, 17, tzinfo=UTC)

#: The target, by the position of the record.
M83 = Target(
    name="M83",
    position=Position(ra=204.24712522989094, dec=-29.868853678162907),
    source="the example",
    date=_DATE,
)


def example_file() -> Path:
    """The VOTable, whose own words say where it is from."""
    return paths.resources() / "observe" / "example.vot"


def example_search(store: SessionStore, key: str) -> tuple[Search, dict[str, Any]]:
    """The search, its table kept in ``store``, and the tables by address; blocks. FileError where it cannot be kept."""
    libraries.load()
    path = example_file()
    table = read_table(path)
    sha256, size = store.put_blob(path)
    answer = PortalAnswer(
        service="Example: ALMA in 2019",
        url=_ADDRESS,
        kind=ServiceKind.OBSTAP,
        outcome=Outcome.ROWS,
        date=_DATE,
        n_rows=len(table),
        said=(
            "No answer of today: one record of ALMA's archive as it was on 2019-12-11, project 2017.1.00079.S, "
            "kept as test data by astroquery; each of its spectral windows has a row."
        ),
        table=StoredFile(name=path.name, sha256=sha256, size=size),
    )
    now = datetime.now(UTC).replace(microsecond=0)
    cone = Cone(position=M83.position, radius=6 / 60)
    search = Search(key=key, created=now, cone=cone, name="Example: M83", answers=(answer,))
    return search, {answer.url: table}
