"""How a child process is started: the same interpreter, importing from where its parent does."""

import json
import sys

_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv.pop()); from {module} import main; main()"


def command(module: str, *arguments: str) -> list[str]:
    """The command line of a child whose life is ``main`` of that module. ``arguments``: the rest of its argv."""
    # -P: nothing that lies in the working directory takes a module's place
    return [sys.executable, "-P", "-c", _BOOT.format(module=module), *arguments, json.dumps(sys.path)]
