"""The settings of files: a store for machines without a shared disk, how long what was made is kept, what is brought
in. A part of `Settings`, which reads them."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field, SecretStr, model_validator

from auteur.entrypoints.values import PREFIX, AuthoritiesFile, SingleHosts

_LONGEST_LINK_S = 7 * 86_400  # what a signature of S3 may be good for


def _bucket_url(value: str | None) -> str | None:
    """``s3://bucket`` or ``s3://bucket/prefix``; None for nothing."""
    if not value or not value.strip():
        return None
    parts = urlsplit(value.strip())
    plain = parts.netloc and not set(parts.netloc) & set("@:[]") and not parts.query and not parts.fragment
    inside = parts.path.strip("/")
    if parts.scheme != "s3" or not plain or any(part in ("", ".", "..") for part in inside.split("/") if inside):
        raise ValueError("must be like s3://bucket or s3://bucket/prefix, and nothing else")
    return f"s3://{parts.netloc}/{inside}".rstrip("/")


def _endpoint(value: str | None) -> str | None:
    """``http://host:port`` or ``https://…``; None for nothing."""
    if not value or not value.strip():
        return None
    parts = urlsplit(value.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query:
        raise ValueError("must be like https://s3.example.org or http://127.0.0.1:9000, without a user or a query")
    return value.strip().rstrip("/")


BucketUrl = Annotated[str | None, AfterValidator(_bucket_url)]
Endpoint = Annotated[str | None, AfterValidator(_endpoint)]


class StorageSettings(BaseModel, defer_build=True):
    """Where files are kept if not in the workspace, how long what was made is kept, which inputs may come by url."""

    retention_days: float | None = Field(
        None, gt=0, le=36_500, description="How long ended tasks and their files are kept; not set: for ever."
    )
    retention_tasks: int | None = Field(
        None, ge=0, description="How many ended tasks of a project are kept, the newest; not set: all."
    )
    retention_bytes: int | None = Field(
        None, ge=0, description="How much the results of a project may take before the oldest go; not set: all stay."
    )
    s3_url: BucketUrl = Field(
        None,
        description="Bucket that machines without a shared disk keep files in, s3://bucket or s3://bucket/prefix; "
        "the workspace is then each machine's own. Needs the extra s3.",
    )
    s3_endpoint: Endpoint = Field(
        None, description="The S3-compatible server, as https://s3.example.org or http://127.0.0.1:9000; else AWS."
    )
    s3_public_endpoint: Endpoint = Field(
        None, description="Under which name browsers reach that server, for signed links, if another."
    )
    s3_region: str = Field("us-east-1", min_length=1, max_length=64, description="Region of the bucket.")
    s3_access_key: SecretStr | None = Field(
        None, description="Access key; not set: what AWS's own variables or this machine's role give."
    )
    s3_secret_key: SecretStr | None = Field(None, description="Its secret key.")
    s3_links: Literal["proxied", "signed"] = Field(
        "proxied",
        description="How clients get files: through this service, or by a redirect to a signed link to the store.",
    )
    s3_link_seconds: float = Field(300, ge=1, le=_LONGEST_LINK_S, description="How long a signed link is good for.")
    s3_cache_bytes: int = Field(
        4 << 30, ge=0, description="How much of files from the bucket is kept on this machine, beside what is in use."
    )

    url_inputs: Literal["public", "listed", "off"] = Field(
        "public",
        description="Inputs by url. public: data: urls, and https: urls of public hosts and of those listed; "
        "listed: data: urls, and https: urls of hosts listed; off: none.",
    )
    url_input_hosts: SingleHosts = Field(
        "",
        description="Hosts by comma, name or name:port, whose https: urls may be inputs though they are of a private "
        "network or answer at another port than 443.",
    )
    url_input_ca_file: AuthoritiesFile = Field(
        None,
        description="Certificate authorities in PEM that https: inputs are checked against beside the public ones.",
    )
    url_input_timeout: float = Field(
        30, gt=0, le=600, description="How long an https: input may take to come, redirects included."
    )

    @property
    def files_origin(self) -> str | None:
        """The origin that browsers get files from, where that is not this service's own."""
        if self.s3_url is None or self.s3_links != "signed":
            return None
        parts = urlsplit(self.s3_public_endpoint or self.s3_endpoint or f"https://s3.{self.s3_region}.amazonaws.com")
        return f"{parts.scheme}://{parts.netloc}"

    @model_validator(mode="after")
    def _has_both_keys(self) -> Self:
        if (self.s3_access_key is None) != (self.s3_secret_key is None):
            raise ValueError(f"{PREFIX}S3_ACCESS_KEY and {PREFIX}S3_SECRET_KEY: one is set and the other is not")
        return self
