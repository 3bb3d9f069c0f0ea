"""The doors of the hexagon. What is written on a port is law for every adapter behind it."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from auteur.domain.access import Pass, Principal, Token
from auteur.domain.events import Event, Position, RecordedEvent, ToldPage
from auteur.domain.film_library import Document, DocumentKind
from auteur.domain.state import (
    OpenTask,
    ProjectCounts,
    ProjectPage,
    ProjectState,
    Shot,
    TaskPage,
    TaskQuery,
    TaskReading,
)
from auteur.domain.task import Artifact, Task, TaskStatus, TaskType
from auteur.domain.webhooks import Answer, Backlog, Claim, DeadLetters, Delivery, Verdict, Webhook

Clock = Callable[[], datetime]
"""Now, as aware UTC."""

NewId = Callable[[], str]
"""A fresh UUID as text, never the same twice."""


class ProgressBus(Protocol):
    """One ordered log per project, and its live notice.

    Order: each project's events have seq 1, 2, 3 … without holes; every reader sees the same event at the same
    position. Projects are independent of each other.
    """

    async def publish(self, event: Event) -> RecordedEvent:
        """Appends the event with the next seq, changes the record of its task by `guard.record_after`, and shows it to
        all live subscribers, in every process, as one act.

        The event that begins a task of a shot is given the next `take` of that shot: 1, 2, 3 … without holes, however
        many publish at a time; an imported one keeps its own where that is free. Circling a take ends the circling of
        every other of its shot. `ProjectDeleted` is refused while tasks are open, and is the last event of its log.

        Once this returns, the event survives a kill of this process (adapters that keep nothing say so).
        Raises `TaskExistsError`, `TaskEndedError`, `StaleAttemptError`, `TaskNotFoundError`, `TaskOpenError`,
        `TaskBlockedError`, `TaskNotBlockedError`, `TaskDeletedError` (see `guard.admit`), `ProjectBusyError`,
        `ProjectDeletedError`; then nothing was appended and no record changed. Raises `BusUnavailableError`; then it
        may or may not have been appended, and publishing it again is safe because of the guard. That nobody could be
        notified is no reason to raise.

        An ending is owed to each webhook of the project that hears of its type, and to the task's own
        (`TaskQueued.webhook`): with the event, in the same act, a delivery for each is there for `WebhookOutbox.claim`.
        `ProjectDeleted` ends all subscriptions of the project and whatever was owed to them.
        """
        ...

    async def publish_all(self, events: Sequence[Event]) -> Sequence[RecordedEvent]:
        """Appends the events one after another with nothing between them, all or none, whoever is killed meanwhile;
        each as `publish` does.

        They are of one project, each of another task, and none deletes the project; else `ValueError`. Raises what
        `publish` raises for the first that is refused; then nothing was appended and no record changed.
        """
        ...

    def subscribe(self, project_id: str, after: Position | None) -> AsyncGenerator[RecordedEvent, None]:
        """Every event after the position, ascending, each once, across processes and reconnections; never ends.
        While the log cannot be reached it waits.

        ``after`` None: from the oldest event kept. A reader that is slow costs no memory and delays nobody: what it
        has not yet taken stays in the log. Close the iterator (``aclosing``) to unsubscribe.
        Raises `HistoryLostError` as soon as the next event cannot be had: trimmed, or the position is ahead of the
        log or of another epoch.
        """
        ...

    async def history(self, project_id: str, after: Position | None, limit: int) -> Sequence[RecordedEvent]:
        """Up to ``limit`` events after the position, ascending. Raises `HistoryLostError` as `subscribe`, and
        `BusUnavailableError`."""
        ...

    async def told(self, project_id: str, after: Position | None, limit: int, most_bytes: int) -> ToldPage | None:
        """The same as clients hear it, None if there is nothing; ``most_bytes``: of about so many bytes as they lie in
        the log, but of one event at least. What `RecordedEvent.text` says and what is told here is the same."""
        ...

    async def check(self) -> None:
        """Returns if an event could be appended now, as far as can be found out without one.

        Raises `BusUnavailableError` with its ``cause``.
        """
        ...


class StateStore(Protocol):
    """The reading side of the log: records as they are, pages of them, and a project at one position.

    What a call costs does not grow with the number of tasks or projects there are, but with what it returns; a search
    for words is bounded, and says where it stopped. All raise `BusUnavailableError`; those about one project
    raise `ProjectDeletedError`. An unknown project is one without tasks.
    """

    async def task(self, project_id: str, task_id: str) -> TaskReading:
        """One task, as it is now or later. Raises `TaskNotFoundError`, `TaskDeletedError`, `TaskForgottenError`."""
        ...

    async def counts(self, project_id: str) -> ProjectCounts:
        """How many tasks of the project stand where, at one position."""
        ...

    async def task_and_open(self, project_id: str, task_id: str) -> tuple[TaskReading | None, ProjectCounts]:
        """What a submission must know: the task, None where there never was one, and the `counts` of the open ones (of
        the others some stores say none). Raises `TaskDeletedError`, `TaskForgottenError`."""
        ...

    async def project(self, project_id: str, *, open_limit: int, ended_limit: int) -> ProjectState:
        """The project at one position: its first open tasks and its newest ended ones. Live events join it there."""
        ...

    async def tasks(self, project_id: str, query: TaskQuery, *, before_seq: int | None, limit: int) -> TaskPage:
        """The newest tasks that are meant, accepted before ``before_seq`` where that is given; newest first.

        Paging on by `TaskPage.next_seq` meets each task once that stood still meanwhile.
        """
        ...

    async def open_tasks(
        self, project_id: str, *, after_seq: int = 0, limit: int, status: TaskStatus | None = None
    ) -> TaskPage:
        """The project's open tasks accepted after ``after_seq``, the oldest first."""
        ...

    async def dependants(self, project_id: str, task_id: str, *, after_seq: int = 0, limit: int) -> TaskPage:
        """The open tasks that need this one (`Task.needs`), accepted after ``after_seq``, the oldest first: those that
        are still blocked, and those that may still use what it made."""
        ...

    async def oldest_ended(
        self, project_id: str, limit: int, *, ended_before: datetime | None = None
    ) -> Sequence[Task]:
        """The project's ended tasks that were accepted first, are neither favourite nor circled, and that no open task
        needs (`dependants`), in that order; where that is given, of those that ended before then."""
        ...

    async def unfinished(self) -> Sequence[OpenTask]:
        """All open tasks, in every project."""
        ...

    async def shots(self, project_id: str, *, after: str | None, limit: int) -> Sequence[Shot]:
        """The project's shots by name, those after ``after``."""
        ...

    async def projects(self, *, after: str | None, limit: int) -> ProjectPage:
        """All projects that have a log and were not deleted. ``after``: `ProjectPage.next`. Raises
        `InvalidRequestError` where that is none."""
        ...

    async def overdue(self, ended_before: datetime, limit: int) -> Sequence[str]:
        """Projects that hold tasks which ended before then and are neither favourite nor circled; some of them."""
        ...

    async def purge(self, project_id: str, limit: int) -> bool:
        """Removes up to about ``limit`` records of a deleted project; true when none are left. Harmless to repeat."""
        ...

    async def purging(self) -> Sequence[str]:
        """Deleted projects of which something is left to purge."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A process that is at work. ``slots``: how many tasks it runs at a time, 0 if it runs none.

    ``makes``: what with what, as ``text_to_image.previs``; a worker of before there was a choice does not say.
    """

    name: str
    since: datetime
    lanes: tuple[str, ...] = ()
    task_types: tuple[str, ...] = ()
    slots: int = 0
    makes: tuple[str, ...] = ()

    def takes(self, lane: str, task_type: str, engine: str | None = None) -> bool:
        """Whether it runs such tasks. ``engine``: with this one."""
        if self.slots == 0 or lane not in self.lanes or task_type not in self.task_types:
            return False
        return engine is None or not self.makes or f"{task_type}.{engine}" in self.makes

    def engines(self, task_type: str) -> list[str]:
        """The engines with which it makes the task type."""
        return [made.removeprefix(f"{task_type}.") for made in self.makes if made.startswith(f"{task_type}.")]


