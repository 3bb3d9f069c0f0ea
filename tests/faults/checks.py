"""The promises, checked offline on a `Record`. Each check gives what broke; `figures` what was measured."""

import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.faults.client import OPEN, Client
from tests.faults.record import Cut, Heard, Probed, Record, digest, now, place

REPAIR_S = 5.0
MAX_STATE_BYTES = 256 << 10


def p2_same_event_at_same_position(record: Record) -> Iterator[str]:
    """Every client sees the same event at the same position, and nothing was written twice."""
    by_position: dict[tuple[str, str], set[str]] = defaultdict(set)
    written: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    for watched in record.watched:
        for heard in watched.events:
            message = heard.message
            by_position[watched.project, message["position"]].add(digest(message))
            told = (message.get(name) for name in ("progress", "favourite", "circled"))
            what = (message.get("task_id"), message["type"], message["timestamp"], *told)
            written[what].add(message["position"])
    for (project, position), digests in by_position.items():
        if len(digests) > 1:
            yield f"P2 {project} {position}: {len(digests)} different events"
    for what, positions in written.items():
        if len(positions) > 1:
            yield f"P2 {what[1]} of {what[0]} was written at {sorted(positions)}"


def p3_no_silent_gap(record: Record) -> Iterator[str]:
    """After a bookmark comes the next event, or a greeting with the state."""
    for watched in record.watched:
        last = None if watched.bookmark is None else place(watched.bookmark)
        for heard in (s for s in watched.seen if isinstance(s, Heard)):
            message = heard.message
            if message["type"] == "connected":
                if message["recovered"] and heard.position != last:
                    yield f"P3 {watched.project}: recovered at {heard.position}, but was at {last}"
                if not message["recovered"] and message["state"]["position"] != message["position"]:
                    yield f"P3 {watched.project}: greeted with a state of another position"
            elif last is None:
                yield f"P3 {watched.project}: an event before the greeting"
            elif last[0] and heard.position != (last[0], _following(record, watched.project, last[1])):
                yield f"P3 {watched.project} at replica {watched.replica}: after {last} came {heard.position}"
            last = heard.position


def _following(record: Record, project: str, seq: int) -> int:
    return next(after for after in itertools.count(seq + 1) if (project, after) not in record.untold)


def p4_everybody_hears_the_last(record: Record) -> Iterator[str]:
    """At the end everybody is where the log is; no live client heard an event much later than the first who did."""
    heads = {(number, state["project_id"]): state["position"] for number, state in record.states}
    for watched in record.watched:
        heard = [s for s in watched.seen if isinstance(s, Heard)]
        at = heard[-1].message["position"] if heard else None
        head = heads.get((watched.replica, watched.project))
        if head is not None and at != head:
            yield f"P4 {watched.project} at replica {watched.replica}: the client is at {at}, the log at {head}"
    for told_at, late_s in _lateness(record):
        if late_s > record.waits.limit_s(REPAIR_S, told_at, told_at + late_s):
            yield f"P4 a live client heard an event {late_s:.1f} s after another"


def p5_records_are_what_was_told(record: Record) -> Iterator[str]:
    """A record is its events and nothing else: what a client knows at a position is what the state there says, and a
    greeting joins with what follows it. Equal positions mean equal states, and a state is bounded."""
    states: dict[tuple[str, str], dict[str, dict[str, Any]]] = defaultdict(dict)
    for state in _states(record):
        states[state["project_id"], state["position"]][digest(state)] = state
        size = len(json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode())
        if size > MAX_STATE_BYTES:
            yield f"P5 a state of {state['project_id']} takes {size} bytes"
        is_open = [task["status"] in OPEN for task in state["tasks"]]
        if is_open != sorted(is_open, reverse=True):
            yield f"P5 {state['position']}: an ended task stands before an open one"
    for (project, position), found in states.items():
        if len(found) > 1:
            yield f"P5 {project} {position}: {len(found)} different states: {_difference(*list(found.values())[:2])}"
    for watched in record.watched:
        client = Client(record.carried.get(watched.project, 0))
        for heard in (seen for seen in watched.seen if isinstance(seen, Heard)):
            for said in client.take(heard.message):
                yield f"P5 {watched.project} at replica {watched.replica}: {said}"
            for state in states[watched.project, heard.message["position"]].values():
                for said in client.differs(state):
                    yield f"P5 {watched.project} {state['position']}: {said}"
    for number, state in record.states:
        yield from _p5_pages(state, record.pages[number, state["project_id"]])


