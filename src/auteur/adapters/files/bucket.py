"""A bucket of an S3-compatible store as we use it: whole objects with their digests, parts of them, lists of them.

Every trouble is a `StoreUnavailableError` with its cause. What a digest says is checked on every way: each request is
signed over its content, what the store says of an object it has taken in is compared with what was sent, and what is
fetched, with what was written beside it.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import structlog
from obstore import sign_async
from obstore.exceptions import BaseError, PreconditionError
from obstore.store import S3Store

from auteur.adapters.files.objects import PART_BYTES, Digests, StoredObject, digests_of
from auteur.adapters.files.refusals import DIFFERS, NO_BUCKET, cause_of_refusal
from auteur.domain.errors import StoreUnavailableError

if TYPE_CHECKING:
    from obstore import BytesStream, GetOptions, ObjectMeta
    from obstore.store import S3Config

log = structlog.get_logger(__name__)

_PARTS_AT_ONCE = 3
_CHUNK_BYTES = 256 << 10
_LISTED_AT_A_TIME = 1000
_BREAKS = 5
"""How often in a row a reading may break off without a byte more."""
_SILENCE_S, _LONGEST_S = 60.0, 86_400.0
_DIGEST = "sha256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the bucket is. ``prefix``: what all keys begin with, perhaps empty; ``endpoint``: None for AWS;
    ``public_endpoint``: under which name others reach it. Without keys, those that the machine's role gives."""

    bucket: str
    prefix: str
    endpoint: str | None
    public_endpoint: str | None
    region: str
    access_key: str | None
    secret_key: str | None


class Bucket:
    """One bucket. Nothing is opened before the first request, and nothing needs to be closed."""

    def __init__(self, address: Address) -> None:
        self._once = _client(address, timeout_s=5, patience_s=0)
        """For a look whether it is there."""
        self._brief = _client(address, timeout_s=5, patience_s=2)
        """For what somebody waits for."""
        self._steady = _client(address, timeout_s=None, patience_s=2)
        """For what may take as long as it moves on."""
        self._patient = _client(address, timeout_s=None, patience_s=60)
        """For what should outlast a short absence: a part that did not get through is sent again, not the file."""
        self._signing = self._once
        if address.public_endpoint:
            self._signing = _client(replace(address, endpoint=address.public_endpoint), timeout_s=5, patience_s=0)
        self._tags_are_digests = True

    # --- writing ---------------------------------------------------------------------------------------------------

    async def put(self, key: str, data: bytes, media_type: str) -> None:
        """Keeps a small object, at once or not at all."""
        with _told(), _in_bucket():
            await self._brief.put_async(key, data, attributes=_attributes(media_type, hashlib.sha256(data).hexdigest()))

    async def probe(self, key: str) -> None:
        """Writes an object of nothing. Returns, or raises, after one try."""
        with _told(), _in_bucket():
            await self._once.put_async(key, b"")

    async def put_file(self, key: str, path: Path, media_type: str, *, patiently: bool) -> Digests:
        """Keeps a file, large ones in parts of which several are under way; nobody sees it before it is whole.

        ``patiently``: goes on after an absence of up to a minute; else within seconds or not at all. Raises `OSError`
        where the file cannot be read.
        """
        made = await asyncio.to_thread(digests_of, path)
        client = self._patient if patiently else self._steady
        with _told(), _in_bucket():
            told = await client.put_async(
                key,
                path,
                attributes=_attributes(media_type, made.sha256),
                use_multipart=made.size_bytes > PART_BYTES,
                chunk_size=PART_BYTES,
                max_concurrency=_PARTS_AT_ONCE,
            )
        await self._compare(key, made, told["e_tag"])
        return made

    async def _compare(self, key: str, sent: Digests, etag: str | None) -> None:
        """What the store says of the object must be what was sent. A store that encrypts with keys of its own makes its
        tags otherwise: then it is read back, once, and its tags mean nothing from then on."""
        if etag is None or not self._tags_are_digests or etag.strip('"') == sent.etag:
            return
        digest = hashlib.sha256()
        async for chunk in await self.read(key, 0, sent.size_bytes):
            digest.update(chunk)
        if digest.hexdigest() != sent.sha256:
            log.error("the store holds another file than was sent", key=key)
            raise StoreUnavailableError(DIFFERS)
        self._tags_are_digests = False

    async def delete(self, keys: Sequence[str]) -> None:
        """Removes the objects; harmless where they are gone."""
        with _told(), suppress(FileNotFoundError):
            await self._brief.delete_async(keys)

    async def delete_below(self, folder: str) -> None:
        """Removes all objects whose keys begin with the folder and a slash."""
        async for some in self.pages(folder):
            await self.delete([found.key for found in some])

    # --- reading ---------------------------------------------------------------------------------------------------

    async def look(self, key: str) -> StoredObject | None:
        """The object, with its digest; None where there is none."""
        with _told():
            try:
                found = await self._brief.get_async(key, options={"head": True})
            except (FileNotFoundError, ValueError):  # or a name that no key can have
                return None
            return _object(found.meta, found.attributes)

    async def read(
        self, key: str, start: int, end: int, *, etag: str | None = None, patiently: bool = False
    ) -> AsyncGenerator[bytes, None]:
        """The object's bytes from ``start`` up to ``end``, of this version if one is named. The first request has been
        answered when this returns; a reading that breaks off is taken up where it broke."""
        client = self._patient if patiently else self._steady
        opened = await _open(client, key, start, end, etag) if start < end else None
        return _read_on(client, key, start, end, etag, opened)

    async def fetch(self, found: StoredObject, path: Path) -> None:
        """Writes the object to a new file. Raises `OSError` where that cannot be written."""
        digest = hashlib.sha256()
        with await asyncio.to_thread(path.open, "xb") as file:
            async for chunk in await self.read(found.key, 0, found.size_bytes, etag=found.etag, patiently=True):
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
        if found.sha256 not in (None, digest.hexdigest()):
            log.error("the store holds another file than was sent", key=found.key)
            raise StoreUnavailableError(DIFFERS)

    async def read_small(self, key: str) -> bytes | None:
        """The whole object, None where there is none."""
        with _told():
            try:
                return bytes(await (await self._brief.get_async(key)).bytes_async())
            except FileNotFoundError:
                return None

    async def digest(self, found: StoredObject) -> str:
        """The sha256 of what the object holds, in hexadecimal: reads all of it."""
        digest = hashlib.sha256()
        async for chunk in await self.read(found.key, 0, found.size_bytes, etag=found.etag):
            digest.update(chunk)
        return digest.hexdigest()

    async def pages(self, folder: str) -> AsyncIterator[Sequence[StoredObject]]:
        """All objects below the folder by their keys, a thousand at a time, without their digests."""
        with _told(), _in_bucket():
            async for some in self._brief.list_async(folder or None, chunk_size=_LISTED_AT_A_TIME):
                yield [_object(found, {}) for found in some]

    async def folders(self, folder: str = "") -> list[str]:
        """The names right below the folder that have something below them."""
        with _told(), _in_bucket():
            found = await self._brief.list_with_delimiter_async(folder or None)
        return sorted(prefix.rpartition("/")[2] for prefix in found["common_prefixes"])

    async def link(self, key: str, method: Literal["GET", "HEAD"], expires: timedelta) -> str:
        """An address at which anybody may read the object until then. No request is made."""
        with _told():
            return await sign_async(self._signing, method, key, expires)


