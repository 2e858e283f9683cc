"""`flask import`: files to rows, twice, later, and with poison among them."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from dispatch.extensions import db
from dispatch.models.client import Client
from dispatch.models.job import Job
from dispatch.models.place import Building, Site
from dispatch.models.ticket import Requester, Ticket
from tests import factories as make
from tests.itsm.logs import LOG, SCHOOLS, needs_data, row, site_list, written


class Imports:
    """The commands, as an operator types them, on a client and a territory of their own."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app, self.folder = app, folder
        self.runner = app.test_cli_runner()
        self.sites = site_list(folder / "sites.csv")

    def incidents(self, rows: list[dict[str, str]] | Path, *options: str) -> str:
        log = rows if isinstance(rows, Path) else written(self.folder / "log.csv", rows)
        return self.run("incidents", log, "--client", "estate", "--create-client", "Lycées", "--territory", "rennes",
                        "--create-territory", "Rennes", "--sites", self.sites, *options)  # fmt: skip

    def run(self, *arguments: Any, fails: bool = False) -> str:
        result = self.runner.invoke(args=["import", *map(str, arguments)])
        assert (result.exit_code != 0) == fails, result.output
        return str(result.output)


@pytest.fixture
def imports(app_on_both: Flask, session_on_both: Any, tmp_path: Path) -> Imports:
    return Imports(app_on_both, tmp_path)


@pytest.fixture
def quick(app: Flask, session: Any, tmp_path: Path) -> Imports:
    """On SQLite alone."""
    return Imports(app, tmp_path)


def ticket(number: str = "INC1") -> Ticket:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Ticket).where(Ticket.external_id == number)).one()


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_an_incident_becomes_a_ticket_with_its_handover_and_a_job(imports: Imports) -> None:
    told = imports.incidents([row(impact="1 - High", urgency="2 - Medium")])
    assert "1 created, 0 updated, 0 unchanged" in told
    assert "Assumed: times of the log are wall times of Europe/Paris" in told
    found = ticket()
    assert (found.state, found.priority, found.imported, found.client.name) == ("open", 2, True, "Lycées")
    assert (found.opened_at, found.due_at) == (utc(2016, 3, 7, 8), utc(2016, 3, 7, 16))
    assert found.summary == "Category 20 · Subcategory 5"
    assert (found.requester.name, found.building.name, found.category.code) == (
        "Caller 1",
        "École 1",
        "printer",
    )
    assert {"floor", "steps_tried"} <= set(found.missing)
    (job,) = found.jobs
    assert (job.state, job.duration_minutes, job.skills) == ("unplanned", 30, {"printer": 1})
    assert job.mode == ("on_site" if "presence" in found.handover.reasons else "remote")
    assert job.created_at == found.opened_at


def test_a_second_import_changes_nothing(imports: Imports) -> None:
    rows = [row(f"INC{n}", caller_id=f"Caller {n % 3}", location=f"Location {n % 5}") for n in range(30)]
    imports.incidents(rows)
    before = everything()
    assert "0 created, 0 updated, 30 unchanged" in imports.incidents(rows)
    assert everything() == before


def test_what_the_log_says_later_is_taken_over_and_open_work_with_it(imports: Imports) -> None:
    imports.incidents([row("INC1"), row("INC2")])
    later = row(
        "INC1", sys_updated_at="7/3/2016 11:00", category="Category 57", incident_state="Awaiting Vendor"
    )
    assert "0 created, 1 updated, 1 unchanged" in imports.incidents([row("INC1"), later, row("INC2")])
    found = ticket()
    assert (found.state, found.hold_reason, found.category.code) == ("on_hold", "supplier", "telephony")
    (job,) = found.jobs
    assert (job.awaits, job.skills, job.duration_minutes) == ("supplier", {"telephony": 1}, 25)


def test_an_incident_that_ends_cancels_what_nobody_has_begun(imports: Imports) -> None:
    imports.incidents([row()])
    ended = row(sys_updated_at="7/3/2016 15:00", incident_state="Closed", resolved_at="7/3/2016 14:00")
    imports.incidents([row(), ended])
    found = ticket()
    assert (found.state, found.resolved_at, found.closed_at) == (
        "closed", utc(2016, 3, 7, 13), utc(2016, 3, 7, 14)
    )  # fmt: skip
    assert [job.state for job in found.jobs] == ["cancelled"]


def test_an_incident_that_comes_back_gets_a_new_job(quick: Imports) -> None:
    ended = row(sys_updated_at="7/3/2016 15:00", incident_state="Resolved")
    quick.incidents([ended])
    assert ticket().jobs == []
    quick.incidents([ended, row(sys_updated_at="8/3/2016 09:00", incident_state="Active")])
    assert (ticket().state, ticket().resolved_at) == ("open", None)
    assert [job.state for job in ticket().jobs] == ["unplanned"]


def test_a_technician_who_is_at_it_finishes_first(quick: Imports) -> None:
    quick.incidents([row()])
    job, tariq = ticket().jobs[0], make.technician("Tariq")
    job.technician_id, job.state = tariq.id, "working"
    db.session.commit()
    quick.incidents([row(), row(sys_updated_at="7/3/2016 15:00", incident_state="Closed")])
    assert [job.state for job in ticket().jobs] == ["working"]
    assert ticket().state == "open"


