"""The tracker where thousands of jobs are on one server: it asks for the list, within the rate, and misses nothing."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

import pytest

from stopdesk.domain.job import Job, JobRef, Phase
from stopdesk.domain.run import Contact
from stopdesk.errors import Gone, NotAllowed, Refused, ServerTrouble, StopdeskError, Unreachable
from stopdesk.uws.polls import Change, Listing, ListPoll, Poll, with_phase
from stopdesk.uws.servers import Server
from stopdesk.uws.tracker import Tracker

LIST = "https://vo.example.org/lvg/jobs"
START = datetime(2026, 11, 20, tzinfo=UTC)
ENTRY_BYTES = 220
NEXT = {Phase.PENDING: Phase.QUEUED, Phase.QUEUED: Phase.EXECUTING, Phase.EXECUTING: Phase.COMPLETED}


@dataclass
class Model:
    """A server with jobs by id, and the ways in which its list may be odd."""

    phases: dict[str, Phase] = field(default_factory=dict)
    created: dict[str, datetime] = field(default_factory=dict)
    heeds: frozenset[str] = frozenset({"AFTER", "PHASE"})
    says_created: bool = True
    shows: Callable[[str], bool] = lambda _: True
    host: str = "https://vo.example.org"
    bytes_a_second: float = 10e6
    list_error: StopdeskError | None = None
    list_url: str = LIST
    _entries: dict[tuple[str, Phase], JobRef] = field(default_factory=dict)

    def add(self, name: str, phase: Phase) -> None:
        self.created[name] = START + timedelta(seconds=len(self.created))
        self.phases[name] = phase

    def job(self, name: str) -> Job:
        phase = self.phases[name]
        return Job(
            url=f"{self.list_url}/{name}",
            job_id=name,
            phase=phase,
            phase_word=phase,
            version="1.1",
            created=self.created[name] if self.says_created else None,
        )

    def listing(self, poll: ListPoll) -> Listing:
        names = [name for name in self.phases if self.shows(name)]
        if poll.phases and "PHASE" in self.heeds:
            names = [name for name in names if self.phases[name] in poll.phases]
        elif poll.phases and "LAST PHASE" in self.heeds:
            names = [name for name in names if self.phases[name] is poll.phases[-1]]
        if poll.after is not None and "AFTER" in self.heeds:
            names = [name for name in names if self.created[name] > poll.after]
        elif poll.after is not None and "ODD AFTER" in self.heeds:
            names = names[len(names) // 2 :]
        entries = [self._entry(name, self.phases[name]) for name in names]
        return Listing(entries, size=ENTRY_BYTES * len(entries))

    def _entry(self, name: str, phase: Phase) -> JobRef:
        if (name, phase) not in self._entries:
            created = self.created[name] if self.says_created else None
            url = f"{self.host}/lvg/jobs/{name}"
            self._entries[name, phase] = JobRef(url=url, job_id=name, phase=phase, created=created)
        return self._entries[name, phase]


class World:
    """Plays the model server against a tracker; time goes from event to event."""

    def __init__(self, tracker: Tracker, model: Model) -> None:
        self.tracker, self.model = tracker, model
        self.now = 0.0
        self.landing: list[tuple[float, int, Poll | ListPoll, Job | Listing | StopdeskError]] = []
        self.coming: list[tuple[float, str]] = []
        self.sent: list[tuple[float, Poll | ListPoll]] = []
        self.changed_at: dict[tuple[str, Phase], float] = {}
        self.seen_at: dict[tuple[str, Phase], float] = {}
        self.ended: set[str] = set()
        self.changes: list[Change] = []

    @property
    def list_polls(self) -> list[ListPoll]:
        return [poll for _, poll in self.sent if isinstance(poll, ListPoll)]

    @property
    def polls(self) -> list[Poll]:
        return [poll for _, poll in self.sent if isinstance(poll, Poll)]

    def change_at(self, when: float, name: str) -> None:
        heapq.heappush(self.coming, (when, name))

    def run(self, until: float) -> None:
        for _ in range(200_000):
            self._send()
            due = self.tracker.next_due(self.now)
            assert due is None or due >= self.now
            times = [self.landing[0][0]] if self.landing else []
            times += [self.coming[0][0]] if self.coming else []
            times += [due] if due is not None else []
            if not times or min(times) > until:
                self.now = until
                return
            self.now = min(times)
            while self.coming and self.coming[0][0] <= self.now:
                self._change(heapq.heappop(self.coming)[1])
            while self.landing and self.landing[0][0] <= self.now:
                _, _, poll, outcome = heapq.heappop(self.landing)
                self._land(poll, outcome)
        raise AssertionError("the tracker never rests")

    def _send(self) -> None:
        for asked in self.tracker.due_lists(self.now):
            listing = self.model.listing(asked)
            took = 0.1 + listing.size / self.model.bytes_a_second
            outcome = self.model.list_error or listing
            heapq.heappush(self.landing, (self.now + took, asked.number, asked, outcome))
            self.sent.append((self.now, asked))
        for poll in self.tracker.due(self.now):
            assert poll.key in self.model.phases or poll.wait is None
            here = poll.key in self.model.phases
            answer: Job | StopdeskError = self.model.job(poll.key) if here else Gone("gone", url=poll.url)
            heapq.heappush(self.landing, (self.now + (poll.wait or 0.1), poll.number, poll, answer))
            self.sent.append((self.now, poll))

    def _change(self, name: str) -> None:
        phase = self.model.phases[name] = NEXT.get(self.model.phases[name], Phase.COMPLETED)
        self.changed_at.setdefault((name, phase), self.now)

    def _land(self, poll: Poll | ListPoll, outcome: Job | Listing | StopdeskError) -> None:
        found: list[Change | None] = []
        if isinstance(poll, ListPoll):
            if isinstance(outcome, Listing):
                found += self.tracker.list_answered(poll, outcome, self.now)
            else:
                assert isinstance(outcome, StopdeskError)
                self.tracker.list_failed(poll, outcome, self.now)
        elif isinstance(outcome, Job):
            found.append(self.tracker.answered(poll, outcome, self.now))
        else:
            assert isinstance(outcome, StopdeskError)
            found.append(self.tracker.failed(poll, outcome, self.now))
        for change in found:
            if change is not None:
                self._note(change)

    def _note(self, change: Change) -> None:
        self.changes.append(change)
        phase = change.phase or (change.job.phase if change.job is not None else None)
        if phase is not None and change.changed:
            self.seen_at.setdefault((change.key, phase), self.now)
        if change.ended:
            self.ended.add(change.key)

    def delays(self) -> list[float]:
        """From each change to when it was seen, or a later one of the same job; all are seen or it is an error."""
        last = dict(self.changed_at.keys())
        return [self.seen_at[name, phase] - self.changed_at[name, phase] for name, phase in last.items()]


def world(jobs: int, active: int, *, seed: int = 7, **oddities: object) -> World:
    """A server of so many jobs of which the active ones, anywhere in its list, are followed."""
    rng = random.Random(seed)
    model = Model(**oddities)  # type: ignore[arg-type]
    followed = set(rng.sample(range(jobs), active))
    for number in range(jobs):
        model.add(f"j{number}", rng.choice([Phase.QUEUED, Phase.EXECUTING]) if number in followed else Phase.COMPLETED)
    tracker = Tracker(lists=True)
    for number in sorted(followed):
        tracker.follow(f"j{number}", f"{model.list_url}/j{number}", model.list_url, job=model.job(f"j{number}"))
    return World(tracker, model)


def at_random(world: World, changes: int, seconds: float, seed: int = 3) -> None:
    rng = random.Random(seed)
    for key in rng.sample([name for name in world.model.phases if name in world.tracker], changes):
        world.change_at(rng.uniform(5.0, seconds), key)


ALL = frozenset({"AFTER", "PHASE"})


@pytest.mark.parametrize(
    "oddities",
    [
        pytest.param({}, id="all filters"),
        pytest.param({"says_created": False}, id="no creation times"),
        pytest.param({"heeds": frozenset()}, id="no filters"),
        pytest.param({"heeds": frozenset({"LAST PHASE"}), "says_created": False}, id="only the last of several phases"),
        pytest.param({"heeds": frozenset({"ODD AFTER", "PHASE"})}, id="AFTER hides jobs"),
        pytest.param({"host": "http://internal:8080"}, id="addresses on another host"),
    ],
)
def test_5000_jobs_of_which_1000_are_active(oddities: dict[str, object]) -> None:
    there = world(5000, 1000, **oddities)
    at_random(there, 100, 120.0)
    there.run(140.0)
    times = [when for when, _ in there.sent]
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.999  # one request a second at most
    assert not any(poll.wait for poll in there.polls)
    delays = there.delays()
    assert len(delays) == 100
    print("MEDIAN", oddities, median(delays), max(delays), len(times))
    assert median(delays) <= 2.0
    assert max(delays) <= 15.0


def test_many_ends_at_once_are_seen_at_once_and_their_documents_follow() -> None:
    there = world(5000, 1000)
    there.run(20.0)
    ending = [name for name, phase in there.model.phases.items() if phase is Phase.EXECUTING][:60]
    for name in ending:
        there.change_at(21.0, name)
    there.run(27.0)
    assert {name for name, phase in there.seen_at if phase is Phase.COMPLETED} >= set(ending)
    assert len(there.ended) < 10
    there.run(200.0)
    assert there.ended >= set(ending)
    assert not any(name in there.tracker for name in ending)
    kinds = [isinstance(poll, ListPoll) for when, poll in there.sent if 27.0 < when < 120.0]
    assert 0.3 < sum(kinds) / len(kinds) < 0.7  # the list and the documents share the rate


@pytest.mark.parametrize(("jobs", "lists"), [(3, False), (8, False), (9, True)])
def test_few_jobs_are_followed_by_themselves(jobs: int, lists: bool) -> None:
    there = world(20, jobs)
    there.run(60.0)
    assert bool(there.list_polls) == lists


def test_without_lists_nobody_asks_for_one() -> None:
    model = Model()
    tracker = Tracker()
    for number in range(50):
        model.add(f"j{number}", Phase.EXECUTING)
        tracker.follow(f"j{number}", f"{LIST}/j{number}", LIST, job=model.job(f"j{number}"))
    there = World(tracker, model)
    there.run(60.0)
    assert not there.list_polls
    assert len({poll.key for poll in there.polls}) == 50


def test_the_list_becomes_shorter_with_after() -> None:
    there = world(60, 0)
    for number in range(60, 100):
        there.model.add(f"j{number}", Phase.EXECUTING)
        job = there.model.job(f"j{number}")
        there.tracker.follow(job.job_id, job.url, LIST, job=job)
    there.run(10.0)
    assert {poll.after for poll in there.list_polls} == {START + timedelta(seconds=59)}
    assert not any(poll.phases for poll in there.list_polls)  # so short a list shows it all


def test_a_huge_list_is_asked_for_by_phase_and_a_missing_job_by_itself() -> None:
    there = world(30_000, 500, says_created=False)
    at_random(there, 30, 100.0)
    there.run(120.0)
    by_phase = [poll for poll in there.list_polls if poll.phases]
    assert len(by_phase) > 0.8 * len(there.list_polls)
    assert {Phase.QUEUED, Phase.EXECUTING} <= set(by_phase[0].phases)
    assert len(there.delays()) == 30
    assert median(there.delays()) <= 2.5


def test_a_huge_list_without_filters_is_left_alone_for_a_few_jobs() -> None:
    there = world(50_000, 20, heeds=frozenset(), says_created=False)
    at_random(there, 5, 100.0)
    there.run(150.0)
    assert len(there.list_polls) == 2  # the whole one, and one to see whether PHASE is heeded
    assert len(there.delays()) == 5


def test_jobs_that_the_list_does_not_show_are_asked_for_by_themselves() -> None:
    there = world(200, 60, shows=lambda name: int(name[1:]) % 4 != 0)
    hidden = [name for name in there.model.phases if name in there.tracker and int(name[1:]) % 4 == 0]
    for name in hidden:
        there.change_at(50.0, name)
    there.run(150.0)
    assert all((name, there.model.phases[name]) in there.seen_at for name in hidden)


def test_a_list_without_any_of_the_jobs_is_given_up() -> None:
    there = world(100, 50, shows=lambda _: False)
    at_random(there, 50, 100.0)
    there.run(400.0)
    assert len(there.list_polls) <= 3
    assert len(there.delays()) == 50


def test_a_job_that_vanishes_is_gone_and_the_filters_stay_trusted() -> None:
    there = world(100, 50)
    there.run(20.0)
    name = next(name for name in there.model.phases if name in there.tracker)
    del there.model.phases[name]
    there.run(30.0)
    assert [change.contact for change in there.changes if change.key == name] == [Contact.GONE]
    assert there.list_polls[-1].after is not None


@pytest.mark.parametrize(
    "error",
    [Refused("no", url=LIST), Gone("no", url=LIST), NotAllowed("no", url=LIST, login=False)],
)
def test_a_list_that_is_refused_is_not_asked_for_again_soon(error: StopdeskError) -> None:
    there = world(100, 50, list_error=error)
    at_random(there, 50, 100.0)
    there.run(500.0)
    assert len(there.list_polls) <= 3
    assert len(there.delays()) == 50
    assert all(change.contact is Contact.OK for change in there.changes)


def test_a_list_that_is_too_slow_is_no_lost_server() -> None:
    there = world(100, 50, list_error=Unreachable("silent", url=LIST))
    there.run(500.0)
    assert len(there.list_polls) <= 4
    assert all(change.contact is Contact.OK for change in there.changes)


def test_a_lost_server_is_found_by_a_job_and_shared_by_all() -> None:
    there = world(100, 50)
    lost = Unreachable("not reached", url=LIST)
    (poll,) = there.tracker.due_lists(0.0)
    there.tracker.list_failed(poll, lost, 0.1)
    (probe,) = there.tracker.due(1.0)
    change = there.tracker.failed(probe, lost, 1.1)
    assert change is not None
    assert (change.contact, len(change.others)) == (Contact.UNREACHABLE, 49)
    assert there.tracker.due_lists(2.0) == []
    (probe,) = there.tracker.due(10.0)
    assert there.tracker.due_lists(11.0) == []  # one request at a time
    back = there.tracker.answered(probe, there.model.job(probe.key), 11.1)
    assert back is not None
    assert (back.contact, len(back.others)) == (Contact.OK, 49)
    assert len(there.tracker.due_lists(12.2)) == 1


def test_a_pause_that_the_server_asks_for_is_kept() -> None:
    there = world(100, 50)
    (poll,) = there.tracker.due_lists(0.0)
    there.tracker.list_failed(poll, ServerTrouble("busy", url=LIST, retry_after=60), 1.0)
    assert there.tracker.due_lists(30.0) == []
    assert there.tracker.due(30.0) == []
    assert there.tracker.next_due(30.0) == 61.0


def test_a_list_that_contradicts_the_jobs_is_given_up() -> None:
    there = world(100, 50)

    def cached(poll: ListPoll) -> Listing:  # it says of all that they are complete
        return Listing(JobRef(url=f"{LIST}/{name}", job_id=name, phase=Phase.COMPLETED) for name in there.model.phases)

    there.model.listing = cached  # type: ignore[method-assign]
    there.run(100.0)
    assert len(there.list_polls) <= 6
    late = [change for change in there.changes[-20:] if change.job is not None]
    assert all(change.job is not None and not change.job.phase.is_final for change in late)


def test_the_user_comes_first_among_a_thousand() -> None:
    there = world(5000, 1000)
    there.run(30.0)
    there.tracker.nudge("j" + next(name for name in there.model.phases if name in there.tracker)[1:])
    asked = len(there.polls)
    there.run(33.0)
    assert there.polls[asked].key == next(name for name in there.model.phases if name in there.tracker)


def test_jobs_that_come_while_the_list_is_asked_for_are_in_it() -> None:
    there = world(100, 50)
    there.run(20.0)
    before = len(there.polls)
    for number in range(100, 120):
        there.model.add(f"j{number}", Phase.QUEUED)
        job = there.model.job(f"j{number}")
        there.tracker.follow(job.job_id, job.url, LIST, job=job)
        there.change_at(30.0, job.job_id)
    there.run(36.0)
    assert all((f"j{number}", Phase.EXECUTING) in there.seen_at for number in range(100, 120))
    assert len(there.polls) - before <= 16


def test_when_few_are_left_waits_take_over_again() -> None:
    there = world(30, 12)
    there.run(20.0)
    assert there.list_polls
    for name in [name for name in there.model.phases if name in there.tracker][:10]:
        there.tracker.unfollow(name)
    before = len(there.list_polls)
    there.run(120.0)
    assert len(there.list_polls) - before <= 1
    assert any(poll.wait for poll in there.polls[-3:])


def test_an_answer_older_than_a_document_changes_nothing() -> None:
    there = world(100, 50)
    (poll,) = there.tracker.due_lists(0.0)
    old = there.model.listing(poll)
    name = next(name for name in there.model.phases if there.model.phases[name] is Phase.QUEUED)
    there.tracker.nudge(name)
    (asked,) = [each for each in there.tracker.due(1.0) if each.key == name]
    there.model.phases[name] = Phase.EXECUTING
    assert there.tracker.answered(asked, there.model.job(name), 1.1) is not None
    assert there.tracker.list_answered(poll, old, 1.2) == ()


def test_what_nobody_gave_back_is_asked_for_again() -> None:
    there = world(100, 50)
    (poll,) = there.tracker.due_lists(0.0)
    assert there.tracker.due_lists(10.0) == []
    assert there.tracker.due_lists(400.0) == []  # it is dropped, and asked for soon after
    assert len(there.tracker.due_lists(402.0)) == 1
    assert there.tracker.list_answered(poll, there.model.listing(poll), 403.0) == ()
    for name in list(there.model.phases):
        there.tracker.unfollow(name)
    assert there.tracker.next_due(403.0) is None


def test_two_runs_may_follow_one_job_and_a_list_may_name_it_twice() -> None:
    model = Model()
    tracker = Tracker(lists=True)
    for number in range(12):
        model.add(f"j{number}", Phase.QUEUED)
        for copy in "ab":
            tracker.follow(f"{copy}{number}", f"{LIST}/j{number}", LIST, job=model.job(f"j{number}"))
    (poll,) = tracker.due_lists(0.0)
    model.phases["j3"] = Phase.EXECUTING
    entries = model.listing(poll).entries
    changes = tracker.list_answered(poll, Listing((*entries, *entries), size=1), 0.2)
    assert sorted((change.key, change.phase) for change in changes) == [
        ("a3", Phase.EXECUTING),
        ("b3", Phase.EXECUTING),
    ]


def test_an_address_that_is_wrong_is_made_good_by_a_unique_id() -> None:
    entries = [
        JobRef(url="http://h/elsewhere/1", job_id="1", phase=Phase.QUEUED),
        JobRef(url="http://h/x/2", job_id="2", phase=Phase.QUEUED),
        JobRef(url="http://h/y/2", job_id="2", phase=Phase.ERROR),
    ]
    listing = Listing(entries)
    assert listing.find("/lvg/jobs/1") is entries[0]
    assert listing.find("/lvg/jobs/2") is None  # which of the two?
    assert listing.find("/y/2") is entries[2]


def test_a_run_can_show_the_phase_before_the_document() -> None:
    model = Model()
    model.add("a", Phase.QUEUED)
    job = model.job("a").model_copy(update={"raw": "<job/>"})
    shown = with_phase(job, Phase.EXECUTING)
    assert (shown.phase, shown.phase_word, shown.raw, shown.created) == (
        Phase.EXECUTING,
        "EXECUTING",
        "",
        job.created,
    )


def test_looking_what_is_due_costs_little(monkeypatch: pytest.MonkeyPatch) -> None:
    there = world(5000, 1000)
    there.run(30.0)
    pushed: Counter[str] = Counter()
    original = Server.enqueue

    def counting(server: Server, job: object, when: float) -> None:
        pushed["enqueue"] += 1
        original(server, job, when)  # type: ignore[arg-type]

    monkeypatch.setattr(Server, "enqueue", counting)
    now = there.now
    for step in range(100):
        there.tracker.next_due(now + step / 1000)
        there.tracker.due_lists(now + step / 1000)
        there.tracker.due(now + step / 1000)
    assert pushed["enqueue"] == 0
    there.run(90.0)
    assert pushed["enqueue"] < 200  # it is no job a look, though a thousand are followed
