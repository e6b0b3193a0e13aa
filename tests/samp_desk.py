"""Messages of other programs for the real window, as its link would bring them, and what the window answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.samp.exchange import Answer, Received
from stopdesk.samp.messages import Message, read_message
from tests.fakes.samp_link import TOPCAT

#: First uses load libraries that are slow to load.
PATIENCE_MS = 60_000

Replies = list[tuple[Answer, str]]


def comes(desk: app.Desk, mtype: str, params: Mapping[str, Any]) -> Replies:
    """TOPCAT says something; the list that is given gets what it is answered."""
    replies: Replies = []
    content = read_message(mtype, params)
    reply = lambda answer, text="": replies.append((answer, text))  # noqa: E731
    desk.samp.received.emit(Received(TOPCAT, mtype, content, reply))
    return replies


def said(desk: app.Desk, message: Message) -> Replies:
    """TOPCAT says one of the messages that we can say, too."""
    return comes(desk, message.mtype, message.params)


def answered(qtbot: QtBot, replies: Replies) -> tuple[Answer, str]:
    """The one answer, once it is there."""
    qtbot.waitUntil(lambda: bool(replies), timeout=PATIENCE_MS)
    (reply,) = replies
    return reply
