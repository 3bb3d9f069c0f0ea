"""How many connections there are, in all and of one address; and who has to go when there are too many.

A connection rests while no request of it is being handled. Where a bound is reached, the one that has rested longest
makes room; only where all are at work is a new one refused. So whoever opens many and says nothing loses his own.
"""

from collections.abc import Callable, Sequence
from functools import partial
from ipaddress import IPv6Address, ip_address
from typing import Protocol


class Evictable(Protocol):
    """A connection that can be asked to go."""

    def evict(self) -> None:
        """Ends it now."""


_Resting = dict[Evictable, None]
"""By order of since when."""


class TooManyError(Exception):
    """A bound is reached, and nobody rests. ``of_one_address``: which of the two bounds."""

    def __init__(self, *, of_one_address: bool) -> None:
        super().__init__()
        self.of_one_address = of_one_address


class _Holder:
    """What one address holds: ``count`` in all; ``resting``: since when, by order."""

    __slots__ = ("count", "is_bounded", "resting")

    def __init__(self, *, is_bounded: bool) -> None:
        self.count = 0
        self.is_bounded = is_bounded
        self.resting: _Resting = {}


class Slot:
    """One place in the count. Left once, however often that is said."""

    __slots__ = ("_connection", "_lists", "_on_leave")

    def __init__(
        self, on_leave: Callable[[], None], connection: Evictable | None = None, lists: Sequence[_Resting] = ()
    ) -> None:
        """``lists``: those in which the connection stands while it rests."""
        self._on_leave: Callable[[], None] | None = on_leave
        self._connection = connection
        self._lists = lists

    def rest(self) -> None:
        """Nothing of this connection is being handled from now on."""
        if self._connection is not None:
            for resting in self._lists:
                resting[self._connection] = None

    def work(self) -> None:
        """Something of it is being handled."""
        if self._connection is not None:
            for resting in self._lists:
                resting.pop(self._connection, None)

    def hand_over(self) -> None:
        """Somebody else carries the connection on, and it never rests again."""
        self.work()
        self._connection = None

    def leave(self) -> None:
        """The connection, or what was counted, is over."""
        if self._on_leave is not None:
            self.work()
            on_leave, self._on_leave, self._connection = self._on_leave, None, None
            on_leave()


class Connections:
    """``most``: in all; ``most_per_address``: of one IPv4 address, or of one network of 64 bits of IPv6."""

    def __init__(self, most: int, most_per_address: int) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._count = 0
        self._resting: _Resting = {}
        self._holders: dict[str, _Holder] = {}

    @property
    def count(self) -> int:
        """How many are open."""
        return self._count

    def enter(self, address: str, connection: Evictable, *, is_bounded: bool) -> Slot:
        """Counts a connection, which rests. ``is_bounded``: whether that address has a bound of its own. Raises
        `TooManyError`."""
        key = holder_of(address)
        holder = self._holders.get(key) or _Holder(is_bounded=is_bounded)
        if holder.is_bounded and holder.count >= self._most_per_address and not self._evict(holder.resting):
            raise TooManyError(of_one_address=True)
        if self._count >= self._most and not self._evict(self._resting):
            raise TooManyError(of_one_address=False)
        self._holders[key] = holder
        holder.count += 1
        self._count += 1
        lists = (self._resting, holder.resting) if is_bounded else (self._resting,)
        slot = Slot(partial(self._leave, key, 1), connection, lists)
        slot.rest()
        return slot

    def enter_through_proxy(self, address: str) -> Slot:
        """Counts a request, or a socket, that a trusted proxy brings from ``address``. Raises `TooManyError`."""
        key = f"{holder_of(address)} through a proxy"
        holder = self._holders.get(key) or _Holder(is_bounded=True)
        if holder.count >= self._most_per_address:
            raise TooManyError(of_one_address=True)
        self._holders[key] = holder
        holder.count += 1
        return Slot(partial(self._leave, key, 0))

    def _leave(self, key: str, connections: int) -> None:
        holder = self._holders[key]
        holder.count -= 1
        self._count -= connections
        if not holder.count:
            del self._holders[key]

    @staticmethod
    def _evict(resting: _Resting) -> bool:
        """Ends the one that has rested longest, which leaves; whether there was one."""
        for oldest in resting:
            oldest.evict()
            return True
        return False


def holder_of(address: str) -> str:
    """Who is behind an address: of IPv6 a household, or a machine, has 64 bits to itself."""
    if ":" not in address:
        return address
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return str(IPv6Address(int(found) >> 64 << 64)) if found.version == 6 else address
