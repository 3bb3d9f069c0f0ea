"""Who may do what on a server, what it cannot do now, and where it is: the cause is told, and told alike by the check
and by the append that it stands for."""

import asyncio
import contextlib
import re
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from structlog.testing import capture_logs
from taskiq import BrokerMessage

import auteur
from auteur.adapters.log.redis.bus import RedisProgressBus
from auteur.adapters.log.redis.store import RedisStateStore
from auteur.adapters.queue.presence import RedisWorkerRegistry
from auteur.adapters.queue.streams import StreamBrokers
from auteur.adapters.redis.causes import cause_of
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.errors import BusUnavailableError, Cause
from auteur.domain.events import CancelRequested
from auteur.domain.ports import Worker
from tests.fakes import START, of, queued
from tests.servers import RedisServer, free_port, program
from tests.waiting import LONG_S

SECRET = "hunter2"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server to do harm to."""
    own = RedisServer(tmp_path / "redis").start()
    yield own
    own.stop()


def user(server: RedisServer, *rules: str) -> str:
    """The address of a user with these rights."""
    assert server.ask("ACL", "SETUSER", "film", "reset", "on", f">{SECRET}", *rules) == b"+OK"
    return server.url.replace("//", f"//film:{SECRET}@")


async def found(url: str) -> Cause | None:
    """What the check finds."""
    async with RedisDatabase.at(url) as database:
        return await checked(RedisProgressBus(database))


async def checked(bus: RedisProgressBus) -> Cause | None:
    try:
        await bus.check()
    except BusUnavailableError as error:
        return error.cause
    return None


async def appended(bus: RedisProgressBus, task_id: str = "t-1") -> Cause | None:
    """What an append meets."""
    try:
        await bus.publish(queued(task_id))
    except BusUnavailableError as error:
        return error.cause
    return None


def read_only(server: RedisServer) -> None:
    server.ask("REPLICAOF", "127.0.0.1", str(free_port()))


# --- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (("~*", "&*", "+@all", "-evalsha"), "no permission for EVALSHA"),
        (("~*", "&*", "+@all", "-xadd"), "no permission for XADD"),
        (("~*", "&*", "+@all", "-hset"), "no permission for HSET"),
        (("~*", "&*", "+@all", "-script"), "no permission for SCRIPT LOAD"),
        (("~*", "&*", "+@all", "-info"), "no permission for INFO"),
        (("~others:*", "&*", "+@all"), "no permission for the keys"),
        (("~*", "&*", "+@read", "+@connection", "+info"), "no permission for SCRIPT LOAD"),
    ],
)
async def test_a_missing_right_is_named_by_the_check_and_met_by_the_append(
    server: RedisServer, rules: tuple[str, ...], words: str
) -> None:
    url = user(server, *rules)
    assert await found(url) == Cause("no_permission", words)
    async with RedisDatabase.at(url) as database:
        met = await appended(RedisProgressBus(database))
        assert met is not None
        assert met.code == "no_permission"


async def test_a_command_that_only_the_accepting_of_work_needs_is_missed_too(server: RedisServer) -> None:
    assert await found(user(server, "~*", "&*", "+@all", "-set")) == Cause("no_permission", "no permission for SET")
    no_queue = user(server, "~auteur:project:health", "~auteur:project:{*", "&*", "+@all")
    assert await found(no_queue) == Cause("no_permission", "no permission for the keys")


async def test_the_rights_that_the_handbook_names_are_enough(server: RedisServer) -> None:
    handbook = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    rules = handbook.partition("ACL SETUSER auteur on >password ")[2].partition("```")[0].split()
    url = user(server, *rules)
    with capture_logs() as logs:
        async with RedisDatabase.at(url) as database, RedisProgressBus(database) as bus:
            hearing = asyncio.create_task(anext(bus.subscribe("film", None)))
            assert (await checked(bus), await appended(bus)) == (None, None)
            await asyncio.wait_for(hearing, LONG_S)
            assert await bus.trim() == 0
        worker = Worker(name="w", since=START)
        async with RedisDatabase.at(url) as database, RedisWorkerRegistry(database, worker=worker) as registry:
            assert await registry.workers() == [worker]
        await use(url)
    assert [line for line in logs if line["log_level"] != "debug"] == []


@pytest.mark.parametrize("rules", [("resetchannels",), ("&*", "-publish")])
async def test_an_append_that_stands_does_not_fail_for_want_of_a_channel(
    server: RedisServer, rules: tuple[str, ...]
) -> None:
    async with RedisDatabase.at(user(server, "~*", "+@all", *rules)) as database:
        bus = RedisProgressBus(database)
        assert (await checked(bus), await appended(bus)) == (None, None)
        assert [recorded.position.seq for recorded in await bus.history("film", None, 9)] == [1]


async def test_a_user_without_channels_may_take_work_and_the_operator_is_told_once(server: RedisServer) -> None:
    with capture_logs() as logs:
        async with RedisDatabase.at(user(server, "~*", "resetchannels", "+@all")) as database:
            for _ in range(3):
                assert await checked(RedisProgressBus(database)) is None
    assert [line["cause"] for line in logs] == ["no permission for PUBLISH, so live events come late"]


@pytest.mark.parametrize("rules", [("-evalsha",), ("-xadd",), ("-hset",), ("-zadd",)])
async def test_an_append_that_failed_leaves_no_event_and_no_task(server: RedisServer, rules: tuple[str, ...]) -> None:
    async with RedisDatabase.at(user(server, "~*", "&*", "+@all", *rules)) as database:
        assert await appended(RedisProgressBus(database)) is not None
    async with RedisDatabase.at(server.url) as database:
        bus, store = RedisProgressBus(database), RedisStateStore(database)
        assert (await bus.history("film", None, 9), await store.unfinished()) == ([], [])
        assert (await store.projects(after=None, limit=9)).projects == []


def scripts() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in Path(auteur.__file__).parent.rglob("*.lua")}


def tried() -> set[str]:
    """The commands that the check tries."""
    table = scripts()["probe.lua"].partition("local tries = {")[2].partition("\n}")[0]
    return set(re.findall(r"\{'([A-Z]+)'", table)) | {"PUBLISH"}


def test_the_check_tries_every_command_that_the_scripts_use() -> None:
    used = {
        command
        for name, text in scripts().items()
        if name != "probe.lua"
        for command in re.findall(r"redis\.p?call\(\s*['\"]([A-Z]+)", text)
    }
    assert {"XADD", "HSET"} <= used
    assert used <= tried()


async def test_the_check_leaves_nothing(server: RedisServer) -> None:
    assert await found(server.url) is None
    assert server.ask("DBSIZE") == b":0"


# --- what cannot be done now ---------------------------------------------------------------------------------------


async def test_a_replica_is_not_ready_until_it_is_promoted(server: RedisServer) -> None:
    async with RedisDatabase.at(server.url) as database:
        bus = RedisProgressBus(database)
        assert await checked(bus) is None
        read_only(server)
        assert await checked(bus) == await appended(bus) == Cause("read_only_replica", "read-only replica")
        server.ask("REPLICAOF", "NO", "ONE")
        assert (await checked(bus), await appended(bus)) == (None, None)


async def test_a_replica_without_its_master_says_so(server: RedisServer) -> None:
    async with RedisDatabase.at(server.url) as database:
        server.ask("CONFIG", "SET", "replica-serve-stale-data", "no")
        read_only(server)
        cause = await checked(RedisProgressBus(database))
        assert cause is not None
        assert cause.code in ("master_down", "read_only_replica")  # which is said first differs between servers


async def test_a_full_server_is_not_ready_until_it_has_room(server: RedisServer) -> None:
    async with RedisDatabase.at(server.url) as database:
        bus = RedisProgressBus(database)
        server.ask("CONFIG", "SET", "maxmemory", "1")
        assert await checked(bus) == await appended(bus) == Cause("memory_full", "memory full (maxmemory)")
        server.ask("CONFIG", "SET", "maxmemory", "0")
        assert (await checked(bus), await appended(bus)) == (None, None)


async def test_who_comes_to_a_full_server_or_a_replica_can_do_there_what_is_still_allowed(server: RedisServer) -> None:
    async with RedisDatabase.at(server.url) as database:
        assert await appended(RedisProgressBus(database)) is None
    server.ask("CONFIG", "SET", "maxmemory", "1")
    async with RedisDatabase.at(server.url) as database:  # its rights are yet to be tried
        assert (await RedisProgressBus(database).publish(CancelRequested(**of("t-1")))).position.seq == 2
    server.ask("CONFIG", "SET", "maxmemory", "0")
    read_only(server)
    async with RedisDatabase.at(server.url) as database:
        assert len(await RedisProgressBus(database).history("film", None, 9)) == 2


async def test_a_server_that_cannot_save_is_not_ready_until_it_can(server: RedisServer) -> None:
    in_the_way = server.directory / "dump.rdb"
    (in_the_way / "x").mkdir(parents=True)
    async with RedisDatabase.at(server.url) as database:
        bus = RedisProgressBus(database)
        server.ask("CONFIG", "SET", "save", "3600 1")
        await saved(server)
        misconf = Cause("cannot_persist", "MISCONF: cannot write its file")
        assert await checked(bus) == await appended(bus) == misconf
        (in_the_way / "x").rmdir()
        in_the_way.rmdir()
        await saved(server)
        assert (await checked(bus), await appended(bus)) == (None, None)


async def saved(server: RedisServer) -> None:
    server.ask("BGSAVE")
    async with RedisDatabase.at(server.url) as database, asyncio.timeout(LONG_S):
        while (await database.describe())["rdb_bgsave_in_progress"]:
            await asyncio.sleep(0.02)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device on this system")
async def test_a_server_whose_disk_is_full_says_so(tmp_path: Path) -> None:
    own = RedisServer(tmp_path / "redis")
    files = own.directory / "appendonlydir"
    files.mkdir(parents=True)
    (files / "appendonly.aof.1.incr.aof").symlink_to("/dev/full")
    own.start()
    try:
        async with RedisDatabase.at(own.url) as database, asyncio.timeout(LONG_S):
            bus = RedisProgressBus(database)
            while (cause := await checked(bus)) is None:  # it notices with its first flush
                await asyncio.sleep(0.02)
            assert cause == Cause("disk_full", "MISCONF: cannot write its file, disk full")
            met = await appended(bus)
            assert met == cause
    finally:
        own.stop()


async def test_a_server_that_reads_its_file_is_loading(tmp_path: Path) -> None:
    own = RedisServer(tmp_path / "redis").start()
    try:
        async with RedisDatabase.at(own.url) as database:
            await database.execute(*[("SET", f"k-{number}", "x" * 100) for number in range(2000)])
            own.ask("BGREWRITEAOF")
            while (await database.describe())["aof_rewrite_in_progress"]:
                await asyncio.sleep(0.02)
            own.kill()
            own.settings = ("--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024")
            starting = asyncio.create_task(asyncio.to_thread(own.start))
            causes = set()
            while not starting.done():
                causes.add(await checked(RedisProgressBus(database)))
                await asyncio.sleep(0.05)
            await starting
            assert Cause("loading", "loading") in causes
            assert await checked(RedisProgressBus(database)) is None
    finally:
        own.stop()


async def test_too_few_replicas_are_a_cause(server: RedisServer) -> None:
    async with RedisDatabase.at(server.url) as database:
        server.ask("CONFIG", "SET", "min-replicas-to-write", "1")
        bus = RedisProgressBus(database)
        words = "fewer replicas than min-replicas-to-write"
        assert await checked(bus) == await appended(bus) == Cause("too_few_replicas", words)


async def test_who_is_not_let_in_or_not_found_has_a_cause(server: RedisServer) -> None:
    assert await found(server.url.replace("//", f"//:{SECRET}@")) == Cause("wrong_password", "wrong password")
    assert await found(server.url.replace("//", f"//nobody:{SECRET}@")) == Cause("wrong_password", "wrong password")
    assert await found(server.url.replace("/0", "/99")) == Cause("no_such_database", "no database of this number")
    assert await found("redis://nowhere.invalid") == Cause("unknown_host", "not reachable: no host of this name")
    assert await found("unix:///nowhere.sock") == Cause("no_socket", "not reachable: no socket at this path")
    assert await found(f"redis://127.0.0.1:{free_port()}") == Cause("unreachable", "not reachable")
    server.ask("CONFIG", "SET", "requirepass", SECRET)
    assert (await found(server.url)) == Cause("password_missing", "no password given, but one is asked for")


async def test_a_frozen_server_does_not_answer_in_time(server: RedisServer) -> None:
    async with RedisDatabase.at(server.url, deadline_s=0.3) as database:
        bus = RedisProgressBus(database)
        assert await checked(bus) is None
        server.freeze()
        assert await checked(bus) == Cause("no_answer", "not reachable: no answer in time")
        server.thaw()
        assert await checked(bus) is None


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("CLUSTERDOWN Hash slot not served", "cluster_down"),
        ("CROSSSLOT Keys in request don't hash to the same slot", "cluster"),
        ("MOVED 3999 127.0.0.1:6381", "cluster"),
        ("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", "master_down"),
        ("ERR max number of clients reached", "too_many_clients"),
        ("DENIED Redis is running in protected mode because", "protected_mode"),
        ("ERR unknown command 'EVALSHA', with args beginning with:", "no_such_command"),
        ("NOPERM this user has no permissions to run the 'evalsha' command or its subcommand", "no_permission"),
        ("NOPERM this user has no permissions to access one of the keys used as arguments", "no_permission"),
        ("ERR Client sent AUTH, but no password is set", "wrong_password"),
    ],
)
def test_other_servers_words_have_their_cause(said: str, code: str) -> None:
    assert cause_of(Exception(said)).code == code


async def test_the_log_says_a_cause_once_however_often_it_is_met(server: RedisServer) -> None:
    async with RedisDatabase.at(server.url) as database:
        bus = RedisProgressBus(database)
        read_only(server)
        with capture_logs() as logs:
            for _ in range(5):
                await checked(bus)
                await appended(bus)
            server.ask("REPLICAOF", "NO", "ONE")
            server.ask("CONFIG", "SET", "maxmemory", "1")
            for _ in range(5):
                await checked(bus)
        assert [line.get("code") for line in logs] == ["read_only_replica", "memory_full"]


# --- what is no server for it --------------------------------------------------------------------------------------


@pytest.mark.parametrize("nodes", [1, 3])
async def test_a_cluster_is_refused_at_the_start_with_the_reason(tmp_path: Path, nodes: int) -> None:
    async with contextlib.AsyncExitStack() as stack:
        cluster = []
        for number in range(nodes):
            node = RedisServer(
                tmp_path / str(number), "--cluster-enabled", "yes", "--cluster-require-full-coverage", "no"
            )
            node.settings += ("--cluster-port", str(free_port()))
            stack.callback(node.stop)
            cluster.append(node.start())
        for number, node in enumerate(cluster):
            first, last = number * 16384 // nodes, (number + 1) * 16384 // nodes - 1
            assert node.ask("CLUSTER", "ADDSLOTSRANGE", str(first), str(last)) == b"+OK"
            if number:
                bus_port = node.settings[-1]
                assert cluster[0].ask("CLUSTER", "MEET", "127.0.0.1", str(node.port), bus_port) == b"+OK"
        for node in cluster:
            with pytest.raises(BusUnavailableError) as refused:
                await found(node.url)
            assert "a Redis Cluster, which is not supported" in refused.value.message


async def test_a_sentinel_is_refused_at_the_start_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "sentinel.conf").touch()
    sentinel = Sentinel(tmp_path)
    sentinel.start()
    try:
        with pytest.raises(BusUnavailableError) as refused:
            await found(sentinel.url)
        assert "a Sentinel, which holds no data" in refused.value.message
    finally:
        sentinel.stop()


class Sentinel(RedisServer):
    """The same program, watching nobody."""

    def start(self) -> "Sentinel":
        words = [program(), str(self.directory / "sentinel.conf"), "--sentinel", "--port", str(self.port)]
        self.process = subprocess.Popen([*words, "--bind", "127.0.0.1", "--logfile", str(self.directory / "log")])
        while self.ask("PING") != b"+PONG":
            assert self.process.poll() is None
        return self


async def test_a_server_that_becomes_unfit_later_is_not_ready(server: RedisServer) -> None:
    async with RedisDatabase.at(server.url) as database:
        bus = RedisProgressBus(database)
        assert await checked(bus) is None
        server.kill()
        server.settings = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
        server.start()
        causes = [await checked(bus) for _ in range(2)]  # the first may still meet the old connection
        assert causes[-1] is not None
        assert causes[-1].code == "cluster"


# --- where it is ---------------------------------------------------------------------------------------------------

EVERY_NAME = "".join(map(chr, range(33, 127))) + "世界"
EVERY_PASSWORD = f"{EVERY_NAME} pässwörd"


async def use(url: str) -> None:
    """The log and the queue, over connections of either's own."""
    async with (
        RedisDatabase.at(url) as database,
        StreamBrokers(url, prefix="auteur:project:queue:", lease_s=5) as queue,
    ):
        bus = RedisProgressBus(database)
        assert (await checked(bus), await appended(bus, "t-2")) == (None, None)
        async with database.listening() as subscriber:
            await subscriber.tune(to=["a channel"])
        broker = queue("interactive.scripted")
        await broker.startup()
        await broker.kick(a_message())
        async with contextlib.aclosing(broker.listen()) as messages:
            async with asyncio.timeout(LONG_S):
                assert (await anext(messages)).data == b"a task"  # type: ignore[union-attr]


