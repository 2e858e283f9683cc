"""People and things are found by what callers call them."""

from __future__ import annotations

from dispatch.models.directory import building_called, category_called, digits_of, right_called, search
from tests import factories as make


def test_a_requester_is_found_without_accents_by_any_part_of_his_name(cast):
    make.requester("Bérénice Le Gall")
    assert [found.name for found in search(cast.paula, make.client(), "gal bere")] == ["Bérénice Le Gall"]
    assert search(cast.paula, make.client(), "zz") == []
    assert search(cast.paula, make.client(), "  ") == []


def test_a_requester_is_found_by_his_number_however_it_is_typed(cast):
    make.requester("Camille Bihan", phone="02.61.91.00.10")
    for typed in ("0261", "+33 2 61 91 00 10", "91 00 10"):
        assert [found.name for found in search(cast.paula, make.client(), typed)] == ["Camille Bihan"]


def test_paula_does_not_find_people_of_breizh(cast):
    breizh = make.client("breizh")
    make.requester("Camille Bihan", owner=breizh)
    assert search(cast.paula, breizh, "Camille") == []
    assert search(cast.paula, make.client(), "Camille") == []


def test_numbers_are_the_same_with_and_without_the_country():
    assert digits_of("+33 2 61 91 00 10") == digits_of("02.61.91.00.10") == "261910010"


def test_a_building_is_found_by_code_or_by_its_names(session):
    colbert = make.site("Colbert")
    tower = make.building("Tour Émeraude", at_site=colbert, code="B1")
    for text in ("b1", "tour emeraude", "Colbert · Tour Émeraude"):
        assert building_called(make.client(), text) is tower
    assert building_called(make.client("breizh"), "B1") is None


def test_a_name_that_two_buildings_share_finds_neither(session):
    make.building("Accueil", at_site=make.site("Colbert"))
    make.building("Accueil", at_site=make.site("Beaulieu"), code="other")
    assert building_called(make.client(), "Accueil") is not None  # one of them has it as its code
    assert building_called(make.client(), "Beaulieu · Accueil").code == "other"


def test_categories_and_rights_are_those_of_the_client(session):
    printer, admin = make.category("printer"), make.right("local_admin")
    assert category_called(make.client(), "printer") is printer
    assert right_called(make.client(), "local_admin") is admin
    assert category_called(make.client("breizh"), "printer") is None
    assert right_called(make.client("breizh"), "local_admin") is None