def _p5_pages(state: dict[str, Any], tasks: list[dict[str, Any]]) -> Iterator[str]:
    """All pages together, read after the state: each task once, as many as are counted, the same as in the state."""
    where = f"P5 {state['project_id']} {state['position']}"
    twice = [task_id for task_id, n in Counter(task["task_id"] for task in tasks).items() if n > 1]
    if twice:
        yield f"{where}: paged twice: {twice}"
    counts = {name: n for name, n in state["counts"].items() if n and name != "size_bytes"}
    if counts != Counter(task["status"] for task in tasks):
        yield f"{where}: it counts {counts}, and the pages have {len(tasks)} tasks"
    by_id = {task["task_id"]: task for task in tasks}
    for task in state["tasks"]:
        if by_id.get(task["task_id"]) != task:
            yield f"{where}: {task['task_id']} is another on its page"


def p6_nothing_accepted_is_lost(record: Record) -> Iterator[str]:
    """Every accepted task has exactly one ending, and a request was accepted as one task."""
    told: dict[str, set[str]] = defaultdict(set)
    for watched in record.watched:
        for heard in watched.events:
            if is_ending(heard.message):
                told[heard.message["task_id"]].add(heard.message["position"])
    ended = {task["task_id"] for tasks in record.pages.values() for task in tasks if task["status"] not in OPEN}
    for task_id, positions in told.items():
        if len(positions) > 1:
            yield f"P1 {task_id} ended at {sorted(positions)}"
    for asked in record.asked:
        if asked.accepted_at is None:
            yield f"P6 {asked.key} was never accepted: {Counter(status for _, _, status, _ in asked.refused)}"
        elif asked.task_id not in ended and asked.task_id not in told:
            yield f"P6 {asked.task_id} was accepted and has no ending"


def p6_what_came_after_is_not_lost(record: Record) -> Iterator[str]:
    """For faults that delete records themselves: what was asked for later ends, and nothing stays open for ever. Of
    what was asked for before, the answer may have come later than its record was deleted."""
    later = [asked for asked in record.asked if (asked.sent_at or now()) > record.outage[0] + 0.5]
    yield from p6_nothing_accepted_is_lost(replace(record, asked=later))
    for tasks in record.pages.values():
        for task in tasks:
            if task["status"] in OPEN:
                yield f"P6 {task['task_id']} stays {task['status']}"


def p12_refused_in_time(record: Record) -> Iterator[str]:
    """Liveness stays; probes are quick; refusals are quick and say when to come back."""
    for probed in record.probed:
        if probed.path == "/health/live" and probed.status != 200:
            yield f"P12 replica {probed.replica} was not alive: {probed.status}"
        if probed.took_s > record.waits.limit_s(1, probed.at, probed.at + probed.took_s):
            yield f"P12 a probe of {probed.path} took {probed.took_s:.2f} s"
        if probed.status not in (200, 503):
            yield f"P12 {probed.path} answered {probed.status}"
    for asked in record.asked:
        for at, took_s, status, again in asked.refused:
            if status != 503 or not again:
                yield f"P12 refused with {status}, Retry-After {again}" + f", {asked.lost}" * (not status)
            if took_s > record.waits.limit_s(2, at, at + took_s):
                yield f"P12 a refusal took {took_s:.2f} s"


def p12_readiness_follows(record: Record) -> Iterator[str]:
    """For outages of more than 3 s: not ready within 3 s of the loss, ready within 3 s of the return, and in between
    neither."""
    lost, back = record.outage
    late, early = (record.waits.limit_s(3, at, at + 3) for at in (lost, back))
    for probed in (probed for probed in record.probed if probed.path == "/health/ready"):
        said = ", ".join(sorted(probed.causes)) or "no answer"
        if lost + late < probed.at < back - 1 and probed.status == 200:
            yield f"P12 replica {probed.replica} was ready {probed.at - lost:.1f} s after the loss"
        if probed.at > back + early and probed.status != 200 and not _was_starved(record, probed):
            yield f"P12 replica {probed.replica} was not ready {probed.at - back:.1f} s after the return: {said}"


def _was_starved(record: Record, probed: Probed) -> bool:
    """Whether others had the machine to themselves, so that a quarter of a second's work misses a second's limit. Then
    nothing is heard in time; that a disk is full, or cannot be written, is no matter of time."""
    return probed.causes == {"no_answer"} and record.waits.limit_s(0.25, probed.at - 1, probed.at + probed.took_s) > 1


CHECKS = (
    p2_same_event_at_same_position,
    p3_no_silent_gap,
    p4_everybody_hears_the_last,
    p5_records_are_what_was_told,
    p6_nothing_accepted_is_lost,
    p12_refused_in_time,
)


def broken(record: Record, *, without: tuple[Any, ...] = (), also: tuple[Any, ...] = ()) -> list[str]:
    """What broke, of all promises but those a fault cannot leave whole."""
    return [said for check in (*CHECKS, *also) if check not in without for said in check(record)]


def held_by(*, without: tuple[Any, ...] = (), also: tuple[Any, ...] = ()) -> set[str]:
    """The promises that `broken` looked at, by number."""
    looked = {check.__name__.partition("_")[0].upper() for check in (*CHECKS, *also) if check not in without}
    return looked | ({"P1"} if p6_nothing_accepted_is_lost not in without else set())


