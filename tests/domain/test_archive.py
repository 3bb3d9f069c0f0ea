"""What stays: retention, deletion, files that no record names, and what is known again. On memory, with real files."""

import asyncio
import dataclasses
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from auteur.adapters.files.workspace import WorkspaceArtifactStore
from auteur.domain.archive import Orphan, ProjectArchive, Retention
from auteur.domain.commands import CancelTask, DeleteProject, DeleteTask, MarkTask
from auteur.domain.errors import (
    InvalidRequestError,
    NotFoundError,
    ProjectBusyError,
    ProjectDeletedError,
    TaskDeletedError,
    TaskNotFoundError,
    TaskOpenError,
    UnavailableError,
    WorkspaceUnavailableError,
)
from auteur.domain.events import (
    Event,
    ProjectDeleted,
    RecordedEvent,
    TaskCancelled,
    TaskDeleted,
    TaskFailed,
    TaskImported,
    TaskQueued,
    TaskStarted,
    TaskSucceeded,
)
from auteur.domain.ports import DRAFT_SUFFIX, Draft
from auteur.domain.state import TaskQuery
from auteur.domain.task import Failure, Task, TaskResult, TaskStatus
from tests.fakes import START, Office, of, queued
from tests.waiting import LONG_S

DRAFT = Draft(name="a.png", kind="image", media_type="image/png", width_px=4, height_px=5)


def task_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


class House:
    """Records on memory, files in a real workspace, and a clock that the test turns."""

    def __init__(self, root: Path, **rules: Any) -> None:
        self.root = root
        self.office = Office(root)
        self.bus, self.store = self.office.bus, self.office.store
        self.now = START
        self.files = WorkspaceArtifactStore(root)
        self.archive = self.with_rules(**rules)

    def with_rules(self, **rules: Any) -> ProjectArchive:
        return ProjectArchive(self.bus, self.store, self.files, lambda: self.now, Retention(**rules))

    async def wait_for(self, name: str, project: str = "film", size: int = 7, **request: Any) -> Task:
        """A task that is at work: its files are there, its ending is not."""
        about = {**of(name, project), "at": self.now}
        asked = dataclasses.replace(queued(name, project, **request), at=self.now)
        recorded = await self.bus.publish(asked)
        await self.bus.publish(TaskStarted(**about, attempt=1, worker="w"))
        directory = await self.files.begin(project, name, 1)
        (directory / f"a.png{DRAFT_SUFFIX}").write_bytes(b"x" * size)
        assert isinstance(recorded.event, TaskQueued)
        return (await self.store.task(project, name)).task

    async def make(self, number: int, project: str = "film", size: int = 7, **request: Any) -> str:
        name = task_id(number)
        task = await self.wait_for(name, project, size, **request)
        artifacts = await self.files.commit(project, name, 1, [DRAFT])
        result = TaskResult(engine="e", artifacts=artifacts, params=task.request.params, seed=5)
        ending = TaskSucceeded(**{**of(name, project), "at": self.now}, attempt=1, result=result, duration_s=1.0)
        await self.files.describe(task.after(ending))
        await self.bus.publish(ending)
        self.now += timedelta(seconds=1)
        return name

    async def left(self, project: str = "film") -> list[str]:
        page = await self.store.tasks(project, TaskQuery(), before_seq=None, limit=1000)
        return [task.task_id for task in page.tasks][::-1]

    async def reasons(self, project: str = "film") -> list[str]:
        events = await self.office.events(project)
        return [event.reason for event in events if isinstance(event, TaskDeleted)]

    async def orphans(self) -> dict[str, str]:
        return {orphan.files.path: orphan.reason async for orphan in self.archive.orphans()}

    async def collect(self) -> list[str]:
        found = [orphan async for orphan in self.archive.orphans()]
        return [orphan.files.path for orphan in found if await self.archive.remove_orphan(orphan)]

    def there(self) -> list[str]:
        return sorted(path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if path.is_file())


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def age(path: Path, **by: float) -> None:
    at = START.timestamp() - timedelta(**by).total_seconds()
    os.utime(path, (at, at), follow_symlinks=False)


# --- retention -----------------------------------------------------------------------------------------------------


async def test_without_rules_everything_stays(house: House) -> None:
    made = [await house.make(n) for n in range(5)]
    house.now += timedelta(days=10_000)
    assert await house.archive.retain("film") == 0
    assert await house.archive.maintain() == 0
    assert await house.left() == made


