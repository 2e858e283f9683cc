"""Absences and what is put off, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch import clock
from dispatch.extensions import db
from dispatch.models import away
from dispatch.models.event import Event
from dispatch.models.put_off import PutOff
from dispatch.models.transitions import Incomplete
from tests import factories as make


@pytest.fixture
def tariq(session_on_both):
    with clock.at(make.at("10:00")):
        yield make.technician("Tariq")


@pytest.fixture
def diane(session_on_both):
    return make.user("Diane", "dispatcher", every_client=True)


def test_he_leaves_and_comes_back(tariq, diane):
    absence = away.leave(tariq, (make.at("10:00"), make.at("17:00")), "grippe", diane, 1)
    db.session.commit()
    assert (away.ahead(tariq), absence.reason, tariq.absences_version) == ([absence], "grippe", 2)
    with pytest.raises(away.Outdated):
        away.come_back(tariq, absence, diane, 1)
    with clock.at(make.at("14:00")):
        away.come_back(tariq, absence, diane, 2)
        db.session.commit()
        assert (away.ahead(tariq), absence.ends_at) == ([], make.at("14:00"))
    told = db.session.scalars(
        select(Event).where(Event.kind == "technician.absence").order_by(Event.id)
    ).all()
    assert [event.data["target"] for event in told] == ["absent", "back"]
    assert not any("grippe" in str(event.data) for event in told)


def test_a_span_that_makes_no_sense_changes_nothing(tariq, diane):
    for begin, end in (("12:00", "11:00"), ("08:00", "09:00")):
        with pytest.raises(Incomplete):
            away.leave(tariq, (make.at(begin), make.at(end)), "", diane, 1)
    assert tariq.absences_version == 1


def test_saying_later_twice_is_once(tariq, diane):
    for _time in range(2):
        PutOff.put(diane, "cause")
    assert PutOff.by(diane, ["cause", "other"]) == {"cause"}
    assert PutOff.by(diane, []) == set()
