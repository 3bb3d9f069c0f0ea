"""`HttpWebhookSender` against a real receiver that fails, and against urls that lead where nobody shall be asked."""

import asyncio
import json
import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest

from auteur.adapters.addresses import Address, ListedHosts, resolve
from auteur.adapters.webhooks import HttpWebhookSender, SendingRules, payload
from auteur.domain.errors import InvalidRequestError
from auteur.domain.events import Position, RecordedEvent, TaskCancelled, TaskSucceeded
from auteur.domain.signing import SigningSecret, parse_webhook_url, signed_headers
from auteur.domain.task import Artifact, TaskResult
from auteur.domain.webhooks import Delivery, Webhook
from tests.fakes import START, of
from tests.https_server import AUTHORITY
from tests.receiver import Behaviour, Receiver

SECRET = SigningSecret.drawn()
ENDING = RecordedEvent(Position("e0", 7), TaskCancelled(**of("t-1"), attempt=1))
OWED = Delivery(delivery_id="msg_e0-7-1", webhook_id="wh_1", endpoint="wh_1", recorded=ENDING, since=START)


def a_webhook(url: str) -> Webhook:
    return Webhook(webhook_id="wh_1", project_id="film", url=url, keys=(SECRET,), created_at=START)


def trust() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(cafile=AUTHORITY)
    return context


def sender(*listed: tuple[str, int], **rules: object) -> HttpWebhookSender:
    given = {"listed": ListedHosts(listed), "timeout_s": 5.0, **rules}
    return HttpWebhookSender(SendingRules(**given), trust)  # type: ignore[arg-type]


async def sent(receiver: Receiver, **rules: object) -> str:
    receiver.secrets = [SECRET.text]
    to = sender(("localhost", receiver.port), plain_http=True, **rules)
    answer = await to.send(a_webhook(receiver.url), OWED, datetime.now(UTC))
    assert answer.taken == (answer.status is not None and 200 <= answer.status < 300)
    return answer.reason


@pytest.mark.parametrize("tls", [False, True])
async def test_a_message_is_signed_and_has_what_sockets_hear(tls: bool) -> None:
    async with Receiver(tls=tls).listening() as receiver:
        assert await sent(receiver) == "answers 204"
        (attempt,) = receiver.attempts
    assert attempt.is_signed
    assert attempt.id == "msg_e0-7-1"
    assert attempt.body == payload(OWED)
    assert attempt.headers["content-type"] == "application/json"
    assert attempt.headers["host"] == f"localhost:{receiver.port}"
    assert {name for name in attempt.headers if name in ("cookie", "authorization")} == set()
    assert attempt.message["type"] == "task.cancelled"
    assert attempt.message["data"] | {"id": ""} == {
        "id": "", "type": "error", "project_id": "film", "task_id": "t-1", "timestamp": attempt.message["timestamp"],
        "position": "e0-7", "error_code": "TASK_CANCELLED", "message": "The task was cancelled.",
        "metadata": {"shot": 7},
    }  # fmt: skip


def test_a_result_is_told_with_its_files() -> None:
    frame = Artifact(
        name="frame.png", kind="image", path="film/t-1/1/frame.png", media_type="image/png", size_bytes=3, sha256="0"
    )
    result = TaskResult(engine="script", artifacts=(frame,), params={})
    event = TaskSucceeded(**of("t-1"), attempt=1, result=result, duration_s=2.5)
    body = payload(replace(OWED, recorded=RecordedEvent(Position("e0", 7), event)))
    assert b'"type":"task.succeeded"' in body
    assert b"/api/v1/projects/film/artifacts/t-1/1/frame.png" in body


def test_the_official_library_verifies_what_is_signed() -> None:
    library = pytest.importorskip("standardwebhooks")
    old, body, now = SigningSecret.drawn(), payload(OWED), datetime.now(UTC)
    headers = dict(signed_headers([SECRET, old], OWED.delivery_id, now, body))
    for key in (SECRET, old):
        assert library.Webhook(key.text).verify(body, headers)["type"] == "task.cancelled"
    for wrong in (
        {**headers, "webhook-id": "msg_other"},
        {**headers, "webhook-timestamp": str(int(time.time()) + 1)},
        {**headers, "webhook-signature": headers["webhook-signature"].replace("v1,", "v2,")},
    ):
        with pytest.raises(library.WebhookVerificationError):
            library.Webhook(SECRET.text).verify(body, wrong)
    with pytest.raises(library.WebhookVerificationError):
        library.Webhook(SigningSecret.drawn().text).verify(body, headers)
    # the example of the specification's own libraries
    known = SigningSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert (
        known.signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("500", "answers 500"),
        ("410", "answers 410"),
        ("redirect", "answers 307"),
        ("break", "its server breaks off"),
        ("silent", "no answer within 2 s"),
        ("drip", "no answer within 2 s"),
        ("huge head", "its server breaks off"),
        ("endless body", "answers 200"),
    ],
)
async def test_a_receiver_that_behaves_badly_is_told_of_and_costs_little(behaviour: Behaviour, reason: str) -> None:
    async with Receiver(lambda message, before: behaviour).listening() as receiver:
        timeout_s = 2.0 if "within" in reason else 60.0
        assert await sent(receiver, timeout_s=timeout_s) == reason
        assert receiver.connections == 1