def a_message() -> BrokerMessage:
    return BrokerMessage(task_id="t-1", task_name="auteur.run", message=b"a task", labels={})


async def test_a_password_may_hold_every_character(server: RedisServer) -> None:
    async with RedisDatabase.at(server.url) as admin:
        await admin.execute(("ACL", "SETUSER", EVERY_NAME, "on", f">{EVERY_PASSWORD}", "~*", "&*", "+@all"))
    await use(server.url.replace("//", f"//{quote(EVERY_NAME, safe='')}:{quote(EVERY_PASSWORD, safe='')}@"))


async def test_a_socket_in_the_file_system_will_do(tmp_path: Path) -> None:
    path = tmp_path / "a socket"
    own = RedisServer(tmp_path / "redis", "--unixsocket", str(path)).start()
    try:
        await use(f"unix://{quote(str(path))}")
        await use(f"unix://{quote(str(path))}?db=3")
    finally:
        own.stop()


@pytest.mark.parametrize("where", ["/5", "?db=5", "/5?client_name=auteur"])
async def test_log_and_queue_are_in_the_database_that_is_named(server: RedisServer, where: str) -> None:
    await use(server.url.removesuffix("/0") + where)
    async with RedisDatabase.at(server.url) as database:
        described = await database.describe()
    assert [name for name in described if re.fullmatch(r"db\d+", name)] == ["db5"]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed one of this machine's, with its key beside it."""
    made = tmp_path / "certificate.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout", str(tmp_path / "key.pem"), "-out", str(made),
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    return made


