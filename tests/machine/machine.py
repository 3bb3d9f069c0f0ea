"""Whatever people do with projects, in any order: the promises hold, and every door tells the same."""

import functools
import io
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from typing import Any, ClassVar

import hypothesis.strategies as st
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from PIL import Image

from tests.faults import checks
from tests.faults.client import OPEN
from tests.faults.record import Cut, Heard, Record, place
from tests.machine.ground import PATIENCE_S, Ground

TINY = {"prompt": "a field", "width_px": 64, "height_px": 64, "steps": 1}
LONG = {"prompt": "a forest", "width_px": 256, "height_px": 256, "steps": 200}
SHOT = {"duration_s": 0.5, "fps": 12, "width_px": 64, "height_px": 64}
CHECKS = (
    checks.p2_same_event_at_same_position,
    checks.p3_no_silent_gap,
    checks.p5_records_are_what_was_told,
)
pick = st.integers(0, 10**6)
replicas = st.integers(0, 1)
kinds = st.sampled_from(["socket", "stream"])
doors = st.sampled_from(["http", "socket"])


def when(holds: Callable[["Studio"], Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Nothing is done where it does not hold.

    Not a precondition: what holds depends on how far the service is, and Hypothesis wants choices that it can repeat.
    """

    def of(step: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(step)
        def only_then(self: "Studio", **drawn: Any) -> None:
            if holds(self):
                step(self, **drawn)

        return only_then

    return of


class Studio(RuleBasedStateMachine):
    """A project with people who ask, keep and delete, and people who listen, leave and come back."""

    ground: ClassVar[Ground]
    may_kill: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self.project = f"m-{uuid.uuid4().hex[:12]}"
        self.first = len(self.ground.record.watched)
        self.listeners = len(self.ground.listeners)
        self.asked: dict[str, tuple[str, dict[str, Any]]] = {}  # by key: the task, and the body
        self.tasks: list[str] = []
        self.deleted: set[str] = set()
        self.cancelled: set[str] = set()
        self.was_deleted = False
        self.kills = 0
        self.cancels = 0

    # --- what people do --------------------------------------------------------------------------------------------

    def replica(self, number: int) -> int:
        return number % len(self.ground.services)

    def path(self, rest: str = "") -> str:
        return f"/api/v1/projects/{self.project}{rest}"

    def task(self, number: int) -> str:
        return self.tasks[number % len(self.tasks)]

    @property
    def is_alive(self) -> bool:
        return not self.was_deleted

    @property
    def has_tasks(self) -> bool:
        return self.is_alive and bool(self.tasks)

    @initialize(at=replicas, kind=kinds)
    def somebody_listens(self, at: int, kind: str) -> None:
        self.ground.listen(self.replica(at), self.project, kind, None)

    @rule(
        at=replicas,
        shot=st.sampled_from([None, "12A", "12B"]),
        seed=st.integers(0, 9),
        through=doors,
        long=pick,
        again=doors,
    )
    @when(lambda self: self.is_alive)
    def ask(self, at: int, shot: str | None, seed: int, through: str, long: int, again: str) -> None:
        key = str(uuid.uuid4())
        params = LONG if long % 6 == 0 else {**TINY, "seed": seed}
        body = {"task_type": "text_to_image", "quality": "draft", "params": params, **({"shot": shot} if shot else {})}
        task = self.submit(at, through, key, body)
        assert task not in self.tasks, "two requests became one task"
        if again != through:  # somebody lost the answer, and asks elsewhere
            assert self.submit(at + 1, again, key, body) == task, "one request became two tasks"
        self.asked[key] = (task, body)
        self.tasks.append(task)
        if params is LONG:  # nobody waits for it: it is cancelled, if not by then by the end
            self.cancelled.add(task)
            self.stop(at, through, task)

    def submit(self, at: int, through: str, key: str, body: dict[str, Any]) -> str:
        if through == "socket":
            said = self.ground.say(self.replica(at), self.project, "start_generation", message_id=key, **body)
            assert said["type"] == "task_started", said
            return str(said["task_id"])
        headers = {"Idempotency-Key": key}
        answer = self.ground.ask(self.replica(at), "POST", self.path("/tasks"), json=body, headers=headers)
        assert answer.status_code == 202, answer.text
        assert answer.headers["location"] == self.path(f"/tasks/{answer.json()['task_id']}")
        return str(answer.json()["task_id"])

    @rule(at=replicas, number=pick, through=doors)
    @when(lambda self: self.is_alive and self.asked)
    def ask_again(self, at: int, number: int, through: str) -> None:
        key = list(self.asked)[number % len(self.asked)]
        task, body = self.asked[key]
        if task in self.deleted:
            answer = self.ground.ask(
                self.replica(at), "POST", self.path("/tasks"), json=body, headers={"Idempotency-Key": key}
            )
            assert answer.status_code == 410, answer.text
        else:
            assert self.submit(at, through, key, body) == task

    @rule(at=replicas, number=pick)
    @when(lambda self: self.is_alive and self.asked)
    def use_a_key_for_something_else(self, at: int, number: int) -> None:
        key = list(self.asked)[number % len(self.asked)]
        _, body = self.asked[key]
        other = {**body, "params": {**body["params"], "seed": 77}}
        headers = {"Idempotency-Key": key}
        answer = self.ground.ask(self.replica(at), "POST", self.path("/tasks"), json=other, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "IDEMPOTENCY_CONFLICT"), answer.text

    @rule(at=replicas, through=doors, seed=st.integers(0, 9))
    @when(lambda self: self.is_alive)
    def ask_for_a_chain(self, at: int, through: str, seed: int) -> None:
        frame = {"name": "frame", "task_type": "text_to_image", "quality": "draft", "params": {**TINY, "seed": seed}}
        shot = {"task_type": "image_to_video", "quality": "draft"}
        params = {**SHOT, "source_image": {"from_task": "#frame"}}
        requests = [frame, {**shot, "params": params}]
        if through == "socket":
            said = self.ground.say(
                self.replica(at), self.project, "start_batch", until="batch_started", requests=requests
            )
            assert said["type"] == "batch_started", said
            made = said["task_ids"]
        else:
            answer = self.ground.ask(self.replica(at), "POST", self.path("/batches"), json={"requests": requests})
            assert answer.status_code == 202, answer.text
            made = [task["task_id"] for task in answer.json()["tasks"]]
        assert len(set(made) - set(self.tasks)) == 2
        self.tasks += made

    @rule(at=replicas, number=pick, through=doors)
    @when(lambda self: self.has_tasks)
    def cancel(self, at: int, number: int, through: str) -> None:
        self.stop(at, through, self.task(number))

    def stop(self, at: int, through: str, task: str) -> None:
        self.cancels += 1
        if through == "socket" and task not in self.deleted:
            said = self.ground.say(self.replica(at), self.project, "cancel", task_id=task, until="error")
            assert said["type"] == "error", said
            assert said["error_code"] in ("TASK_CANCELLED", "TASK_ENDED", "INPUT_FAILED"), said
            return
        answer = self.ground.ask(self.replica(at), "POST", self.path(f"/tasks/{task}/cancel"))
        assert answer.status_code == (410 if task in self.deleted else 200), answer.text

    @rule(at=replicas, number=pick, favourite=st.booleans(), circled=st.sampled_from([None, True, False]))
    @when(lambda self: self.has_tasks)
    def mark(self, at: int, number: int, favourite: bool, circled: bool | None) -> None:
        task = self.task(number)
        marks = {"favourite": favourite, **({} if circled is None else {"circled": circled})}
        answer = self.ground.ask(self.replica(at), "PATCH", self.path(f"/tasks/{task}"), json=marks)
        if task in self.deleted:
            assert answer.status_code == 410, answer.text
        elif answer.status_code == 422:  # only a take of a shot that was made can be circled
            assert circled, answer.text
        else:
            told = answer.json()
            assert (answer.status_code, told["favourite"]) == (200, favourite), answer.text
            assert circled is None or told["circled"] is circled

    @rule(at=replicas, number=pick)
    @when(lambda self: self.has_tasks)
    def promote(self, at: int, number: int) -> None:
        task = self.task(number)
        body = {"quality": "draft", "params": {"width_px": 64, "height_px": 64, "steps": 1}}
        answer = self.ground.ask(self.replica(at), "POST", self.path(f"/tasks/{task}/promote"), json=body)
        if answer.status_code == 202:
            assert answer.json()["promoted_from"] == task
            self.tasks.append(answer.json()["task_id"])
        else:  # it is not made (yet), is a film, or is gone
            assert answer.status_code in ((410,) if task in self.deleted else (409, 422)), answer.text

    @rule(at=replicas, number=pick, again=st.booleans())
    @when(lambda self: self.has_tasks)
    def delete(self, at: int, number: int, again: bool) -> None:
        task = self.task(number)
        before = self.ground.ask(self.replica(at), "GET", self.path(f"/tasks/{task}"))
        answer = self.ground.ask(self.replica(at), "DELETE", self.path(f"/tasks/{task}"))
        if task in self.deleted:
            assert (before.status_code, answer.status_code) == (410, 204), (before.text, answer.text)
        elif answer.status_code == 204:
            self.deleted.add(task)
            if again:
                assert self.ground.ask(self.replica(at), "DELETE", self.path(f"/tasks/{task}")).status_code == 204
            assert self.ground.ask(self.replica(at), "GET", self.path(f"/tasks/{task}")).status_code == 410
        else:  # it is open, or an open one needs it
            assert answer.status_code == 409, answer.text

    @rule(at=replicas, colour=st.sampled_from(["red", "teal"]))
    @when(lambda self: self.is_alive)
    def bring_a_picture_and_move_over_it(self, at: int, colour: str) -> None:
        into = io.BytesIO()
        Image.new("RGB", (96, 64), colour).save(into, "PNG")
        files = {"file": ("a.png", into.getvalue())}
        brought = self.ground.ask(self.replica(at), "POST", self.path("/uploads"), files=files)
        assert brought.status_code == 201, brought.text
        assert self.ground.ask(self.replica(at), "GET", brought.json()["url"]).content == into.getvalue()
        params = {**SHOT, "source_image": brought.json()["url"]}
        body = {"task_type": "image_to_video", "quality": "draft", "params": params}
        answer = self.ground.ask(self.replica(at), "POST", self.path("/tasks"), json=body)
        assert answer.status_code == 202, answer.text
        self.tasks.append(answer.json()["task_id"])

    # --- who listens -----------------------------------------------------------------------------------------------

    @property
    def ours(self) -> list[Any]:
        return self.ground.listeners[self.listeners :]

    @rule(at=replicas, kind=kinds, number=pick)
    def another_listens(self, at: int, kind: str, number: int) -> None:
        """From the state, from the beginning, or from where another one is."""
        known = [None, "0", *(one.position for one in self.ours)]
        self.ground.listen(self.replica(at), self.project, kind, known[number % len(known)])

    @rule(number=pick)
    def one_leaves_or_comes_back(self, number: int) -> None:
        one = self.ours[number % len(self.ours)]
        self.ground.loop.run(one.go() if one.is_here else one.come())

    # --- what is looked at on the way ------------------------------------------------------------------------------

    @rule(at=replicas, limit=st.integers(1, 4))
    @when(lambda self: self.is_alive)
    def page_through(self, at: int, limit: int) -> None:
        """Every task that was accepted and not deleted is on the pages, once, however they are cut."""
        found = [task["task_id"] for task in self.pages(at, limit)]
        assert sorted(found) == sorted(set(self.tasks) - self.deleted), (found, self.tasks)

    def pages(self, at: int, limit: int) -> list[dict[str, Any]]:
        tasks: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
            answer = self.ground.ask(self.replica(at), "GET", self.path("/tasks"), params=query)
            assert answer.status_code == 200, answer.text
            tasks, cursor = tasks + answer.json()["tasks"], answer.json()["next"]
        return tasks

    # --- what goes wrong -------------------------------------------------------------------------------------------

    @precondition(lambda self: self.may_kill and self.kills < 2)
    @rule(at=replicas)
    def a_process_is_killed(self, at: int) -> None:
        self.kills += 1
        self.ground.kill_and_restart(self.replica(at))

    @rule(at=replicas, number=pick)
    @when(lambda self: self.has_tasks)
    def delete_the_project(self, at: int, number: int) -> None:
        """Refused while a task is open; then nothing of it is left, and its name cannot be used."""
        if number % 3:
            return
        answer = self.ground.ask(self.replica(at), "DELETE", self.path())
        if answer.status_code == 409:
            assert answer.json()["error"]["code"] == "PROJECT_BUSY", answer.text
            return
        assert answer.status_code == 204, answer.text
        self.was_deleted = True
        for method, rest in (("GET", ""), ("GET", "/tasks"), ("POST", "/tasks"), ("GET", f"/tasks/{self.tasks[0]}")):
            body = {"task_type": "text_to_image", "params": TINY} if method == "POST" else None
            gone = self.ground.ask(self.replica(at), method, self.path(rest), json=body)
            assert (gone.status_code, gone.json()["error"]["code"]) == (410, "PROJECT_DELETED"), gone.text

    # --- at the end ------------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        record = Record(watched=self.ground.record.watched[self.first :])
        if not self.was_deleted:
            self.all_ends()
            for number in range(len(self.ground.services)):
                for kind in ("socket", "stream"):
                    self.ground.listen(number, self.project, kind, "0")
            state = self.everybody_hears_the_last()
            for number in range(len(self.ground.services)):
                record.states.append((number, self.state(number)))
                record.pages[number, self.project] = self.pages(number, 50)
            assert not any(state["counts"][status] for status in OPEN), state["counts"]
            paged = {task["task_id"] for task in record.pages[0, self.project]}
            assert paged == set(self.tasks) - self.deleted, record.pages
        for one in self.ours:
            self.ground.loop.run(one.go())
        record.watched = self.ground.record.watched[self.first :]
        record.untold = self.never_told(record)
        broken = [said for check in CHECKS for said in check(record)] + self.endings(record)
        if len(record.untold) > self.cancels:
            broken.append(f"P2 nobody heard of {sorted(record.untold)}, and {self.cancels} cancels were asked for")
        if broken:
            for watched in record.watched:
                note(f"From {watched.bookmark}: {' '.join(map(_brief, watched.seen))}")
        assert broken == []

    def never_told(self, record: Record) -> set[tuple[str, int]]:
        """Places in the log that nobody ever heard of: that a cancel was asked for is noted there, and not told."""
        heard = {place(heard.message["position"])[1] for watched in record.watched for heard in watched.events}
        return {(self.project, seq) for seq in range(1, max(heard, default=0))} - {(self.project, seq) for seq in heard}

    def state(self, number: int) -> dict[str, Any]:
        answer = self.ground.ask(number, "GET", self.path())
        assert answer.status_code == 200, answer.text
        state: dict[str, Any] = answer.json()
        return state

    def all_ends(self) -> None:
        until = time.monotonic() + PATIENCE_S
        while any((counts := self.state(0)["counts"])[status] for status in OPEN):
            assert time.monotonic() < until, f"awaited in vain: that all ends, of {counts}"
            time.sleep(0.05)

    def everybody_hears_the_last(self) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE_S
        while True:
            state = self.state(0)
            late = [one for one in self.ours if one.is_here and one.position != state["position"]]
            if not late:
                return state
            told = [(one.position, one.watched.replica) for one in late]
            assert time.monotonic() < until, f"awaited in vain: that all are at {state['position']}, not {told}"
            time.sleep(0.05)

    def endings(self, record: Record) -> list[str]:
        """Each task that somebody heard of has one ending at most; each that is there has one; what was asked to stop
        and was given no time has not gone on to its end."""
        places: dict[str, set[str]] = defaultdict(set)
        for watched in record.watched:
            for heard in watched.events:
                if checks.is_ending(heard.message):
                    places[heard.message["task_id"]].add(heard.message["position"])
        said = [f"P1 {task} ended at {sorted(at)}" for task, at in places.items() if len(at) > 1]
        if not self.was_deleted:
            by_id = {task["task_id"]: task for task in record.pages[0, self.project]}
            for task in set(self.tasks) - self.deleted:
                if not places[task]:
                    said.append(f"P1 nobody heard how {task} ended")
                if task in self.cancelled and by_id[task]["status"] != "cancelled":
                    said.append(f"P9 {task} was to be cancelled, and is {by_id[task]['status']}")
        return said


def _brief(seen: Heard | Cut) -> str:
    if isinstance(seen, Cut):
        return "|"
    message = seen.message
    return f"{message['position'].rpartition('-')[2]}:{message['type']}:{message.get('task_id', '')[:4]}"
