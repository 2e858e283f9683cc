"""Texts of templates in the language of the request, as Flask-Babel finds them."""

from __future__ import annotations

import pytest
from flask import render_template_string
from flask_babel import force_locale

MANY = "{{ ngettext('%(num)d other', '%(num)d others', many) }}"
TO = "{{ _('Goes %(to)s, %(day)s', to=to, day=2) }}"


@pytest.fixture(autouse=True)
def request_in_french(app):
    with app.test_request_context("/", headers={"Accept-Language": "fr"}):
        yield


def test_a_language_that_is_forced_for_a_while_holds_for_that_while():
    told = [render_template_string(MANY, many=2)]
    with force_locale("en"):
        told.append(render_template_string(MANY, many=2))
        with force_locale("fr"):
            told.append(render_template_string(MANY, many=1))
        told.append(render_template_string(MANY, many=1))
    told.append(render_template_string(MANY, many=1))
    assert told == ["2 autres", "2 others", "1 autre", "1 other", "1 autre"]


def test_what_is_put_into_a_text_is_escaped_where_the_template_escapes():
    assert "&lt;b&gt;" in render_template_string(TO, to="<b>")
    assert "<b>" in render_template_string("{% autoescape false %}" + TO + "{% endautoescape %}", to="<b>")


def test_a_sign_of_percent_is_one_sign():
    with force_locale("en"):
        told = render_template_string("{{ _('%(percent)s %% more', percent=3) }} {{ _('100 %%') }}")
    assert told == "3 % more 100 %"


def test_values_may_have_any_name():
    with force_locale("en"):
        told = render_template_string(
            "{{ _('on the way to %(place)s, seen at %(time)s', place='A', time='9') }}"
            "{{ ngettext('%(text)s', '%(one)s %(many)s', 2, text='', one='B', many='C') }}"
        )
    assert told == "on the way to A, seen at 9B C"
