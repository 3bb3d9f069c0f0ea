"""A real ComfyUI of a test's own: on a free port, its files in a temporary directory, to be killed and restarted."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.servers import free_port

HERE = Path(__file__).parent

_TINY = """
import sys, torch
torch.manual_seed(1)
n, scale = 4, 2
weights = {
    "body.0.weight": torch.randn(n, 3, 3, 3) * 0.2, "body.0.bias": torch.zeros(n),
    "body.1.weight": torch.full((n,), 0.2),
    "body.2.weight": torch.randn(n, n, 3, 3) * 0.2, "body.2.bias": torch.zeros(n),
    "body.3.weight": torch.full((n,), 0.2),
    "body.4.weight": torch.randn(3 * scale**2, n, 3, 3) * 0.05, "body.4.bias": torch.zeros(3 * scale**2),
}
torch.save({"params": weights}, sys.argv[1])
"""
"""A Real-ESRGAN of the compact kind with four features: a real model of 3 kB that enlarges twice."""

_LAUNCH = """
import subprocess, sys
print(subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=sys.stderr).pid)
"""


class ComfyProgram:
    """One server process. What it has saved stays when it is killed, as does its port."""

    def __init__(self, python: Path, home: Path, base: Path) -> None:
        self.python, self.home, self.base = python, home, base
        self.port = free_port()
        self.pid: int | None = None
        for folder in ("custom_nodes", "input", "output", "temp", "user", "models/upscale_models"):
            (base / folder).mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "nodes.py", base / "custom_nodes" / "studio_steps.py")
        model = base / "models" / "upscale_models" / "tiny.pth"
        subprocess.run([str(python), "-c", _TINY, str(model)], check=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, wait: bool = True) -> "ComfyProgram":
        """Starts it as nobody's child: the contract counts what children compute, and it tidies up after a job."""
        command = [
            str(self.python), "main.py", "--cpu", "--listen", "127.0.0.1", "--port", str(self.port),
            "--base-directory", str(self.base), "--database-url", "sqlite:///:memory:",
            "--disable-auto-launch", "--preview-method", "auto",
        ]  # fmt: skip
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        with (self.base / "comfyui.log").open("ab") as log:
            launched = subprocess.run(
                [sys.executable, "-c", _LAUNCH, *command],
                cwd=self.home,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=log,
                check=True,
            )
        self.pid = int(launched.stdout)
        deadline = time.monotonic() + 300
        while wait and not self.answers():
            assert self.is_alive(), (self.base / "comfyui.log").read_text()[-3000:]
            assert time.monotonic() < deadline, "ComfyUI did not start"
            time.sleep(0.1)
        return self

    def is_alive(self) -> bool:
        if self.pid is None:
            return False
        try:
            os.kill(self.pid, 0)
            state = Path(f"/proc/{self.pid}/stat")
            return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    def answers(self) -> bool:
        try:
            self.get("/system_stats")
        except OSError:
            return False
        return True

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=30) as response:
            return json.load(response)

    def download(self, path: str) -> bytes:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=30) as response:
            return bytes(response.read())

    def kill(self) -> None:
        """kill -9."""
        assert self.pid is not None
        os.kill(self.pid, signal.SIGKILL)
        while self.is_alive():
            time.sleep(0.01)

    def stop(self) -> None:
        if self.is_alive():
            self.kill()
