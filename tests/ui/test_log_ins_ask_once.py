"""A server that asks who we are is answered once, by one question, and after a wrong answer by another."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from stopdesk.errors import NotAllowed, Unreachable
from stopdesk.ui.log_ins import LogIns

HERE, THERE = "https://here.example/jobs", "https://there.example/jobs"


def refusal(url: str = HERE, *, login: bool = True) -> NotAllowed:
    return NotAllowed("Who are you?", url=url, login=login)


@pytest.fixture
def log_ins(qtbot: QtBot) -> LogIns:
    return LogIns()


@pytest.fixture
def asked(log_ins: LogIns) -> list[str]:
    urls: list[str] = []
    log_ins.wanted.connect(urls.append)
    return urls


def test_many_requests_of_one_server_make_one_question(log_ins: LogIns, asked: list[str]) -> None:
    again: list[str] = []
    for name in ("a", "b", "c"):
        log_ins.turned_away(refusal(f"{HERE}/{name}"), name, lambda name=name: again.append(name), since=0)
    log_ins.turned_away(refusal(THERE), "d", lambda: again.append("d"), since=0)
    assert asked == [f"{HERE}/a", THERE]
    log_ins.logged_in(HERE)
    assert again == ["a", "b", "c"]
    log_ins.logged_in(THERE)
    assert again == ["a", "b", "c", "d"]


def test_a_request_that_was_under_way_during_the_log_in_is_made_again_without_a_question(
    log_ins: LogIns, asked: list[str]
) -> None:
    again: list[str] = []
    since = log_ins.number
    log_ins.logged_in(HERE)
    log_ins.turned_away(refusal(), "late", lambda: again.append("late"), since=since)
    assert again == ["late"]
    assert asked == []


def test_a_wrong_password_is_asked_for_again(log_ins: LogIns, asked: list[str]) -> None:
    log_ins.turned_away(refusal(), "a", lambda: None, since=0)
    log_ins.logged_in(HERE)
    log_ins.turned_away(refusal(), "a", lambda: None, since=log_ins.number)
    assert asked == [HERE, HERE]


def test_after_a_cancel_nothing_goes_on_and_nothing_asks_until_the_user_wants_it(
    log_ins: LogIns, asked: list[str]
) -> None:
    again: list[str] = []
    log_ins.turned_away(refusal(), "delete", lambda: again.append("delete"), since=0)
    log_ins.cancelled(HERE)
    log_ins.turned_away(refusal(), "poll", lambda: again.append("poll"), since=0)
    assert asked == [HERE]
    log_ins.may_ask(HERE)
    log_ins.turned_away(refusal(), "poll", lambda: again.append("poll"), since=0)
    assert asked == [HERE, HERE]
    log_ins.logged_in(HERE)
    assert again == ["poll"]


@pytest.mark.parametrize("error", [refusal(login=False), Unreachable("no answer", url=HERE)])
def test_where_a_log_in_cannot_help_none_is_asked_for(log_ins: LogIns, asked: list[str], error: NotAllowed) -> None:
    log_ins.turned_away(error, "a", lambda: pytest.fail("no log-in"), since=0)
    log_ins.logged_in(HERE)
    assert asked == []
