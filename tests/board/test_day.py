"""A territory's day on the board."""

from __future__ import annotations

import re
from datetime import timedelta

from dispatch.extensions import db
from dispatch.models.plan import Explanation, Plan
from dispatch.models.technician import RightGrant
from tests import factories as make
from tests.board.conftest import queries_of
from tests.people import signed_in

DAY = "/board?day=2026-11-23"


def explain(job, kind="impossible", reasons=(), outbid_by=(), fix=None):
    db.session.add(Explanation(job_id=job.id, at=make.at("09:00"), kind=kind, reasons=list(reasons),
                               outbid_by=[other.id for other in outbid_by], fix=fix or {}))  # fmt: skip


def test_diane_sees_who_does_what_in_order(diane, cast):
    make.job("VPN bloqué", technician=cast.zoe, start=make.at("14:00"))
    make.job("Écran noir", technician=cast.zoe, start=make.at("11:00"))
    page = diane.get(DAY).text
    row = page[page.index(f'id="route-{cast.zoe.id}"') :]
    assert row.index("11:00") < row.index("Écran noir") < row.index("14:00") < row.index("VPN bloqué")


def test_what_follows_an_overrun_shows_when_it_is_likely_to_begin(diane, cast):
    make.job("Trop long", technician=cast.zoe, start=make.at("09:00"), state="working")
    make.job("Suivante", technician=cast.zoe, start=make.at("09:40"), travel_seconds=600)
    page = diane.get(DAY).text
    assert page.count("probably</span>") == 1
    assert "<time>09:40</time>" in page
    assert "→</span> 10:10" in page


def test_the_five_figures_count_the_day(diane, cast):
    make.job(
        "En retard", technician=cast.zoe, of=make.ticket(due_at=make.at("10:20")), start=make.at("10:00")
    )
    make.job("Tranquille", technician=cast.tariq, start=make.at("11:00"), travel_seconds=600)
    make.job("Sans technicien")
    figures = re.sub(r"<svg.*?</svg>", "", diane.get(DAY).text)
    numbers = re.findall(r"<dt>\s*(.*?)</dt><dd>(.*?)</dd>", figures)
    assert numbers == [("planned jobs", "2"), ("unassigned job", "1"), ("at risk", "0"), ("late", "1"),
                       ("of travel", "10\xa0min")]  # fmt: skip


def test_an_unassigned_job_says_why_in_one_sentence_and_per_technician(diane, cast):
    right = make.right("network")
    right.label = "réseau Acme"
    db.session.add(
        RightGrant(
            technician_id=cast.zoe.id, admin_right_id=right.id, valid_to=make.MONDAY - timedelta(days=1)
        )
    )
    lacks = {"rule": "right", "values": {"missing": ["acme:network"]}}
    people = [{"technician_id": one.id, "technician": one.name, **lacks} for one in (cast.tariq, cast.zoe)]
    explain(make.job("Serveur HS"), reasons=people, fix=people[1])
    page = diane.get(DAY).text
    assert "nobody holds the right réseau Acme" in page
    assert "<dt>Tariq</dt><dd>does not hold the right réseau Acme that day</dd>" in page
    assert "Zoé, once the right réseau Acme is extended (expired on Sunday 22 November)" in page


def test_denis_sees_work_of_other_clients_as_busy_time_only(denis, cast):
    breizh = make.client("breizh")
    for start in ("11:00", "11:40"):
        make.job("Secret de Breizh", owner=breizh, technician=cast.zoe, start=make.at(start))
    make.job("Non affectée de Breizh", owner=breizh)
    page = denis.get(DAY).text
    assert "Breizh" not in page
    assert page.count("Other work") == 1, "two blocks in a row are told as one, so that nobody can count them"
    assert "<dd>0</dd>" in page[page.index('id="figures"') :]


def test_denis_is_not_told_for_which_other_client_somebody_is_away(denis, diane, cast):
    breizh = make.client("breizh", name="Breizh Énergie")
    make.duty(cast.tariq, ("13:00", "15:00"), make.kiosk("Kiosque Breizh", make.building("Tour", breizh)))
    make.secondment(cast.zoe, breizh)
    whole, page = diane.get(DAY).text, denis.get(DAY).text
    assert "Kiosque Breizh" in whole and "seconded to Breizh Énergie" in whole
    assert "Kiosk duty" in page and "Breizh" not in page


