"""What an address may say, and what it may not; nothing of it is ever shown."""

from pathlib import Path

import pytest
from redis.asyncio import BlockingConnectionPool, ConnectionPool

from auteur.adapters.redis.address import AddressError, RedisAddress

SECRET = "hunter2"


def options(url: str) -> dict[str, object]:
    return dict(RedisAddress.parse(url).options)


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("redis://h", {"host": "h", "port": 6379}),
        ("redis://", {"host": "localhost", "port": 6379}),
        ("redis://h:1/", {"host": "h", "port": 1}),
        ("redis://h:1/15", {"host": "h", "port": 1, "db": 15}),
        ("redis://h?db=3", {"host": "h", "port": 6379, "db": 3}),
        ("redis://h/3?db=3", {"host": "h", "port": 6379, "db": 3}),
        ("redis://[::1]:7/0", {"host": "::1", "port": 7, "db": 0}),
        ("redis://:p%40%2F%3F%23%25@h", {"host": "h", "port": 6379, "password": "p@/?#%"}),
        ("redis://u%3A:p@h", {"host": "h", "port": 6379, "username": "u:", "password": "p"}),
        ("redis://u:@h", {"host": "h", "port": 6379, "username": "u"}),
        ("redis://:100%@h", {"host": "h", "port": 6379, "password": "100%"}),
        ("redis://h?client_name=auteur-1", {"host": "h", "port": 6379, "client_name": "auteur-1"}),
        ("unix:///run/redis.sock", {"path": "/run/redis.sock"}),
        ("unix://u:p@/run/a%20b.sock?db=2", {"path": "/run/a b.sock", "db": 2, "username": "u", "password": "p"}),
        ("rediss://h?ssl_cert_reqs=none", {"host": "h", "port": 6379, "ssl_cert_reqs": "none"}),
        ("rediss://h?ssl_check_hostname=false", {"host": "h", "port": 6379, "ssl_check_hostname": False}),
    ],
)
def test_an_address_is_read(url: str, read: dict[str, object]) -> None:
    assert options(url) == read


NAMED = [
    "decode_responses", "encoding", "encoding_errors", "protocol", "retry_on_timeout", "retry_on_error", "retry",
    "socket_timeout", "socket_connect_timeout", "socket_keepalive", "socket_read_size", "health_check_interval",
    "max_connections", "timeout", "client_class", "connection_class", "parser_class", "password", "username",
    "ssl_min_version", "ssl_password", "legacy_responses", "nonsense",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("url", ["redis://h/0", "rediss://h/0", "unix:///s"])
def test_an_option_that_would_change_the_client_is_refused_by_name(url: str, name: str) -> None:
    with pytest.raises(AddressError, match=f"the option {name} cannot be set") as refused:
        RedisAddress.parse(f"{url}?{name}={SECRET}")
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis+sentinel://:hunter2@h:26379,h2/mymaster/0", "Sentinel"),
        ("sentinel://h:26379/mymaster", "Sentinel"),
        ("rediss+sentinel://h/mymaster", "Sentinel"),
        ("redis-sentinel://h/mymaster", "Sentinel"),
        ("redis+cluster://h", "Cluster"),
        ("rediss+cluster://h", "Cluster"),
        ("http://hunter2@h", "redis://host:6379/0"),
        ("hunter2", "redis://host:6379/0"),
        ("//hunter2@h", "redis://host:6379/0"),
        ("redis://h:hunter2", "percent-encoded"),
        ("redis://h:99999", "redis://host:6379/0"),
        ("redis://[::1:6379", "redis://host:6379/0"),
        ("redis://:hun#ter2@h", "percent-encoded"),
        ("redis://:hun?ter2@h", "percent-encoded"),
        ("redis://:1?hunter2=x@h", "percent-encoded"),
        ("redis://:1/hunter2@h", "percent-encoded"),
        ("redis://:%ff@h", "password must be UTF-8"),
        ("redis://h/films", "database must be a number"),
        ("redis://h/-1", "database must be a number"),
        ("redis://h/0/1", "database must be a number"),
        ("redis://h/1?db=2", "two databases"),
        ("redis://h?db=", "database must be a number"),
        ("redis://h?db=x", "database must be a number"),
        ("redis://h:1,h:2/0", "one host|percent-encoded"),
        ("redis://h,g/0", "one host"),
        ("unix://run/redis.sock", "begins with a slash"),
        ("unix://", "begins with a slash"),
        ("redis://h?ssl_cert_reqs=none", "ssl_cert_reqs needs rediss://"),
        ("rediss://h?ssl_cert_reqs=hunter2", "ssl_cert_reqs must be none"),
        ("rediss://h?ssl_check_hostname=hunter2", "ssl_check_hostname must be true"),
        ("rediss://h?ssl_ca_certs=/hunter2", "ssl_ca_certs must name what can be read"),
        ("rediss://h?client_name=a&client_name=b", "client_name is given twice"),
        ("redis://h?client_name=hunter2%20x", "client_name must be"),
        ("redis://h?hunter2%20x=1", "the option of another form cannot be set"),
        ("redis://h?client_name=%ff", "must be UTF-8"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason_and_without_its_value(url: str, said: str) -> None:
    with pytest.raises(AddressError, match=said) as refused:
        RedisAddress.parse(url)
    assert SECRET not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_certificate_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(SECRET)
    with pytest.raises(AddressError, match="PEM"):
        RedisAddress.parse(f"rediss://h?ssl_ca_certs={tmp_path}/ca.pem")


@pytest.mark.parametrize("kind", [ConnectionPool, BlockingConnectionPool])
@pytest.mark.parametrize("url", ["redis://:hunter2@h/3", "rediss://:hunter2@h/3", "unix://:hunter2@/s?db=3"])
def test_every_pool_decodes_nothing_and_tries_once(kind: type[ConnectionPool], url: str) -> None:
    connection = RedisAddress.parse(url).pool(kind, socket_timeout=1.5).make_connection()
    assert (connection.db, connection.password) == (3, SECRET)
    assert (connection.protocol, connection.encoder.decode_responses, connection.socket_timeout) == (2, False, 1.5)
    assert (connection.retry.get_retries(), connection.retry_on_error) == (0, [])


def test_an_address_does_not_show_its_password() -> None:
    assert SECRET not in repr(RedisAddress.parse(f"redis://u:{SECRET}@h"))
