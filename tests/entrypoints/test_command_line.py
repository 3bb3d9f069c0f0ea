"""The command line as a person and as a program meet it: a terminal, a pipe, Ctrl-C, and what it exits with."""

import asyncio
import json
import os
import pty
import re
import signal
import subprocess
import sys
import wave
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from auteur import __version__
from tests.e2e.studio import TINY, Message, Service, environment
from tests.entrypoints.test_cli import auteur
from tests.waiting import awaited
from tests.warm import command_line

WORDS = [sys.executable, "-m", "auteur.entrypoints.cli"]
LONG = ("generate", "a forest", "--param=steps=200", "-pfilm")


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    running = await Service(tmp_path).start()
    yield running
    await running.kill()


class Terminal:
    """A command on a terminal of its own: what a person sees, and what they type."""

    def __init__(self, workspace: Path, *words: str, **settings: object) -> None:
        ours, theirs = pty.openpty()
        kept = {**environment(workspace, **settings), "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
        self.process = subprocess.Popen(
            [*WORDS, *words],
            env=kept,
            cwd=workspace,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self._ours = ours
        self.seen = ""

    def _read(self) -> bytes:
        try:
            return os.read(self._ours, 1 << 16)
        except OSError:  # nobody writes any more
            return b""

    async def until(self, words: str) -> None:
        """Reads until it shows them."""
        async with awaited(f"{words!r} on the terminal; it shows {self.seen[-300:]!r}"):
            while words not in self.seen:
                data = await asyncio.to_thread(self._read)
                self.seen += data.decode(errors="replace")
                assert data or words in self.seen, self.seen

    def ctrl_c(self) -> None:
        self.process.send_signal(signal.SIGINT)

    async def ended(self) -> int:
        """What it exits with, everything read."""
        async with awaited("the command to end"):
            while data := await asyncio.to_thread(self._read):
                self.seen += data.decode(errors="replace")
            code = await asyncio.to_thread(self.process.wait)
        os.close(self._ours)
        return code


async def made(service: Service, **content: Any) -> Message:
    """A task that was made; its ending."""
    async with service.socket() as socket:
        return await socket.ending(await socket.start(**content))


# --- looking -------------------------------------------------------------------------------------------------------


async def test_tasks_and_projects_are_listed_and_shown_with_a_service_and_with_none(service: Service) -> None:
    workspace = service.workspace
    task = (await made(service, shot="12A", params={**TINY, "prompt": "a [red]man[/red]\non a pier"}))["task_id"]
    await made(service, params={**TINY, "prompt": "a field"})
    with_one = [await auteur(workspace, *words) for words in looks(task)]
    await service.stop()
    without = [await auteur(workspace, *words) for words in looks(task)]
    for (code, out, err), (other_code, other_out, _) in zip(with_one, without, strict=True):
        assert (code, other_code) == (0, 0), err
        assert without_times(other_out) == without_times(out)
    listed, found, shown, shown_json, projects, projects_json = (out for _, out, _ in with_one)
    assert re.search(rf"^{task} +succeeded +12A/1 +text_to_image +draft .*a \[red\]man\[/red\] on a pier", listed, re.M)
    assert [one["task_id"] for one in json.loads(found)] == [task]
    assert f"image        film/{task}/1/frame.png" in shown
    assert json.loads(shown_json)["result"]["artifacts"][0]["name"] == "frame.png"
    assert re.search(r"^film +0 +2 +0 ", projects, re.M)
    assert json.loads(projects_json)[0]["counts"]["succeeded"] == 2
    for _, out, _ in with_one:
        assert "\x1b" not in out, "who reads a file sees no colours"


def without_times(text: str) -> list[str]:
    return re.sub(r"\d+ (s|min) ago", "", text).split()


def looks(task: str) -> Iterator[tuple[str, ...]]:
    yield ("list", "-p", "film")
    yield ("list", "-p", "film", "--search", "pier", "--status", "succeeded", "--json")
    yield ("show", task, "-p", "film")
    yield ("show", task, "-p", "film", "--json")
    yield ("projects",)
    yield ("projects", "--json")


async def test_a_picture_is_brought_a_take_marked_cancelled_promoted_and_deleted(service: Service) -> None:
    workspace = service.workspace
    task = (await made(service, shot="12A"))["task_id"]
    Image.new("RGB", (80, 60)).save(workspace / "still.png")
    code, out, err = await auteur(workspace, "upload", "still.png", "none.png", "-p", "film")
    assert (code, err.strip()) == (1, "auteur: none.png: No such file or directory")
    assert (workspace / out.strip()).is_file()
    assert (await auteur(workspace, "mark", task, "--circle", "--favourite", "-p", "film"))[1] == (
        f"{task} is a favourite and circled\n"
    )
    code, out, err = await auteur(workspace, "cancel", task, "nobody", "-p", "film", "--json")
    assert (code, json.loads(out)[0]["status"]) == (3, "succeeded"), err
    assert "nobody" in err
    code, out, err = await auteur(
        workspace, "promote", task, "-q", "draft", "--param", "lens_mm=85", "-p", "film", "--json"
    )
    assert (code, json.loads(out)["promoted_from"]) == (0, task), err
    code, out, _ = await auteur(workspace, "delete", task, "nobody", "-p", "film", "--yes")
    assert (code, out) == (3, f"deleted {task}\n")
    assert (await auteur(workspace, "show", task, "-p", "film"))[0] == 3


async def test_sounds_and_scripts_are_brought_as_pictures_are_and_used_by_their_paths(service: Service) -> None:
    workspace = service.workspace
    with wave.open(str(workspace / "scratch.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000))
    page = "INT. HALL - DAY\n\nA dog runs.\n"
    (workspace / "page.fountain").write_text(page)
    (workspace / "page.txt").write_text(page)
    (workspace / "notes.txt").write_text("Buy milk.\n")
    names = ("scratch.wav", "page.fountain", "page.txt")
    code, out, err = await auteur(workspace, "upload", *names, "notes.txt", "-p", "film", "--json")
    told = json.loads(out)
    assert (code, [one["file"] for one in told]) == (3, list(names)), err
    assert "no line of it is the heading of a scene" in err
    assert [Path(one["path"]).suffix for one in told] == [".wav", ".txt", ".txt"]
    for name, one in zip(names, told, strict=True):
        assert (workspace / one["path"]).read_bytes() == (workspace / name).read_bytes()
    code, out, err = await auteur(workspace, "film", "page.txt", "-p", "film", "--dry-run", "--json")
    assert (code, [shot["name"] for shot in json.loads(out.splitlines()[0])["shots"]]) == (0, ["1-1"]), err
    take = (await made(service))["task_id"]
    asked = {"task_type": "film_animatic", "params": {
        "shots": [{"name": "1", "frames": 24}], "takes": [{"from_task": take}], "track": told[0]["path"],
        "width_px": 96, "height_px": 64,
    }}  # fmt: skip
    (workspace / "cut.json").write_text(json.dumps([asked]))
    code, out, err = await auteur(workspace, "batch", "cut.json", "-p", "film", "--json")
    assert code == 0, err
    (film,) = workspace.glob("film/*/1/animatic.mp4")
    with av.open(str(film)) as opened:
        assert len(opened.streams.audio) == 1


async def test_a_batch_tells_programs_a_line_a_task(service: Service) -> None:
    frame = {"task_type": "text_to_image", "params": TINY, "quality": "draft"}
    shot = {"task_type": "image_to_video", "params": {"source_image": {"from_task": "#a"}, "duration_s": 999}}
    (service.workspace / "board.json").write_text(json.dumps([{**frame, "name": "a"}, {**frame, "name": "b"}]))
    code, out, err = await auteur(service.workspace, "batch", "board.json", "-p", "film", "--json")
    assert code == 0, err
    told = [json.loads(line) for line in out.splitlines()]
    assert sorted(one["name"] for one in told) == ["a", "b"]
    assert all(Path(one["path"]).is_file() for one in told)
    (service.workspace / "board.json").write_text(json.dumps([frame, shot]))
    assert (await auteur(service.workspace, "batch", "board.json", "-p", "film"))[0] == 3


# --- watching ------------------------------------------------------------------------------------------------------


async def test_each_message_is_a_line_for_programs_over_a_restart_of_the_service(service: Service) -> None:
    workspace = service.workspace
    port = service.url.rpartition(":")[2]
    first = (await made(service))["task_id"]
    watcher = await command_line(
        "auteur.entrypoints.cli", "watch", "film", "--after", "0", "--json",
        env=environment(workspace), cwd=workspace, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert watcher.stdout is not None
    told: list[Message] = []

    async def until_made(task: str) -> None:
        assert watcher.stdout is not None
        async with awaited("the ending to be told"):
            while not told or (told[-1]["type"], told[-1].get("task_id")) != ("complete", task):
                line = await watcher.stdout.readline()
                assert line, await watcher.communicate()
                told.append(json.loads(line))

    await until_made(first)
    await service.kill()
    service.port, service.log = port, ""
    await service.start()
    await until_made((await made(service))["task_id"])
    watcher.send_signal(signal.SIGINT)
    _, err = await watcher.communicate()
    assert watcher.returncode == 130
    assert b"the connection is away" in err
    assert [one for one in told if one["type"] not in ("connected", "queue")] == await service.events()


async def test_places_in_the_queue_are_lines_for_programs_and_nothing_that_people_have_to_read(tmp_path: Path) -> None:
    service = await Service(tmp_path, max_concurrent_tasks=1).start()
    watchers = [
        await command_line(
            "auteur.entrypoints.cli", "watch", "film", "--after", "0", *options,
            env=environment(tmp_path), cwd=tmp_path, stdout=asyncio.subprocess.PIPE,
        )
        for options in ((), ("--json",))
    ]  # fmt: skip
    people, programs = (watcher.stdout for watcher in watchers)
    assert people is not None
    assert programs is not None
    async with awaited("a place in the queue"), service.socket() as socket:
        running, waiting = await socket.start({"prompt": "a forest", "steps": 200}), await socket.start()
        place: Message = {}
        while place.get("type") != "queue" or place["tasks"][0]["task_id"] != waiting:
            place = json.loads(await programs.readline())
        assert place["tasks"][0]["queue_position"] == 1
        assert "position" not in place
        await socket.say("cancel", task_id=running)
        await socket.ending(waiting)
        seen = []
        while not seen or f"{waiting[:8]} complete" not in seen[-1]:
            seen.append((await people.readline()).decode())
    assert {line.split()[1] for line in seen} == {running[:8], waiting[:8]}, seen
    for watcher in watchers:
        watcher.send_signal(signal.SIGINT)
        await watcher.communicate()
    await service.kill()


async def test_one_task_is_watched_to_its_ending(service: Service) -> None:
    task = (await made(service))["task_id"]
    code, out, err = await auteur(service.workspace, "watch", "film", "--task", task, "--json")
    assert (code, json.loads(out)["task_id"]) == (0, task), err
    async with service.socket() as socket:
        failing = await socket.start({"prompt": "a forest", "steps": 200})
        await socket.say("cancel", task_id=failing)
        await socket.ending(failing)
    code, out, _ = await auteur(service.workspace, "watch", "film", "--task", failing)
    assert (code, "TASK_CANCELLED" in out) == (1, True)
    assert (await auteur(service.workspace, "watch", "film", "--task", "nobody"))[0] == 3


# --- Ctrl-C --------------------------------------------------------------------------------------------------------


async def test_ctrl_c_leaves_the_task_to_the_service_and_says_how_to_go_on(service: Service) -> None:
    terminal = Terminal(service.workspace, *LONG)
    async with service.socket() as socket:
        begun = await socket.wait(lambda m: m["type"] == "progress" and m["progress"] > 0)
        await terminal.until("%")
        terminal.ctrl_c()
        assert await terminal.ended() == 130
        assert f"auteur cancel {begun['task_id']} -p film" in re.sub(r"\s+", " ", terminal.seen)
        assert terminal.seen.rindex("\x1b[?25h") > terminal.seen.rindex("\x1b[?25l"), "the cursor is there again"
        code, _, err = await auteur(service.workspace, "cancel", begun["task_id"], "-p", "film")
        assert code == 0, err
        assert (await socket.ending(begun["task_id"]))["error_code"] == "TASK_CANCELLED"


async def test_a_second_ctrl_c_ends_what_the_first_one_waits_for(service: Service) -> None:
    terminal = Terminal(service.workspace, *LONG, "--cancel-on-interrupt")
    async with service.socket() as socket:
        await socket.wait(lambda m: m["type"] == "progress" and m["progress"] > 0)
        await terminal.until("%")
        service.freeze()
        try:
            terminal.ctrl_c()
            await terminal.until("Ctrl-C again ends at once")
            terminal.ctrl_c()
            assert await terminal.ended() == -signal.SIGINT
        finally:
            service.thaw()
    assert terminal.seen.rindex("\x1b[?25h") > terminal.seen.rindex("\x1b[?25l"), "the cursor is there again"
    assert "Traceback" not in terminal.seen


async def test_ctrl_c_cancels_what_runs_in_this_process(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, *LONG)
    await terminal.until("Pass")
    terminal.ctrl_c()
    assert await terminal.ended() == 130
    assert "cancelled" in terminal.seen
    assert "Traceback" not in terminal.seen
    code, out, _ = await auteur(tmp_path, "list", "-p", "film", "--json")
    assert (code, [one["status"] for one in json.loads(out)]) == (0, ["cancelled"])


async def test_ctrl_c_ends_a_watcher_on_a_terminal(service: Service) -> None:
    terminal = Terminal(service.workspace, "watch", "film")
    await terminal.until("connected: 0 of 0")
    terminal.ctrl_c()
    assert await terminal.ended() == 130


# --- words, pipes and codes ----------------------------------------------------------------------------------------


async def test_colours_are_for_a_terminal_alone(service: Service) -> None:
    await made(service)
    terminal = Terminal(service.workspace, "list", "-p", "film")
    assert await terminal.ended() == 0
    assert "\x1b[32msucceeded" in terminal.seen
    terminal = Terminal(service.workspace, "list", "-p", "film", "--json")
    assert await terminal.ended() == 0
    start = terminal.seen.index("[\r\n")
    assert len(json.loads(terminal.seen[start:])) == 1


async def test_a_reader_that_leaves_is_no_error(service: Service) -> None:
    for _ in range(3):
        await made(service)
    for words in (("watch", "film", "--after", "0", "--json"), ("watch", "film", "--after", "0")):
        process = await command_line(
            "auteur.entrypoints.cli", *words, env=environment(service.workspace), cwd=service.workspace,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        await process.stdout.readline()
        process.stdout._transport.close()  # type: ignore[attr-defined]
        await made(service)
        async with awaited("it to end"):
            err = await process.stderr.read()
            assert await process.wait() == 141
        assert err.decode().splitlines() == [f"watching film at {service.url}; stop with Ctrl-C"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("list", "--status", "lost"), 2, "'lost' is none of"),
        (("list", "--nope"), 2, "No such option"),
        (("lits",), 2, "Did you mean 'list'?"),
        (("show",), 2, "Missing argument"),
        (("mark", "x"), 2, "say --favourite"),
        (("show", "nobody"), 3, "has no task 'nobody'"),
        (("list", "-p", ".."), 3, "INVALID_PROJECT_ID"),
        (("list", "--url", "http://127.0.0.1:9"), 4, "No service answers at http://127.0.0.1:9."),
        (("list", "--url", "films"), 1, "The address of a service is like"),
        (("list", "--url", "http://me:hunter2@films"), 1, "holds no secret"),
        (("watch", "--url", "http://127.0.0.1:9"), 4, "No service answers"),
        (("generate", "x", "--no-wait"), 1, "start one with `auteur serve`"),
        (("upload", "none.png"), 1, "No such file"),
        (("batch", "none.json"), 1, "No such file"),
        (("webhooks", "add", "https://a.example/hook", "--types", "failed,lost"), 2, "'lost' is none of succeeded"),
        (("webhooks", "add", "https://me:hunter2@a.example/hook"), 3, "must not carry a user or password"),
        (("webhooks", "change", "wh_1"), 2, "say --enable, --disable, --to"),
        (("webhooks", "rotate", "wh_1"), 3, "WEBHOOK_NOT_FOUND"),
        (("webhooks", "replay"), 2, "say ids, or --all"),
        (("webhooks", "replay", "msg_1", "--all"), 2, "say ids, or --all"),
    ],
)
async def test_what_cannot_be_done_is_one_line_and_a_code(
    tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    found, out, err = await auteur(tmp_path, *words)
    assert (found, out) == (code, ""), err
    assert said in err
    assert "hunter2" not in err
    assert len(err.strip().splitlines()) == 1, err


async def test_a_token_is_read_from_a_file_and_a_service_from_the_environment(tmp_path: Path) -> None:
    operator = "0123456789abcdef0123456789abcdef"
    (tmp_path / "studio").mkdir()
    (tmp_path / "here").mkdir()
    (tmp_path / "token").write_text(f"{operator}\n")
    (tmp_path / "two").write_text("one\ntwo\n")
    service = await Service(tmp_path / "studio", token=operator).start()
    try:
        here = {"service_url": service.url}
        code, out, err = await auteur(tmp_path / "here", "projects", "--json", "--token-file", "../token", **here)
        assert (code, json.loads(out)) == (0, []), err
        code, _, err = await auteur(tmp_path / "here", "projects", **here)
        assert (code, "give one with --token-file" in err) == (3, True)
        code, _, err = await auteur(tmp_path / "here", "projects", "--token-file", "../two", **here)
        assert (code, err.strip()) == (1, "auteur: ../two holds no token: one line of printable ASCII is taken")
    finally:
        await service.kill()


async def test_version_and_help_load_nothing_of_the_service(tmp_path: Path) -> None:
    assert await auteur(tmp_path, "--version") == (0, f"auteur {__version__}\n", "")
    look = "import sys; sys.argv = ['auteur', '--help']\nfrom auteur.entrypoints.cli import main\n"
    tell = "try: main()\nfinally: print(*sys.modules, file=sys.stderr)"
    told = subprocess.run([sys.executable, "-c", look + tell], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in told.stderr.split()}
    assert not loaded & {"fastapi", "pydantic", "numpy", "redis", "httpx", "websockets", "dependency_injector", "av"}
    panels = re.findall(r"─ ([A-Z][a-z ]+) ─", told.stdout)
    assert panels == ["Options", "Make", "Look", "Change", "Keep and remove", "Serve and operate"]
    assert "Exit codes: 0 done" in told.stdout


def test_what_asks_a_service_loads_the_client_and_not_the_service(tmp_path: Path) -> None:
    look = "import sys; sys.argv = 'auteur list --url http://127.0.0.1:1'.split()\n"
    look += "from auteur.entrypoints.cli import main\n"
    tell = "try: main()\nfinally: print(*sys.modules, file=sys.stderr)"
    kept = environment(tmp_path)
    told = subprocess.run([sys.executable, "-c", look + tell], capture_output=True, text=True, cwd=tmp_path, env=kept)
    assert told.returncode == 4, told.stderr
    loaded = set(told.stderr.split())
    assert "auteur.client" in loaded
    heavy = {"fastapi", "uvicorn", "dependency_injector", "prometheus_client", "PIL", "numpy", "av", "redis", "taskiq"}
    assert not loaded & (
        heavy | {"auteur.entrypoints.container", "auteur.entrypoints.server", "auteur.entrypoints.factories"}
    )


def test_completion_is_offered_for_the_shell(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "auteur"
    program.write_text(f"#!{sys.executable}\nfrom auteur.__main__ import main\nmain()\n")
    program.chmod(0o755)
    asked = """
        source <(_AUTEUR_COMPLETE=source_bash auteur)
        for words in "auteur li" "auteur list --fav" "auteur webhooks ro"; do
            COMP_WORDS=($words) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _auteur_completion auteur
            echo "${COMPREPLY[@]}"
        done
    """
    kept = environment(tmp_path)
    kept["PATH"] = f"{program.parent}{os.pathsep}{kept['PATH']}"
    told = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True, env=kept)
    assert told.stdout.split() == ["list", "--favourite", "rotate"], told.stderr