def test_work_that_outbid_a_job_is_named_only_to_those_who_may_see_it(denis, diane, cast):
    breizh = make.client("breizh")
    ours = make.job("Le nôtre", technician=cast.zoe)
    theirs = make.job("Le leur", owner=breizh, technician=cast.tariq)
    explain(make.job("Perdant"), "outbid", outbid_by=[ours, theirs])
    assert f"{ours.number}, {theirs.number} go first" in diane.get(DAY).text
    told = denis.get(DAY).text
    assert f"{ours.number} and work of other clients go first" in told
    assert theirs.number not in told


def test_an_absent_technician_a_break_and_kiosk_duty_are_shown(diane, cast):
    make.absence(cast.zoe)
    make.duty(cast.tariq, ("13:00", "15:00"))
    page = diane.get(DAY).text
    assert "Absent" in page[page.index(f'id="route-{cast.zoe.id}"') :]
    assert "Kiosque Colbert" in page[page.index(f'id="route-{cast.tariq.id}"') :]


def test_an_unfinished_job_waits_for_a_decision_until_something_follows(diane, cast):
    job = make.job("Imprimante", technician=cast.zoe, state="not_completed", outcome="user_absent")
    assert "nothing follows" in diane.get(DAY).text
    make.job(of=job.ticket)
    assert "nothing follows" not in diane.get(DAY).text


def test_a_day_without_worries_says_so(diane):
    assert "Nothing to decide" in diane.get(DAY).text


def test_a_plan_on_estimated_travel_times_says_so(diane):
    Plan.lock(make.territory().id, make.MONDAY).remarks = ["street_router_silent:walk"]
    assert "Some trips on foot are estimated" in diane.get(DAY).text


def test_an_unknown_day_or_territory_is_refused(diane):
    assert diane.get("/board?day=someday").status_code == 400
    assert diane.get("/board?territory=elsewhere").status_code == 404


def test_the_board_is_kept_for_those_who_dispatch(app, cast):
    from tests.people import signed_in

    for person in (cast.paula, cast.carole, cast.tariq.user):
        assert signed_in(app, person).get("/board").status_code == 403


def test_the_number_of_queries_does_not_grow_with_the_jobs(app, diane, cast):
    for number in range(5):
        make.job(f"Travail {number}", technician=cast.zoe, start=make.at("10:30") + timedelta(minutes=number))
        explain(make.job(f"Reste {number}"))
    few = queries_of(diane, DAY)
    for number in range(95):
        make.job(
            f"Encore {number}", technician=cast.tariq, start=make.at("10:30") + timedelta(minutes=number)
        )
        explain(make.job(f"Reste encore {number}"))
    assert queries_of(diane, DAY) == few


def test_work_beyond_a_shift_is_told_in_the_head_of_the_row(diane, cast):
    make.job("Tard", technician=cast.zoe, start=make.at("16:45"), minutes=30)
    page = diane.get("/board?territory=rennes&day=2026-11-23").text
    assert "until 17:15, +15\u00a0min" in page
    assert page.count("beyond the shift") == 1


def test_work_for_a_vip_says_so_on_its_block_and_on_its_card(app, diane, cast):
    boss = make.requester("Madame la directrice", vip=True)
    make.job(of=make.ticket("Portable", requester_id=boss.id), technician=cast.zoe, start=make.at("11:00"))
    make.job(of=make.ticket("Badge", contact_id=boss.id))
    make.job("Ordinaire", technician=cast.tariq, start=make.at("11:00"))
    page = diane.get(DAY).text
    block, other = (
        page[page.index(f'id="route-{one.id}"') :].split("</li>")[0] for one in (cast.zoe, cast.tariq)
    )
    assert 'aria-label="VIP"' in block or ">VIP<" in block, block
    assert "VIP" not in other
    assert "VIP" in page[page.index('class="decision') :].split("</li>")[0]
    assert "VIP" in signed_in(app, cast.zoe.user, "en").get("/jobs").text
