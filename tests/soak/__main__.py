"""An hour of everything: ``python -m tests.soak [embedded|fleet] …``; ``SOAK_MINUTES`` says how long each lasts.

Prints a sample a minute, and at the end what each process holds beside what it held before, when it was warm and quiet.
Exit code 1 if anything is more than it was, anything answered 500, a log has a traceback, or a task was lost.
"""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.soak.looking import table
from tests.soak.stage import MODES, Soak


async def main(modes: list[str], minutes: float) -> int:
    failed = False
    for mode in modes:
        with tempfile.TemporaryDirectory(prefix="auteur-soak-") as directory:
            async with Soak(Path(directory), mode) as soak:
                began = time.monotonic()
                found = await soak.run(minutes, tell=lambda line: print(line, flush=True))
                print(f"\n{mode}, {(time.monotonic() - began) / 60:.1f} minutes\n\n{table(soak.samples)}\n")
                print("done: " + ", ".join(f"{n} {what}" for what, n in sorted(soak.crowd.done.items())))
                for said in found:
                    print(f"WRONG: {said}")
                print(f"{mode}: {'all is back at its baseline' if not found else f'{len(found)} things are wrong'}")
                failed = failed or bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:] or list(MODES), float(os.environ.get("SOAK_MINUTES", "60")))))
