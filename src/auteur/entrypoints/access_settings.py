"""The settings that say who may come in: tokens, the studio's own identity provider, and how much one may ask for."""

from datetime import timedelta
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import NoDecode

from auteur.domain.access import Demand, Grant
from auteur.domain.errors import InvalidGrantError
from auteur.entrypoints.addresses import is_loopback
from auteur.entrypoints.values import PREFIX, read_json_setting

_SHORTEST_TOKEN, _LONGEST_TOKEN = 32, 8192


class GroupGrant(BaseModel, extra="forbid"):
    """What a group of the identity provider may do."""

    projects: list[str]
    may: list[Literal["read", "submit", "cancel", "manage"]]

    def grant(self) -> Grant:
        """As the domain has it. Raises `InvalidGrantError`."""
        return Grant.of(self.projects, self.may)


def _token(value: SecretStr | None) -> SecretStr | None:
    secret = value.get_secret_value() if value is not None else ""
    if not secret:
        return None
    if not _SHORTEST_TOKEN <= len(secret) <= _LONGEST_TOKEN or not secret.isascii() or not secret.isprintable():
        raise ValueError(f"must be {_SHORTEST_TOKEN} to {_LONGEST_TOKEN} printable characters of ASCII, at random")
    if " " in secret:
        raise ValueError("must not contain spaces")
    return value


def _https_url(value: str | None) -> str | None:
    if not value or not value.strip():
        return None
    try:
        parts = urlsplit(value.strip())
        good = bool(parts.hostname) and "@" not in parts.netloc and not parts.query and not parts.fragment
    except ValueError:
        good = False
    if not good or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))):
        raise ValueError("must be like https://id.studio.example, or http:// of this machine")
    return value.strip()


def _groups(value: dict[str, GroupGrant]) -> dict[str, GroupGrant]:
    for named in value.values():
        try:
            named.grant()
        except InvalidGrantError as error:
            raise ValueError(error.message) from None
    return value


Url = Annotated[str | None, AfterValidator(_https_url)]
Groups = Annotated[dict[str, GroupGrant], NoDecode, BeforeValidator(read_json_setting), AfterValidator(_groups)]


class AccessSettings(BaseModel, defer_build=True):
    """The part of the settings that says who may come in."""

    token: Annotated[SecretStr | None, AfterValidator(_token)] = Field(
        None,
        description="The operator's token, with all permissions, 32 characters at least; where it is set, whoever asks "
        "must show a token. Others are made by `auteur token create`. Also what the command line shows to a service.",
    )
    require_token: bool = Field(
        False, description="Whoever asks must show a token, on loopback and in a container too."
    )
    allow_anonymous: bool = Field(
        False, description="Let everybody who reaches the address do everything, though it is not loopback."
    )
    session_hours: float = Field(12, gt=0, le=24 * 366, description="How long a browser stays signed in.")
    principal_requests_per_second: int = Field(
        200, ge=1, le=100_000, description="Requests and messages that one token or person may send a second, in all."
    )
    principal_sockets: int = Field(
        200, ge=1, le=100_000, description="Sockets and event streams that one token or person may have open here."
    )

    oidc_issuer: Url = Field(
        None,
        description="The studio's identity provider (OpenID Connect), as its tokens name it. Needs the extra oidc.",
    )
    oidc_audience: str = Field(
        "", max_length=512, description="The audience that its tokens must name: what this service is called there."
    )
    oidc_jwks_url: Url = Field(
        None, description="Where its keys are, if its configuration document shall not be asked."
    )
    oidc_leeway: float = Field(30, ge=0, le=300, description="Seconds that its clock and this one may differ.")
    oidc_groups_claim: str = Field("groups", min_length=1, max_length=128, description="The claim that lists groups.")
    oidc_groups: Groups = Field(
        {},
        description='JSON: {group or *: {"projects": ["film-*"], "may": ["read", …]}}; * is whoever has a token of it.',
    )

    @model_validator(mode="after")
    def _is_either_open_or_closed(self) -> Self:
        if self.require_token and self.allow_anonymous:
            raise ValueError(f"{PREFIX}REQUIRE_TOKEN and {PREFIX}ALLOW_ANONYMOUS: only one of them can be true")
        if self.oidc_issuer is not None and not self.oidc_audience:
            raise ValueError(
                f"{PREFIX}OIDC_AUDIENCE must be set with {PREFIX}OIDC_ISSUER: tokens for others would count"
            )
        return self

    @property
    def session_life(self) -> timedelta:
        """How long a browser stays signed in."""
        return timedelta(hours=self.session_hours)

    @property
    def has_tokens_of_its_own(self) -> bool:
        """Whether the settings themselves say who may come in."""
        return self.token is not None or self.oidc_issuer is not None

    def demand(self, *, loopback: bool, container: bool) -> Demand:
        """Whether whoever asks must say who they are. ``loopback``: only this machine reaches the address;
        ``container``: what reaches it is decided by who publishes the port."""
        if self.require_token:
            return "always"
        if self.allow_anonymous:
            return "never"
        if self.has_tokens_of_its_own:
            return "always"
        if loopback:
            return "never"
        return "if_there_are_tokens" if container else "always"
