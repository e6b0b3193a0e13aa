"""Services come with the program; the user's own take their place."""

from __future__ import annotations

from stopdesk.domain.settings import Service, Settings
from stopdesk.session.services import services, shipped


def test_the_list_that_comes_along_can_be_read_and_disturbs_nobody() -> None:
    assert shipped()
    assert not any(service.enabled for service in shipped()), "none could be tried, so none is offered by itself"
    assert all(service.note for service in shipped())


def test_a_user_s_service_of_the_same_address_takes_its_place() -> None:
    known = shipped()[0]
    mine = known.model_copy(update={"name": "mine", "enabled": True})
    other = Service(name="other", url="https://example.org/jobs")
    found = services(Settings(services=(mine, other)))
    assert found[:2] == (mine, other)
    assert known not in found
    assert len(found) == len(shipped()) + 1
