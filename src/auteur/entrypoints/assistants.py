"""The door for assistants, where its packages are installed: the only way to it, so that nothing else pays for them."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

from auteur.entrypoints.settings import PREFIX, Settings, WrongSettingError

if TYPE_CHECKING:
    from auteur.entrypoints.mcp.room import Address

MCP_PATH = "/mcp"
_OF_THE_EXTRA = ("mcp", "mcp_types", "sse_starlette", "httpx2", "jsonschema")


class Mounted(Protocol):
    """An application that serves while it is opened."""

    def opened(self) -> AbstractAsyncContextManager[None]:
        """Serves while it is entered."""
        ...

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


def require_sdk(asked_by: str) -> None:
    """Raises `WrongSettingError` where the packages that the door needs are not installed. ``asked_by``: who needs
    it, for the message."""
    try:
        import auteur.entrypoints.mcp.door  # noqa: F401
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _OF_THE_EXTRA:
            raise
        raise WrongSettingError(f"{asked_by} needs a package more: pip install 'auteur[mcp]'") from None


def mounted_door(app: ASGIApp, settings: Settings) -> Mounted | None:
    """The door at the service itself, where it is set. Raises `WrongSettingError` as `require_sdk`."""
    if not settings.mcp:
        return None
    require_sdk(f"{PREFIX}MCP")
    from auteur.entrypoints.mcp.door import MountedDoor

    return MountedDoor(app, settings.max_body_bytes)


async def serve_stdio(where: "Callable[[], Address]", pictures: Path | None) -> None:
    """Serves over stdin and stdout. Raises as `auteur.entrypoints.mcp.stdio.serve_stdio`."""
    from auteur.entrypoints.mcp import stdio

    await stdio.serve_stdio(where, pictures)
