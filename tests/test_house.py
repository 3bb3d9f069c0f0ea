"""The rules of the house: the drawing in docs/architecture.md is true, and what import-linter cannot say."""

import ast
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import auteur
from tests.long_forms import COLLECTED, VARIANTS

ROOT = Path(auteur.__file__).parent
REPOSITORY = ROOT.parents[1]
DRAWING = REPOSITORY / "docs" / "architecture.md"
Imports = dict[str, set[str]]

MOST_LINES = 300
COMPOSITION = {"entrypoints/container.py", "entrypoints/embedded.py", "entrypoints/fleet.py"}
ASKS_FOR_THE_BACKEND = {"log_backend", "backend", "redis_url"}
BACKENDS = {"redis", "sqlite", "memory"}


def sources(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- the drawing ---------------------------------------------------------------------------------------------------


def drawn(kind: str) -> str:
    """The fenced block of that kind."""
    (block,) = re.findall(rf"^```{kind}\n(.*?)^```", DRAWING.read_text(), re.MULTILINE | re.DOTALL)
    return str(block)


def drawn_layers() -> dict[str, list[set[str]]]:
    """By room: its layers from the outermost, each the set of those that may not know each other."""
    rooms = {}
    for line in drawn("layers").splitlines():
        room, _, layers = line.partition(":")
        name = "auteur" if room == "auteur" else f"auteur.{room}"
        rooms[name] = [{part.strip() for part in layer.split("|")} for layer in layers.split("->")]
    return rooms


def contracts() -> list[dict[str, Any]]:
    """Import-linter's, as pyproject.toml has them."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    return list(project["tool"]["importlinter"]["contracts"])


def contracted_layers() -> dict[str, list[set[str]]]:
    rooms = {}
    for contract in contracts():
        if contract["type"] == "layers":
            assert contract["exhaustive"], f"{contract['name']}: a module that is not drawn must be noticed"
            (room,) = contract["containers"]
            rooms[room] = [{part.strip() for part in layer.split("|")} for layer in contract["layers"]]
    return rooms


def drawn_imports() -> Imports:
    rooms: Imports = {}
    for line in re.sub(r",\n\s+", ", ", drawn("imports")).splitlines():
        room, _, known = line.partition("->")
        rooms[room.strip()] = {name.strip() for name in known.split(",")}
    return rooms


_READ = """
import json, sys, grimp
graph = grimp.build_graph("auteur", cache_dir=None)
json.dump({name: sorted(graph.find_modules_directly_imported_by(name)) for name in graph.modules}, sys.stdout)
"""


def real_imports(source: Path, rooms: set[str]) -> Imports:
    """Which room imports from which other, in the sources of that folder. What is in no room is in one of its own."""
    read = subprocess.run(
        [sys.executable, "-c", _READ],
        env={"PYTHONPATH": str(source)},
        cwd=source,
        capture_output=True,
        text=True,
        check=True,
    )
    found: Imports = {}
    for importer, imported in json.loads(read.stdout).items():
        for other in imported:
            here, there = room_of(importer, rooms), room_of(other, rooms)
            if here != there and there != "auteur":  # the package's own name holds nothing but its version
                found.setdefault(here, set()).add(there)
    return found


def room_of(module: str, rooms: set[str]) -> str:
    inside = module.removeprefix("auteur.")
    return max((room for room in rooms if f"{inside}.".startswith(f"{room}.")), key=len, default=inside)


def rooms_of(imports: Imports) -> set[str]:
    return set(imports).union(*imports.values())


def test_the_layers_that_are_drawn_are_the_contracts() -> None:
    assert drawn_layers() == contracted_layers()


def test_every_arrow_drawn_is_an_import_and_every_import_is_drawn() -> None:
    drawing = drawn_imports()
    assert real_imports(ROOT.parent, rooms_of(drawing)) == drawing


def test_every_folder_of_adapters_with_several_modules_has_its_layers_drawn() -> None:
    layered = drawn_layers()
    for init in (ROOT / "adapters").rglob("__init__.py"):
        inside = [part for part in init.parent.iterdir() if part.suffix == ".py" and part != init]
        if len(inside) > 1:
            assert "auteur." + name_of(init.parent).replace("/", ".") in layered


PLANTED = {  # where, what is imported, and how the contract begins that must break
    "domain/quality.py": ("auteur.domain.ports", "In the domain the services stand on ports"),
    "domain/ports.py": ("auteur.protocol.views", "Entrypoints know adapters, adapters the wire"),
    "protocol/views.py": ("auteur.protocol.projects", "The wire: messages stand on views"),
    "client/errors.py": ("auteur.client.http", "The client: one studio for two ways"),
    "client/models.py": ("pydantic", "The client knows the wire alone"),
    "adapters/files/workspace.py": ("auteur.adapters.queue.local", "Adapters of different ports never know each other"),
    "adapters/files/thumbnails.py": ("auteur.adapters.files.workspace", "A workspace and a bucket keep the same files"),
    "adapters/files/names.py": ("opentelemetry", "Traces are told by one adapter"),
    "adapters/images.py": ("obstore", "A store of objects is spoken to only by"),
    "adapters/children/inside.py": ("auteur.adapters.children.hearing", "Of a child process"),
    "adapters/decoding/frames.py": ("auteur.adapters.decoding.pool", "What decodes asks a pool of children"),
    "adapters/redis/causes.py": ("auteur.adapters.redis.server", "To Redis"),
    "adapters/scripts/texts.py": ("auteur.adapters.scripts.fdx", "Of scripts there is one door"),
    "adapters/access/codec.py": ("auteur.adapters.access.sqlite", "Tokens are kept alike"),
    "adapters/access/oidc/keys.py": ("auteur.adapters.access.oidc.keyring", "A token of the identity provider"),
    "adapters/log/memory/bus.py": ("auteur.adapters.log.memory.store", "Memory's log"),
    "adapters/log/sqlite/bus.py": ("auteur.adapters.log.memory", "In the log every backend stands on the codec"),
    "adapters/log/sqlite/rows.py": ("auteur.adapters.log.sqlite.carry", "SQLite's log"),
    "adapters/log/redis/record.py": ("auteur.adapters.log.redis.carry", "Redis' log"),
    "adapters/queue/local.py": ("auteur.adapters.queue.taskiq", "The fleet's queue stands on the local one"),
    "adapters/backup/tape.py": ("auteur.adapters.backup.restoring", "A backup: who writes"),
    "adapters/inputs/problems.py": ("auteur.adapters.inputs.fetcher", "An input by url"),
    "protocol/dialects/dialect.py": ("auteur.protocol.dialects.native", "Dialects: each reads and writes"),
    "adapters/live/outbox.py": ("auteur.adapters.live.websocket", "What clients receive is one feed"),
    "adapters/engines/process.py": ("auteur.adapters.engines.previs.plugin", "Engines never know each other"),
    "adapters/engines/tools.py": ("auteur.protocol.json", "Engines know neither the wire nor the log"),
    "adapters/engines/comfyui/words.py": (
        "auteur.adapters.engines.comfyui.client",
        "A workflow is read, a server chosen",
    ),
    "adapters/engines/cog/words.py": ("auteur.adapters.engines.cog.client", "A prediction is asked of a server"),
    "adapters/engines/diffusers/settings.py": ("auteur.adapters.engines.diffusers.handler", "Of diffusers the service"),
    "adapters/engines/editorial/cut.py": (
        "auteur.adapters.engines.editorial.facts",
        "A hand-over is asked for, worked on",
    ),
    "adapters/engines/previs/frame.py": (
        "auteur.adapters.engines.previs.storyboard",
        "A shot is read, staged, rendered and moved in that order",
    ),
    "adapters/engines/previs/reading/vocabulary/english.py": (
        "auteur.adapters.engines.previs.reading.vocabulary.vocabulary",
        "The words of a language are loaded in one way",
    ),
    "adapters/engines/previs/reading/languages/items.py": (
        "auteur.adapters.engines.previs.reading.languages.grammar",
        "Another language is told, cut into phrases",
    ),
    "adapters/engines/previs/reading/grammar/state.py": (
        "auteur.adapters.engines.previs.reading.grammar.walk",
        "A family of rules builds on those",
    ),
    "adapters/engines/previs/reading/languages/grammar/state.py": (
        "auteur.adapters.engines.previs.reading.languages.grammar.walk",
        "A family of rules of another language builds on those",
    ),
    "adapters/engines/previs/reading/sentences.py": (
        "auteur.adapters.engines.previs.reading.meanings",
        "What words mean is told of what was read",
    ),
    "adapters/engines/previs/staging/pieces.py": (
        "auteur.adapters.engines.previs.staging.places",
        "A set is built of props, props of materials",
    ),
    "adapters/engines/previs/staging/people/poses.py": (
        "auteur.adapters.engines.previs.staging.people.worn",
        "Somebody is dressed",
    ),
    "adapters/engines/previs/staging/places/homes.py": (
        "auteur.adapters.engines.previs.staging.places.streets",
        "Places stand on a site",
    ),
    "adapters/engines/previs/staging/props/hand.py": (
        "auteur.adapters.engines.previs.staging.props.vehicles",
        "No kind of prop",
    ),
    "adapters/engines/previs/motion/rig.py": (
        "auteur.adapters.engines.previs.motion.path",
        "A shot is filmed along a path",
    ),
    "adapters/engines/previs/controls/depth.py": (
        "auteur.adapters.engines.previs.controls.passes",
        "Control passes are made of what one pass sees",
    ),
    "adapters/engines/previs/rendering/world.py": (
        "auteur.adapters.engines.previs.rendering.shading",
        "A pass looks, traces and shades",
    ),
    "adapters/engines/previs/rendering/gl/packing.py": (
        "auteur.adapters.engines.previs.rendering.gl.renderer",
        "GL: what is drawn on the device",
    ),
    "adapters/live/feed.py": ("redis", "Redis is spoken only by its log, the queue"),
    "adapters/metrics.py": ("fastapi", "Only the container composes"),
    "entrypoints/mcp/room.py": ("auteur.entrypoints.mcp.tools", "A door for assistants"),
    "entrypoints/app.py": ("mcp", "The protocol of assistants is spoken at their door alone"),
    "entrypoints/probe.py": ("auteur.domain.errors", "A probe knows nothing of the service"),
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources in which every rule is broken once."""
    copy = tmp_path_factory.mktemp("planted")
    shutil.copytree(ROOT, copy / "src" / "auteur", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "pyproject.toml", copy)
    for path, (module, _) in PLANTED.items():
        with (copy / "src" / "auteur" / path).open("r+") as source:  # one that has moved away is no mutant
            source.seek(0, io.SEEK_END)
            source.write(f"\nimport {module}\n")
    return copy


def test_every_contract_has_an_import_that_must_break_it() -> None:
    begun = [begins for _, begins in PLANTED.values()]
    for contract in contracts():
        assert any(contract["name"].startswith(begins) for begins in begun), contract["name"]


def test_an_import_that_a_contract_forbids_is_found(planted: Path) -> None:
    checked = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        env={"PYTHONPATH": str(planted / "src"), "COLUMNS": "400"},
        cwd=planted,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode != 0
    verdicts = dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", checked.stdout, re.MULTILINE))
    assert verdicts == {contract["name"]: "BROKEN" for contract in contracts()}, checked.stdout


def test_an_import_that_is_not_drawn_is_found(planted: Path) -> None:
    drawing = drawn_imports()
    real = real_imports(planted / "src", rooms_of(drawing))
    undrawn = {(here, there) for here, known in real.items() for there in known - drawing.get(here, set())}
    assert undrawn == {
        ("domain", "protocol"),
        ("adapters.files", "adapters.queue"),
        ("adapters.engines", "protocol"),
    }


# --- what a reader may rely on -------------------------------------------------------------------------------------


def test_a_file_is_short_or_says_why_it_is_long() -> None:
    """A long file says `Long because …` in its docstring, and only a long one."""
    long, with_a_reason = set(), set()
    for path in sources("entrypoints", "adapters", "client", "protocol", "testing"):
        text = path.read_text()
        if len(text.splitlines()) > MOST_LINES:
            long.add(name_of(path))
        told = "Long because " in text and (ast.get_docstring(ast.parse(text)) or "")
        if told and re.search(r"^Long because \S+(\s+\S+){3,}", told, re.MULTILINE):
            with_a_reason.add(name_of(path))
    assert long == with_a_reason
    assert long, "none is read"


def backend_questions(source: str) -> list[str]:
    """Where a piece of code asks which backend there is: by a setting, or by comparing something with a name."""
    found = []
    for node in ast.walk(ast.parse(source)):
        compared: list[ast.AST] = []
        if isinstance(node, ast.Compare):
            compared = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            compared = [node.value]
        constants = {
            part.value for side in compared for part in ast.walk(side) if isinstance(part, ast.Constant)
        }  # also those of a tuple or a set
        asked = (isinstance(node, ast.Attribute) and node.attr in ASKS_FOR_THE_BACKEND) or (
            isinstance(node, ast.Constant) and node.value in ("log_backend", "redis_url")
        )
        if asked or constants & BACKENDS:
            found.append(ast.unparse(node))
    return found


def test_only_the_composition_asks_which_backend_there_is() -> None:
    asking = {name_of(path): asked for path in sources(".") if (asked := backend_questions(path.read_text()))}
    assert set(COMPOSITION) & set(asking), "none is found where it is"
    may_ask = {*COMPOSITION, "entrypoints/settings.py"}
    assert {name: asked for name, asked in asking.items() if name not in may_ask} == {}


@pytest.mark.parametrize(
    "source",
    [
        "if settings.log_backend == 'redis': pass",
        "x = 1 if 'sqlite' != kind else 2",
        "if deployment.name in ('redis', 'memory'): pass",
        "match kind:\n    case 'redis': pass",
        "match kind:\n    case 'memory' | 'sqlite': pass",
        "bus = {'a': 1}[settings.log_backend]",
        "if settings.redis_url is None: pass",
        "if settings.redis_url: pass",
        "name = getattr(settings, 'log_backend')",
    ],
)
def test_a_question_for_the_backend_is_found_however_it_is_put(source: str) -> None:
    assert backend_questions(source)


# --- the domain and the environment --------------------------------------------------------------------------------


def imports_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", sources("domain"), ids=lambda path: path.stem)
def test_the_domain_imports_only_the_standard_library_and_itself(path: Path) -> None:
    foreign = {
        name
        for name in imports_of(path)
        if name.partition(".")[0] not in sys.stdlib_module_names and not name.startswith("auteur.domain")
    }
    assert foreign == set()
    assert not imports_of(path) & {"logging", "socket", "sqlite3", "subprocess", "os"}


def reads_the_environment(source: str) -> bool:
    """Whether a piece of code has the process's environment in its hands, by whatever name of `os`."""
    names = {"environ", "environb", "getenv", "getenvb"}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in names:
            return True
        if isinstance(node, ast.ImportFrom) and node.module == "os" and names & {alias.name for alias in node.names}:
            return True
    return False


def test_the_environment_is_read_in_one_place_and_by_what_may_not_import_it() -> None:
    """The probe and the worker's sign of life import nothing of the service, not even its settings: a contract says so,
    and only whom it names may read what it needs by itself."""
    (probe,) = [contract for contract in contracts() if contract["name"] == "A probe knows nothing of the service"]
    assert "auteur.entrypoints.settings" in probe["forbidden_modules"]
    by_themselves = {module.removeprefix("auteur.").replace(".", "/") + ".py" for module in probe["source_modules"]}
    readers = {name_of(path) for path in ROOT.rglob("*.py") if reads_the_environment(path.read_text())}
    assert readers == {"entrypoints/settings.py", *by_themselves}


@pytest.mark.parametrize(
    "source",
    [
        "import os\nx = os.environ['A']",
        "import os as system\nx = system.getenv('A')",
        "from os import environ as e",
        "from os import getenv",
    ],
)
def test_a_reading_of_the_environment_is_found_however_it_is_put(source: str) -> None:
    assert reads_the_environment(source)


def test_what_waits_for_the_long_run_is_there(pytestconfig: pytest.Config) -> None:
    """A pattern that fits nothing is of a test that was renamed."""

    def not_found(names: str) -> list[str]:
        return [pattern for pattern in VARIANTS if not re.search(pattern, names)]

    # what this run collected is not collected again; where it is of a few files, everything is looked through
    wanted = {f"tests/{pattern.partition('/')[0]}" for pattern in not_found("\n".join(pytestconfig.stash[COLLECTED]))}
    if not wanted:
        return
    names = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", *sorted(wanted)],
        env={**os.environ, "AUTEUR_LONG": "1"}, cwd=Path(__file__).parents[1],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert not_found("\n".join([names, *pytestconfig.stash[COLLECTED]])) == []
