"""What reaches a board that is open while others work."""

from __future__ import annotations

import re

from dispatch import clock, live
from dispatch.extensions import db
from tests import factories as make
from tests.board.conftest import Htmx
from tests.people import signed_in


def news(browser, after, selected=""):
    return Htmx(browser).get(f"/board/news?territory=rennes&day=2026-11-23&after={after}&selected={selected}")


def test_a_move_by_somebody_else_is_drawn_and_told(app, diane, cast):
    job = make.job("Écran noir", technician=cast.zoe, start=make.at("11:00"))
    before = live.cursor()
    form = {"technician": cast.tariq.id, "version": job.version}
    signed_in(app, cast.ahmed, "en").post(f"/board/jobs/{job.number}/assignment", data=form)
    told = news(diane, before, selected=job.number).text
    swapped = set(re.findall(r'id="([\w-]+)"[^>]* hx-swap-oob', told))
    assert {
        f"route-{cast.zoe.id}",
        f"route-{cast.tariq.id}",
        "figures",
        "decisions",
        "detail",
        "cursor",
    } <= swapped
    assert f"{job.number} · Moved by hand to Tariq · Ahmed" in told
    assert int(re.search(r'id="cursor" value="(\d+)"', told)[1]) == live.cursor()


def test_the_panel_stays_as_it_is_when_another_job_changed(app, diane, cast):
    job, other = make.job("Écran noir", technician=cast.zoe), make.job("VPN bloqué")
    before = live.cursor()
    signed_in(app, cast.ahmed, "en").post(
        f"/board/jobs/{job.number}/lock", data={"lock": "both", "version": job.version}
    )
    assert 'id="detail"' not in news(diane, before, selected=other.number).text


def test_nothing_new_is_no_content(diane):
    assert news(diane, live.cursor()).status_code == 204


def test_what_the_clock_has_changed_is_drawn_though_nobody_did_anything(app, diane, cast):
    working = make.job("Trop long", technician=cast.zoe, state="working", start=make.at("10:00"))
    waits = make.job("Sans personne")
    waits.ticket.due_at = make.at("10:50")
    make.job("Au calme", technician=cast.tariq, start=make.at("16:00"))
    db.session.commit()

    def aged(drawn, at):
        drawn, page = (
            int(make.at(drawn).timestamp()),
            f"/board/news?territory=rennes&day=2026-11-23&after={live.cursor()}",
        )
        app.extensions.pop("common_days", None)  # seconds do not pass here
        with clock.at(make.at(at)):
            return Htmx(diane).get(f"{page}&drawn={drawn}")

    assert aged("10:31", "10:33").status_code == 204
    told = aged("10:34", "10:36").text
    assert (f'id="route-{cast.zoe.id}"' in told, f'id="route-{cast.tariq.id}"' in told) == (True, False)
    assert 'id="toasts"' not in told
    assert f'name="drawn" id="drawn" value="{int(make.at("10:36").timestamp()) - 5}"' in told
    working.state = "completed"
    db.session.commit()
    assert aged("10:48", "10:49").status_code == 204
    assert 'id="decisions"' in aged("10:49", "10:51").text


def test_one_does_not_hear_of_what_one_has_done_oneself(app, diane, cast):
    job = make.job("Écran noir", technician=cast.zoe)
    before = live.cursor()
    diane.post(f"/board/jobs/{job.number}/lock", data={"lock": "both", "version": job.version})
    assert 'id="toasts"' not in news(diane, before).text


def test_work_of_other_clients_is_redrawn_but_never_told(app, denis, cast):
    job = make.job("Secret", owner=make.client("breizh"), technician=cast.zoe, start=make.at("11:00"))
    before = live.cursor()
    signed_in(app, cast.diane, "en").post(
        f"/board/jobs/{job.number}/lock", data={"lock": "both", "version": job.version}
    )
    told = news(denis, before).text
    assert f'id="route-{cast.zoe.id}"' in told
    assert job.number not in told
    assert "Diane" not in told
