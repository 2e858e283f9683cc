"""What all pages share: the language before anybody has chosen, and what is noted of a crash."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import pytest

from dispatch.logs import JsonFormatter


@pytest.mark.parametrize("default", ["fr", "en"])
def test_a_visitor_reads_the_default_language_whatever_his_browser_asks_for(app, client, default):
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], default_language=default)
    page = client.get("/sign-in", headers={"Accept-Language": "en" if default == "fr" else "fr"})
    assert f'<html lang="{default}"' in page.text


def test_what_he_chooses_wins(app, client):
    app.config["WTF_CSRF_ENABLED"] = False
    client.post("/language", data={"language": "en"})
    assert '<html lang="en"' in client.get("/sign-in").text


def test_the_number_on_the_error_page_finds_where_it_broke_but_nothing_that_was_typed(app, client, caplog):
    def broken():
        try:
            raise KeyError("a secret")
        except KeyError as error:
            raise LookupError("another secret") from error

    broken.public = True
    app.add_url_rule("/broken", "broken", broken)
    app.config.update(PROPAGATE_EXCEPTIONS=False)
    with caplog.at_level(logging.ERROR):
        page = client.get("/broken?q=third secret", headers={"X-Request-Id": "number-1234"})
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    line = JsonFormatter().format(record)
    told = json.loads(line)
    assert "number-1234" in page.text
    assert (told["message"], told["method"], told["endpoint"]) == ("unhandled LookupError", "GET", "broken")
    assert "KeyError" in told["frames"]
    assert told["frames"][-1].endswith(" broken")
    assert "secret" not in line