async def test_the_oldest_go_by_count_record_and_files_together_as_recorded_events(house: House) -> None:
    made = [await house.make(n) for n in range(7)]
    archive = house.with_rules(tasks=3)
    assert await archive.retain("film") == 4
    assert await house.left() == made[4:]
    assert await house.reasons() == ["count"] * 4
    assert {path.split("/")[1] for path in house.there()} == set(made[4:])
    assert await archive.retain("film") == 0, "once is enough"


async def test_more_than_a_batch_goes_at_once(house: House) -> None:
    made = [await house.make(n) for n in range(250)]
    assert await house.with_rules(tasks=0).retain("film") == 250
    assert await house.left() == []
    assert house.there() == []
    assert len(made) == 250


async def test_the_oldest_go_by_bytes_and_no_more_than_must(house: House) -> None:
    made = [await house.make(n, size=100) for n in range(5)]
    assert await house.with_rules(size_bytes=250).retain("film") == 3
    assert await house.left() == made[3:]
    assert await house.reasons() == ["bytes"] * 3
    assert (await house.store.counts("film")).size_bytes == 200


async def test_what_is_too_old_goes_by_itself_and_in_every_project(house: House) -> None:
    old = [await house.make(n, project) for project in ("film", "other") for n in range(2)]
    house.now += timedelta(days=2)
    young = await house.make(7)
    archive = house.with_rules(age=timedelta(days=1))
    assert await archive.maintain() == len(old)
    assert await house.left() == [young]
    assert await house.left("other") == []
    assert await house.reasons("other") == ["age"] * 2
    assert await archive.maintain() == 0


async def test_favourites_and_circled_takes_stay_whatever_the_rules_and_open_tasks_too(house: House) -> None:
    made = [await house.make(n, shot="12A") for n in range(6)]
    await house.archive.mark(MarkTask(project_id="film", task_id=made[0], favourite=True))
    await house.archive.mark(MarkTask(project_id="film", task_id=made[1], circled=True))
    waiting = await house.wait_for(task_id(9))
    archive = house.with_rules(tasks=0, size_bytes=0, age=timedelta(0))
    house.now += timedelta(days=9)
    assert await archive.retain("film") == 4
    assert set(await house.left()) == {made[0], made[1], waiting.task_id}
    await house.archive.mark(MarkTask(project_id="film", task_id=made[0], favourite=False))
    assert await archive.maintain() == 1


async def test_what_somebody_else_deleted_meanwhile_is_no_trouble(house: House) -> None:
    made = [await house.make(n) for n in range(20)]
    archive = house.with_rules(tasks=5)
    await asyncio.gather(*(archive.retain("film") for _ in range(8)))
    assert await house.left() == made[15:], "and none is deleted for another's sake"
    assert len(await house.reasons()) == 15


# --- deletion, cut short -------------------------------------------------------------------------------------------


