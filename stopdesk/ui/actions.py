"""The window's actions, declared once: words, menu, key and what they are for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu


@dataclass(frozen=True)
class ActionSpec:
    """One action; ``handler`` names who answers it, a line is drawn above it where ``after_line``."""

    name: str
    menu: str
    text: str
    tip: str
    key: str = ""
    after_line: bool = False


def _workspaces(*names: tuple[str, str, str]) -> tuple[ActionSpec, ...]:
    """The actions of workspaces, with Ctrl+1, Ctrl+2 and so on in their order."""
    return tuple(
        ActionSpec(name, "&View", text, tip, f"Ctrl+{number}") for number, (name, text, tip) in enumerate(names, 1)
    )


#: The workspaces, from the top of the rail.
WORKSPACES = _workspaces(
    ("observe", "&Observe", "Search portals for observations"),
    ("spectra", "&Spectra", "Look at observed spectra"),
    ("model", "&Model", "Fill in a model"),
    ("runs", "&Runs", "Look at results"),
)

INTEROP = (
    ActionSpec("samp_connect", "&Interop", "&Connect", "Connect to TOPCAT, Aladin and other programs over SAMP"),
    ActionSpec("samp_disconnect", "&Interop", "&Disconnect", "Be connected to other programs no more"),
    ActionSpec("samp_hub", "&Interop", "Start a &hub", "Connect, and start a hub of our own where there is none"),
    ActionSpec("start_topcat", "&Interop", "Start &TOPCAT", "Start TOPCAT, if it is installed", after_line=True),
    ActionSpec("start_aladin", "&Interop", "Start &Aladin", "Start Aladin, if it is installed"),
    ActionSpec(
        "samp_messages",
        "&Interop",
        "&Messages…",
        "Who is there, what was sent and received, and what came of it",
        after_line=True,
    ),
)

ACTIONS = (
    ActionSpec("new", "&File", "&New session", "Start an empty session", "Ctrl+N"),
    ActionSpec("open", "&File", "&Open session…", "Open a session file", "Ctrl+O"),
    ActionSpec("open_spectrum", "&File", "Open s&pectrum…", "Load spectra from files", "Ctrl+Shift+O", after_line=True),
    ActionSpec("open_table", "&File", "Open ta&ble…", "Show tables of files among the observations", "Ctrl+Shift+T"),
    ActionSpec("save", "&File", "&Save session", "Save the session with all its results", "Ctrl+S", after_line=True),
    ActionSpec("save_as", "&File", "Save session &as…", "Save the session to another file", "Ctrl+Shift+S"),
    ActionSpec("save_tables", "&File", "Save result &tables…", "Save the tables of the results shown", "Ctrl+T"),
    ActionSpec("quit", "&File", "&Quit", "Close the window; jobs on other services go on", "Ctrl+Q", after_line=True),
    ActionSpec("undo", "&Edit", "&Undo", "Take back the last change of the form", "Ctrl+Z"),
    ActionSpec("redo", "&Edit", "&Redo", "Make the last change again", "Ctrl+Shift+Z"),
    ActionSpec("preferences", "&Edit", "&Preferences…", "Colours, jobs, the local service", "Ctrl+,", after_line=True),
    *WORKSPACES,
    ActionSpec("jobs", "&View", "&Jobs panel", "Go to the list of jobs", "Ctrl+J", after_line=True),
    ActionSpec("details", "&View", "&Details", "Show or hide the details of what is selected", "Ctrl+D"),
    ActionSpec("run", "&Jobs", "&Run the model", "Send the filled form", "Ctrl+Return"),
    ActionSpec(
        "add_job", "&Jobs", "Add a job by its &address…", "Follow a job that was made elsewhere", after_line=True
    ),
    ActionSpec("services", "&Jobs", "&Services…", "Where models can be sent, and how to log in there"),
    *INTEROP,
    ActionSpec("guide", "&Help", "User's &guide", "The guide, in a window of its own", "F1"),
    ActionSpec("log", "&Help", "Show the &log", "The folder of the program's log", after_line=True),
    ActionSpec("about", "&Help", "&About stopdesk", "Version, licence, what it builds on"),
)


def build_menus(
    window: QMainWindow, handlers: Mapping[str, Callable[[], object]], submenus: Mapping[str, QMenu]
) -> dict[str, QAction]:
    """Make the menus of the declared actions, each calling its handler; give the actions by name.

    A submenu stands below the action whose name it is given under.
    """
    actions: dict[str, QAction] = {}
    menus: dict[str, QMenu] = {}
    for spec in ACTIONS:
        menu = menus.get(spec.menu)
        if menu is None:
            menu = menus[spec.menu] = window.menuBar().addMenu(spec.menu)
            menu.setToolTipsVisible(True)
        if spec.after_line:
            menu.addSeparator()
        action = QAction(spec.text, window)
        action.setObjectName(spec.name)
        action.setToolTip(spec.tip)
        action.setStatusTip(spec.tip)
        if spec.key:
            action.setShortcut(QKeySequence(spec.key))
        action.triggered.connect(lambda _=False, name=spec.name: handlers[name]())
        menu.addAction(action)
        actions[spec.name] = action
        if spec.name in submenus:
            menu.addMenu(submenus[spec.name])
    return actions
