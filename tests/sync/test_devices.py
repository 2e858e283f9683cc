"""“Phones”: each is told from the others, so that the right one is given up."""

from __future__ import annotations

import pytest

from dispatch.sync.naming import phone_name
from tests.people import signed_in

ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UD1A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (ANDROID, "Chrome · Android 14 · Pixel 8"),
        (ANDROID.replace("Pixel 8 Build/UD1A", "K"), "Chrome · Android 14"),
        (IPHONE, "Safari · iPhone · iOS 18.1"),
        (IPHONE.replace("Version/18.1", "FxiOS/140.0"), "Firefox · iPhone · iOS 18.1"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox · Android 15"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0.0.0 Safari/537.36 Edg/142.0",
            "Edge · Windows",
        ),
        ("A phone", "A phone"),
        ("", ""),
    ],
)
def test_a_phone_is_called_what_its_owner_would_call_it(agent, name):
    assert phone_name(agent) == name


def test_his_phones_are_told_apart_and_the_one_in_his_hand_is_marked(app, cast):
    for agent in (IPHONE, ANDROID):
        browser = signed_in(app, cast.tariq.user)
        assert browser.post("/jobs/device", headers={"User-Agent": agent}).status_code == 201
    page = browser.get("/jobs/devices").text
    android, iphone = page.split('<section class="card')[1:3]
    assert "Chrome · Android 14 · Pixel 8" in android
    assert "ce téléphone" in android
    assert "Safari · iPhone · iOS 18.1" in iphone
    assert 'class="badge' not in iphone
