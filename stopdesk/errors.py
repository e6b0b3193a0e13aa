"""Everything that can go wrong, as sentences for the astronomer.

::

    StopdeskError
    ├── InputError                what was typed, chosen or opened cannot be used
    │   ├── InvalidParameters     a form or a request with problems, all of them
    │   └── FileError             a file, with its path and line
    │       └── QueryFailed       a table with a service's error in place of its rows
    ├── EngineError               a model that could not be computed
    ├── JobFailed                 a job that ended in ERROR
    ├── JobAborted                a job that ended in ABORTED
    ├── Cancelled                 the user changed their mind
    └── NetworkError              a conversation with a server, with its URL
        ├── Unreachable           no answer: no network, no such host, time-out
        ├── NotAllowed            401 and 403: log in, or not yours
        ├── Gone                  404 and 410: it is not there any more
        ├── Refused               the server read the request and said no, in its own words
        ├── ServerTrouble         5xx: the fault is the server's
        └── Malformed             an answer that is not what the protocol promises
            ├── WebPage           a page for a browser in place of a file
            └── Unverified        a result that is not what was announced

The text of every error is one or more sentences that say what happened, to what, and what to do.
``exit_code`` is what the command line returns for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class StopdeskError(Exception):
    """Root of the tree; never raised itself."""

    exit_code = 1


class InputError(StopdeskError):
    """What was typed, chosen or opened cannot be used."""

    exit_code = 2


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one or more parameters, in words to stand beside the field."""

    parameters: tuple[str, ...]
    text: str


class InvalidParameters(InputError):
    """A form or a request with problems; carries all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            " ".join(
                f"{', '.join(problem.parameters)}: {problem.text}" if problem.parameters else problem.text
                for problem in self.problems
            )
        )


class FileError(InputError):
    """A file that cannot be read or written; names the file and, where known, the line (from 1)."""

    def __init__(self, path: Path | str, text: str, *, line: int | None = None) -> None:
        self.path = Path(path)
        self.line = line
        where = f"{self.path.name}, line {line}" if line is not None else str(self.path)
        super().__init__(f"{where}: {text}")


class QueryFailed(FileError):
    """A table in which a service says that a query failed, in place of its rows; ``words`` are the service's own."""

    def __init__(self, path: Path | str, words: str) -> None:
        self.words = words
        super().__init__(path, f"holds an error instead of a table. The service says: {words}")


class EngineError(StopdeskError):
    """A model that could not be computed."""

    exit_code = 3


class JobFailed(StopdeskError):
    """A job that ended in ERROR; the text is what the service says of it."""

    exit_code = 3


class JobAborted(StopdeskError):
    """A job that ended in ABORTED."""

    exit_code = 4


class Cancelled(StopdeskError):
    """The user cancelled; not shown as an error."""

    exit_code = 4


class NetworkError(StopdeskError):
    """A conversation with a server that did not work out; ``url`` is the address spoken to."""

    exit_code = 5

    def __init__(self, text: str, *, url: str) -> None:
        self.url = url
        super().__init__(text)


class Unreachable(NetworkError):
    """No answer: no network, no such host, refused connection, time-out, broken transfer."""


class NotAllowed(NetworkError):
    """401 and 403. ``login`` tells whether a log-in could help (401)."""

    def __init__(self, text: str, *, url: str, login: bool) -> None:
        self.login = login
        super().__init__(text, url=url)


class Gone(NetworkError):
    """404 and 410: the resource is not there any more."""

    exit_code = 6


class Refused(NetworkError):
    """The server understood and said no; the text has the server's own words."""


class ServerTrouble(NetworkError):
    """5xx. ``retry_after`` is in seconds, where the server gave it."""

    def __init__(self, text: str, *, url: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(text, url=url)


class Malformed(NetworkError):
    """An answer that is not what the protocol promises (HTML, broken XML, too large)."""


class WebPage(Malformed):
    """A page for a browser in place of a file."""


class Unverified(Malformed):
    """A result of another size or checksum than the service announced; what came is kept in the file ``path``."""

    def __init__(self, text: str, *, url: str, path: Path) -> None:
        self.path = path
        super().__init__(text, url=url)
