"""Known weaknesses of what an installed service stands on: pip-audit's answer, judged.

``audit.py FILE``, the answer as JSON. Exit code 1 where there is a weakness. What the advisory service does not know
was not audited, and that is said: a service that is out of reach knows nothing.
"""

import json
import sys
from pathlib import Path

try:
    audited = json.loads(Path(sys.argv[1]).read_text())["dependencies"]
except (OSError, ValueError, KeyError):
    sys.stdout.write("NOT AUDITED: the advisory service cannot be reached\n")
    sys.exit(0)
unknown = [part["name"] for part in audited if "skip_reason" in part]
weak = [(part["name"], part["version"], found["id"]) for part in audited for found in part.get("vulns", ())]
for name, version, advisory in weak:
    sys.stdout.write(f"{name} {version}: {advisory}\n")
if len(unknown) == len(audited):
    sys.stdout.write("NOT AUDITED: the advisory service knows none of the packages, so it is not one\n")
elif unknown:
    sys.stdout.write(f"NOT AUDITED: {', '.join(unknown)}\n")
sys.stdout.write(f"{len(audited) - len(unknown)} of {len(audited)} packages audited, {len(weak)} weaknesses\n")
sys.exit(1 if weak else 0)
