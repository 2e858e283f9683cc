"""The demo's data must hold together: a wrong code would only be seen on a screen, and late."""

import re
from collections import Counter
from collections.abc import Iterable

import pytest

from dispatch.demo import catalogue, places
from dispatch.demo.content import OUTAGE_BUILDING, Draft, drafts
from dispatch.demo.errands import REQUESTS
from dispatch.demo.people import (
    ACCOUNTS,
    LAPSED,
    LAPSED_HOLDER,
    PREFERENCES,
    SHIFTS,
    TECHNICIANS,
    Account,
    Technician,
)
from dispatch.demo.phrases import INCIDENTS, OUTAGE, Phrase
from dispatch.demo.requesters import ENGLISH, VIPS, Requester, requesters
from dispatch.sla.priority import priority_of

CLIENTS = {client.code for client in catalogue.CLIENTS}
SKILLS = {skill.code for skill in catalogue.SKILLS}
RIGHTS = {right.key for right in catalogue.RIGHTS}
TOOLS = {thing.code for thing in catalogue.EQUIPMENT if thing.kind == "tool"}
PARTS = {thing.code for thing in catalogue.EQUIPMENT if thing.kind == "part"}
SITES = {site.key for site in places.SITES}
BUILDINGS = {client: {building.code for _, building in places.buildings(client)} for client in CLIENTS}
FICTIONAL_PHONE = re.compile(r"(01 99 00|02 61 91|06 39 98)( \d\d){2}")


@pytest.fixture(scope="module")
def tickets() -> list[Draft]:
    return drafts()


def holds(technician: Technician, right: str, day: int = 0) -> bool:
    return any(
        grant.right == right and grant.from_day <= day and (grant.to_day is None or day <= grant.to_day)
        for grant in technician.rights
    )


def unique(values: list[str]) -> bool:
    return len(set(values)) == len(values)


def test_some_sixty_buildings_stand_in_rennes() -> None:
    buildings = [building for site in places.SITES for building in site.buildings]
    assert 55 <= len(buildings) <= 65
    assert unique([building.code for building in buildings])
    assert unique([building.name for building in buildings])
    assert all(48.07 < building.latitude < 48.14 for building in buildings)
    assert all(-1.74 < building.longitude < -1.60 for building in buildings)
    assert unique([f"{building.latitude} {building.longitude}" for building in buildings])


def test_every_site_belongs_to_a_client_and_opens_in_order() -> None:
    assert {site.client for site in places.SITES} == CLIENTS
    assert unique([site.key for site in places.SITES])
    for site in places.SITES:
        edges = [minute for span in site.hours for minute in span]
        assert edges == sorted(set(edges))


def test_each_client_has_a_kiosk_in_one_of_its_buildings() -> None:
    assert {kiosk.client for kiosk in places.KIOSKS} == CLIENTS
    assert all(kiosk.building in BUILDINGS[kiosk.client] for kiosk in places.KIOSKS)


@pytest.mark.parametrize("client", sorted(CLIENTS))
def test_categories_name_skills_rights_and_tools_that_exist(client: str) -> None:
    categories = catalogue.CATEGORIES[client]
    assert unique([category.code for category in categories])
    for category in categories:
        assert category.skill in SKILLS
        assert category.kind in ("incident", "request")
        assert category.mode in ("on_site", "remote")
        assert category.right is None or f"{client}:{category.right}" in RIGHTS
        assert set(category.tools) <= TOOLS


def test_twenty_five_technicians_name_only_what_exists() -> None:
    assert len(TECHNICIANS) == 25
    assert unique([technician.code for technician in TECHNICIANS])
    for technician in TECHNICIANS:
        assert technician.base in places.BASES
        assert technician.profile in ("walk", "bike", "car", "transit")
        assert technician.shift in SHIFTS
        assert set(technician.skills) <= SKILLS
        assert set(technician.skills.values()) <= {1, 2, 3}
        assert {grant.right for grant in technician.rights} <= RIGHTS
        assert set(technician.accesses) <= CLIENTS | SITES
        assert set(technician.tools) <= TOOLS
        assert {part for part, _ in technician.parts} <= PARTS