class WorkerRegistry(Protocol):
    """Who is at work."""

    async def workers(self) -> Sequence[Worker]:
        """Everybody who is present, sorted by name. Raises `BusUnavailableError`."""
        ...

    async def is_leader(self) -> bool:
        """Whether this process, as the one that has been here longest, does the chores for which one is enough.

        Sometimes two do, or nobody, for a while.
        Raises `BusUnavailableError`.
        """
        ...

    async def expired(self, workers: Collection[str]) -> Collection[str]:
        """Those of the workers that are gone for sure: dead, frozen or cut off for longer than their lease.

        A worker is named in doubt as present. Raises `BusUnavailableError`.
        """
        ...


class TaskQueue(Protocol):
    """Gives tasks to executors."""

    async def enqueue(self, task: Task) -> None:
        """Has the task run by `Executor.run`, at least once, by its lane, fair between projects.

        A task that has a worker is enqueued only by who knows that this worker is gone; it is then taken over from this
        worker and from no other. Enqueuing a task that already waits or runs here changes nothing.
        Raises `ShuttingDownError`, and `UnavailableError` where the queue is elsewhere.
        """
        ...

    async def ahead(self, lane: str) -> int | None:
        """How many tasks of one project and lane it wants to hold at a time, running ones included; None: all.

        A queue that serves in order of arrival is fair between projects only if none of them fills it.
        """
        ...

    async def depth(self) -> int:
        """How many tasks wait, over all projects and lanes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A file that a handler has written into its context's directory as ``name`` + `DRAFT_SUFFIX`.

    It gets its final name, size and digest when the attempt wins.
    """

    name: str
    kind: str
    media_type: str
    width_px: int | None = None
    height_px: int | None = None
    duration_s: float | None = None
    fps: float | None = None