def _client(address: Address, *, timeout_s: float | None, patience_s: float) -> S3Store:
    """``timeout_s``: for a whole request, None where it may last while bytes move; ``patience_s``: for how long it is
    repeated."""
    config: S3Config = {"region": address.region}
    if address.endpoint:
        config["endpoint"] = address.endpoint
    if address.access_key and address.secret_key:
        config["access_key_id"] = address.access_key
        config["secret_access_key"] = address.secret_key
    return S3Store(
        address.bucket,
        prefix=address.prefix or None,
        config=config,
        client_options={
            "allow_http": (address.endpoint or "").startswith("http://"),
            "connect_timeout": timedelta(seconds=2),
            "read_timeout": timedelta(seconds=timeout_s or _SILENCE_S),
            "timeout": timedelta(seconds=timeout_s or _LONGEST_S),
        },
        retry_config={
            "backoff": {
                "init_backoff": timedelta(seconds=0.1),
                "max_backoff": timedelta(seconds=min(max(patience_s / 4, 0.1), 2)),
                "base": 2,
            },
            "max_retries": 1000 if patience_s >= _SILENCE_S else 2 if patience_s else 0,
            "retry_timeout": timedelta(seconds=patience_s),
        },
    )


async def _open(client: S3Store, key: str, start: int, end: int, etag: str | None) -> "BytesStream":
    options: GetOptions = {"range": (start, end)}
    if etag:
        options["if_match"] = etag
    with _told():
        try:
            return (await client.get_async(key, options=options)).stream(_CHUNK_BYTES)
        except PreconditionError:  # it is another one now
            raise FileNotFoundError(key) from None


async def _read_on(
    client: S3Store, key: str, start: int, end: int, etag: str | None, opened: "BytesStream | None"
) -> AsyncGenerator[bytes, None]:
    breaks = 0
    while start < end:
        try:
            stream, opened = opened or await _open(client, key, start, end, etag), None
            with _told():
                async for chunk in stream:
                    start, breaks = start + len(chunk), 0
                    yield chunk
        except StoreUnavailableError:
            if breaks >= _BREAKS:
                raise
        if start < end:
            breaks += 1
            await asyncio.sleep(0.05 * 2**breaks)


@contextmanager
def _told() -> Iterator[None]:
    """What the library raises, as ours. `FileNotFoundError` passes: only who asked knows what it means."""
    try:
        yield
    except BaseError as error:
        raise StoreUnavailableError(cause_of_refusal(error)) from error


@contextmanager
def _in_bucket() -> Iterator[None]:
    """For requests that cannot fail for want of an object."""
    try:
        yield
    except FileNotFoundError as error:
        raise StoreUnavailableError(NO_BUCKET) from error


def _attributes(media_type: str, sha256: str) -> dict[str, str]:
    return {"Content-Type": media_type, "Cache-Control": "private, max-age=31536000, immutable", _DIGEST: sha256}


def _object(meta: "ObjectMeta", attributes: Mapping[Any, Any]) -> StoredObject:
    return StoredObject(
        key=meta["path"],
        size_bytes=meta["size"],
        modified_at=meta["last_modified"],
        etag=meta["e_tag"] or "",
        sha256=attributes.get(_DIGEST),
    )