async def test_a_receiver_that_is_down_is_no_other_than_one_that_may_not_be_asked() -> None:
    receiver = Receiver()
    await receiver.up()
    await receiver.down()
    assert await sent(receiver) == "no public host answers there"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://localhost/",
        "https://localhost./",
        "https://10.0.0.1/",
        "https://[fe80::1]/",
        "https://[64:ff9b::7f00:1]/",
    ],
)
async def test_hosts_inside_a_network_are_asked_by_nobody(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    async def handle(self: object, request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(204)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle)
    answer = await sender().send(a_webhook(url), OWED, START)
    assert answer.status is None
    assert answer.reason in ("no public host answers there", "url is no url that can be read")
    assert asked == []


async def test_a_name_that_is_rebound_after_it_was_looked_at_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[httpx.Request] = []

    async def handle(self: object, request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(204)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle)
    looks: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[Address]:
        looks.append(host)
        return [ip_address("93.184.216.34" if len(looks) == 1 else "127.0.0.1")]

    to = HttpWebhookSender(SendingRules(listed=ListedHosts()), trust, resolve=rebinding)
    hook = a_webhook("https://rebinds.example/hook?a=1")
    assert (await to.send(hook, OWED, START)).taken
    (request,) = asked
    assert str(request.url) == "https://93.184.216.34/hook?a=1"
    assert request.headers["host"] == "rebinds.example"
    assert request.extensions["sni_hostname"] == "rebinds.example"
    assert looks == ["rebinds.example"], "once for an attempt"
    assert (await to.send(hook, OWED, START)).reason == "no public host answers there"

    async def both(host: str, port: int) -> Sequence[Address]:
        return [ip_address("93.184.216.34"), ip_address("192.168.0.1")]

    to = HttpWebhookSender(SendingRules(listed=ListedHosts()), trust, resolve=both)
    assert (await to.send(hook, OWED, START)).status is None
    assert len(asked) == 1


async def test_a_certificate_is_checked_for_the_name() -> None:
    async with Receiver(tls=True).listening() as receiver:

        async def here(host: str, port: int) -> Sequence[Address]:
            return await resolve("localhost", port)

        rules = SendingRules(listed=ListedHosts([("other.example", receiver.port)]))
        to = HttpWebhookSender(rules, trust, resolve=here)
        answer = await to.send(a_webhook(f"https://other.example:{receiver.port}/"), OWED, START)
        assert answer.reason == "its host's certificate is not valid"
        assert receiver.attempts == []


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver.example/",
        "https://receiver.example:8443/",
        "https://user:s3cr3t@receiver.example/",
        "https://user@receiver.example/",
        "https://receiver.example/#part",
        "ftp://receiver.example/",
        "https:///nowhere",
        "https://receiver.example:99999/",
        "https://receiver .example/",
        "https://receiver.example/\r\nX-More: 1",
        "https://réceiver.example/",
        "https://" + "a" * 300 + ".example/",
        "https://receiver.example/" + "a" * 3000,
        "javascript:alert(1)",
        "",
    ],
)
def test_a_url_that_cannot_be_one_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        sender().check(parse_webhook_url(url))
    said = f"{refused.value.message} {refused.value.details}"
    assert "receiver" not in said
    assert "s3cr3t" not in said


def test_what_is_listed_may_be_private_and_speak_http_where_both_are_allowed() -> None:
    here = sender(("inside.example", 8080), ("inside.example", 443), plain_http=True, only_listed=True)
    here.check("http://inside.example:8080/")
    here.check("https://inside.example/")
    for url in ("http://inside.example/", "https://inside.example:9000/", "https://receiver.example/"):
        with pytest.raises(InvalidRequestError):
            here.check(url)
    with pytest.raises(InvalidRequestError):
        sender(("inside.example", 8080)).check("http://inside.example:8080/")
    with pytest.raises(InvalidRequestError):
        sender(off=True).check("https://receiver.example/")


async def test_many_attempts_at_once_share_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Receiver().listening() as receiver:
        reasons = await asyncio.gather(*(sent(receiver) for _ in range(20)))
        assert set(reasons) == {"answers 204"}
        assert receiver.connections == 20


def snippet(language: str) -> str:
    """The one in docs/webhooks.md."""
    page = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return str(found)


def cases() -> list[tuple[bool, str, dict[str, str], bytes]]:
    """What is to be said of it, secret, headers and body."""
    now, body = datetime.now(UTC), payload(OWED)
    fine = dict(signed_headers([SigningSecret.drawn(), SECRET], OWED.delivery_id, now, body))
    old = dict(signed_headers([SECRET], OWED.delivery_id, now - timedelta(minutes=6), body))
    return [
        (True, SECRET.text, fine, body),
        (False, SigningSecret.drawn().text, fine, body),
        (False, SECRET.text, fine, body + b" "),
        (False, SECRET.text, {**fine, "webhook-id": "msg_2"}, body),
        (False, SECRET.text, old, body),
        (False, SECRET.text, {**fine, "webhook-signature": "v1,"}, body),
    ]


def test_what_the_page_shows_in_python_verifies() -> None:
    shown: dict[str, Any] = {}
    exec(snippet("python"), shown)
    for wanted, *said in cases():
        assert shown["verify"](*said) is wanted
    assert len(snippet("python").strip().splitlines()) <= 10


def test_what_the_page_shows_in_javascript_verifies(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node here")
    (tmp_path / "verify.mjs").write_text(snippet("js"))
    said = [[secret, headers, body.decode()] for _, secret, headers, body in cases()]
    script = (
        "import { verify } from './verify.mjs';"
        f"console.log(JSON.stringify({json.dumps(said)}.map(([s, h, b]) => verify(s, h, b))));"
    )
    (tmp_path / "run.mjs").write_text(script)
    ran = subprocess.run([node, "run.mjs"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert json.loads(ran.stdout or "null") == [wanted for wanted, *_ in cases()], ran.stderr
