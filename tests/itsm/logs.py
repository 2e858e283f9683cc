"""Small incident logs and site lists, written by hand or by the hundred."""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("DISPATCH_DATA", ROOT.parent / "shared" / "data"))
LOG = DATA / "servicenow-incidents" / "incident_event_log_until_april.csv.gz"
SCHOOLS = DATA / "sites" / "ille_et_vilaine_schools.csv"

needs_data = pytest.mark.skipif(
    not LOG.exists(),
    reason=f"no incident log under {DATA} (set DISPATCH_DATA): only generated logs were imported",
)

COLUMNS = (
    "number", "incident_state", "sys_mod_count", "caller_id", "opened_at", "sys_updated_at", "location",
    "category", "subcategory", "u_symptom", "impact", "urgency", "assignment_group", "resolved_at", "closed_at",
)  # fmt: skip
DEFAULTS = {
    "incident_state": "New", "sys_mod_count": "0", "caller_id": "Caller 1", "opened_at": "7/3/2016 09:00",
    "sys_updated_at": "7/3/2016 09:05", "location": "Location 1", "category": "Category 20",
    "subcategory": "Subcategory 5", "u_symptom": "Symptom 9", "impact": "2 - Medium", "urgency": "2 - Medium",
    "assignment_group": "Group 4", "resolved_at": "?", "closed_at": "?",
}  # fmt: skip


def row(number: str = "INC1", **values: str) -> dict[str, str]:
    """One row of a log: a new incident of Monday 7 March 2016, unless said otherwise."""
    return {"number": number, **DEFAULTS, **values}


def written(path: Path, rows: Iterable[Mapping[str, str]], columns: Iterable[str] = COLUMNS) -> Path:
    """The rows as CSV, compressed when the path ends in .gz; lone surrogates as the bytes they stand for."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8", errors="surrogatepass", newline="") as file:
        writer = csv.DictWriter(file, list(columns), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def site_list(path: Path, count: int = 3) -> Path:
    """`S1` is the biggest place of the list, `S2` the next, and so on."""
    rows = [
        {"uai": f"S{n}", "name": f"École {n}", "address": f"{n} rue Haute", "postcode": "35000", "city": "Rennes",
         "pupils": str(1000 - n), "latitude": f"{48.1 + n / 1000:.4f}", "longitude": "-1.6800"}
        for n in range(count, 0, -1)
    ]  # fmt: skip
    return written(path, rows, rows[0])
