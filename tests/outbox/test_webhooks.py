"""An event is sent as the Standard Webhooks specification has it, signed, and never to anywhere else."""

from __future__ import annotations

import hmac
import json
import subprocess
from base64 import b64encode
from hashlib import sha256

import pytest

from policyservice.outbox.webhooks import Failure, Webhook, key_of
from tests.fakes import NOON

KEY = b"k" * 32


def send(address):
    return Webhook(address, KEY).send("evt_1", "promise.overdue", NOON, {"what": "vastaus ÄÖ"}, NOON)


def test_an_event_is_signed_over_id_instant_and_body(receiver):
    assert send(receiver.address) is None

    ((headers, body),) = receiver.heard
    assert headers["webhook-id"] == "evt_1"
    assert headers["webhook-timestamp"] == str(int(NOON.timestamp()))
    signed = f"evt_1.{headers['webhook-timestamp']}.".encode() + body
    expected = b64encode(hmac.new(KEY, signed, sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert json.loads(body) == {
        "type": "promise.overdue",
        "timestamp": "2026-06-01T09:00:00Z",
        "data": {"what": "vastaus ÄÖ"},
    }


def test_a_signature_is_that_of_the_specifications_own_example():
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert key is not None

    signature = Webhook("", key).signature("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')

    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("status", "is_away"), [(302, False), (400, False), (410, False), (429, True), (500, True), (503, True)]
)
def test_only_2xx_is_taken(receiver, status, is_away):
    receiver.answers = [status]

    assert send(receiver.address) == Failure(f"answered {status}", is_away)
    assert len(receiver.heard) == 1


def test_an_address_where_nobody_listens_is_away(receiver):
    receiver.close()

    assert send(receiver.address) == Failure("no answer", is_away=True)


@pytest.mark.parametrize(
    ("name", "is_trusted", "is_taken"),
    [("127.0.0.1", True, True), ("127.0.0.1", False, False), ("127.0.0.2", True, False)],
)
def test_nothing_is_sent_to_whoever_shows_no_certificate_of_that_name(
    receiver, tmp_path, monkeypatch, name, is_trusted, is_taken
):
    certificate = tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=receiver"]
    made += ["-addext", f"subjectAltName=IP:{name}", "-keyout", "-", "-out", "-"]
    certificate.write_bytes(subprocess.run(made, capture_output=True, timeout=60, check=True).stdout)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    failure = send(receiver.speak_tls(certificate))

    assert failure == (None if is_taken else Failure("no answer", is_away=True))
    assert len(receiver.heard) == is_taken


@pytest.mark.parametrize(
    ("secret", "is_one"),
    [
        ("whsec_" + b64encode(b"k" * 24).decode(), True),
        ("whsec_" + b64encode(b"k" * 64).decode(), True),
        ("whsec_" + b64encode(b"k" * 23).decode(), False),
        ("whsec_" + b64encode(b"k" * 65).decode(), False),
        (b64encode(b"k" * 24).decode(), False),
        ("whsec_" + "?" * 32, False),
    ],
)
def test_a_secret_is_24_to_64_bytes(secret, is_one):
    assert (key_of(secret) is not None) is is_one