@contextlib.asynccontextmanager
async def terminated(server: RedisServer, certificate: Path) -> AsyncIterator[int]:
    """TLS before a server that was built without: the port where it is spoken."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    serving: set[asyncio.Task[None]] = set()

    async def pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.closing(target), contextlib.suppress(OSError):
            while data := await source.read(1 << 16):
                target.write(data)
                await target.drain()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task())  # type: ignore[arg-type]
        their_reader, their_writer = await asyncio.open_connection("127.0.0.1", server.port)
        await asyncio.gather(pass_on(reader, their_writer), pass_on(their_reader, writer))

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


async def test_tls_is_spoken_and_the_certificate_looked_at(server: RedisServer, certificate: Path) -> None:
    ca = quote(str(certificate))
    async with terminated(server, certificate) as port:
        await use(f"rediss://localhost:{port}/2?ssl_ca_certs={ca}")
        await use(f"rediss://127.0.0.1:{port}/3?ssl_ca_certs={ca}")
        await use(f"rediss://127.0.0.1:{port}/4?ssl_cert_reqs=none")
        untrusted = Cause("tls_certificate", "TLS: the server's certificate is not accepted")
        assert await found(f"rediss://127.0.0.1:{port}/0") == untrusted
        elsewhere = f"rediss://127.0.0.2:{port}/0?ssl_ca_certs={ca}"
        if await reachable("127.0.0.2", port):
            assert await found(elsewhere) == untrusted
    assert await found(f"rediss://127.0.0.1:{server.port}") in (
        Cause("tls", "TLS: no agreement with the server"),
        Cause("unreachable", "not reachable"),  # it hung up on what it took for a command
        Cause("no_answer", "not reachable: no answer in time"),
    )


async def reachable(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True
