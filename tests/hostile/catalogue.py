"""All kinds, in the order in which they are tried."""

from tests.hostile import (
    batches,
    events,
    files,
    frames,
    framing,
    handshakes,
    headers,
    images,
    json_bodies,
    legacy,
    messages,
    methods,
    multipart,
    origins,
    parameters,
    paths,
    takes,
    tokens,
)
from tests.hostile.entry import Entry

KINDS: dict[str, list[Entry]] = {
    "HTTP framing": framing.ENTRIES,
    "headers": headers.ENTRIES,
    "Host and Origin": origins.ENTRIES,
    "tokens and tickets": tokens.ENTRIES,
    "methods": methods.ENTRIES,
    "paths and queries": paths.ENTRIES,
    "JSON": json_bodies.ENTRIES,
    "parameters": parameters.ENTRIES,
    "batches": batches.ENTRIES,
    "takes": takes.ENTRIES,
    "server-sent events": events.ENTRIES,
    "WebSocket handshakes": handshakes.ENTRIES,
    "WebSocket frames": frames.ENTRIES,
    "WebSocket messages": messages.ENTRIES,
    "the existing frontend's dialect": legacy.ENTRIES,
    "files": files.ENTRIES,
    "images": images.ENTRIES,
    "multipart": multipart.ENTRIES,
}
"""By kind: what is sent and what may come of it."""

CATALOGUE = [entry.of(kind) for kind, entries in KINDS.items() for entry in entries]
