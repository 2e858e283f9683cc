"""The queue through the API: what other systems may know and do."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from dispatch.extensions import db
from dispatch.models.entry import Entry
from tests import factories as make
from tests.api.callers import PREFIX, calling, key, seen


@pytest.fixture
def tariq(app, cast):
    return calling(app, cast.tariq.user, "en")


@pytest.fixture
def zoe(app, cast):
    return calling(app, cast.zoe.user, "en")


@pytest.fixture
def diane(app, cast):
    return calling(app, cast.diane, "en")


def at(kiosk, rest=""):
    return f"{PREFIX}/kiosks/{kiosk.id}{rest}"


def transitions(entry):
    return f"{PREFIX}/entries/{entry['id']}/transitions"


def test_a_kiosk_tells_its_crowd_its_desks_and_no_estimate(diane, counter, cast, saved):
    counter.comes("09:30")
    counter.comes("09:50")
    counter.taps(counter.comes("09:55"), "on_hold")
    counter.calls(cast.tariq)
    make.duty(cast.tariq, ("09:00", "12:00"))
    saved()
    assert diane.get(at(counter.kiosk)).json == {
        "id": counter.kiosk.id, "name": "Kiosque Colbert", "client": "acme", "building": "colbert/colbert", "counters": 1,
        "desks_open": 1, "crowd": {"waiting": 1, "called": 1, "serving": 0, "on_hold": 1}, "longest_wait_minutes": 30,
        "estimated_wait": None,
    }  # fmt: skip


def test_who_checks_in_gets_a_number_once_per_key(tariq, colbert):
    make.category("workstation")
    body = {"category": "workstation", "visitor": "Nolwenn", "subject": "Écran"}
    answers = [tariq.post(at(colbert, "/entries"), json=body, headers=key("one")) for _twice in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    entry = answers[0].json
    assert (entry["number"], entry["state"], entry["category"]) == (1, "waiting", "workstation")
    assert entry["legal"] == ["on_hold", "left"]
    assert answers[1].json == entry
    found = tariq.get(answers[0].headers["Location"])
    assert (found.json["id"], found.headers["ETag"]) == (entry["id"], answers[0].headers["ETag"])
    assert db.session.scalar(select(func.count()).select_from(Entry)) == 1


@pytest.mark.parametrize(
    "body",
    [{"visitor": "N" * 81}, {"category": "nothing"}, {"visitor": 7}, {"number": 4}, {"subject": "a\nb"}],
)
def test_what_cannot_be_kept_is_named(tariq, colbert, body):
    answer = tariq.post(at(colbert, "/entries"), json=body)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == list(body)
    assert db.session.scalar(select(func.count()).select_from(Entry)) == 0


def test_the_next_one_is_called_by_whoever_asks_and_served(tariq, zoe, counter, saved):
    counter.comes(), counter.comes()
    saved()
    called = tariq.post(at(counter.kiosk, "/calls"), json={})
    assert (called.status_code, called.json["number"], called.json["technician"]["code"]) == (200, 1, "tariq")
    assert zoe.post(at(counter.kiosk, "/calls")).json["number"] == 2
    again = tariq.post(at(counter.kiosk, "/calls"), json={})
    assert (again.status_code, again.json["current"]["number"]) == (409, 1)
    assert again.json["detail"].startswith("Finish with number 1 first")
    serving = tariq.post(transitions(called.json), json={"to": "serving"}, headers=seen(called))
    served = tariq.post(transitions(called.json), json={"to": "served", "version": serving.json["version"]})
    assert (served.json["state"], served.json["legal"]) == ("served", ["reopened"])
    nobody = tariq.post(at(counter.kiosk, "/calls"), json={}, headers=key("next"))
    assert (nobody.status_code, nobody.json["detail"]) == (409, "Nobody is waiting.")
    counter.comes()
    saved()
    assert tariq.post(at(counter.kiosk, "/calls"), json={}, headers=key("next")).json["number"] == 3


def test_who_dispatches_calls_to_a_desk_and_a_technician_to_his_own(diane, tariq, counter, cast, saved):
    counter.comes(), counter.comes()
    saved()
    assert tariq.post(at(counter.kiosk, "/calls"), json={"technician": "zoe"}).status_code == 422
    assert (
        diane.post(at(counter.kiosk, "/calls"), json={"technician": "zoe"}).json["technician"]["code"]
        == "zoe"
    )
    assert diane.post(at(counter.kiosk, "/calls"), json={}).json["technician"] is None


def test_an_illegal_move_names_the_legal_ones_and_a_stale_one_shows_how_it_is(tariq, zoe, counter, saved):
    counter.comes()
    saved()
    [entry] = db.session.scalars(select(Entry))
    url, path = f"{PREFIX}/entries/{entry.id}/transitions", f"{PREFIX}/entries/{entry.id}"
    before = tariq.get(path)
    refused = tariq.post(url, json={"to": "served"}, headers=seen(before))
    assert (refused.status_code, refused.json["legal"], refused.json["state"]) == (
        409,
        ["on_hold", "left"],
        "waiting",
    )
    assert tariq.post(url, json={"to": "left"}).status_code == 428
    assert tariq.post(url, json={"to": "nonsense", "version": 1}).status_code == 422
    zoe.post(at(counter.kiosk, "/calls"), json={})
    stale = tariq.post(url, json={"to": "on_hold"}, headers=seen(before))
    assert (stale.status_code, stale.json["current"]["state"]) == (412, "called")
    assert stale.headers["ETag"] == tariq.get(path).headers["ETag"]
    keyed = tariq.post(url, json={"to": "requeued"}, headers=key("back"))
    assert (keyed.status_code, keyed.json["state"]) == (200, "waiting")


def test_what_belongs_to_another_client_is_not_there(app, cast, counter, saved):
    entry = counter.comes()
    saved()
    berenice = calling(app, cast.berenice)
    for path in (at(counter.kiosk), f"{PREFIX}/entries/{entry.id}"):
        assert berenice.get(path).status_code == 404
    for path in (at(counter.kiosk, "/entries"), at(counter.kiosk, "/calls")):
        assert berenice.post(path, json={}).status_code == 404
    for person in (cast.carole, cast.paula):
        assert calling(app, person).get(at(counter.kiosk)).status_code == 403