DRAFT_SUFFIX = ".partial"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerResult:
    """What a handler returns: its drafts, and what a person or a repeat needs to know."""

    drafts: tuple[Draft, ...]
    metrics: Mapping[str, Any] = field(default_factory=dict)
    understood: Mapping[str, Any] = field(default_factory=dict)


class TaskContext(Protocol):
    """What a handler may use while it runs one attempt."""

    @property
    def directory(self) -> Path:
        """An empty directory of this attempt's own, absolute; none for a task type that makes no files. Without a draft
        nothing in it is kept."""
        ...

    def report(
        self,
        progress: float,
        *,
        stage: str | None = None,
        message: str | None = None,
        preview: str | None = None,
    ) -> None:
        """Says how far the work is, 0.0 to 1.0; returns at once, as often as the handler likes.

        Reports are thinned on their way; a smaller value than the last is raised to it. ``preview`` names a finished
        image in the context's directory.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """Whether an engine can work now. ``reason``: why not, in one line fit for a user; of one that is up, what of it
    cannot be used; ``details``: plain JSON data for operators, as versions and devices; ``unavailable``: of one that is
    up, the task types that it cannot make now, each with a reason."""

    up: bool
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    unavailable: Mapping[str, str] = field(default_factory=dict)


class TaskHandler(Protocol):
    """An engine: turns parameters into files. Stateless between tasks as far as a caller can tell.

    The same effective parameters give the same result.

    Two things more are used where an engine has them. It may be an asynchronous context manager: it is opened before
    its first task runs in a process, and closed after the last. It may have ``async def status(self) -> EngineStatus``,
    asked now and then, also before it is open; an engine without counts as up.
    """

    @property
    def task_types(self) -> Sequence[TaskType]:
        """What this engine makes."""
        ...

    def check(self, task_type: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the caller gave, validated, under canonical names, nothing added. Raises `InvalidParamsError`."""
        ...

    async def prepare(
        self, task_type: str, project_id: str, params: Mapping[str, Any], origins: Mapping[str, str]
    ) -> Mapping[str, Any]:
        """The effective parameters: defaults filled in, seed drawn, inputs found; plain JSON data.

        ``params``: checked and joined with the preset; ``origins``: ``caller`` or ``preset`` for each. Given its own
        answer again, it answers the same. Raises `InvalidParamsError`.
        """
        ...

    def estimate_s(self, task_type: str, params: Mapping[str, Any]) -> float | None:
        """A guess of the running time in seconds for effective parameters, None where none can be made."""
        ...

    async def run(self, task: Task, context: TaskContext) -> HandlerResult:
        """Does the work of one attempt.

        Never blocks the event loop. On cancellation it stops the real work and raises CancelledError within the
        cancel grace. Raises `HandlerError` with words fit for the user.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A description that `ArtifactStore.describe` left at ``path`` in the workspace.

    ``task``: the record, all its files being there as they were; None where ``problem`` says why it is of no use.
    """

    path: str
    task: Task | None = None
    problem: str = ""


