"""A model as Cog serves it, with nothing but the standard library: a gradient that its inputs decide.

Each run is written down as it begins, and what it made by its digest, in the file that STUDIO_RUNS names.
"""

import hashlib
import json
import os
import struct
import sys
import time
import zlib
from typing import Any

from cog import BasePredictor, Input, Path

try:
    from cog import current_scope
except ImportError:  # 0.16 has none: its progress is read from its bar
    current_scope = None

MODES = ["image", "fail", "sleepy", "slowclean", "crash", "exit", "none", "cut", "spin"]


def note(**said: Any) -> None:
    with open(os.environ["STUDIO_RUNS"], "a") as file:
        file.write(json.dumps(said) + "\n")


def png(width: int, height: int, key: str) -> bytes:
    seed = hashlib.sha256(key.encode()).digest()

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    row = [bytes((x * seed[0] + y * seed[1]) & 255 for x in range(width * 3)) for y in range(height)]
    data = zlib.compress(b"".join(b"\0" + line for line in row))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


class Predictor(BasePredictor):
    def setup(self) -> None:
        time.sleep(float(os.environ.get("STUDIO_SETUP_S", "0")))

    def predict(
        self,
        prompt: str = Input(description="what to draw"),
        seed: int | None = Input(description="seed", default=None),
        num_inference_steps: int = Input(description="steps", ge=1, le=500, default=5),
        width: int = Input(description="width", ge=8, le=2048, default=64),
        height: int = Input(description="height", ge=8, le=2048, default=64),
        image: Path | None = Input(description="init image", default=None),
        mode: str = Input(description="behaviour", choices=MODES, default="image"),
        step_time: float = Input(description="seconds a step", ge=0, le=60, default=0.01),
    ) -> Path:
        note(began=prompt, pid=os.getpid())
        print("drawing", prompt)
        if mode == "sleepy":
            time.sleep(4)
        try:
            for step in range(1, num_inference_steps + 1):
                if mode == "spin":
                    until = time.monotonic() + step_time
                    while time.monotonic() < until:
                        pass
                else:
                    time.sleep(step_time)
                sys.stderr.write(f"\r{100 * step // num_inference_steps:3}%|#| {step}/{num_inference_steps}")
                sys.stderr.flush()
                if current_scope is not None and os.environ.get("STUDIO_METRIC", "1") == "1":
                    current_scope().record_metric("progress", step / num_inference_steps)
                if step == 3 and mode == "fail":
                    raise ValueError("the brush is dry at step 3")
                if step == 3 and mode == "crash":
                    os._exit(1)
                if step == 3 and mode == "exit":
                    sys.exit(3)
        except BaseException:
            if mode == "slowclean":
                time.sleep(3)
            raise
        sys.stderr.write("\n")
        if mode == "none":
            return None
        seen = hashlib.sha256(image.read_bytes()).hexdigest() if image else ""
        data = png(width, height, f"{prompt}/{seed}/{seen}")
        if mode == "cut":
            data = data[: len(data) // 2]
        path = Path(f"{os.environ.get('TMPDIR', '/tmp')}/out-{os.getpid()}.png")
        path.write_bytes(data)
        note(made=prompt, sha256=hashlib.sha256(data).hexdigest(), image=seen)
        return path
