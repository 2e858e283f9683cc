"""A past day planned from its dawn: what was open, what arrived, a generated crew, and nothing written."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from dispatch.demo import people
from dispatch.models.job import Job
from dispatch.models.technician import Technician
from dispatch.planning.study import NoHistory, Study, study
from dispatch.planning.study_crew import Base, crew_of_study
from tests import factories as make

SUNDAY = make.MONDAY - timedelta(days=1)


@pytest.fixture
def history(session: Any) -> Any:
    """A Monday at Colbert: three tickets open at its dawn, two that come during the day, three that do not count."""
    for name, opened, resolved in (
        ("hier", make.at("15:00", SUNDAY), None),
        ("résolu à midi", make.at("16:00", SUNDAY), make.at("12:00")),
        ("à 5 h", make.at("05:00"), None),
        ("à 9 h", make.at("09:00"), None),
        ("à 13 h", make.at("13:00"), make.at("13:10")),
        ("résolu hier", make.at("09:00", SUNDAY), make.at("17:00", SUNDAY)),
        ("demain", make.at("09:00", make.MONDAY + timedelta(days=1)), None),
    ):
        make.ticket(name, imported=True, external_id=name, category_id=kind().id, opened_at=opened,
                    resolved_at=resolved, due_at=opened + timedelta(days=2))  # fmt: skip
    make.ticket("pas importé", opened_at=make.at("15:00", SUNDAY))
    session.commit()
    return session


def kind() -> Any:
    return make.category("printer", skill_id=make.skill("printer").id)


def monday(**options: Any) -> Study:
    return study("rennes", make.MONDAY, 1, **{"crew": 5, **options})


def test_a_day_is_planned_as_its_dawn_knew_it(history: Any) -> None:
    found = monday()
    assert (found.open_at_dawn, found.arrivals, found.broken) == (3, 2, ())
    assert sum(found.planned.values()) == 5
    assert {job.ticket.summary for job in found.draft.jobs.values()} == {
        "hier", "résolu à midi", "à 5 h", "à 9 h", "à 13 h"
    }  # fmt: skip


def test_nothing_begins_before_it_was_known(history: Any) -> None:
    found = monday()
    starts = {
        found.draft.jobs[stop.job].ticket.summary: found.draft.horizon.instant(stop.start)
        for route in found.solution.routes
        for stop in route.stops
    }
    assert starts["à 9 h"] >= make.at("09:00")
    assert starts["à 13 h"] >= make.at("13:00")


def test_a_study_writes_nothing(history: Any) -> None:
    before = [history.scalar(select(func.count()).select_from(table)) for table in (Job, Technician)]
    monday()
    assert not history.new
    assert not history.dirty
    history.commit()
    assert [history.scalar(select(func.count()).select_from(table)) for table in (Job, Technician)] == before


def test_what_nobody_of_the_crew_can_do_is_called_impossible(history: Any) -> None:
    right = make.right("moon-admin")
    make.ticket("fusée", imported=True, external_id="fusée", category_id=kind().id, admin_right_id=right.id,
                opened_at=make.at("07:00"))  # fmt: skip
    history.commit()
    assert monday().figures()["unassigned"] == {"impossible": 1}


def test_a_territory_without_history_says_what_to_do(history: Any) -> None:
    with pytest.raises(NoHistory, match="flask import incidents"):
        study("rennes", date(2020, 1, 1), 1)
    with pytest.raises(NoHistory, match="no territory brest"):
        study("brest", make.MONDAY, 1)


def test_the_crew_is_the_same_for_a_seed_and_made_of_the_demos_profiles(session: Any) -> None:
    bases = [Base("A", 48.1, -1.6), Base("B", 48.2, -1.7)]
    rights = [make.right("accounts"), make.right("local-admin")]
    crews = [crew_of_study(40, seed, make.MONDAY, make.territory(), bases, rights) for seed in (1, 1, 2)]
    names = [[one.name for one in crew] for crew in crews]
    assert names[0] == names[1] != names[2]
    assert len({one.id for one in crews[0]}) == 40
    assert all(one.id < 0 for one in crews[0])
    assert {one.base_name for one in crews[0]} == {"A", "B"}
    known = {one.name: one for one in people.TECHNICIANS}
    for one in crews[0]:
        profile = known[one.name.partition(" (")[0]]
        assert {skill.skill.code: skill.level for skill in one.skills} == profile.skills
        assert {grant.admin_right.code for grant in one.rights} <= {
            grant.right.split(":")[1] for grant in profile.rights
        }
        assert one.shifts[0].starts_at.date() == make.MONDAY


def test_the_command_prints_the_figures_and_keeps_them(app: Flask, history: Any, tmp_path: Path) -> None:
    target = tmp_path / "study.json"
    arguments = ["plan", "--day", str(make.MONDAY), "--territory", "rennes", "--seconds", "1", "--crew", "5"]
    result = app.test_cli_runner().invoke(args=[*arguments, "--json", str(target)])
    assert result.exit_code == 0, result.output
    for told in ("nothing of this is dispatched", "Assumed:", "Open at dawn: 3; arrived that day: 2",
                 "Planned: 5 (5 on_site)", "Unassigned: 0 (none)", "Checker: nothing"):  # fmt: skip
        assert told in result.output
    kept = json.loads(target.read_text())
    assert kept["figures"]["planned"] == {"on_site": 5}
    assert set(kept["numbers"].values()) == {"hier", "résolu à midi", "à 5 h", "à 9 h", "à 13 h"}