StoredKind = Literal["attempt", "upload", "draft", "thumbnail"]
"""All that an attempt left; a picture that was brought; a file never finished; a thumbnail without its picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFiles:
    """Something that lies in the workspace at ``path``. ``changed_at``: when a file of it was last written, by the file
    system's clock. ``task_id``, ``attempt``: whose it is, None beside uploads. ``is_described``: of an attempt, that a
    record can be made of it again.
    """

    kind: StoredKind
    project_id: str
    path: str
    size_bytes: int
    changed_at: datetime
    task_id: str | None = None
    attempt: int | None = None
    is_described: bool = False


class FoundFile(Protocol):
    """A finished file, as it was when it was looked for."""

    @property
    def size_bytes(self) -> int: ...

    @property
    def modified_at(self) -> datetime:
        """Aware; by the clock of who keeps the file."""
        ...

    @property
    def tag(self) -> str:
        """Another one if ever a byte of the file is."""
        ...

    async def open(self, start: int, end: int) -> AsyncGenerator[bytes, None]:
        """The bytes from ``start`` up to, not including, ``end``, chunk by chunk: no more is held than a chunk or two.
        Close it (``aclosing``) to stop. Raises `UnavailableError`, also in the middle."""
        ...


class ArtifactStore(Protocol):
    """Files by project, task and attempt. A file is there whole under its final name, or not at all.

    Everybody who has the store sees the same files, on whatever machine; the directory of an attempt is on the machine
    of its worker.
    """

    async def begin(self, project_id: str, task_id: str, attempt: int) -> Path:
        """Makes the attempt's empty directory. Raises `UnavailableError` when the workspace cannot be written."""
        ...

    async def show(self, project_id: str, task_id: str, attempt: int, name: str) -> None:
        """Makes a finished picture in the attempt's directory one that everybody finds, while the attempt runs.

        Harmless to repeat, and where it is gone already. Raises `UnavailableError`.
        """
        ...

    async def commit(
        self, project_id: str, task_id: str, attempt: int, drafts: Sequence[Draft]
    ) -> tuple[Artifact, ...]:
        """Keeps the drafts for good under their final names, and measures them.

        Raises `UnavailableError` when they cannot be kept now; after a `StoreUnavailableError` the drafts are still in
        the directory, and committing them again goes on with what is not kept yet.
        """
        ...

    async def describe(self, task: Task) -> None:
        """Leaves `take.json` beside the files of the task's attempt: the record, from which it can be known again.

        Raises `UnavailableError` when the workspace cannot be written.
        """
        ...

    def described(self) -> AsyncIterator[Described]:
        """What `describe` left, of all projects, in the order in which the tasks were accepted; the takes of a shot in
        the order of their numbers. Raises `UnavailableError`."""
        ...

    def stored(self) -> AsyncIterator[StoredFiles]:
        """Everything that was put here, whether a record names it or not; what somebody else laid here is not told of.
        An attempt comes before what lies in it. Raises `UnavailableError`."""
        ...

    async def erase(self, files: StoredFiles) -> None:
        """Removes what `stored` told of. Harmless when it is gone. Raises `UnavailableError`."""
        ...

    async def remove(self, project_id: str, task_id: str | None = None) -> None:
        """Removes all files of a task, or of a project. Harmless when there is nothing. Raises `UnavailableError`."""
        ...

    async def discard(self, project_id: str, task_id: str, attempt: int) -> None:
        """Removes all that the attempt left. Harmless when there is nothing. Raises `UnavailableError`."""
        ...

    async def find(self, project_id: str, path: str) -> FoundFile:
        """A finished file, given its path in the project; never one outside the project.

        Raises `ArtifactNotFoundError`, `UnavailableError`.
        """
        ...

    async def link(self, project_id: str, path: str, method: Literal["GET", "HEAD"] = "GET") -> str | None:
        """Where whoever has this address may read the file for a short while, by that method of HTTP, without asking
        us; None where files are only read through `find`. Nobody looks whether it is there."""
        ...

    async def locate(self, project_id: str, path: str) -> Path:
        """The absolute path on this machine of a finished file, or of a copy that is there for some minutes at least,
        given its path in the project; never one outside the project.

        Raises `ArtifactNotFoundError`, `UnavailableError`.
        """
        ...

    async def thumbnail(self, project_id: str, path: str, width_px: int) -> bytes:
        """A WebP of the picture at that path, or of the poster beside the video, about as wide as asked: of a few
        widths the next, never wider than the picture. Made once as long as the file is there.

        Raises `ArtifactNotFoundError`, `UnavailableError`, and `UnreadableImageError` for what is no picture and has no
        poster.
        """
        ...

    async def receive(
        self, project_id: str, chunks: AsyncIterator[bytes], suffix: str, *, name: str | None = None
    ) -> str:
        """Keeps an uploaded file whole under a name of its own; returns its path in the project.

        ``suffix``: the file's extension with the dot. ``name``: a UUID that stands for the content; what is there
        under it already is that content, and counts as written now. If the chunks break off with an error, nothing is
        kept.
        """
        ...

    async def check(self) -> None:
        """Returns if files can be kept now. Raises `UnavailableError` with its ``cause``."""
        ...


