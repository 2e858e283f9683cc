"""Web push on the wire: messages that only the browser can read (RFC 8291, in the coding of RFC 8188), and the
signature by which a push service knows the sender (VAPID, RFC 8292).
"""

from __future__ import annotations

import base64
import json
import os
from datetime import datetime, timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
RECORD = 4096
# what fits one record of a message that every push service takes
MOST_BYTES = 3000
# a push service refuses a signature that holds for more than a day
HOLDS = timedelta(hours=12)


def encrypt(text: bytes, p256dh: str, auth: str, *, salt: bytes | None = None,
            sender: ec.EllipticCurvePrivateKey | None = None) -> bytes:  # fmt: skip
    """The body of the request (Content-Encoding aes128gcm). Raises ValueError for keys that are none, or too much
    text; `salt` and `sender` are random unless a test says otherwise.
    """
    if len(text) > MOST_BYTES:
        raise ValueError(f"{len(text)} bytes do not fit a message")
    browser_point, secret = decode(p256dh), decode(auth)
    if len(secret) != 16:
        raise ValueError("the secret of a subscription has 16 bytes")
    browser = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, browser_point)
    salt, sender = salt or os.urandom(16), sender or ec.generate_private_key(CURVE)
    sender_point = point_of(sender)
    shared = sender.exchange(ec.ECDH(), browser)
    known = _derive(shared, secret, b"WebPush: info\0" + browser_point + sender_point, 32)
    key = _derive(known, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(known, salt, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(key).encrypt(nonce, text + b"\x02", None)
    return salt + RECORD.to_bytes(4, "big") + bytes([len(sender_point)]) + sender_point + sealed


def authorization(key: ec.EllipticCurvePrivateKey, audience: str, contact: str, at: datetime) -> str:
    """The header by which a push service knows us; `audience` is its origin, `contact` whom it may write to."""
    claims = {"aud": audience, "exp": int((at + HOLDS).timestamp())}
    if contact:
        claims["sub"] = contact
    signed = ".".join(encode(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    signature = encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return f"vapid t={signed}.{signature}, k={encode(point_of(key))}"


def key_of(secret: str) -> ec.EllipticCurvePrivateKey:
    """The private key written as its number, in base64url. Raises ValueError."""
    number = int.from_bytes(decode(secret), "big")
    return ec.derive_private_key(number, CURVE)


def new_secret() -> str:
    """A private key as `key_of` reads it."""
    return encode(ec.generate_private_key(CURVE).private_numbers().private_value.to_bytes(32, "big"))


def point_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)
