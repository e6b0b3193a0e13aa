"""The programs that can be started from the window: how they are found on this computer, and started."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stopdesk import paths
from stopdesk.errors import FileError
from stopdesk.samp import messages
from stopdesk.samp.lock import lock_path

_TABLES = (messages.TABLE_VOTABLE, messages.TABLE_FITS, messages.SELECT_ROWS, messages.HIGHLIGHT_ROW)

#: So many characters at the end of what a program wrote are its last words.
_LAST_WORDS = 300

#: Variables with such names are not for other programs, some of which tell their environment to whoever asks.
_SECRET = re.compile(r"^STOPDESK_|PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|(API|ACCESS|PRIVATE)_?KEY", re.IGNORECASE)


@dataclass(frozen=True)
class Program:
    """A program by the name that it gives itself: its commands, its jar files, and what it does well as it comes up.

    ``is_early`` says that it connects while it cannot take anything yet.
    """

    name: str
    commands: tuple[str, ...]
    jars: tuple[str, ...]
    takes: frozenset[str]
    is_early: bool = False

    def rest(self, took: float) -> float:
        """How long to leave it alone once it has connected, which ``took`` so many seconds.

        Aladin 12.001 answers the first half of that time with faults of Java, and a message in the middle of it not at
        all: seen 0.6 s after it had connected in 2.0 s, and 1.7 s after it had in 3.7 s, on a busy machine.
        """
        return max(3.0, took) if self.is_early else 0.0


TOPCAT = Program(
    "TOPCAT",
    ("topcat",),
    ("topcat-full.jar", "topcat-lite.jar", "topcat.jar"),
    frozenset((*_TABLES, *messages.OFFERS_RESOURCES)),
)
ALADIN = Program(
    "Aladin",
    ("aladin", "Aladin"),
    ("Aladin.jar", "aladin.jar"),
    frozenset((*_TABLES, messages.IMAGE, messages.POINT_AT, messages.SCRIPT)),
    is_early=True,
)
PROGRAMS = (TOPCAT, ALADIN)


def jar_folders() -> tuple[Path, ...]:
    """Where jar files of programs lie: where the user, Debian and their authors put them."""
    home = Path.home()
    own = (home, home / "bin", home / ".local" / "bin", home / "Applications", home / "Downloads")
    return (*own, *map(Path, ("/usr/share/java", "/usr/lib/topcat", "/usr/local/share/java", "/usr/local/bin", "/opt")))


def find(program: Program, folders: tuple[Path, ...] | None = None) -> tuple[str, ...] | None:
    """The command that starts a program; None where it is not installed. Looks at files."""
    for name in program.commands:
        path = shutil.which(name)
        if path is not None:
            return (path,)
    java = shutil.which("java")
    if java is None:
        return None
    for folder in jar_folders() if folders is None else folders:
        for jar in program.jars:
            if (folder / jar).is_file():
                return (java, "-jar", str(folder / jar))
    return None


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """The environment that a program is given: ours, but for what is ours alone or looks like a secret.

    It says where the hub's lock file is: Java takes the home folder from the list of users, where Python looks at HOME.
    """
    theirs = {name: value for name, value in ours.items() if not _SECRET.search(name)}
    if not theirs.get("SAMP_HUB"):
        theirs["SAMP_HUB"] = f"std-lockurl:{lock_path().as_uri()}"
    return theirs


def launch(program: Program, command: tuple[str, ...]) -> tuple[subprocess.Popen[bytes], Path]:
    """Start a program such that it outlives us; gives it, and the file in our log folder that it writes to.

    Raises FileError, with a sentence, where it cannot be started.
    """
    written = paths.private_file(paths.log_dir() / f"{program.name.lower()}.log")
    try:
        with written.open("wb") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=Path.home(),
                env=environment(os.environ),
                start_new_session=True,
            )
    except OSError as error:
        raise FileError(command[0], f"{program.name} cannot be started: {error.strerror}.") from error
    return process, written


def last_words(written: Path) -> str:
    """The end of what a program wrote, in one line; empty where it wrote nothing."""
    try:
        with written.open("rb") as output:
            output.seek(max(0, written.stat().st_size - _LAST_WORDS))
            return " ".join(output.read().decode(errors="replace").split())
    except OSError:
        return ""
