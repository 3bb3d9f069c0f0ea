"""The corpus: inputs by target, as small as they reach what they reach; and what is made of them by chance."""

from collections.abc import Sequence
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).with_name("corpus")


def inputs(name: str) -> list[bytes]:
    """What the corpus has for a target."""
    return [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]


@st.composite
def altered(draw: st.DrawFn, known: Sequence[bytes]) -> bytes:
    """An input of the corpus with pieces cut out, put in, repeated or taken from another."""
    data = draw(st.sampled_from(known))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        to = draw(st.integers(at, min(len(data), at + 12)))
        other = draw(st.sampled_from(known))
        start = draw(st.integers(0, len(other)))
        piece = draw(
            st.one_of(
                st.binary(max_size=4),
                st.text(max_size=3).map(str.encode),
                st.sampled_from(
                    [b"\x00", b'"', b"{", b"[", b"1e999", b"-0", b"\\ud800", b"\xed\xa0\x80", b"\r", b"\n", b""]
                ),
                st.just(data[at:to] * 3),
                st.just(other[start : start + 24]),
            )
        )
        data = data[:at] + piece + data[to:]
    return data


def mutate(name: str, count: int, *, derandomize: bool) -> bytes | None:
    """An input on which the target fails, as short as Hypothesis finds one; None if none was found."""
    failing: list[bytes] = []

    @settings(
        max_examples=count, derandomize=derandomize, database=None, deadline=None, print_blob=False,
        phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(altered(inputs(name)))
    def attempt(data: bytes) -> None:
        try:
            TARGETS[name](data)
        except Exception:
            failing.append(data)
            raise

    try:
        attempt()
    except Exception:
        return min(failing, key=len)
    return None