async def test_files_that_outlive_their_record_are_found_and_repeating_removes_them(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = await house.make(1)
    other = await house.make(2)

    async def fails(project_id: str, task_id: str | None = None) -> None:
        raise WorkspaceUnavailableError

    with monkeypatch.context() as broken:
        broken.setattr(house.files, "remove", fails)
        with pytest.raises(UnavailableError):
            await house.archive.delete_task(DeleteTask(project_id="film", task_id=name))
    assert await house.left() == [other], "it is deleted all the same"
    assert await house.orphans() == {f"film/{name}/1": "task_deleted"}
    await house.archive.delete_task(DeleteTask(project_id="film", task_id=name))
    assert await house.orphans() == {}
    assert await house.reasons() == ["asked"], "told once"
    with pytest.raises(TaskDeletedError):
        await house.store.task("film", name)


async def test_a_deletion_of_a_project_that_was_cut_short_is_finished_by_the_timer(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        await house.make(n)
    kept = await house.make(5, "other")

    async def dies(project_id: str, limit: int) -> bool:
        raise asyncio.CancelledError

    with monkeypatch.context() as killed:
        killed.setattr(house.store, "purge", dies)
        with pytest.raises(asyncio.CancelledError):
            await house.archive.delete_project(DeleteProject(project_id="film"))
    assert await house.store.purging() == ["film"]
    await house.archive.maintain()
    assert await house.store.purging() == []
    assert {path.split("/")[0] for path in house.there()} == {"other"}
    assert await house.left("other") == [kept]
    await house.archive.delete_project(DeleteProject(project_id="film"))  # harmless to repeat
    with pytest.raises(ProjectDeletedError):
        await house.store.counts("film")


async def test_who_asks_for_a_deletion_and_leaves_does_not_stop_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a socket does: it is closed by the event that says that its project is deleted."""
    name, _ = await house.make(1), await house.make(2)
    publish = house.bus.publish

    async def publish_and_leave(event: Event) -> RecordedEvent:
        recorded = await publish(event)
        asker.cancel()
        await asyncio.sleep(0)
        return recorded

    monkeypatch.setattr(house.bus, "publish", publish_and_leave)
    for deletion, left in (
        (house.archive.delete_task(DeleteTask(project_id="film", task_id=name)), 2),
        (house.archive.delete_project(DeleteProject(project_id="film")), 0),
    ):
        asker = asyncio.create_task(deletion)
        with pytest.raises(asyncio.CancelledError):
            await asker
        await asyncio.gather(*house.archive._running)
        assert len(house.there()) == left
    assert await house.store.purging() == []


async def test_files_of_a_deleted_project_that_were_left_are_found(house: House) -> None:
    name = await house.make(1)
    await house.bus.publish(ProjectDeleted(project_id="film", at=START))  # and the process died
    assert await house.orphans() == {f"film/{name}/1": "project_deleted"}
    assert await house.collect() == [f"film/{name}/1"]
    assert list(house.root.iterdir()) == []


async def test_what_is_open_is_not_deleted_nor_is_its_project(house: House) -> None:
    task = await house.wait_for(task_id(1))
    with pytest.raises(TaskOpenError):
        await house.archive.delete_task(DeleteTask(project_id="film", task_id=task.task_id))
    with pytest.raises(ProjectBusyError):
        await house.archive.delete_project(DeleteProject(project_id="film"))
    with pytest.raises(TaskNotFoundError):
        await house.archive.delete_task(DeleteTask(project_id="film", task_id="nobody"))
    with pytest.raises(NotFoundError):
        await house.archive.delete_project(DeleteProject(project_id="nobody"))
    assert len(house.there()) == 1


# --- marks ---------------------------------------------------------------------------------------------------------


async def test_only_a_take_that_was_made_is_circled_and_what_is_so_already_is_not_told_again(house: House) -> None:
    plain, take = await house.make(1), await house.make(2, shot="12A")
    waiting = await house.wait_for(task_id(3), shot="12A")
    for name in (plain, waiting.task_id):
        with pytest.raises(InvalidRequestError):
            await house.archive.mark(MarkTask(project_id="film", task_id=name, circled=True))
    for _ in range(2):
        marking = await house.archive.mark(MarkTask(project_id="film", task_id=take, circled=True, favourite=True))
        assert (marking.reading.task.circled, marking.reading.task.favourite) == (True, True)
    kinds = await house.office.kinds()
    assert (kinds.count("TakeCircled"), kinds.count("TaskMarked")) == (1, 1)
    await house.archive.mark(MarkTask(project_id="film", task_id=plain, circled=False))  # it is not: nothing to do
    assert len(await house.office.kinds()) == len(kinds)


# --- files that no record names ------------------------------------------------------------------------------------


async def test_nothing_is_left_over_of_what_is_in_order(house: House) -> None:
    await house.make(1)
    await house.wait_for(task_id(2))
    (house.root / "film" / task_id(1) / "1" / ".a.png.64.webp").write_bytes(b"small")
    assert await house.orphans() == {}


async def test_every_kind_of_leftover_is_found_with_its_reason_and_removed(house: House) -> None:
    name, other = await house.make(1), await house.make(2)
    home = house.root / "film" / name
    lost = await house.files.begin("film", name, 2)
    (lost / "b.png").write_bytes(b"lost")
    (lost / f"c.png{DRAFT_SUFFIX}").write_bytes(b"lost")  # goes with the attempt, and is not counted twice
    unknown = await house.files.begin("film", task_id(8), 1)
    (unknown / "x.png").write_bytes(b"x")
    draft = home / "1" / f"take.json{DRAFT_SUFFIX}"
    draft.write_bytes(b"{")
    thumbnail = home / "1" / ".gone.png.64.webp"
    thumbnail.write_bytes(b"small")
    for path in (draft, thumbnail, lost / f"c.png{DRAFT_SUFFIX}"):
        age(path, days=2)
    expected = {
        f"film/{name}/2": "attempt_lost",
        f"film/{name}/1/take.json{DRAFT_SUFFIX}": "unfinished",
        f"film/{name}/1/.gone.png.64.webp": "picture_gone",
        f"film/{task_id(8)}/1": "task_unknown",
    }
    assert await house.orphans() == expected
    assert set(await house.collect()) == set(expected)
    assert house.there() == [f"film/{n}/1/{file}" for n in (name, other) for file in ("a.png", "take.json")]
    assert not (house.root / "film" / task_id(8)).exists()


async def test_the_files_of_a_task_that_failed_are_nobodys(house: House) -> None:
    task = await house.wait_for(task_id(1))
    await house.bus.publish(TaskFailed(**of(task.task_id), attempt=1, failure=Failure(code="X", message="x")))
    assert await house.orphans() == {f"film/{task.task_id}/1": "attempt_lost"}


async def test_what_may_be_at_work_is_not_touched(house: House) -> None:
    name = await house.make(1)
    task = await house.wait_for(task_id(2))
    for attempt in (2, 3):
        (await house.files.begin("film", task.task_id, attempt) / "x.png").write_bytes(b"x")
    fresh = house.root / "film" / name / "1" / f".a.png.64.webp.0a{DRAFT_SUFFIX}"
    fresh.write_bytes(b"s")
    age(fresh, hours=2)
    assert await house.orphans() == {}


@pytest.mark.parametrize(
    "lay",
    [
        lambda film: (film / "notes").mkdir() or (film / "notes" / "1").mkdir(),
        lambda film: (film / "notes.txt").write_text("mine"),
        lambda film: (film / task_id(9)).mkdir() or (film / task_id(9) / "mine.txt").write_text("mine"),
        lambda film: (film / task_id(1) / "01").mkdir(),
        lambda film: (film / task_id(1) / "final cut").mkdir(),
        lambda film: (film / "uploads").mkdir() or (film / "uploads" / "mine.png").write_bytes(b"mine"),
        lambda film: (film.parent / "not a project").mkdir(),
        lambda film: (film.parent / ".git" / task_id(1) / "2").mkdir(parents=True),
        lambda film: (film / task_id(9)).symlink_to(film / task_id(1)),
        lambda film: (film / task_id(1) / "2").symlink_to(film),
        lambda film: (film.parent / "other").symlink_to(film),
        lambda film: (film / task_id(1) / "1" / "extra.txt").write_text("mine"),
    ],
)
async def test_what_is_not_understood_is_not_told_of(house: House, lay: Callable[[Path], object]) -> None:
    await house.make(1)
    lay(house.root / "film")
    for path in house.root.rglob("*"):
        age(path, days=9)
    before = sorted(house.root.rglob("*"))
    assert await house.orphans() == {}
    assert await house.collect() == []
    assert sorted(house.root.rglob("*")) == before


async def test_results_without_a_record_are_told_of_and_stay_and_so_does_a_project_nobody_knows(house: House) -> None:
    made = await house.make(1)
    elsewhere = House(house.root)  # a new log on the same workspace
    await elsewhere.make(2)
    (await elsewhere.files.begin("other", task_id(3), 1) / "x.png").write_bytes(b"x")
    upload = house.root / "other" / "uploads" / f"{task_id(4)}.png"
    upload.parent.mkdir()
    upload.write_bytes(b"x")
    age(upload, days=3)
    found = await elsewhere.orphans()
    assert found == {f"film/{made}/1": "not_imported", f"other/{task_id(3)}/1": "project_unknown"}
    assert await elsewhere.collect() == []
    assert (house.root / "film" / made / "1" / "a.png").exists()


async def test_an_upload_goes_when_it_is_old_and_no_task_names_it(house: House) -> None:
    uploads = house.root / "film" / "uploads"
    uploads.mkdir(parents=True)
    names = [f"{task_id(20 + n)}.png" for n in range(5)]
    for name in names:
        (uploads / name).write_bytes(b"picture")
        (uploads / f".{name}.64.webp").write_bytes(b"small")
        age(uploads / name, hours=25)
    age(uploads / names[4], hours=23)
    await house.make(1, params={"source_image": f"uploads/{names[0]}"})
    deep = {"layers": [{"mask": f"/api/v1/projects/film/artifacts/uploads/{names[1]}?width=64"}]}
    await house.wait_for(task_id(2), params=deep)
    for n in range(230):  # more than are read at a time
        await house.make(100 + n)
    assert await house.orphans() == {f"film/uploads/{name}": "upload_unused" for name in names[2:4]}
    found: list[Orphan] = [orphan async for orphan in house.archive.orphans()]
    await house.make(3, params={"source_image": f"uploads/{names[2]}"})  # asked for meanwhile
    assert [await house.archive.remove_orphan(orphan) for orphan in found] == [False, True]
    assert not (uploads / names[3]).exists()
    assert not (uploads / f".{names[3]}.64.webp").exists(), "its thumbnail goes with it"
    assert (uploads / names[2]).exists()


async def test_an_upload_goes_also_where_every_task_was_deleted(house: House) -> None:
    made = await house.make(1)
    upload = house.root / "film" / "uploads" / f"{task_id(20)}.png"
    upload.parent.mkdir()
    upload.write_bytes(b"picture")
    age(upload, days=3)
    await house.archive.delete_task(DeleteTask(project_id="film", task_id=made))
    assert await house.orphans() == {f"film/uploads/{upload.name}": "upload_unused"}
    await house.collect()
    assert not upload.exists()


async def test_what_became_known_before_it_was_removed_stays(house: House) -> None:
    (await house.files.begin("film", task_id(7), 1) / "x.png").write_bytes(b"x")
    await house.make(1)
    (found,) = [orphan async for orphan in house.archive.orphans()]
    assert found.reason == "task_unknown"
    await house.bus.publish(queued(task_id(7)))
    assert not await house.archive.remove_orphan(found)
    assert (house.root / found.files.path / "x.png").exists()


# --- known again ---------------------------------------------------------------------------------------------------


async def test_a_lost_log_is_made_again_in_the_old_order_with_the_takes_as_they_were(house: House) -> None:
    made = [await house.make(n, shot="12A" if n % 3 else "3", params={"n": n}) for n in (9, 4, 7, 1, 8, 2)]
    before = {name: (await house.store.task("film", name)).task for name in made}
    again = House(house.root)
    again.now += timedelta(days=400)
    report = await again.archive.import_tasks()
    assert (report.imported, report.known, report.deleted, report.unusable) == (6, 0, 0, 0)
    assert await again.left() == made, "in the order in which they were accepted"
    for name in made:
        task = (await again.store.task("film", name)).task
        assert task == dataclasses.replace(before[name], queued_seq=task.queued_seq, worker=task.worker)
    report = await again.archive.import_tasks()
    assert (report.imported, report.known) == (0, 6)
    recorded = await again.bus.publish(queued(task_id(50), shot="12A"))
    assert recorded.event.take == 6, "the next take of a shot is a new one"  # type: ignore[union-attr]


async def test_takes_keep_their_numbers_though_a_clock_stepped_back_between_them(house: House) -> None:
    names = []
    for n in range(4):
        names.append(await house.make(n, shot="12A"))
        house.now -= timedelta(hours=1)
    again = House(house.root)
    await again.archive.import_tasks()
    assert [(await again.store.task("film", name)).task.take for name in names] == [1, 2, 3, 4]


async def test_what_was_deleted_stays_deleted(house: House) -> None:
    name, _ = await house.make(1), await house.make(2)
    copies = {path: path.read_bytes() for path in house.root.rglob("*") if path.is_file()}
    await house.archive.delete_task(DeleteTask(project_id="film", task_id=name))

    def put_back() -> None:
        for path, content in copies.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    put_back()
    assert (await house.archive.import_tasks()).deleted == 1
    await house.archive.delete_project(DeleteProject(project_id="film"))
    put_back()
    report = await house.archive.import_tasks()
    assert (report.imported, report.known, report.deleted) == (0, 0, 2)
    with pytest.raises(ProjectDeletedError):
        await house.left()


def _edit(path: Path, old: bytes, new: bytes) -> None:
    text = path.read_bytes()
    assert old in text
    path.write_bytes(text.replace(old, new))


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda home: (home / "a.png").unlink(), "a.png is not there"),
        (lambda home: (home / "a.png").write_bytes(b"others!"), "a.png is not as it was"),
        (lambda home: (home / "take.json").write_bytes(b"{"), "it cannot be understood"),
        (lambda home: (home / "take.json").write_bytes(b"\xff\xfe"), "it cannot be understood"),
        (lambda home: (home / "take.json").write_bytes(b"[" * 100_000), "it cannot be understood"),
        (lambda home: (home / "take.json").write_bytes(b" " * (5 << 20)), "it is too large to be one"),
        (lambda home: (home / "take.json").unlink() or (home / "take.json").mkdir(), "it cannot be read"),
        (lambda home: home.rename(home.with_name("2")), "it belongs to another place"),
        (lambda home: _edit(home / "take.json", b'"project_id": "film"', b'"project_id": "../film"'),
         "it cannot be understood"),
        (lambda home: _edit(home / "take.json", b'"name": "a.png"', b'"name": "../1/a.png"'),
         "it names a file of another place"),
        (lambda home: _edit(home / "take.json", b'"status": "succeeded"', b'"status": "running"'),
         "it does not tell of a result"),
        (lambda home: _edit(home / "take.json", b"Z", b""), "it does not tell of a result"),
    ],
)  # fmt: skip
async def test_a_description_of_no_use_is_said_and_the_others_are_known_again(
    house: House, spoil: Callable[[Path], object], problem: str
) -> None:
    spoilt, whole = await house.make(1), await house.make(2)
    spoil(house.root / "film" / spoilt / "1")
    again = House(house.root)
    said: list[str] = []
    report = await again.archive.import_tasks(lambda described: said.append(f"{described.path}: {described.problem}"))
    assert (report.imported, report.unusable) == (1, 1)
    assert await again.left() == [whole]
    assert said[0].startswith(f"film/{spoilt}/")
    assert problem in said[0]


async def test_of_two_attempts_that_were_both_made_the_later_one_is_known_again(house: House) -> None:
    name = await house.make(1)
    first = house.root / "film" / name / "1"
    second = first.with_name("2")
    second.mkdir()
    (second / "a.png").write_bytes((first / "a.png").read_bytes())
    text = (first / "take.json").read_text().replace('"attempt": 1', '"attempt": 2').replace("/1/a.png", "/2/a.png")
    (second / "take.json").write_text(text)
    again = House(house.root)
    report = await again.archive.import_tasks()
    assert (report.imported, report.known) == (1, 1)
    task = (await again.store.task("film", name)).task
    assert (task.attempt, task.status) == (2, TaskStatus.SUCCEEDED)
    assert await again.orphans() == {f"film/{name}/1": "attempt_lost"}


async def test_who_is_cancelled_by_the_deletion_itself_still_has_it_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path)
    task = await office.submit()
    await office.dispatcher.cancel(CancelTask(project_id="film", task_id=task.task_id))
    begun, may_go_on = asyncio.Event(), asyncio.Event()
    remove = office.artifacts.remove

    async def slow(project_id: str, task_id: str | None = None) -> None:
        begun.set()
        await may_go_on.wait()
        await remove(project_id, task_id)

    monkeypatch.setattr(office.artifacts, "remove", slow)
    deleting = asyncio.create_task(office.archive.delete_project(DeleteProject(project_id="film")))
    await begun.wait()
    deleting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await deleting
    may_go_on.set()
    async with asyncio.timeout(LONG_S):
        while await office.store.purging():
            await asyncio.sleep(0)
    assert office.artifacts.removed == [("film", None)]


async def test_what_was_accepted_later_and_ended_earlier_goes_by_age_all_the_same(tmp_path: Path) -> None:
    office = Office(tmp_path)
    archive = ProjectArchive(
        office.bus, office.store, office.artifacts, office.clock, Retention(age=timedelta(days=30))
    )  # fmt: skip
    for number in range(120):
        await office.bus.publish(queued(f"new-{number}"))
        await office.bus.publish(TaskCancelled(**of(f"new-{number}"), attempt=0))
    long_ago = START - timedelta(days=90)
    for number in range(120):
        task = queued(f"old-{number}").record(0)
        task = dataclasses.replace(task, status=TaskStatus.FAILED, queued_at=long_ago, ended_at=long_ago)
        await office.bus.publish(TaskImported(**of(f"old-{number}"), task=task))
    assert await archive.maintain() == 120
    left = await office.store.tasks("film", TaskQuery(), before_seq=None, limit=500)
    assert {task.task_id[:3] for task in left.tasks} == {"new"}
    assert await archive.maintain() == 0