def figures(record: Record) -> dict[str, Any]:
    """What was measured."""
    lost, back = record.outage
    ready = [p for p in record.probed if p.path == "/health/ready"]
    refusals = [refusal for asked in record.asked for refusal in asked.refused]
    down = [p.at + p.took_s - lost for p in ready if lost <= p.at < back and p.status != 200]
    up = [
        min((p.at + p.took_s - back for p in ready if p.replica == n and p.at > back and p.status == 200), default=-1.0)
        for n in {p.replica for p in ready}
    ]
    return {
        "outage_s": round(back - lost, 1),
        "accepted": sum(asked.accepted_at is not None for asked in record.asked),
        "events": len({(w.project, h.message["position"]) for w in record.watched for h in w.events}),
        "reconnects": sum(isinstance(s, Cut) for w in record.watched for s in w.seen),
        "told_anew": sum(
            isinstance(s, Heard) and s.message["type"] == "connected" and not s.message["recovered"]
            for w in record.watched
            for s in w.seen[1:]
        ),
        "refusals": len(refusals),
        "slowest_refusal_s": round(max((took_s for _, took_s, _, _ in refusals), default=0.0), 2),
        "slowest_probe_s": round(max((p.took_s for p in record.probed), default=0.0), 2),
        "not_ready_after_s": round(min(down), 2) if down else None,
        "ready_after_s": round(max(up), 2) if up else None,
        "worst_repair_s": round(worst_repair(record), 2),
        "caught_up_p95_s": caught_up_p95(record),
        "bystander_s": round(record.waits.worst_s, 2),
    }


def worst_repair(record: Record) -> float:
    """Over all events and all clients that were connected when the first client heard it: how much later they did.

    A client that was cut off, or was told anew, in between is repaired by that, not later.
    """
    return max((late_s for _, late_s in _lateness(record)), default=0.0)


def _lateness(record: Record) -> Iterator[tuple[float, float]]:
    """When the first client heard an event, and how much later another one did."""
    first: dict[tuple[str, str], float] = {}
    for watched in record.watched:
        for heard in watched.events:
            key = (watched.project, heard.message["position"])
            first[key] = min(first.get(key, heard.at), heard.at)
    for watched in record.watched:
        greeted_at = 0.0
        for seen in (seen for seen in watched.seen if isinstance(seen, Heard)):
            if seen.message["type"] == "connected":
                greeted_at = seen.at
            else:
                told_at = first[watched.project, seen.message["position"]]
                if told_at >= greeted_at:
                    yield told_at, seen.at - told_at


def measured_of(record: Record) -> dict[str, dict[str, float]]:
    """The figures that promises name, by promise."""
    seen = figures(record)
    p12 = {
        "probe, s": "slowest_probe_s", "refusal, s": "slowest_refusal_s", "not ready, s": "not_ready_after_s",
        "ready, s": "ready_after_s",
    }  # fmt: skip
    return {
        "P3": {"caught up p95, s": seen["caught_up_p95_s"]},
        "P4": {"repair, s": seen["worst_repair_s"]},
        "P12": {name: seen[key] for name, key in p12.items() if seen[key] is not None},
    }


def caught_up_p95(record: Record) -> float:
    """Of all returns with a bookmark or to a state: from the greeting to the last event that others had heard before
    it; the 95th percentile."""
    first: dict[tuple[str, str], float] = {}
    for watched in record.watched:
        for heard in watched.events:
            key = (watched.project, heard.message["position"])
            first[key] = min(first.get(key, heard.at), heard.at)
    took: list[float] = []
    for watched in record.watched:
        greeted_at = None
        for seen in (seen for seen in watched.seen if isinstance(seen, Heard)):
            if seen.message["type"] == "connected":
                greeted_at = seen.at
                took.append(0.0)
            elif greeted_at is not None and first[watched.project, seen.message["position"]] < greeted_at:
                took[-1] = seen.at - greeted_at
    return round(sorted(took)[int(len(took) * 0.95)], 2) if took else 0.0


def is_ending(message: dict[str, Any]) -> bool:
    return message["type"] in ("complete", "error") and "task_id" in message


def _difference(one: dict[str, Any], other: dict[str, Any]) -> str:
    """The first task in which two states differ, and in what."""
    tasks = {task["task_id"]: task for task in other["tasks"]}
    for task in one["tasks"]:
        known = tasks.pop(task["task_id"], {})
        differs = {name: (value, known.get(name)) for name, value in task.items() if known.get(name) != value}
        if differs:
            return f"{task['task_id']}: {differs}"
    return f"only one has {list(tasks)}"


def _states(record: Record) -> Iterator[dict[str, Any]]:
    for _, state in record.states:
        yield state
    for watched in record.watched:
        for seen in watched.seen:
            if isinstance(seen, Heard) and seen.message.get("state"):
                yield seen.message["state"]
