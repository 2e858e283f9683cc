"""An incident audit log read row by row: which row counts, and which rows are put aside."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dispatch.itsm.base import Unusable
from dispatch.itsm.incident_log import Log, read_log
from dispatch.itsm.mapping import read_mapping
from tests.itsm.logs import COLUMNS, row, written


def read(
    path: Path, rows: list[dict[str, str]], as_of: datetime | None = None, zone: str = "Europe/Paris"
) -> Log:
    return read_log(written(path / "log.csv", rows), zone, read_mapping(), as_of)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_the_last_row_counts_in_order_of_time_then_of_place_in_the_file(tmp_path: Path) -> None:
    rows = [
        row(sys_updated_at="7/3/2016 12:00", incident_state="Active", sys_mod_count="9"),
        row(sys_updated_at="7/3/2016 10:00", sys_mod_count="12"),
        row(sys_updated_at="7/3/2016 12:00", incident_state="Awaiting User Info", sys_mod_count="3"),
    ]
    (incident,) = read(tmp_path, rows).incidents
    assert (incident.state, incident.awaited) == ("on_hold", "answer")


def test_only_what_was_known_at_an_instant_counts(tmp_path: Path) -> None:
    ended = {"resolved_at": "8/3/2016 15:00", "closed_at": "13/3/2016 15:00"}
    rows = [
        row(**ended),
        row(sys_updated_at="8/3/2016 15:00", incident_state="Resolved", **ended),
        row(sys_updated_at="13/3/2016 15:00", incident_state="Closed", **ended),
        row("INC2", opened_at="9/3/2016 09:00", sys_updated_at="9/3/2016 09:00"),
    ]
    (early,) = read(tmp_path, rows, utc(2016, 3, 8, 13, 59)).incidents
    assert (early.state, early.resolved_at, early.closed_at) == ("open", None, None)
    later = read(tmp_path, rows, utc(2016, 3, 8, 14, 0)).incidents[0]
    assert (later.state, later.resolved_at, later.closed_at) == ("resolved", utc(2016, 3, 8, 14), None)
    last = read(tmp_path, rows).incidents[0]
    assert (last.state, last.resolved_at, last.closed_at) == (
        "closed", utc(2016, 3, 8, 14), utc(2016, 3, 13, 14)
    )  # fmt: skip


def test_an_incident_without_a_resolution_time_was_resolved_when_its_last_rows_began_to_say_so(
    tmp_path: Path,
) -> None:
    rows = [
        row(sys_updated_at="7/3/2016 10:00", incident_state="Resolved"),
        row(sys_updated_at="7/3/2016 11:00", incident_state="Active"),
        row(sys_updated_at="8/3/2016 16:00", incident_state="Resolved"),
        row(sys_updated_at="13/3/2016 16:00", incident_state="Closed"),
    ]
    (incident,) = read(tmp_path, rows).incidents
    assert (incident.resolved_at, incident.closed_at) == (utc(2016, 3, 8, 15), utc(2016, 3, 13, 15))


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        ("27/3/2016 01:59", utc(2016, 3, 27, 0, 59)),
        ("27/3/2016 02:30", utc(2016, 3, 27, 1, 30)),  # does not exist: read as 03:30
        ("30/10/2016 02:30", utc(2016, 10, 30, 0, 30)),  # occurs twice: the first one
        ("30/10/2016 03:00", utc(2016, 10, 30, 2, 0)),
        ("2016-03-07 09:00:30", utc(2016, 3, 7, 8, 0, 30)),
    ],
)
def test_wall_times_become_instants_by_the_stated_rule(tmp_path: Path, wall: str, instant: datetime) -> None:
    (incident,) = read(tmp_path, [row(opened_at=wall)]).incidents
    assert incident.opened_at == instant


def test_places_are_ranked_over_the_whole_file_whatever_instant_is_asked_for(tmp_path: Path) -> None:
    rows = [row("INC1", location="Rare"), *(
        row(f"INC{n}", location="Busy", sys_updated_at="9/3/2016 10:00") for n in (2, 3)
    )]  # fmt: skip
    assert read(tmp_path, rows, utc(2016, 3, 8)).locations == ["Busy", "Rare"]


POISON = {
    "incident_state '-100'": {"incident_state": "-100"},
    "u_symptom has 1048576 characters": {"u_symptom": "x" * 2**20},
    "holds a NUL": {"caller_id": "Caller\0 7"},
    "lone surrogate": {"caller_id": "Caller \ud800"},
    "31/02/2016 10:00": {"sys_updated_at": "31/02/2016 10:00"},
    "31/2/2016 10:00": {"resolved_at": "31/2/2016 10:00"},
    "number is missing": {"number": "?"},
    "opened_at is missing": {"opened_at": "?"},
    "location is longer": {"location": "L" * 201},
}


@pytest.mark.parametrize("reason", POISON)
def test_a_row_that_is_impossible_is_put_aside_with_its_reason(tmp_path: Path, reason: str) -> None:
    log = read(tmp_path, [row("INC1"), {**row("INC2"), **POISON[reason]}, row("INC3")])
    assert [one.number for one in log.incidents] == ["INC1", "INC3"]
    (bad,) = log.bad
    if "1048576" in reason:  # refused by the CSV reader itself, before anybody could count
        assert "larger than field limit" in bad.reason
        assert len(bad.raw) < 3000
    else:
        assert reason in bad.reason
    assert bad.line == 3


@pytest.mark.parametrize("nothing", ["?", "", "null", " ? "])
def test_what_is_missing_is_no_error(tmp_path: Path, nothing: str) -> None:
    fields = ("caller_id", "location", "category", "impact", "urgency", "assignment_group")
    log = read(tmp_path, [row(**dict.fromkeys(fields, nothing))])
    (incident,) = log.incidents
    assert (incident.caller, incident.location, incident.impact, incident.description) == (
        None, None, None, "Symptom 9"
    )  # fmt: skip
    assert not log.bad


def test_emoji_and_right_to_left_text_are_kept_as_they_are(tmp_path: Path) -> None:
    text = "écran 🖥️ \u202eחסום"
    rows = [row(short_description=text)]
    path = written(tmp_path / "log.csv.gz", rows, [*COLUMNS, "short_description"])
    log = read_log(path, "Europe/Paris", read_mapping())
    assert (log.incidents[0].summary, log.bad) == (text, [])


def test_columns_that_nobody_knows_are_named(tmp_path: Path) -> None:
    path = written(tmp_path / "log.csv", [row(u_colour="blue")], [*COLUMNS, "u_colour"])
    log = read_log(path, "Europe/Paris", read_mapping())
    assert log.unknown_columns == ["u_colour"]
    assert len(log.incidents) == 1


def test_a_row_with_a_field_too_many_is_put_aside(tmp_path: Path) -> None:
    path = written(tmp_path / "log.csv", [row()])
    with path.open("a") as file:
        file.write("INC2,New,oops\n\nINC3" + "," * (len(COLUMNS) + 3) + "\n")
    log = read_log(path, "Europe/Paris", read_mapping())
    assert [bad.line for bad in log.bad] == [3, 5]
    assert len(log.incidents) == 1


def test_a_quote_that_is_never_closed_swallows_no_other_row(tmp_path: Path) -> None:
    path = written(tmp_path / "log.csv", [row(f"INC{n}") for n in range(3000)])
    lines = path.read_text().splitlines()
    lines[10] = lines[10].replace("Caller 1", '"Caller 1')
    lines[2900] = lines[2900].replace("Caller 1", '"Caller 1')
    path.write_text("\n".join(lines))
    log = read_log(path, "Europe/Paris", read_mapping())
    assert [bad.line for bad in log.bad] == [11, 2901]
    assert (len(log.incidents), log.rows) == (2998, 3000)


def test_a_text_of_several_lines_is_one_field(tmp_path: Path) -> None:
    log = read(tmp_path, [row(u_symptom="first\nsecond"), row("INC2")])
    assert ([one.number for one in log.incidents], log.bad) == (["INC1", "INC2"], [])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "first line"),
        (b"number,incident_state\nINC1,New\n", "opened_at, sys_updated_at"),
        (b"number,number\n", "once"),
    ],
)
def test_a_file_that_is_no_log_is_refused_as_a_whole(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "log.csv").write_bytes(content)
    with pytest.raises(Unusable, match=told):
        read_log(tmp_path / "log.csv", "Europe/Paris", read_mapping())


def test_a_compressed_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = written(
        tmp_path / "log.csv.gz", [row(f"INC{n}", caller_id=f"Caller {n * 7919}") for n in range(2000)]
    )
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(Unusable, match="cannot be read to its end"):
        read_log(path, "Europe/Paris", read_mapping())
