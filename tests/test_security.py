"""What becomes of a page whose session has ended while somebody typed."""

from __future__ import annotations

from dispatch.extensions import db
from dispatch.models.user import Session
from tests.people import signed_in

HTMX = {"HX-Request": "true"}


def end_sessions():
    for session in db.session.query(Session):
        session.end()


def test_a_write_after_the_end_of_a_session_is_refused_in_words_and_leads_nowhere(app, cast):
    paula = signed_in(app, cast.paula, language="en")
    end_sessions()
    answer = paula.post("/tickets", data={"summary": "Écran noir"}, headers=HTMX)
    assert (answer.status_code, answer.mimetype) == (401, "text/plain")
    assert "HX-Redirect" not in answer.headers
    assert answer.text.startswith("Votre session est terminée")


def test_so_is_one_whose_cookie_is_gone(app, client):
    answer = client.post("/tickets", data={"summary": "Écran noir"}, headers=HTMX)
    assert (answer.status_code, answer.mimetype) == (401, "text/plain")
    assert "HX-Redirect" not in answer.headers


def test_a_look_leads_to_the_sign_in(client):
    answer = client.get("/board", headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in")


def test_after_a_new_sign_in_the_page_gets_a_token_with_which_the_next_try_succeeds(app, cast):
    paula = signed_in(app, cast.paula)
    stale = {**HTMX, "X-CSRFToken": "of the session before"}
    refused = paula.post("/language", data={"language": "en"}, headers=stale)
    assert (refused.status_code, refused.mimetype, cast.paula.language) == (400, "text/plain", "fr")
    fresh = {**HTMX, "X-CSRFToken": refused.headers["X-CSRFToken"]}
    assert paula.post("/language", data={"language": "en"}, headers=fresh).status_code == 302
    assert cast.paula.language == "en"


def test_a_write_of_another_site_gets_no_token_without_a_session(client):
    assert "X-CSRFToken" not in client.post("/tickets", headers=HTMX).headers