def test_locations_lie_on_the_sites_by_rank_around_and_around(quick: Imports) -> None:
    frequency = {"Location 9": 4, "Location 3": 3, "Location 5": 2, "Location 7": 1}
    names = [name for name, count in frequency.items() for _ in range(count)]
    quick.incidents(
        [row(f"INC{n}", location=name) for n, name in enumerate(names)] + [row("INC99", location="?")]
    )
    places = {names[n]: ticket(f"INC{n}").building.code for n in range(len(names))}
    assert places == {"Location 9": "S1", "Location 3": "S2", "Location 5": "S3", "Location 7": "S1"}
    assert ticket("INC99").building is None


def test_only_what_was_known_at_an_instant_is_imported(quick: Imports) -> None:
    rows = [row(), row("INC2", opened_at="8/3/2016 08:00", sys_updated_at="8/3/2016 08:00")]
    assert "1 created" in quick.incidents(rows, "--as-of", "2016-03-08T07:59")
    assert "1 created, 0 updated, 1 unchanged" in quick.incidents(rows, "--as-of", "2016-03-08T07:00:00Z")


def test_an_edited_mapping_is_taken_over(quick: Imports) -> None:
    from dispatch.itsm.mapping import DEFAULT

    quick.incidents([row(category="Category 45")])
    edited = quick.folder / "mine.toml"
    edited.write_text(DEFAULT.read_text().replace("minutes = 35", "minutes = 50"))
    assert "1 updated" in quick.incidents([row(category="Category 45")], "--mapping", str(edited))
    assert [job.duration_minutes for job in ticket().jobs] == [50]


def test_sites_are_made_once_and_corrected_later(imports: Imports) -> None:
    options = (
        "--client",
        "estate",
        "--create-client",
        "Lycées",
        "--territory",
        "rennes",
        "--create-territory",
        "R",
    )
    assert "3 sites: 3 created" in imports.run("sites", imports.sites, *options)
    assert "3 sites: 0 created, 0 updated, 3 unchanged" in imports.run("sites", imports.sites, *options)
    imports.sites.write_text(imports.sites.read_text().replace("École 2", "Lycée 2"))
    assert "3 sites: 0 created, 1 updated, 2 unchanged" in imports.run("sites", imports.sites, *options)
    db.session.rollback()
    names = db.session.execute(select(Site.name, Building.name).join(Building.site).order_by(Site.code)).all()
    assert [tuple(pair) for pair in names][1] == ("Lycée 2", "Lycée 2")


def test_what_is_not_there_is_named_with_what_to_do(quick: Imports) -> None:
    log = written(quick.folder / "log.csv", [row()])
    arguments = ("incidents", log, "--client", "estate", "--sites", quick.sites)
    assert "--create-client" in quick.run(*arguments, fails=True)
    assert "--create-territory" in quick.run(*arguments, "--territory", "rennes", fails=True)
    assert "Import them first" in quick.run(*arguments, "--create-client", "Lycées", fails=True)
    assert "write 2016-03-07T06:00" in quick.run(*arguments, "--as-of", "monday", fails=True)
    assert db.session.scalar(select(func.count()).select_from(Client)) == 0


def test_poison_among_ten_thousand_rows_stops_nothing(quick: Imports) -> None:
    """Battery case 31."""
    poison = [
        row("BAD1", incident_state="-100"), row("BAD2", u_symptom="x" * 2**20), row("BAD3", caller_id="a\0b"),
        row("BAD4", short_description="\ud800"), row("BAD5", opened_at="31/02/2016 10:00"),
    ]  # fmt: skip
    kept = [
        row("ODD1", caller_id="?", location="?", impact="?"), row("ODD2", assignment_group=""),
        row("ODD3", short_description="\u202eחסום"), row("ODD4", short_description="🖥️ écran", u_colour="blue"),
    ]  # fmt: skip
    rows = [
        row(f"INC{n % 1500}", caller_id=f"Caller {n % 50}") for n in range(10_000 - len(poison) - len(kept))
    ]
    for place, one in enumerate([*poison, *kept]):
        rows.insert(1000 * place + 500, one)
    path = written(quick.folder / "log.csv", rows, [*row(), "short_description", "u_colour"])
    target = quick.folder / "refused.csv"
    told = quick.incidents(path, "--quarantine", str(target))
    assert "1504 incidents: 1504 created" in told
    assert "10000 rows in" in told and "5 quarantined" in told
    assert "u_colour" in told
    with target.open(encoding="utf-8") as file:
        refused = list(csv.DictReader(file))
    assert [one["raw"][:4] for one in refused] == [f"BAD{n}" for n in range(1, 6)]
    assert [int(one["line"]) for one in refused] == [502 + 1000 * n for n in range(5)]
    assert all(one["reason"] for one in refused)
    assert (ticket("ODD1").requester, ticket("ODD1").building) == (None, None)
    assert ticket("ODD3").summary == "\u202eחסום"
    assert ticket("ODD4").summary == "🖥️ écran"


@needs_data
@pytest.mark.battery
def test_the_whole_real_log_is_imported_once(quick: Imports) -> None:
    quick.sites = SCHOOLS
    assert "17136 incidents: 17136 created" in quick.incidents(LOG, "--city", "Rennes")
    assert "0 created, 0 updated, 17136 unchanged" in quick.incidents(LOG, "--city", "Rennes")
    assert db.session.scalar(select(func.count()).where(Ticket.state == "closed")) == 17_136


def everything() -> list[Any]:
    """What an import writes, row by row."""
    db.session.rollback()
    return [
        [tuple(found) for found in db.session.execute(select(*table.__table__.columns).order_by(table.id))]
        for table in (Ticket, Job, Requester, Site, Building)
    ]