class InputFetcher(Protocol):
    """Brings what a url names into a project."""

    async def fetch(self, project_id: str, name: str, url: str, kind: str) -> str:
        """Keeps what a ``data:`` or ``https:`` url names as an upload; returns its path in the project, the same for
        the same content.

        ``name``: of the input, as problems name it. ``kind``: as of a `TaskInput`, which the content must
        be, whatever the url or its server says. Of hosts inside a network nothing is told, not even whether they are
        there. Raises `InvalidParamsError`, and `UnavailableError` where the workspace cannot be written.
        """
        ...


class AccessStore(Protocol):
    """Tokens, sessions and tickets, as hashes. All raise `BusUnavailableError` where it cannot be reached; what a call
    costs does not grow with what is kept."""

    async def add_token(self, token: Token) -> None:
        """Keeps a new token; heard of by every process that shares the store."""
        ...

    async def token(self, token_id: str) -> Token | None:
        """The token, revoked and expired ones too, until they are forgotten."""
        ...

    async def tokens(self) -> Sequence[Token]:
        """All tokens, the oldest first."""
        ...

    async def has_tokens(self) -> bool:
        """Whether any token was ever made that is not forgotten: revoking the last one opens no door."""
        ...

    async def revoke_token(self, token_id: str, at: datetime) -> bool:
        """Whether it was there and not revoked before."""
        ...

    async def open_session(self, session: Pass, most: int) -> None:
        """Keeps a session until it ends. A principal has at most so many: the one that ends first makes room."""
        ...

    async def session(self, digest: str, now: datetime) -> Pass | None:
        """The session, if it has not ended."""
        ...

    async def end_session(self, digest: str) -> None:
        """Harmless to repeat."""
        ...

    async def add_ticket(self, ticket: Pass) -> None:
        """Keeps a ticket until it is taken or ends."""
        ...

    async def take_ticket(self, digest: str, now: datetime) -> Pass | None:
        """The ticket, to the first of all who ask for it at once, and only before its end; never to two."""
        ...


class TokenVerifier(Protocol):
    """Tokens that somebody else has signed."""

    def knows(self, token: str) -> bool:
        """Whether it looks like one of these; nothing is checked."""
        ...

    async def verify(self, token: str) -> Principal:
        """Who it is for. Raises `UnauthenticatedError`, `UnavailableError` where the signer's keys cannot be had."""
        ...


class WebhookStore(Protocol):
    """The webhooks of projects, in the log's database. Those that tasks brought with them are not listed here: they
    come and go with what they are owed. All raise `BusUnavailableError`; those about one project raise
    `ProjectDeletedError`. What a call costs does not grow with the number of tasks or projects there are."""

    async def add(self, webhook: Webhook, *, at_most: int) -> None:
        """Keeps a new one: what ends from here on is owed to it. Raises `TooManyWebhooksError` where the project has
        ``at_most`` already, however many are added at a time."""
        ...

    async def webhook(self, project_id: str, webhook_id: str) -> Webhook:
        """Raises `WebhookNotFoundError`."""
        ...

    async def webhooks(self, project_id: str) -> Sequence[Webhook]:
        """All of the project, the oldest first."""
        ...

    async def replace(self, webhook: Webhook) -> None:
        """Has it be so from here on, for what waits already, too. What waits for one that is disabled becomes dead
        letters. Raises `WebhookNotFoundError`."""
        ...

    async def remove(self, project_id: str, webhook_id: str) -> None:
        """Removes it, and what is owed to it. Raises `WebhookNotFoundError`."""
        ...