def test_the_crew_shows_what_a_crew_goes_through() -> None:
    assert len([technician for technician in TECHNICIANS if technician.absence]) == 1
    assert [technician.seconded_to for technician in TECHNICIANS if technician.seconded_to] == [
        "breizh-energie"
    ]
    assert len([technician for technician in TECHNICIANS if technician.on_call]) == 1
    assert {technician.shift for technician in TECHNICIANS} == set(SHIFTS) - {"on_call"}
    assert [technician.name for technician in TECHNICIANS if technician.max_visits] == ["Ulysse Garnier"]
    assert any(grant.to_day == 1 for technician in TECHNICIANS for grant in technician.rights)


def test_kiosk_duties_lie_within_shifts_at_kiosks() -> None:
    duties = [(technician, technician.duty) for technician in TECHNICIANS if technician.duty]
    assert {duty.building for _, duty in duties} == {kiosk.building for kiosk in places.KIOSKS}
    for technician, duty in duties:
        shift = SHIFTS[technician.shift]
        assert shift.start <= duty.start < duty.end <= shift.end


def test_shifts_leave_room_for_the_meal() -> None:
    for shift in SHIFTS.values():
        assert shift.start < shift.end
        if shift.meal:
            earliest, latest = shift.meal_window
            assert shift.start <= earliest <= latest <= shift.end - shift.meal


def test_nobody_is_named_twice_and_every_number_is_fictional() -> None:
    everybody = requesters()
    assert len(everybody) == 80
    groups: tuple[Iterable[Technician | Account | Requester], ...] = (TECHNICIANS, ACCOUNTS, everybody)
    signed = [(person.name, person.email) for group in groups for person in group]
    assert unique([name for name, _ in signed])
    assert all(name.isprintable() and name == name.strip() for name, _ in signed)
    assert unique([email for _, email in signed])
    assert all(email.endswith(".example") and email.isascii() for _, email in signed)
    phones = [technician.phone for technician in TECHNICIANS] + [person.phone for person in everybody]
    assert unique(phones)
    assert all(FICTIONAL_PHONE.fullmatch(phone) for phone in phones)


def test_requesters_sit_in_buildings_of_their_client() -> None:
    everybody = requesters()
    assert all(person.building in BUILDINGS[person.client] for person in everybody)
    assert {person.name for person in everybody if person.vip} == VIPS
    assert {person.name for person in everybody if person.language == "en"} == ENGLISH


def test_accounts_cover_the_roles_for_each_client() -> None:
    for client in CLIENTS:
        roles = {account.role for account in ACCOUNTS if not account.clients or client in account.clients}
        assert roles == {"administrator", "dispatcher", "phone_agent", "client_contact"}


def test_preferences_name_people_who_exist() -> None:
    codes = {technician.code for technician in TECHNICIANS}
    asking = {(person.client, person.name) for person in requesters()}
    for preference in PREFERENCES:
        assert preference.technician in codes
        assert preference.kind in ("prefers", "excludes")
        assert preference.requester is None or (preference.client, preference.requester) in asking


@pytest.mark.parametrize("phrase", [OUTAGE, *INCIDENTS, *REQUESTS], ids=lambda phrase: phrase.summary)
@pytest.mark.parametrize("client", sorted(CLIENTS))
def test_each_phrase_fits_a_category_and_names_the_right_it_asks_for(client: str, phrase: Phrase) -> None:
    category = catalogue.category(client, phrase.category)
    assert phrase.reasons
    assert category.skill in SKILLS
    if "admin_rights" in phrase.reasons:
        assert f"{client}:{phrase.right or category.right}" in RIGHTS
    assert {part for part, _ in phrase.parts} <= PARTS


def test_the_phrases_come_to_about_sixty_different_ones() -> None:
    summaries = [phrase.summary for phrase in (OUTAGE, *INCIDENTS, *REQUESTS)]
    assert len(summaries) >= 60
    assert unique(summaries)


