"""The tests' own tools keep their promises."""

from sqlalchemy import func, select

from dispatch.models.user import User
from tests import factories as make
from tests.people import signed_in


def test_everybody_of_the_cast_can_open_his_pages(app, cast):
    for person in cast.everybody():
        answer = signed_in(app, person).get("/", follow_redirects=True)
        assert answer.status_code == 200, person.name


def test_what_a_request_writes_is_seen_by_the_test(app, cast):
    browser = signed_in(app, cast.paula)
    answer = browser.post("/language", data={"language": "en"})
    assert answer.status_code == 302
    assert cast.paula.language == "en"


def test_factories_make_shared_things_once(session):
    assert make.job("Écran noir").ticket.client is make.job("Souris cassée").ticket.client
    make.user("Paula")
    make.user("Paula")
    assert session.scalar(select(func.count(User.id))) == 1


def test_a_planned_job_has_its_place_in_the_day(session_on_both):
    tariq = make.technician(skills={"workstation": 2}, rights=[make.right()])
    job = make.job(technician=tariq, start=make.at("10:15"), minutes=45)
    session_on_both.commit()
    assert (job.state, job.day, job.planned_end) == ("dispatched", make.MONDAY, make.at("11:00"))
    assert tariq.skills[0].level == 2
    assert tariq.rights[0].admin_right.code == "local_admin"
