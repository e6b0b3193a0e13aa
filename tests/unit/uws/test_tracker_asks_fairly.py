"""The tracker without network or time: who is asked when, and what answers and failures mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stopdesk.domain.job import Job, JobProgress, Phase
from stopdesk.domain.run import Contact
from stopdesk.errors import Gone, Malformed, NotAllowed, Refused, ServerTrouble, StopdeskError, Unreachable
from stopdesk.uws.polls import Change, Poll
from stopdesk.uws.servers import Server
from stopdesk.uws.tracker import Tracker

SERVER = "https://vo.example.org/lvg/jobs"
OTHER = "https://other.example.org/jobs"
URL = SERVER
LOST = Unreachable("not reached", url=URL)


def job(name: str, phase: str = "EXECUTING", *, version: str | None = "1.1", server: str = SERVER) -> Job:
    return Job(url=f"{server}/{name}", job_id=name, phase=Phase.read(phase), phase_word=phase, version=version)


def running(fraction: float) -> Job:
    return job("a").model_copy(update={"progress": JobProgress(fraction=fraction)})


def follow(tracker: Tracker, name: str, phase: str = "EXECUTING", **values: str | None) -> None:
    known = job(name, phase, **values)  # type: ignore[arg-type]
    tracker.follow(name, known.url, job=known)


class World:
    """Services played against a tracker: ``answer`` says what comes back for a poll, and after how long."""

    def __init__(self, tracker: Tracker, answer: Callable[[Poll], tuple[float, Job | StopdeskError]]) -> None:
        self.tracker = tracker
        self.answer = answer
        self.now = 0.0
        self.under_way: list[tuple[float, Poll, Job | StopdeskError]] = []
        self.polls: list[Poll] = []
        self.changes: list[Change] = []

    def run(self, seconds: float, check: Callable[[World], None] | None = None) -> None:
        """Let time pass from event to event."""
        end = self.now + seconds
        for _ in range(200_000):
            for poll in self.tracker.due(self.now):
                took, outcome = self.answer(poll)
                self.polls.append(poll)
                self.under_way.append((self.now + took, poll, outcome))
            if check is not None:
                check(self)
            landing = min((each[0] for each in self.under_way), default=None)
            due = self.tracker.next_due(self.now)
            assert due is None or due >= self.now
            times = [time for time in (landing, due) if time is not None]
            if not times or min(times) > end:
                self.now = end
                return
            self.now = min(times)
            for each in [each for each in self.under_way if each[0] <= self.now]:
                self.under_way.remove(each)
                self._land(each[1], each[2])
        raise AssertionError("the tracker never rests")

    def _land(self, poll: Poll, outcome: Job | StopdeskError) -> None:
        if isinstance(outcome, Job):
            change = self.tracker.answered(poll, outcome, self.now)
        else:
            change = self.tracker.failed(poll, outcome, self.now)
        if change is not None:
            self.changes.append(change)


def steady(phase: str = "EXECUTING", *, wait: bool = True, version: str | None = "1.1") -> Callable[[Poll], object]:
    """A service whose jobs stay as they are; ``wait`` tells whether it heeds WAIT."""

    def answer(poll: Poll) -> tuple[float, Job]:
        took = float(poll.wait) if poll.wait is not None and wait else 0.05
        return took, Job(url=poll.url, job_id=poll.key, phase=Phase.read(phase), phase_word=phase, version=version)

    return answer


def test_a_new_job_is_asked_for_at_once_without_wait() -> None:
    tracker = Tracker()
    tracker.follow("a", f"{SERVER}/a", "my service")
    (poll,) = tracker.due(100.0)
    assert (poll.key, poll.url, poll.service, poll.wait, poll.phase) == ("a", f"{SERVER}/a", "my service", None, None)
    assert tracker.due(100.0) == []  # one request at a time for a job
    assert tracker.next_due(100.0) is None


def test_a_known_active_job_is_waited_for_with_its_last_phase() -> None:
    tracker = Tracker()
    follow(tracker, "a", "QUEUED")
    (poll,) = tracker.due(0.0)
    assert (poll.wait, poll.phase) == (30, Phase.QUEUED)


def test_the_end_is_the_end() -> None:
    tracker = Tracker()
    follow(tracker, "a")
    (poll,) = tracker.due(0.0)
    change = tracker.answered(poll, job("a", "COMPLETED"), 12.0)
    assert change is not None
    assert (change.key, change.changed, change.ended, change.contact) == ("a", True, True, Contact.OK)
    assert "a" not in tracker
    assert tracker.due(1e9) == []
    assert tracker.next_due(0.0) is None


def test_waits_that_work_are_repeated_without_plain_polls() -> None:
    tracker = Tracker()
    follow(tracker, "a")
    world = World(tracker, steady())  # type: ignore[arg-type]
    world.run(300)
    assert [poll.wait for poll in world.polls] == [30] * 11
    assert not any(change.changed for change in world.changes)


def test_progress_is_seen_while_waiting_for_the_end() -> None:
    for server, wait in ((SERVER, 10), ("http://127.0.0.1:8080/lvg/jobs", 2)):
        tracker = Tracker()
        tracker.follow("a", f"{server}/a", job=running(0.1))
        world = World(tracker, lambda poll: (float(poll.wait or 0.1), running(0.2)))
        world.run(61)
        assert {poll.wait for poll in world.polls} == {wait}
        assert len(world.polls) == 60 // wait + 1


def test_a_job_that_makes_progress_is_looked_at_often_without_wait_too() -> None:
    tracker = Tracker()
    known = running(0.0).model_copy(update={"version": "1.0"})
    tracker.follow("a", known.url, job=known)
    steps = iter(range(1, 1000))

    def answer(poll: Poll) -> tuple[float, Job]:
        return 0.1, running(next(steps) / 1000).model_copy(update={"version": "1.0"})

    world = World(tracker, answer)
    world.run(60)
    assert len(world.polls) > 50


def test_a_poll_that_is_never_given_back_takes_no_place_for_ever() -> None:
    tracker = Tracker()
    for number in range(5):
        follow(tracker, f"j{number}", "SUSPENDED")
    taken = {poll.key for poll in tracker.due(0.0)}
    assert len(taken) == 4
    assert tracker.due(100.0) == []
    assert len(tracker.due(301.0)) == 4


def test_a_service_that_ignores_wait_is_asked_less_and_less_often() -> None:
    tracker = Tracker()
    follow(tracker, "a")
    world = World(tracker, steady(wait=False))  # type: ignore[arg-type]
    world.run(300)
    assert [poll.wait for poll in world.polls[:3]] == [30, None, None]
    assert sum(poll.wait is not None for poll in world.polls) == 1
    assert len(world.polls) < 20
    gaps = [later.sent - earlier.sent for earlier, later in pairwise(world.polls)]
    assert gaps == sorted(gaps)
    assert gaps[-1] <= 31


def test_a_service_that_waits_less_than_asked_for_gets_a_pause() -> None:
    tracker = Tracker()
    follow(tracker, "a")
    world = World(tracker, lambda poll: (2.0, job("a")))
    world.run(60)
    assert 14 <= len(world.polls) <= 17


@pytest.mark.parametrize(
    ("version", "expected"),
    [("1.1", 30), ("1.2", 30), ("2.0", 30), (None, 30), ("odd", 30), ("1.0", None), ("1", None), (" 1.1 ", 30)],
)
def test_the_version_tells_whether_to_wait(version: str | None, expected: int | None) -> None:
    tracker = Tracker()
    follow(tracker, "a", version=version)
    assert tracker.due(0.0)[0].wait == expected


def test_without_a_version_wait_is_tried_once() -> None:
    tracker = Tracker()
    for name in "abc":
        follow(tracker, name, version=None)
    polls = tracker.due(0.0)
    assert sorted(str(poll.wait) for poll in polls) == ["30", "None", "None"]


@pytest.mark.parametrize("phase", ["HELD", "SUSPENDED", "UNKNOWN", "SLEEPING"])
def test_odd_phases_are_polled_on_without_wait(phase: str) -> None:
    tracker = Tracker()
    follow(tracker, "a", phase)
    world = World(tracker, steady(phase))  # type: ignore[arg-type]
    world.run(100)
    assert len(world.polls) > 5
    assert all(poll.wait is None for poll in world.polls)


def test_a_phase_may_step_back() -> None:
    tracker = Tracker()
    follow(tracker, "a", "EXECUTING")
    change = tracker.answered(tracker.due(0.0)[0], job("a", "PENDING"), 5.0)
    assert change is not None
    assert (change.changed, change.ended) == (True, False)
    assert "a" in tracker


def test_waits_leave_a_place_for_plain_polls() -> None:
    tracker = Tracker()
    for number in range(10):
        follow(tracker, f"j{number}")
    polls = tracker.due(0.0)
    assert [poll.wait for poll in polls] == [30, 30, 30, None]
    assert tracker.due(0.5) == []


def test_all_jobs_of_a_server_come_in_turn() -> None:
    tracker = Tracker()
    for number in range(50):
        follow(tracker, f"j{number}")
    world = World(tracker, steady())  # type: ignore[arg-type]
    world.run(600)
    counts = Counter(poll.key for poll in world.polls)
    assert len(counts) == 50
    assert max(counts.values()) <= 3 * min(counts.values())
    assert sum(poll.wait is None for poll in world.polls) <= 600 + 4


def test_a_far_server_gets_a_plain_request_a_second_and_ours_more() -> None:
    for server, most in ((SERVER, 64), ("http://127.0.0.1:8080/lvg/jobs", 1210)):
        tracker = Tracker()
        for number in range(5000):
            known = job(f"j{number}", "SUSPENDED", server=server)
            tracker.follow(known.job_id, known.url, job=known)
        world = World(tracker, steady("SUSPENDED"))  # type: ignore[arg-type]
        world.run(60)
        assert most * 0.9 <= len(world.polls) <= most
        assert len({poll.key for poll in world.polls}) == len(world.polls)


def test_a_slow_server_starves_nobody() -> None:
    tracker = Tracker()
    for number in range(20):
        follow(tracker, f"slow{number}", "HELD")
    follow(tracker, "quick", server=OTHER)
    world = World(tracker, lambda poll: (30.0 if poll.wait or "slow" in poll.key else 0.1, job(poll.key, "HELD")))
    world.run(20)
    assert sum("slow" in poll.key for poll in world.polls) == 4
    assert sum(poll.key == "quick" for poll in world.polls) >= 1


def test_5000_jobs_cost_little(monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = Tracker()
    for number in range(5000):
        follow(tracker, f"j{number}", "SUSPENDED")
    looked: list[int] = []
    original = Server.next_head

    def counting(server: Server, now: float) -> object:
        looked.append(1)
        return original(server, now)

    monkeypatch.setattr(Server, "next_head", counting)
    polls = tracker.due(0.0)
    assert len(polls) == 4
    assert len(looked) <= 5  # it looks at the heads of queues, not at jobs


def test_jobs_that_have_ended_are_read_when_no_other_is_due() -> None:
    tracker = Tracker()
    for number in range(200):
        follow(tracker, f"old{number}", "COMPLETED")
    follow(tracker, "now", "SUSPENDED")
    world = World(tracker, lambda poll: (0.1, job(poll.key, "SUSPENDED" if poll.key == "now" else "COMPLETED")))
    world.run(30)
    assert world.polls[0].key == "now"
    assert sum(poll.key == "now" for poll in world.polls) >= 5
    assert sum(poll.key != "now" for poll in world.polls) >= 20
    world.run(400)
    assert list(tracker._jobs) == ["now"]


def test_a_job_that_was_taken_for_ended_and_goes_on_is_followed_as_any_other() -> None:
    tracker = Tracker()
    follow(tracker, "a", "COMPLETED")
    world = World(tracker, lambda poll: (0.1, job(poll.key, "SUSPENDED")))
    world.run(60)
    assert len(world.polls) >= 5
    assert "a" in tracker


def test_a_lost_server_is_probed_by_one_request_at_a_time() -> None:
    tracker = Tracker()
    for number in range(30):
        follow(tracker, f"j{number}", "SUSPENDED")
    world = World(tracker, lambda poll: (0.1, LOST))

    def one_at_a_time(world: World) -> None:
        if world.now > 1:
            assert len(world.under_way) <= 1

    world.run(600, one_at_a_time)
    assert len(world.polls) < 25
    first = world.changes[0]
    assert (first.contact, first.contact_text, first.changed) == (Contact.UNREACHABLE, "not reached", True)
    assert len(first.others) == 29
    assert not any(change.changed or change.others for change in world.changes[1:])
    assert world.polls[4].sent == pytest.approx(1.1)  # four were under way; the probe comes a second later
    times = [poll.sent for poll in world.polls]
    assert max(later - earlier for earlier, later in pairwise(times)) <= 61
    assert len(tracker) == 30  # a lost server is no failed job


def test_a_server_that_returns_is_asked_at_its_usual_pace_again() -> None:
    tracker = Tracker()
    for number in range(3):
        follow(tracker, f"j{number}", "SUSPENDED")
    world = World(tracker, lambda poll: (0.1, LOST))
    world.run(100)
    world.answer = lambda poll: (0.1, job(poll.key, "SUSPENDED"))
    world.changes.clear()
    world.run(62)
    back = world.changes[0]
    assert (back.contact, back.changed, len(back.others)) == (Contact.OK, True, 2)
    assert {change.key for change in world.changes} == {"j0", "j1", "j2"}


def test_acting_on_a_job_of_a_lost_server_probes_at_once() -> None:
    tracker = Tracker()
    follow(tracker, "a", "SUSPENDED")
    world = World(tracker, lambda poll: (0.1, LOST))
    world.run(300)
    assert tracker.due(world.now) == []
    tracker.nudge("a")
    assert [poll.key for poll in tracker.due(world.now)] == ["a"]


def test_a_quiet_job_is_looked_at_soon_after_the_user_acted() -> None:
    tracker = Tracker()
    follow(tracker, "a", "HELD")
    world = World(tracker, steady("HELD"))  # type: ignore[arg-type]
    world.run(200)
    tracker.nudge("a")
    tracker.nudge("nobody")
    assert tracker.next_due(world.now) == world.now
    (poll,) = tracker.due(world.now)
    tracker.nudge("a")  # while the request is under way
    tracker.answered(poll, job("a", "HELD"), world.now + 0.1)
    assert len(tracker.due(world.now + 0.1)) == 1


def test_gone_is_not_unreachable() -> None:
    tracker = Tracker()
    follow(tracker, "a")
    change = tracker.failed(tracker.due(0.0)[0], Gone("it is gone", url=URL), 1.0)
    assert change is not None
    assert (change.contact, change.contact_text, change.changed) == (Contact.GONE, "it is gone", True)
    assert "a" not in tracker


def test_not_allowed_is_asked_again_slowly_until_the_user_acts() -> None:
    tracker = Tracker()
    follow(tracker, "a", "SUSPENDED")
    error = NotAllowed("who are you?", url=URL, login=True)
    world = World(tracker, lambda poll: (0.1, error))
    world.run(600)
    assert len(world.polls) < 20
    assert world.changes[0].contact is Contact.NOT_ALLOWED
    assert not any(change.changed for change in world.changes[1:])
    tracker.nudge("a")
    assert len(tracker.due(world.now)) == 1


@pytest.mark.parametrize(
    "error", [Malformed("nonsense", url=URL), Refused("no", url=URL), ServerTrouble("on fire", url=URL)]
)
def test_one_bad_job_does_not_slow_the_others(error: StopdeskError) -> None:
    tracker = Tracker()
    follow(tracker, "bad", "SUSPENDED")
    follow(tracker, "good", "SUSPENDED")
    world = World(tracker, lambda poll: (0.1, error if poll.key == "bad" else job("good", "SUSPENDED")))
    world.run(200)
    counts = Counter(poll.key for poll in world.polls)
    assert counts["good"] > counts["bad"] >= 5
    contacts = {change.key: change.contact for change in world.changes}
    assert contacts == {"good": Contact.OK, "bad": Contact.UNREACHABLE}
    assert not any(change.others for change in world.changes)


def test_a_server_that_asks_for_a_pause_gets_it() -> None:
    tracker = Tracker()
    for name in "abc":
        follow(tracker, name, "SUSPENDED")
    (poll, *_) = tracker.due(0.0)
    tracker.failed(poll, ServerTrouble("busy", url=URL, retry_after=120), 1.0)
    follow(tracker, "d", "SUSPENDED")
    assert tracker.due(100.0) == []
    assert tracker.next_due(100.0) == 121.0
    assert len(tracker.due(121.0)) == 2


def test_a_service_that_refuses_wait_is_asked_without_it_at_once() -> None:
    tracker = Tracker()
    follow(tracker, "a")
    change = tracker.failed(tracker.due(0.0)[0], Refused("what is WAIT?", url=URL), 0.1)
    assert change is not None
    assert (change.contact, change.changed) == (Contact.OK, False)
    (poll,) = tracker.due(0.1)
    assert poll.wait is None


def test_a_wait_that_is_never_answered_is_no_lost_server() -> None:
    tracker = Tracker()
    follow(tracker, "a")

    def answer(poll: Poll) -> tuple[float, Job | StopdeskError]:
        return (45.0, LOST) if poll.wait is not None else (0.1, job("a"))

    world = World(tracker, answer)
    world.run(500)
    assert all(change.contact is Contact.OK for change in world.changes)
    assert sum(poll.wait is not None for poll in world.polls) == 2  # then it is not tried again for a while
    assert sum(poll.wait is None for poll in world.polls) > 10


def test_a_server_that_dies_in_a_wait_is_lost_after_one_more_look() -> None:
    tracker = Tracker()
    follow(tracker, "a")
    world = World(tracker, lambda poll: (5.0 if poll.wait else 0.1, LOST))
    world.run(5.5)
    assert [change.contact for change in world.changes] == [Contact.OK, Contact.UNREACHABLE]


def test_what_comes_in_for_a_job_that_is_not_followed_any_more_is_ignored() -> None:
    tracker = Tracker()
    follow(tracker, "a")
    (poll,) = tracker.due(0.0)
    tracker.unfollow("a")
    tracker.unfollow("a")
    assert tracker.answered(poll, job("a", "COMPLETED"), 1.0) is None
    follow(tracker, "a")
    (first,) = tracker.due(1.0)
    follow(tracker, "a")  # anew, while a request is under way
    assert tracker.failed(first, LOST, 2.0) is None
    assert len(tracker.due(2.0)) == 1


def test_jobs_at_the_same_server_share_what_is_known_of_it() -> None:
    tracker = Tracker()
    follow(tracker, "a", "SUSPENDED")
    tracker.failed(tracker.due(0.0)[0], LOST, 0.1)
    follow(tracker, "b", "SUSPENDED", server="https://vo.example.org/lte/jobs")
    follow(tracker, "c", "SUSPENDED", server=OTHER)
    assert [poll.key for poll in tracker.due(0.2)] == ["c"]


OUTCOMES = st.sampled_from(
    [*(phase.value for phase in Phase), "lost", "gone", "not allowed", "trouble", "malformed", "refused"]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(OUTCOMES, min_size=1, max_size=60), st.floats(0.01, 50), st.integers(1, 12))
def test_whatever_comes_back_the_rules_hold(outcomes: list[str], took: float, jobs: int) -> None:
    tracker = Tracker()
    for number in range(jobs):
        follow(tracker, f"j{number}", "PENDING")
    errors: dict[str, StopdeskError] = {
        "lost": LOST,
        "gone": Gone("", url=URL),
        "not allowed": NotAllowed("", url=URL, login=False),
        "trouble": ServerTrouble("", url=URL, retry_after=5),
        "malformed": Malformed("", url=URL),
        "refused": Refused("", url=URL),
    }
    script = iter(outcomes * 50)

    def answer(poll: Poll) -> tuple[float, Job | StopdeskError]:
        outcome = next(script, "COMPLETED")
        return took, errors[outcome] if outcome in errors else job(poll.key, outcome)

    def rules(world: World) -> None:
        keys = [poll.key for _, poll, _ in world.under_way]
        assert len(keys) == len(set(keys))
        assert len(keys) <= 4
        assert sum(poll.wait is not None for _, poll, _ in world.under_way) <= 3

    world = World(tracker, answer)
    world.run(2000, rules)
    plain = sum(poll.wait is None for poll in world.polls)
    assert plain <= 2000 + 4
    for change in world.changes:
        assert not (change.ended and change.key in tracker)
