"""Why a store cannot be used, in the words of health and log: found in what it answers, or below the connection."""

import re

from auteur.domain.errors import Cause

UNREACHABLE = Cause("unreachable", "not reachable")
NO_ANSWER = Cause("no_answer", "not reachable: no answer in time")
NO_BUCKET = Cause("no_bucket", "there is no such bucket")
NO_PERMISSION = Cause("no_permission", "the access key may not do this, or is not the right one")
DIFFERS = Cause("damaged", "it holds another file than was sent")
REFUSED = Cause("store_error", "it answers with an error")

_BY_CODE = {
    "NoSuchBucket": NO_BUCKET,
    "InvalidAccessKeyId": Cause("wrong_key", "the access key is not known there"),
    "SignatureDoesNotMatch": Cause("wrong_secret", "the secret key does not fit the access key"),
    "AccessDenied": NO_PERMISSION,
    "InvalidToken": Cause("wrong_key", "the session token is not accepted"),
    "ExpiredToken": Cause("wrong_key", "the session token has expired"),
    "RequestTimeTooSkewed": Cause("clocks_differ", "its clock and this machine's differ too much"),
    "AuthorizationHeaderMalformed": Cause("wrong_region", "the bucket is in another region"),
    "PermanentRedirect": Cause("wrong_region", "the bucket is in another region"),
    "QuotaExceeded": Cause("disk_full", "its quota is used up"),
    "XMinioStorageFull": Cause("disk_full", "disk full"),
    "SlowDown": Cause("busy", "it asks for fewer requests"),
}
_BY_STATUS = {"401": NO_PERMISSION, "403": NO_PERMISSION, "404": NO_BUCKET, "507": Cause("disk_full", "disk full")}

_CODE = re.compile(r"<Code>(\w+)</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
_BY_TEXT = [
    (re.compile(pattern), Cause(code, words))
    for pattern, code, words in (
        (
            r"(?i)credential|InstanceMetadata|169\.254\.|web identity",
            "no_key",
            "no access key is given, and this machine has no role that gives one",
        ),
        (r"TimedOut|kind: Timeout", NO_ANSWER.code, NO_ANSWER.words),
        (r"dns error|lookup address", "unknown_host", "not reachable: no such host"),
        (r"(?i)certificate", "untrusted", "its certificate is not trusted"),
    )
]


def cause_of_refusal(error: BaseException) -> Cause:
    """The cause behind an error of the client's. Its words hold nothing of the error's own text."""
    text = str(error)
    code, status = _CODE.search(text), _STATUS.search(text)
    if code and code[1] in _BY_CODE:
        return _BY_CODE[code[1]]
    if status:
        return _BY_STATUS.get(status[1], REFUSED)
    return next((cause for pattern, cause in _BY_TEXT if pattern.search(text)), UNREACHABLE)
