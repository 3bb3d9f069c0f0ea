"""The types of the TypeScript client say what the service says of itself."""

import runpy
from pathlib import Path

CLIENT = Path(__file__).parents[2] / "clients" / "typescript"


def test_the_types_of_the_typescript_client_are_those_of_the_schemas() -> None:
    wire = runpy.run_path(str(CLIENT / "wire.py"))["wire"]
    assert (CLIENT / "src" / "wire.ts").read_text() == wire(), "`make docs` writes them"
