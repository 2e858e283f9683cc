"""The phone's page as an installed app: what its service worker keeps, and what is left after signing out."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from dispatch.clock import now
from tests import factories as make
from tests.people import signed_in

FIRST_LOAD_BYTES = 100_000


def kept(worker: str) -> list[str]:
    return json.loads(re.search(r"const SHELL = (.*);", worker)[1])


def test_all_that_the_service_worker_keeps_is_there_for_anybody(app, client):
    answer = client.get("/sw.js")
    assert answer.content_type.startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"
    for address in kept(answer.text):
        with client.get(address) as found:
            assert found.status_code == 200, address


def test_the_worker_changes_with_a_script(app, client, monkeypatch, tmp_path):
    from dispatch.jobs import installed

    before = client.get("/sw.js").text
    monkeypatch.setattr(installed, "_digest", lambda paths: "another")
    assert client.get("/sw.js").text != before


def test_a_script_of_another_version_is_not_served_under_the_old_name(app, client):
    (address,) = [one for one in kept(client.get("/sw.js").text) if one.endswith("/main.js")]
    with client.get(address) as found:
        assert "max-age=31536000" in found.headers["Cache-Control"]
    assert client.get("/phone/0000000000/main.js").status_code == 404
    assert client.get(address.replace("main.js", "worker.js")).status_code == 404


def test_the_page_that_opens_without_signal_says_nothing_of_anybody(app, cast):
    page = signed_in(app, cast.tariq.user).get("/jobs/offline").text
    assert "Tariq" not in page
    assert 'id="live"' in page


def test_the_manifest_names_icons_that_exist(app, client):
    said = json.loads(client.get("/manifest.webmanifest").data)
    assert {icon["purpose"] for icon in said["icons"]} == {"any", "maskable"}
    for icon in said["icons"]:
        with client.get(icon["src"]) as found:
            assert found.content_type == "image/png"


@pytest.mark.parametrize(("form", "cleared"), [({}, '"cache", "storage"'), ({"keep": "1"}, '"cache"')])
def test_signing_out_clears_the_phone_but_for_what_was_left_unsent(app, cast, form, cleared):
    answer = signed_in(app, cast.tariq.user).post("/sign-out", data=form)
    assert answer.headers["Clear-Site-Data"] == cleared


def test_the_first_load_is_small(app, cast):
    """Everything together: the page, its files, what the worker keeps, and a day of eight jobs and one of six."""
    today = now().astimezone(make.ZONE).date()
    for day, hours in ((today, range(8, 16)), (today + timedelta(days=1), range(8, 14))):
        for hour in hours:
            make.job(f"Poste {hour} en panne", technician=cast.tariq, start=make.at(f"{hour:02}:00", day))
    browser = signed_in(app, cast.tariq.user)
    page, worker = browser.get("/jobs").text, browser.get("/sw.js").text
    addresses = {*re.findall(r'(?:href|src)="(/(?:static|phone|manifest)[^"#]*)"', page), *kept(worker)}
    sizes = {one: _bytes(browser, one) for one in {*addresses, "/jobs", "/sw.js", "/jobs/carry"}}
    assert 30_000 < sum(sizes.values()) <= FIRST_LOAD_BYTES, sizes


def _bytes(browser, address: str) -> int:
    with browser.get(address, headers={"Accept-Encoding": "br"}, buffered=True) as answer:
        assert answer.status_code == 200, address
        return len(answer.data)


def test_a_dispatchers_settings_stay_in_the_browser(app, session):
    diane = make.user("Diane", "dispatcher", every_client=True)
    assert "Clear-Site-Data" not in signed_in(app, diane).post("/sign-out").headers
