"""Services come with the program; the user's own take their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from stopdesk.domain.settings import LogIn, Service, ServiceKind, Settings, services_problem
from stopdesk.net.credentials import Origin
from stopdesk.session.services import (
    authorities,
    job_services,
    logged_in_to,
    portals,
    resolvers,
    services,
    shipped,
    with_services,
)


def test_the_list_that_comes_along_can_be_read_and_disturbs_nobody() -> None:
    assert shipped()
    jobs = [service for service in shipped() if service.kind is ServiceKind.UWS]
    assert jobs
    assert not any(service.enabled for service in jobs), "none could be tried, so none is offered by itself"
    assert all(service.note for service in shipped())


def test_a_user_s_service_of_the_same_address_takes_its_place() -> None:
    known = shipped()[0]
    mine = known.model_copy(update={"name": "mine", "enabled": True})
    other = Service(name="other", url="https://example.org/jobs")
    found = services(Settings(services=(mine, other)))
    assert found[:2] == (mine, other)
    assert known not in found
    assert len(found) == len(shipped()) + 1


def test_what_is_as_it_came_is_not_kept_twice_and_what_was_changed_is() -> None:
    first, *others = shipped()
    mine = Service(name="", url="https://example.org:8443/jobs")
    ticked = first.model_copy(update={"enabled": True})
    kept = with_services(Settings(), (mine, ticked, *others))
    assert kept.services == (mine.model_copy(update={"name": "example.org:8443"}), ticked)
    assert set(services(kept)) == {*kept.services, *others}
    assert with_services(kept, shipped()).services == (), "put back"


def test_each_kind_is_used_for_what_it_is() -> None:
    assert all(service.kind is ServiceKind.UWS for service in job_services(Settings()))
    assert {service.kind for service in portals(Settings())} >= {ServiceKind.OBSTAP, ServiceKind.SCS, ServiceKind.SSA}
    assert not {ServiceKind.UWS, ServiceKind.RESOLVER} & {service.kind for service in portals(Settings())}
    assert len({service.url for service in shipped()}) == len(shipped())


def test_names_are_asked_for_at_every_resolver_in_use_and_its_mirrors() -> None:
    (sesame,) = (service for service in shipped() if service.kind is ServiceKind.RESOLVER)
    assert resolvers(Settings()) == (sesame.url, *sesame.mirrors)
    assert sesame.mirrors
    mine = Service(name="mine", url="https://names.example/sesame", kind=ServiceKind.RESOLVER)
    off = sesame.model_copy(update={"enabled": False})
    assert resolvers(Settings(services=(mine,))) == (mine.url, sesame.url, *sesame.mirrors)
    assert resolvers(Settings(services=(mine, off))) == (mine.url,)


def test_a_mirror_that_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match="web address"):
        Service(name="x", url="https://x.example/tap", mirrors=("https://y.example/tap", "nonsense"))


def test_one_that_cannot_be_is_not_kept() -> None:
    with pytest.raises(ValueError, match="web address"):
        with_services(Settings(), (Service.model_construct(name="x", url="nonsense"),))


def test_the_first_that_cannot_be_kept_is_told() -> None:
    good = Service(name="good", url="https://example.org/jobs")
    again = good.model_copy(update={"name": "again"})
    empty = Service.model_construct(name="new", url="")
    assert services_problem((good,)) is None
    assert services_problem((good, again)) == (1, "again: good has this address already: https://example.org/jobs")
    assert services_problem((empty, again, good)) == (0, "new: The address of its job list is missing.")
    number, text = services_problem((good, good.model_copy(update={"url": "ftp://x", "name": ""}))) or (0, "")
    assert (number, text.split(":")[0]) == (1, "'ftp")


def test_a_service_of_many_models_has_a_list_for_each() -> None:
    assert Service(name="x", url="https://x/{model}/jobs").job_lists(("lte", "lvg")) == (
        "https://x/lte/jobs",
        "https://x/lvg/jobs",
    )
    assert Service(name="x", url="https://x/jobs").job_lists(("lte", "lvg")) == ("https://x/jobs",)


def test_marks_and_certificates_belong_to_a_server() -> None:
    marked = Service(name="a", url="https://a.example/x/jobs", log_in=LogIn.BASIC, user="alice", ca_file="/etc/a.pem")
    later = Service(name="b", url="https://a.example/y/jobs", log_in=LogIn.BEARER)
    plain = Service(name="c", url="https://c.example/{model}/jobs")
    settings = Settings(services=(marked, later, plain))
    assert logged_in_to(settings) == {Origin.of(marked.url): marked}
    assert authorities(settings) == {Origin.of(marked.url): Path("/etc/a.pem")}