class ProjectLibrary(Protocol):
    """Sets, cast members and films of projects, in the log's database: they are deleted with the project, and backed up
    with the database. All raise `BusUnavailableError`, and `ProjectDeletedError` once the project is deleted. What a
    call costs does not grow with the number of tasks, projects or other documents there are."""

    async def put(
        self,
        project_id: str,
        kind: DocumentKind,
        name: str,
        body: str,
        at: datetime,
        *,
        expected: int | None,
        at_most: int,
    ) -> Document:
        """Keeps it as its next version, whole or not at all, however many put at a time: of those who expect the same
        version one does it.

        ``expected``: the version that it must have, 0 for none; None for any. Raises `DocumentChangedError`, and
        `TooManyDocumentsError` where it is new and the project has ``at_most`` of the kind.
        """
        ...

    async def document(self, project_id: str, kind: DocumentKind, name: str) -> Document:
        """Raises `DocumentNotFoundError`."""
        ...

    async def documents(
        self, project_id: str, kind: DocumentKind, *, after: str | None, limit: int
    ) -> Sequence[Document]:
        """Up to ``limit`` of the kind whose names come after that one, by name as code points go."""
        ...

    async def remove(self, project_id: str, kind: DocumentKind, name: str, *, expected: int | None) -> None:
        """Removes it. Raises `DocumentNotFoundError`, `DocumentChangedError`."""
        ...


class WebhookOutbox(Protocol):
    """What endings are owed to webhooks: deliveries that wait, and dead letters. Filled by `ProgressBus.publish`.

    At least once: a delivery is there until a verdict says that it was taken, or until it was given up and is too old.
    One attempt of it at a time, as long as nobody outlives his lease. All raise `BusUnavailableError`. What a call
    costs does not grow with what was delivered before, nor with what waits for endpoints that rest.
    """

    async def claim(
        self, now: datetime, *, lease_s: float, limit: int, per_endpoint: int, rest_after: int
    ) -> Sequence[Claim]:
        """Up to about ``limit`` deliveries that are due, for the caller alone until the lease ends; then they are due
        again, for whoever comes. Each counts as an attempt begun.

        Of one endpoint the one due first comes first, and no more than ``per_endpoint`` are claimed at a time by
        everybody together, one where it failed ``rest_after`` times or more; none while it rests. An endpoint that
        rests or is full delays no other. What is owed to a webhook that is disabled becomes a dead letter, to one that
        is removed it goes.
        """
        ...

    async def settle(self, claim: Claim, verdict: Verdict) -> bool:
        """Has the attempt be over, as the verdict says. False, and nothing changed, where the lease had ended and
        somebody else has claimed it since, unless it was taken: then it is done, whoever else tries. ``gone``: the
        webhook is disabled, and this delivery a dead letter."""
        ...

    async def dead(self, project_id: str, *, after: str | None, limit: int) -> DeadLetters:
        """The project's dead letters, the newest first. ``after``: `DeadLetters.next`. Raises `InvalidRequestError`
        where that is none."""
        ...

    async def replay(self, project_id: str, delivery_id: str | None, now: datetime, *, limit: int) -> int:
        """Has one dead letter, or up to ``limit`` of all, the oldest first, wait again, due now and for as long as if
        it had happened now; how many. Raises `DeadLetterNotFoundError` where that one is none."""
        ...

    async def expire(self, died_before: datetime, limit: int) -> int:
        """Removes up to about ``limit`` dead letters that are older; how many."""
        ...

    async def backlog(self) -> Backlog:
        """What waits, over all projects; of very many, those that are due first."""
        ...


class WebhookSender(Protocol):
    """Speaks to receivers."""

    def check(self, url: str) -> None:
        """Returns if a message could be sent there, as far as the url alone tells. Raises `InvalidRequestError`."""
        ...

    async def send(self, webhook: Webhook, delivery: Delivery, at: datetime) -> Answer:
        """One attempt, signed for that time. Ends within its deadline, whatever the receiver does; reads no more of an
        answer than its head; follows nothing. Asks no host inside a network unless the operator lets it. Raises
        nothing: what went wrong is in the answer."""
        ...