def test_two_hundred_tickets_are_the_same_on_each_run(tickets: list[Draft]) -> None:
    assert len(tickets) == 200
    assert drafts() == tickets
    assert drafts(seed="another") != tickets


def test_no_two_tickets_read_the_same(tickets: list[Draft]) -> None:
    assert unique([f"{draft.summary} {draft.description} {draft.requester}" for draft in tickets])
    assert unique([f"{draft.client} {draft.external_id}" for draft in tickets])


def test_no_ticket_keeps_a_gap_or_breaks_french_spacing(tickets: list[Draft]) -> None:
    for draft in tickets:
        text = f"{draft.summary} {draft.description} {draft.steps_tried}"
        assert "{" not in text
        assert not re.search(r" [;:!?%»]|« |'", text), text
        assert not re.search(r"\bde [AEÉIO][a-zé]", text), text
        assert draft.summary[0].isupper()


def test_tickets_name_people_and_places_of_their_client(tickets: list[Draft]) -> None:
    emails = {person.email: person.client for person in requesters()}
    for draft in tickets:
        assert emails[draft.requester] == draft.client
        assert draft.contact is None or emails[draft.contact] == draft.client
        assert draft.contact != draft.requester
        assert draft.building in BUILDINGS[draft.client]
        assert (draft.asset is None) == ("asset" in draft.unknown)
        assert (draft.desk is None) == ("desk" in draft.unknown)
        assert draft.minutes % 5 == 0
        assert (draft.right is not None) == ("admin_rights" in draft.reasons)


def test_the_tickets_are_mixed(tickets: list[Draft]) -> None:
    assert all(count >= 40 for count in Counter(draft.client for draft in tickets).values())
    assert all(count >= 40 for count in Counter(draft.kind for draft in tickets).values())
    assert all(count >= 60 for count in Counter(draft.mode for draft in tickets).values())
    priorities = Counter(priority_of(draft.impact, draft.urgency) for draft in tickets)
    assert priorities[1] == 1
    assert all(priorities[level] >= 10 for level in (2, 3, 4))


def test_every_ticket_but_the_outage_has_somebody_who_could_do_it(tickets: list[Draft]) -> None:
    for draft in tickets[1:]:
        assert candidates(draft), draft


def test_only_damien_could_take_the_outage_and_only_with_the_right_that_ended_yesterday(
    tickets: list[Draft],
) -> None:
    outage = tickets[0]
    assert (outage.client, outage.building) == ("acme", OUTAGE_BUILDING)
    assert priority_of(outage.impact, outage.urgency) == 1
    assert candidates(outage) == []
    assert [technician.code for technician in candidates(outage, day=-1)] == [LAPSED_HOLDER]
    assert (LAPSED.right, LAPSED.to_day) == (f"acme:{outage.right}", -1)


def candidates(draft: Draft, day: int = 0) -> list[Technician]:
    """Who has skill, right, access, tools and parts for the ticket, and is there."""
    category = catalogue.category(draft.client, draft.category)
    (site,) = (site for site, building in places.buildings(draft.client) if building.code == draft.building)
    access = site.key if site.needs_access else draft.client
    return [
        technician
        for technician in TECHNICIANS
        if technician.skills.get(category.skill, 0) >= category.level
        and (draft.right is None or holds(technician, f"{draft.client}:{draft.right}", day))
        and (draft.mode == "remote" or access in technician.accesses)
        and set(draft.tools) <= set(technician.tools)
        and all(dict(technician.parts).get(part, 0) >= number for part, number in draft.parts)
        and technician.seconded_to in (None, draft.client)
        and technician.absence is None
        and not excluded(technician, draft)
    ]


def excluded(technician: Technician, draft: Draft) -> bool:
    emails = {person.name: person.email for person in requesters()}
    return any(
        preference.kind == "excludes"
        and (preference.client, preference.technician) == (draft.client, technician.code)
        and (preference.requester is None or emails[preference.requester] == draft.requester)
        for preference in PREFERENCES
    )
