"""What a person has in the pocket: an authenticator app, and a key that makes passkeys."""

import hashlib
import json
import secrets
import struct
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

from accounts.models import User

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def app_code(user: User, *, later: int = 0) -> str:
    """The code that the person's app shows now, or `later` steps of 30 seconds ahead."""
    device = TOTPDevice.objects.get(user=user)
    totp = TOTP(device.bin_key, device.step, device.t0 - later * device.step, device.digits, device.drift)
    return f"{totp.token():06d}"


def localhost() -> str:
    return settings.SITE_URL.rstrip("/").replace("127.0.0.1", "localhost")


class SoftKey:
    """A WebAuthn authenticator with one passkey; takes and gives what `navigator.credentials` does, as JSON.

    The arguments of `create` and `get` make it answer wrongly.
    """

    def __init__(self) -> None:
        self.secret = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.handle = b""
        self.count = 0

    def create(self, question: dict[str, Any], *, origin: str = "", verified: bool = True) -> dict[str, Any]:
        self.handle = base64url_to_bytes(question["user"]["id"])
        numbers = self.secret.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + encode_cbor(key)
        data = self._data(question["rp"]["id"], ATTESTED, verified) + attested
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        response = {
            "clientDataJSON": self._client("webauthn.create", question, origin),
            "attestationObject": bytes_to_base64url(attestation),
            "transports": ["usb"],
        }
        return self._credential(response)

    def get(
        self, question: dict[str, Any], *, origin: str = "", verified: bool = True, step: int = 1
    ) -> dict[str, Any]:
        """`step`: by how much the counter goes up."""
        self.count += step
        data = self._data(question["rpId"], 0, verified)
        client = self._client("webauthn.get", question, origin)
        signed = data + hashlib.sha256(base64url_to_bytes(client)).digest()
        response = {
            "clientDataJSON": client,
            "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(self.secret.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": bytes_to_base64url(self.handle),
        }
        return self._credential(response)

    def _data(self, site: str, flags: int, verified: bool) -> bytes:
        flags |= PRESENT | (VERIFIED if verified else 0)
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client(self, kind: str, question: dict[str, Any], origin: str) -> str:
        data = {"type": kind, "challenge": question["challenge"], "origin": origin or localhost()}
        return bytes_to_base64url(json.dumps(data).encode())

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        name = bytes_to_base64url(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "clientExtensionResults": {}, "response": response}
