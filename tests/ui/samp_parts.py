"""The link to other programs with a fake in the place of the one that speaks to hubs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from pytestqt.qtbot import QtBot

from stopdesk.samp.exchange import LinkStatus, Listener, Peer
from stopdesk.ui.samp.bridge import SampLink
from tests.fakes.samp_link import CONNECTED, FakeLink


@dataclass
class Samp:
    """The link as the window sees it, and the fakes that it has made."""

    qtbot: QtBot
    links: list[FakeLink] = field(default_factory=list)
    start_hub: bool = True

    def __post_init__(self) -> None:
        self.link = SampLink(make=self._make, start_hub=lambda: self.start_hub)

    def _make(self, listener: Listener, start_hub: bool) -> FakeLink:
        self.links.append(FakeLink(listener, start_hub))
        return self.links[-1]

    @property
    def fake(self) -> FakeLink:
        """The one that was made."""
        (fake,) = self.links
        return fake

    def with_peers(self, *peers: Peer, status: LinkStatus = CONNECTED) -> None:
        """Be connected, with these programs there."""
        self.link.start()
        self.fake.stands(status)
        self.fake.there_are(*peers)
        self.qtbot.waitUntil(lambda: self.link.peers == peers and self.link.status == status)


@pytest.fixture
def samp(qtbot: QtBot) -> Iterator[Samp]:
    """A link to no other program yet."""
    made = Samp(qtbot)
    yield made
    made.link.shutdown()
