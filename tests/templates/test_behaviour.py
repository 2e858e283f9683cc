"""What the modules of static/js do on a page, in a real browser; the application answers without a server."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from flask import Response, render_template_string
from playwright.sync_api import expect

ORIGIN = "http://dispatch.test"
PAGE = """{% extends "layouts/plain.html" %}{% block main %}
<a href="/sheet" hx-get="/sheet" hx-target="#sheet">Open the sheet</a>
<button hx-post="/refused">Ask</button>
<button hx-post="/broken">Break</button>
<button hx-post="/nonsense">Ask nonsense</button>
<form id="old" hx-post="/old"><input type="hidden" name="csrf_token" value="old"><button>Send an old token</button></form>
<button hx-post="/large">Send a film</button>
<button hx-post="/done" hx-swap="none">Do it</button>
<div id="news" hx-get="" hx-target="this" hx-swap="innerHTML" hx-trigger="click, again"><p data-address="/news">No news</p></div>
<form hx-post="/conflict" hx-target="#region" hx-swap="outerHTML">
  <button data-confirm="Cancel this job?" data-confirm-label="Cancel it">Cancel the job</button></form>
<div id="region"><button id="take" hx-post="/conflict" hx-target="#region" hx-swap="outerHTML" data-shortcut="alt+o">Take</button></div>
{% endblock %}"""
SHEET = """<h2 id="sheet-title">Move to…</h2><button data-dialog-close>Close</button>"""
CONFLICT = """<div id="region">Karim has it now. <button id="take">Take</button></div>"""


@pytest.fixture
def page(app, desktop):
    """A page with one of everything, every request of which goes straight into the application."""
    app.config["WTF_CSRF_ENABLED"] = False
    _answer(app, "/page", lambda: render_template_string(PAGE))
    _answer(app, "/sheet", lambda: SHEET)
    _answer(app, "/refused", lambda: Response("Karim is on his way.", 403, content_type="text/plain"))
    _answer(app, "/large", lambda: ("<h1>Too large</h1>", 413))
    _answer(app, "/nonsense", lambda: ("<h1>Bad request</h1>", 400))
    renewed = {"X-CSRFToken": "new"}
    _answer(app, "/old", lambda: Response("Send once more.", 400, headers=renewed, content_type="text/plain"))
    _answer(app, "/broken", lambda: ("<h1>Traceback</h1>", 500))
    _answer(
        app, "/done", lambda: Response(headers={"HX-Trigger": '{"toast": {"text": "Moved", "tone": "ok"}}'})
    )
    answers = iter([("<h1>Down</h1>", 503), '<p data-address="/news">Moved to Zoé</p>'])
    _answer(app, "/news", lambda: next(answers))
    _answer(app, "/conflict", lambda: (CONFLICT, 409))
    client = app.test_client()

    def fulfil(route):
        path = urlsplit(route.request.url)
        answer = client.open(f"{path.path}?{path.query}", method=route.request.method)
        route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.get_data())

    desktop.route(f"{ORIGIN}/**", fulfil)
    desktop.goto(f"{ORIGIN}/page")
    return desktop


def _answer(app, path, view):
    def public():
        return view()

    public.public = True
    app.add_url_rule(path, path, public, methods=["GET", "POST"])


def test_the_sheet_opens_with_its_answer_and_gives_the_focus_back(page):
    page.click("text=Open the sheet")
    expect(page.get_by_role("dialog", name="Move to…")).to_be_visible()
    page.click("text=Close")
    expect(page.locator("#sheet")).to_be_hidden()
    expect(page.get_by_text("Open the sheet")).to_be_focused()


def test_a_refusal_is_told_in_its_own_words_and_a_crash_in_ours(page):
    page.click("text=Ask")
    expect(page.locator("#toasts .danger")).to_contain_text("Karim is on his way.")
    page.click("text=Break")
    expect(page.locator("#toasts .danger")).to_have_count(2)
    expect(page.locator("body")).not_to_contain_text("Traceback")


def test_what_is_too_large_is_told_as_such(page):
    page.click("text=Send a film")
    words = page.locator("#toasts").get_attribute("data-too-large")
    expect(page.locator("#toasts .danger")).to_contain_text(words)


def test_a_request_that_could_not_be_read_is_not_told_as_the_end_of_a_session(page):
    page.click("text=Ask nonsense")
    words = page.locator("#toasts").get_attribute("data-refused")
    expect(page.locator("#toasts .danger")).to_contain_text(words)


def test_after_a_new_sign_in_elsewhere_the_page_takes_the_new_token(page):
    page.click("text=Send an old token")
    expect(page.locator("#toasts .danger")).to_contain_text("Send once more.")
    expect(page.locator("body")).to_have_attribute("hx-headers", '{"X-CSRFToken":"new"}')
    expect(page.locator("#old [name=csrf_token]")).to_have_value("new")


def test_the_server_may_send_a_message_along(page):
    page.click("text=Do it")
    expect(page.locator("#toasts .ok")).to_contain_text("Moved")
    page.click("#toasts [data-dismiss]")
    expect(page.locator("#toasts .toast")).to_have_count(0)


def test_news_that_found_no_answer_are_asked_for_again_without_a_word(page):
    page.click("#news")
    expect(page.locator("#news")).to_have_text("Moved to Zoé", timeout=30_000)
    expect(page.locator("#toasts .toast")).to_have_count(0)


def test_nothing_is_sent_before_the_question_is_answered_with_yes(page):
    page.click("text=Cancel the job")
    question = page.get_by_role("dialog", name="Cancel this job?")
    question.locator("[value=no]").click()
    expect(page.locator("#region")).not_to_contain_text("Karim")
    page.click("text=Cancel the job")
    question.get_by_text("Cancel it").click()
    expect(page.locator("#region")).to_contain_text("Karim has it now.")


def test_a_shortcut_presses_its_button_and_the_focus_survives_the_swap(page):
    page.focus("#take")
    page.keyboard.press("Alt+o")
    expect(page.locator("#region")).to_contain_text("Karim has it now.")
    expect(page.locator("#take")).to_be_focused()
