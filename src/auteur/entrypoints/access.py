"""Access as it is composed: the policy of these settings, and what must be so before anybody is let in."""

import secrets
import ssl
from urllib.parse import urlsplit

import structlog

from auteur.domain.access import Demand
from auteur.domain.authentication import AccessPolicy, Authenticator, fixed
from auteur.domain.errors import UnavailableError
from auteur.domain.ports import AccessStore, Clock, TokenVerifier
from auteur.entrypoints.addresses import is_loopback
from auteur.entrypoints.deployment import Finding
from auteur.entrypoints.settings import PREFIX, Settings, WrongSettingError

log = structlog.get_logger(__name__)


class LocalSecret:
    """What a service tells the command line on its own machine, in a file that its user alone can read: who can read
    that file can read and write everything else of the service, too. Another one at every start."""

    def __init__(self) -> None:
        self.value = secrets.token_urlsafe(32)


def token_demand(settings: Settings) -> Demand:
    """Whether whoever asks must say who they are."""
    return settings.demand(loopback=settings.is_loopback, container=settings.is_docker)


def _has_public_name(settings: Settings) -> bool:
    """Whether browsers reach it by a name that is not this machine's alone."""
    return settings.public_url is not None and not is_loopback(urlsplit(settings.public_url).hostname or "")


def authenticator(
    store: AccessStore, verifier: TokenVerifier | None, clock: Clock, local: LocalSecret, settings: Settings
) -> Authenticator:
    """Who says who asks."""
    known = [fixed("local", local.value)]
    if settings.token is not None:
        known.append(fixed("operator", settings.token.get_secret_value()))
    policy = AccessPolicy(
        demand=token_demand(settings), fixed=dict(known), session_life=settings.session_life
    )  # fmt: skip
    return Authenticator(store, verifier, policy, clock)


def token_verifier(settings: Settings) -> TokenVerifier | None:
    """What checks tokens of the studio's identity provider, where one is set. Raises `WrongSettingError` where the
    packages for it are not installed."""
    if settings.oidc_issuer is None:
        return None
    try:
        from auteur.adapters.access.oidc.keyring import KeyRing
        from auteur.adapters.access.oidc.provider import IdentityProvider, ProviderLimits
        from auteur.adapters.access.oidc.verifier import OidcTokenVerifier, TokenRules
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("jwt", "cryptography"):
            raise
        raise WrongSettingError(f"{PREFIX}OIDC_ISSUER needs a package more: pip install 'auteur[oidc]'") from None
    provider = IdentityProvider(settings.oidc_issuer, settings.oidc_jwks_url, _trust, ProviderLimits())
    rules = TokenRules(
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        leeway_s=settings.oidc_leeway,
        groups_claim=settings.oidc_groups_claim,
        grants={group: named.grant() for group, named in settings.oidc_groups.items()},
    )
    return OidcTokenVerifier(rules, KeyRing(provider.keys))


async def examine_access(settings: Settings) -> list[Finding]:
    """Whether the studio's identity provider gives keys now, where one is set. Raises `WrongSettingError` where the
    packages for it are not installed."""
    if token_verifier(settings) is None:
        return []
    from auteur.adapters.access.oidc.provider import IdentityProvider, ProviderError, ProviderLimits

    assert settings.oidc_issuer is not None
    try:
        keys = await IdentityProvider(settings.oidc_issuer, settings.oidc_jwks_url, _trust, ProviderLimits()).keys()
    except ProviderError as error:
        return [Finding(False, "access", f"the identity provider gives no keys: {error}")]
    ids = len({kid for kid, _ in keys})
    return [Finding(ids > 0, "access", f"keys of the identity provider that verify signatures: {ids}")]


def _trust() -> ssl.SSLContext:
    """The public certificate authorities, and this machine's: a studio's provider is often signed by its own."""
    import httpx  # only where there is a provider

    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


async def require_access(store: AccessStore, settings: Settings) -> None:
    """Returns if the service may be opened to whoever reaches its address; warns where it is open to all of them.

    Raises `WrongSettingError` where a token is needed and there is none that anybody could show.
    """
    demand = token_demand(settings)
    try:
        any_tokens = settings.has_tokens_of_its_own or await store.has_tokens()
    except UnavailableError:
        log.warning("nobody is let in without a token as long as it cannot be known whether there are any")
        return
    if demand == "always" and not any_tokens:
        why = f"{PREFIX}REQUIRE_TOKEN is set" if settings.require_token else f"{PREFIX}HOST is not loopback"
        raise WrongSettingError(
            f"{why}, and there is no token: make one with `auteur token create`, or set {PREFIX}TOKEN or "
            f"{PREFIX}OIDC_ISSUER; {PREFIX}ALLOW_ANONYMOUS=true lets everybody do everything"
        )
    if demand == "always" or (demand == "if_there_are_tokens" and any_tokens):
        return
    if not settings.is_loopback or _has_public_name(settings):
        log.warning(
            f"access: anonymous: whoever reaches this may do everything; {PREFIX}REQUIRE_TOKEN=true asks for tokens"
        )
    elif any_tokens:
        log.warning(
            f"access: anonymous: tokens were made, but on loopback only {PREFIX}REQUIRE_TOKEN=true asks for them"
        )
