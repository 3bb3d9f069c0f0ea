"""How long to wait before the next try: doubling, capped, and at random, so that clients do not come back as one."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """A random share of ``first_s``, which doubles with each failure, up to ``most_s``; and never less than the service
    asks for."""

    first_s: float = 0.5
    most_s: float = 15.0

    def wait_s(self, failures: int, retry_after_s: float | None = None) -> float:
        """Seconds to wait after so many failures in a row, the first being 1."""
        most_s = min(self.most_s, self.first_s * 2.0 ** min(failures - 1, 16))
        return (retry_after_s or 0.0) + random.uniform(0.0, most_s)
