"""Lists of places: columns by many names, cities, weights, and rows that cannot be places."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.itsm.base import Unusable
from dispatch.itsm.site_list import read_sites
from tests.itsm.logs import DATA, SCHOOLS, needs_data, site_list


def listed(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sites.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("uai,name,address,postcode,city,pupils,latitude,longitude\nA1,Lycée,1 rue,35000,Rennes,20,48.1,-1.6\n",
         "Lycée", "1 rue, 35000 Rennes"),
        ("org,code,name,lat,lon,address\nUCL,A1,Agora,48.1,-1.6,Place Agora\n", "Agora", "Place Agora"),
        ("org,code,type,lat,lon\nECL,A1,Résidence,48.1,-1.6\n", "Résidence A1", ""),
        ("osm_id,name,kind,lat,lon\nA1,Mairie,townhall,48.1,-1.6\n", "Mairie", ""),
    ],
)  # fmt: skip
def test_columns_are_recognised_by_their_usual_names(
    tmp_path: Path, text: str, name: str, address: str
) -> None:
    (place,) = read_sites(listed(tmp_path, text)).places
    assert (place.code, place.name, place.address) == ("A1", name, address)
    assert (place.latitude, place.longitude) == (48.1, -1.6)


def test_the_biggest_place_comes_first(tmp_path: Path) -> None:
    places = read_sites(site_list(tmp_path / "sites.csv", 3)).biggest_first()
    assert [place.code for place in places] == ["S1", "S2", "S3"]


def test_one_city_may_be_asked_for(tmp_path: Path) -> None:
    path = listed(tmp_path, "code,lat,lon,city\nA,48,-1,Rennes\nB,48,-1,Vitré\n")
    assert [place.code for place in read_sites(path, "rennes").places] == ["A"]


def test_rows_that_cannot_be_places_are_put_aside(tmp_path: Path) -> None:
    path = listed(
        tmp_path, "code,lat,lon\nA,48,-1\n,48,-1\nB,north,-1\nC,91,0\nD,nan,0\nA,48,-1\nE,,2\nF,48\nG,47,2\n"
    )
    found = read_sites(path)
    assert [place.code for place in found.places] == ["A", "G"]
    assert [bad.line for bad in sorted(found.bad)] == [3, 4, 5, 6, 7, 8, 9]
    assert "the code A is that of line 2" in sorted(found.bad)[4].reason


@pytest.mark.parametrize(
    ("text", "told"), [("name,lat,lon\nA,1,1\n", "code"), ("code,lat\nA,1\n", "longitude")]
)
def test_a_list_without_codes_or_coordinates_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(Unusable, match=told):
        read_sites(listed(tmp_path, text))


def test_a_city_cannot_be_asked_of_a_list_without_cities(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="city"):
        read_sites(listed(tmp_path, "code,lat,lon\nA,1,1\n"), "Rennes")


@needs_data
def test_the_real_lists_are_read_whole() -> None:
    rennes = read_sites(SCHOOLS, "Rennes")
    assert (len(rennes.places), rennes.bad) == (193, [])
    assert rennes.biggest_first()[0].name == "Lycée Bréquigny"
    counts = {
        "sites/uclouvain_lln_halls.csv": 22, "sites/ecl_ecully_buildings.csv": 35,
        "osm/monaco_public_buildings.csv": 31,
    }  # fmt: skip
    assert {name: len(read_sites(DATA / name).places) for name in counts} == counts
