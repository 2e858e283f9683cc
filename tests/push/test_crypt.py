"""Messages that only the browser can read, as RFC 8291 has them, and the signature of RFC 8292."""

import pytest
from cryptography.exceptions import InvalidSignature

from dispatch.clock import now
from dispatch.push import crypt
from tests.push.services import Browser, checked_token

# RFC 8291, appendix A
TEXT = b"When I grow up, I want to be a watermelon"
READER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
    "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_example_of_the_rfc_is_sealed_to_the_byte():
    sealed = crypt.encrypt(TEXT, READER, AUTH, salt=crypt.decode(SALT), sender=crypt.key_of(SENDER))
    assert crypt.encode(sealed) == SEALED


def test_the_browser_reads_it_and_no_two_messages_are_alike():
    browser = Browser()
    first, second = (crypt.encrypt("é".encode() * 100, **browser.keys) for _twice in range(2))
    assert browser.read(first) == browser.read(second) == "é".encode() * 100
    assert first[:16] != second[:16]
    assert first[21:86] != second[21:86]


@pytest.mark.parametrize("keys", [
    {"p256dh": "", "auth": AUTH}, {"p256dh": READER[:-4], "auth": AUTH}, {"p256dh": READER, "auth": "short"},
    {"p256dh": crypt.encode(b"\x04" + b"\x01" * 64), "auth": AUTH},
])  # fmt: skip
def test_keys_that_are_none_are_refused(keys):
    with pytest.raises(ValueError):
        crypt.encrypt(b"x", **keys)


def test_too_much_is_refused():
    with pytest.raises(ValueError, match="do not fit"):
        crypt.encrypt(b"x" * 3001, READER, AUTH)


def test_the_signature_names_the_service_and_holds_for_less_than_a_day():
    key = crypt.key_of(crypt.new_secret())
    header = crypt.authorization(key, "https://push.example", "mailto:it@relais-ouest.example", now())
    claims = checked_token(header)
    assert (claims["aud"], claims["sub"]) == ("https://push.example", "mailto:it@relais-ouest.example")
    assert 0 < claims["exp"] - now().timestamp() < 24 * 3600
    _token, _dot, signature = header.partition(", ")[0].rpartition(".")
    with pytest.raises(InvalidSignature):
        checked_token(header.replace(signature, signature[::-1]))
