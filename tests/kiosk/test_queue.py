"""Numbers, order, moves and waits: what a queue keeps, whoever works it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from dispatch import clock, tasks
from dispatch.extensions import db
from dispatch.models import crowd, entry_states, queue
from dispatch.models.entry import Entry, Occupied
from dispatch.models.event import Event
from dispatch.models.handed import Refused
from dispatch.models.job import IllegalMove
from tests import factories as make
from tests.battery.invariants import everything_wrong
from tests.kiosk.conftest import Counter

TUESDAY = make.MONDAY + timedelta(days=1)


def numbers(entries):
    return [entry.number for entry in entries]


def test_each_kiosk_counts_its_own_visitors_from_one_and_anew_each_day(counter, landry, cast):
    there = Counter(landry, cast.zoe.user)
    assert numbers([counter.comes(), counter.comes(), there.comes(), counter.comes()]) == [1, 2, 1, 3]
    with clock.at(make.at("08:00", TUESDAY)):
        assert queue.check_in(counter.kiosk, cast.tariq.user).number == 1


def test_the_day_is_that_of_the_kiosk_not_of_utc(counter, cast):
    with clock.at(make.at("00:30", TUESDAY)):
        assert queue.check_in(counter.kiosk, cast.tariq.user).day == TUESDAY


def test_who_came_first_is_called_first(counter, cast):
    for when in ("09:00", "09:05", "09:10"):
        counter.comes(when)
    assert counter.calls(cast.tariq).number == 1
    assert counter.calls(cast.zoe).number == 2


def test_nobody_is_called_when_nobody_waits(counter, cast):
    assert counter.calls(cast.tariq) is None


def test_who_is_put_back_keeps_his_place(counter, cast):
    first = counter.comes()
    counter.comes()
    counter.calls(cast.tariq)
    counter.taps(first, "requeued")
    assert (first.state, first.technician_id, first.called_at) == ("waiting", None, None)
    assert counter.calls(cast.zoe).number == 1


def test_who_is_on_hold_is_passed_over_until_he_is_back(counter, cast):
    first = counter.comes()
    counter.comes()
    counter.taps(first, "on_hold")
    assert counter.calls(cast.tariq).number == 2
    counter.taps(first, "resumed")
    assert counter.calls(cast.zoe).number == 1


def test_tariq_finishes_with_one_before_he_calls_another(counter, cast):
    mine = counter.comes()
    counter.comes()
    counter.calls(cast.tariq)
    with pytest.raises(Occupied) as refused:
        counter.calls(cast.tariq)
    assert refused.value.entry is mine
    counter.taps(mine, "serving", "served")
    assert counter.calls(cast.tariq).number == 2
    with pytest.raises(Occupied):
        counter.taps(mine, "reopened")


def test_who_dispatches_may_call_without_a_desk_of_his_own(counter, cast):
    counter.comes()
    called = queue.call_next(counter.kiosk, cast.diane)
    assert (called.state, called.technician_id) == ("called", None)


PATHS = [
    ((), ["on_hold", "left"]),
    (("called",), ["serving", "no_show", "requeued", "on_hold", "left"]),
    (("called", "serving"), ["served"]),
    (("called", "serving", "served"), ["reopened"]),
    (("called", "no_show"), ["returned"]),
    (("on_hold",), ["resumed", "left"]),
    (("left",), ["returned"]),
]


@pytest.mark.parametrize(("path", "legal"), PATHS, ids=lambda value: "-".join(value) or "waiting")
def test_every_state_names_its_legal_moves_and_refuses_the_others(counter, cast, path, legal):
    entry = counter.comes()
    for name in path:
        counter.calls(cast.tariq) if name == "called" else counter.taps(entry, name)
    assert entry.legal_moves() == legal
    for name in {*entry_states.CHOSEN, "called", "day_over", "nonsense"} - {*legal}:
        with pytest.raises(IllegalMove) as refused:
            counter.taps(entry, name)
        assert (refused.value.legal, refused.value.family) == (legal, "entry")
    for name in legal:
        assert entry_states.find(name, entry.state).target in entry_states.STATES


@pytest.mark.parametrize("end", ["left", "served"])
def test_what_ended_yesterday_is_over(counter, cast, end):
    entry = counter.comes()
    if end == "left":
        counter.taps(entry, "left")
    else:
        counter.calls(cast.tariq)
        counter.taps(entry, "serving", "served")
    with clock.at(make.at("09:00", TUESDAY)):
        assert entry.legal_moves() == []


def test_a_version_that_has_passed_is_refused(counter):
    entry = counter.comes()
    seen = entry.version
    counter.taps(entry, "on_hold")
    db.session.flush()
    with pytest.raises(StaleDataError):
        entry.move("left", counter.by, seen)
    assert entry.state == "on_hold"


def test_the_wait_is_the_time_in_the_queue_without_the_time_on_hold(counter, cast):
    entry = counter.comes("09:00")
    counter.taps(entry, "on_hold", when="09:10")  # ten minutes waited
    counter.taps(entry, "resumed", when="09:40")
    assert entry.wait(make.at("09:45")) == 15 * 60
    counter.calls(cast.tariq, "09:50")  # ten more
    counter.taps(entry, "serving", when="09:53")  # and three until he stood there
    assert entry.wait(make.at("10:00")) == 23 * 60
    counter.taps(entry, "served", when="09:58")
    assert (entry.called_at, entry.served_from) == (make.at("09:50"), make.at("09:53"))
    assert (entry.ended_at, entry.wait(make.at("12:00"))) == (make.at("09:58"), 23 * 60)


def test_who_comes_back_has_his_number_and_the_wait_of_both_times(counter, cast):
    entry = counter.comes("09:00")
    counter.calls(cast.tariq, "09:05")
    counter.taps(entry, "no_show", when="09:06")
    counter.taps(entry, "returned", when="09:30")
    assert (entry.number, entry.state, entry.ended_at) == (1, "waiting", None)
    assert entry.wait(make.at("09:32")) == 8 * 60


def test_the_log_tells_each_move_and_nobodys_name(counter, cast):
    entry = counter.comes(visitor="Nolwenn", subject="Badge")
    counter.calls(cast.tariq)
    counter.taps(entry, "serving")
    db.session.commit()
    told = db.session.scalars(select(Event).where(Event.kind == "entry.state").order_by(Event.id)).all()
    assert [(one.data["move"], one.data["source"], one.data["target"]) for one in told] == [
        ("arrived", None, "waiting"), ("called", "waiting", "called"), ("serving", "called", "serving"),
    ]  # fmt: skip
    assert told[1].data["technician"] == cast.tariq.id
    assert {(one.client_id, one.territory_id, one.technician_id) for one in told} == {
        (make.client().id, make.territory().id, None)
    }, "a technician in its column would draw his route again"
    assert "Nolwenn" not in str([one.data for one in told])
    assert everything_wrong() == []


@pytest.mark.parametrize(
    ("said", "errors"),
    [
        ({"visitor": "N" * 81}, {"visitor": "too_long"}),
        ({"subject": "B" * 201}, {"subject": "too_long"}),
        ({"visitor": "Nol\0wenn"}, {"visitor": "unreadable"}),
    ],
)
def test_what_cannot_be_kept_draws_no_number(counter, said, errors):
    with pytest.raises(Refused) as refused:
        counter.comes(**said)
    assert refused.value.errors == errors
    assert counter.comes().number == 1


def test_a_category_of_another_client_is_refused(counter):
    with pytest.raises(Refused) as refused:
        counter.comes(category=make.category(owner=make.client("breizh")))
    assert refused.value.errors == {"category": "not_of_client"}


def test_a_crowd_counts_states_and_knows_who_waits_longest(counter, cast):
    for when in ("09:00", "09:30", "09:50"):
        counter.comes(when)
    counter.taps(counter.comes("09:10"), "on_hold", when="09:20")
    counter.calls(cast.tariq, "09:55")
    found = crowd.crowds([counter.kiosk])[counter.kiosk.id]
    assert (found.waiting, found.states["called"], found.states["on_hold"]) == (2, 1, 1)
    assert found.longest(make.at("10:00")) == 60
    assert found.is_long(make.at("10:00"))


def test_desks_are_open_where_somebody_is_on_duty_and_not_in_a_pause(counter, cast):
    assert crowd.desks_open(counter.kiosk) == 0
    make.duty(cast.tariq, ("09:00", "12:00"))
    make.duty(cast.zoe, ("09:00", "12:00"))
    assert crowd.desks_open(counter.kiosk) == 2
    make.absence(cast.zoe, ("09:50", "10:10"))
    assert crowd.desks_open(counter.kiosk) == 1
    with clock.at(make.at("12:00")):
        assert crowd.desks_open(counter.kiosk) == 0


def test_the_night_ends_what_was_left_open_and_forgets_names_once(app, counter, cast):
    served, forgotten, held = (counter.comes("17:00", visitor=name) for name in ("Nolwenn", "Yann", "Gwen"))
    counter.calls(cast.tariq, "17:10")
    counter.taps(served, "serving", "served", when="17:20")
    counter.taps(held, "on_hold", when="17:05")
    db.session.commit()
    assert queue.due() == []
    with clock.at(make.at("00:20", TUESDAY)):
        today = queue.check_in(counter.kiosk, cast.tariq.user, visitor="Maël")
        db.session.commit()
        assert queue.due() == [counter.kiosk.id]
        for _twice in range(2):
            tasks.put_queues_away()
        assert queue.due() == []
    db.session.expire_all()
    assert [entry.state for entry in (served, forgotten, held)] == ["served", "left", "left"]
    assert [entry.visitor for entry in (served, forgotten, held, today)] == [None, None, None, "Maël"]
    assert forgotten.waited_seconds == 2 * 3600, (
        "until the site closed at 19:00: nobody waited through the night"
    )
    assert held.waited_seconds == 5 * 60
    over = db.session.scalars(
        select(Event).where(Event.kind == "entry.state", Event.actor_id.is_(None))
    ).all()
    assert [(one.data["number"], one.data["move"]) for one in over] == [(2, "day_over"), (3, "day_over")]
    assert everything_wrong() == []


def test_who_may_see_a_kiosk_sees_its_entries(counter, landry, cast):
    counter.comes()
    Counter(landry, cast.zoe.user).comes()
    away = make.technician("Yann", territory_id=make.territory("brest").id)

    def kiosks(user):
        return {entry.kiosk.name for entry in db.session.scalars(Entry.visible_to(user))}

    assert kiosks(cast.diane) == kiosks(cast.tariq.user) == {"Kiosque Colbert", "Kiosque Landry"}
    assert kiosks(cast.denis) == {"Kiosque Colbert"}
    assert kiosks(cast.berenice) == {"Kiosque Landry"}
    assert kiosks(away.user) == set()
