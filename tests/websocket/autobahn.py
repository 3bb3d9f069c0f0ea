"""Autobahn's suite itself against the service's WebSocket protocol: ``python -m tests.websocket.autobahn``.

The suite is a program for Python 2.7, found by ``AUTOBAHN_PYTHON`` (a Python 2.7 that can import `autobahntestsuite`);
nothing is fetched here. Prints a table by group of cases, first with the service's bounds, then without them, and
every case that is not as it should be. docs/websocket.md says how to get the suite, and keeps the result.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

NAMES = {
    "1": "Framing", "2": "Pings and pongs", "3": "Reserved bits", "4": "Opcodes", "5": "Fragmentation",
    "6": "UTF-8", "7": "Closing", "9": "Limits and speed", "10": "Automatic fragmentation",
    "12": "Compression, payloads", "13": "Compression, parameters",
}  # fmt: skip

DIFFERS = {"7.1.5": "a close amid a message is an unfinished message: answered with 1002 where the suite wants 1000"}


async def run(python: str, cases: list[str], *, unbounded: bool) -> dict[str, dict[str, Any]]:
    """The suite's own report: by case its behaviour and how it was closed."""
    echo = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.websocket.echo",
        *(["unbounded"] if unbounded else []),
        stdout=asyncio.subprocess.PIPE,
    )
    assert echo.stdout is not None
    with tempfile.TemporaryDirectory() as directory:
        try:
            port = int(await echo.stdout.readline())
            specification = {
                "outdir": directory,
                "servers": [{"agent": "auteur", "url": f"ws://127.0.0.1:{port}"}],
                "cases": cases,
                "exclude-cases": [],
                "exclude-agent-cases": {},
            }
            path = Path(directory, "spec.json")
            path.write_text(json.dumps(specification))
            command = "from autobahntestsuite.wstest import run; run()"
            options = ("-m", "fuzzingclient", "-s", str(path))
            suite = await asyncio.create_subprocess_exec(
                python, "-c", command, *options, stdout=asyncio.subprocess.DEVNULL, cwd=directory
            )
            assert await suite.wait() == 0, "the suite failed"
        finally:
            echo.kill()
            await echo.wait()
        found: dict[str, dict[str, Any]] = json.loads(Path(directory, "index.json").read_text())["auteur"]
        for told in found.values():
            report = json.loads(Path(directory, told["reportfile"]).read_text())
            told |= {"description": report["description"], "result": report["result"]}
        return found


def tables(found: dict[str, dict[str, Any]]) -> str:
    """By group of cases how many went how; then each that is not as it should be, in the suite's own words."""
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    for case, told in found.items():
        groups[case.partition(".")[0]]["REFUSED" if is_refused(case, told) else told["behavior"]] += 1
    kinds = ["OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED", "REFUSED", "FAILED"]
    lines = [
        f"| cases | | {' | '.join(map(str.lower, kinds))} |",
        f"| --- | --- | {' | '.join(['---:'] * len(kinds))} |",
    ]
    for group, counts in sorted(groups.items(), key=lambda item: int(item[0])):
        lines.append(f"| {group}.* | {NAMES[group]} | {' | '.join(str(counts[kind]) for kind in kinds)} |")
    odd = {
        case: told
        for case, told in found.items()
        if told["behavior"] in ("NON-STRICT", "FAILED") or told["behaviorClose"] not in ("OK", "INFORMATIONAL")
    }
    for case, told in sorted(odd.items(), key=lambda item: [int(part) for part in item[0].split(".")]):
        closed = f"close {told['remoteCloseCode']}, {told['behaviorClose']}"
        lines.append(f"{case}: {told['behavior']}, {closed}: {told['description'][:110].split(chr(10))[0]}")
    return "\n".join(lines)


def is_refused(case: str, told: dict[str, Any]) -> bool:
    """Whether a message larger than may be was refused as it should: 1009, or cut off for its thousands of frames."""
    is_limit = case.startswith("9.") and told["behavior"] == "FAILED"
    return is_limit and told["remoteCloseCode"] in (1009, None)


async def main() -> int:
    python = os.environ.get("AUTOBAHN_PYTHON")
    if python is None:
        print("Set AUTOBAHN_PYTHON to a Python 2.7 with autobahntestsuite; docs/websocket.md says how.")
        return 2
    bounded = await run(python, ["*"], unbounded=False)
    print(f"with the service's bounds, {len(bounded)} cases\n\n{tables(bounded)}\n")
    unbounded = await run(python, ["9.*"], unbounded=True)
    print(f"without its bounds, {len(unbounded)} cases\n\n{tables(unbounded)}\n")
    failed = [case for case, told in bounded.items() if told["behavior"] == "FAILED" and not is_refused(case, told)]
    failed += [case for case, told in unbounded.items() if told["behavior"] == "FAILED"]
    failed = [case for case in failed if case not in DIFFERS]
    print(f"failed where they must not: {failed or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
