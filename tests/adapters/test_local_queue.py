import asyncio
import itertools
from collections import Counter

import pytest

from auteur.adapters.queue.local import LocalTaskQueue
from auteur.domain.errors import BusUnavailableError, ShuttingDownError
from auteur.domain.task import Task, TaskStatus
from tests.fakes import START, a_request
from tests.waiting import LONG_S


def a_task(number: int, project: str = "film", lane: str = "standard", status: TaskStatus = TaskStatus.QUEUED) -> Task:
    return Task(
        task_id=f"{project}-{lane}-{number}",
        project_id=project,
        request=a_request(lane=lane),
        metadata={},
        status=status,
        queued_at=START,
        queued_seq=number,
    )


class Floor:
    """Stands in for the executor: says who began, and lets the test end them."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.now = 0
        self.most = 0
        self.gate = asyncio.Event()
        self.handed_back: list[str] = []
        self.faults: Counter[str] = Counter()

    async def run(self, project_id: str, task_id: str, gone: str | None) -> None:
        self.begun.append(task_id)
        if self.faults[task_id]:
            self.faults[task_id] -= 1
            raise BusUnavailableError("away")
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.handed_back.append(task_id)
            raise
        finally:
            self.now -= 1


@pytest.fixture
def floor() -> Floor:
    return Floor()


def a_queue(floor: Floor, max_concurrent: int = 1) -> LocalTaskQueue:
    weights = {"interactive": 4, "heavy": 1}
    return LocalTaskQueue(floor.run, max_concurrent=max_concurrent, lane_weights=weights, retry_delay_s=0.01)


async def drained(queue: LocalTaskQueue, floor: Floor) -> None:
    floor.gate.set()
    async with asyncio.timeout(LONG_S):
        while queue.running or await queue.depth():
            await asyncio.sleep(0)


async def test_never_more_run_than_allowed(floor: Floor) -> None:
    queue = a_queue(floor, 3)
    for number in range(50):
        await queue.enqueue(a_task(number))
    await asyncio.sleep(0)
    assert (queue.running, await queue.depth()) == (3, 47)
    await drained(queue, floor)
    assert floor.most == 3
    assert len(floor.begun) == 50


async def test_projects_take_turns(floor: Floor) -> None:
    queue = a_queue(floor)
    await queue.enqueue(a_task(0, "flood"))
    for number in range(1, 20):
        await queue.enqueue(a_task(number, "flood"))
    for number in range(3):
        await queue.enqueue(a_task(number, "small"))
    await drained(queue, floor)
    small = [place for place, task in enumerate(floor.begun) if task.startswith("small")]
    assert small == [2, 4, 6]


async def test_within_a_project_the_order_of_acceptance_holds(floor: Floor) -> None:
    queue = a_queue(floor)
    for number in range(9):
        await queue.enqueue(a_task(number))
    await drained(queue, floor)
    assert floor.begun == [f"film-standard-{number}" for number in range(9)]


async def test_lanes_share_by_weight_and_none_starves(floor: Floor) -> None:
    queue = a_queue(floor)
    await queue.enqueue(a_task(99, lane="first"))
    for number in range(40):
        await queue.enqueue(a_task(number, lane="heavy"))
        await queue.enqueue(a_task(number, lane="interactive"))
    await drained(queue, floor)
    while_both_wait = floor.begun[1:41]
    assert Counter(task.split("-")[1] for task in while_both_wait) == {"interactive": 32, "heavy": 8}
    gaps = [i for i, task in enumerate(while_both_wait) if "heavy" in task]
    assert max(b - a for a, b in itertools.pairwise(gaps)) == 5


async def test_a_task_that_is_here_already_is_not_queued_again(floor: Floor) -> None:
    queue = a_queue(floor)
    for _ in range(3):
        await queue.enqueue(a_task(1))
        await queue.enqueue(a_task(2))
    await drained(queue, floor)
    assert floor.begun == ["film-standard-1", "film-standard-2"]


async def test_a_task_that_could_not_be_begun_waits_and_is_tried_again(floor: Floor) -> None:
    queue = a_queue(floor)
    floor.faults["film-standard-1"] = 2
    await queue.enqueue(a_task(1))
    await drained(queue, floor)
    assert floor.begun == ["film-standard-1"] * 3


async def test_closing_gives_time_then_hands_back(floor: Floor) -> None:
    queue = a_queue(floor, 2)
    for number in range(4):
        await queue.enqueue(a_task(number))
    await asyncio.sleep(0)
    await queue.close(0.01)
    assert floor.handed_back == ["film-standard-0", "film-standard-1"]
    assert floor.begun == floor.handed_back
    with pytest.raises(ShuttingDownError):
        await queue.enqueue(a_task(9))


async def test_closing_lets_what_ends_in_time_end(floor: Floor) -> None:
    queue = a_queue(floor)
    await queue.enqueue(a_task(1))
    asyncio.get_running_loop().call_later(0.02, floor.gate.set)
    await queue.close(5)
    assert floor.handed_back == []
