"""Where files are kept: which adapter the settings ask for, and what is said of it."""

import shutil
from urllib.parse import urlsplit

from auteur.adapters.files.workspace import WorkspaceArtifactStore
from auteur.domain.errors import AuteurError, StoreUnavailableError
from auteur.domain.ports import ArtifactStore
from auteur.entrypoints.deployment import Finding
from auteur.entrypoints.settings import PREFIX, Settings, WrongSettingError


def artifact_store(settings: Settings) -> ArtifactStore:
    """The workspace, or a bucket if one is set. Raises `WrongSettingError` where its package is not installed."""
    if settings.s3_url is None:
        return WorkspaceArtifactStore(settings.workspace)
    try:
        from auteur.adapters.files.bucket import Address, Bucket
        from auteur.adapters.files.s3 import S3ArtifactStore
    except ModuleNotFoundError as error:
        if error.name != "obstore":
            raise
        raise WrongSettingError(f"{PREFIX}S3_URL needs a package more: pip install 'auteur[s3]'") from None
    parts, key, secret = urlsplit(settings.s3_url), settings.s3_access_key, settings.s3_secret_key
    address = Address(
        bucket=parts.netloc,
        prefix=parts.path.strip("/"),
        endpoint=settings.s3_endpoint,
        public_endpoint=settings.s3_public_endpoint,
        region=settings.s3_region,
        access_key=key.get_secret_value() if key else None,
        secret_key=secret.get_secret_value() if secret else None,
    )
    return S3ArtifactStore(
        Bucket(address),
        settings.private_directory,
        cache_bytes=settings.s3_cache_bytes,
        link_s=settings.s3_link_seconds if settings.s3_links == "signed" else None,
    )


async def examine_files(settings: Settings, artifacts: ArtifactStore) -> list[Finding]:
    """Whether files can be kept; says nothing of keys."""
    refused: StoreUnavailableError | None = None
    try:
        settings.private_directory.mkdir(parents=True, exist_ok=True)
        await artifacts.check()
    except StoreUnavailableError as error:
        refused = error
    except (AuteurError, OSError):
        return [Finding(False, "workspace", f"{settings.workspace} cannot be written; set {PREFIX}WORKSPACE_ROOT")]
    free_gb = shutil.disk_usage(settings.workspace).free / 1e9
    found = [Finding(free_gb > 1, "workspace", f"{settings.workspace}, writable, {free_gb:.0f} GB free")]
    if refused is not None and refused.cause is not None:
        told = f"{refused.cause.words} ({refused.cause.code}); look at {PREFIX}S3_URL, _ENDPOINT and the keys"
        found.append(Finding(False, "files", f"S3: {told}"))
    elif settings.s3_url is not None:
        found.append(Finding(True, "files", f"in {settings.s3_url}, writable; handed out {settings.s3_links}"))
    return found
