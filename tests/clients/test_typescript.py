"""The TypeScript client, built as it is published, against real services in Node.

The tests themselves are Node's, in clients/typescript/test. `make clients` runs the long forms: a thousand cuts of the
line, ten restarts, a hundred thousand messages.
"""

import json
import re
import sys

import pytest

from tests.clients.typescript import CLIENT, HERE, NODE, PATIENCE_S, WHY_NOT, built, ran

pytestmark = [pytest.mark.skipif(not HERE, reason=WHY_NOT), pytest.mark.timeout(PATIENCE_S)]
_MOST_GZIPPED = 8 << 10


@pytest.fixture(scope="module", autouse=True)
def client() -> None:
    built()


@pytest.mark.parametrize("file", sorted(path.name for path in (CLIENT / "test").glob("*.test.mjs")))
def test_in_node(file: str) -> None:
    said = ran(str(NODE), "--test", "--test-reporter=tap", f"test/{file}")
    sys.stdout.write(said)
    assert re.search(r"^# pass [1-9]", said, re.MULTILINE)
    assert re.search(r"^# skipped 0", said, re.MULTILINE)


def test_the_types_take_what_programs_write_and_refuse_what_they_must_not() -> None:
    ran("npx", "--no-install", "tsc", "-p", "examples")


def test_a_page_loads_less_than_eight_kilobytes_and_only_what_it_uses() -> None:
    sizes = {line.partition(":")[0]: int(line.split()[-2]) for line in ran(str(NODE), "size.mjs").splitlines()}
    assert sizes["everything"] < _MOST_GZIPPED
    assert sizes["fold"] < sizes["everything"] / 3


def test_what_is_published_needs_nothing_and_has_its_types() -> None:
    package = json.loads((CLIENT / "package.json").read_text())
    assert not package.keys() & {"dependencies", "peerDependencies", "optionalDependencies"}
    (packed,) = json.loads(ran("npm", "pack", "--dry-run", "--json", "--ignore-scripts"))
    files = {file["path"] for file in packed["files"]}
    assert {"README.md", "package.json", "dist/index.js", "dist/index.d.ts", "src/index.ts"} <= files
    assert not [path for path in files if path.startswith(("test/", "examples/"))]
    for module in (CLIENT / "dist").glob("*.js"):
        named = re.findall(r'^(?:import|export) .*?from "([^"]+)"', module.read_text(), re.MULTILINE)
        assert all(name.startswith("./") for name in named), f"{module.name} needs {named}"
