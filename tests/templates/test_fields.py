"""The macros of shared/fields.html: what a screen reader hears, what an agent is told to ask."""

from __future__ import annotations

import pytest
from flask import render_template_string
from wtforms import BooleanField, Form, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

IMPORT = "{% from 'shared/fields.html' import field, text, area, dropdown, cards, tick %}"


class Handover(Form):
    summary = StringField("Summary", [InputRequired("Say what is wrong.")], description="One line.")
    building = SelectField("Building", choices=[SelectChoice("1", "Colbert"), SelectChoice("2", "Villejean")])
    impact = RadioField("Impact", choices=[
        SelectChoice("1", "Everybody", {"small": "the whole site"}), SelectChoice("2", "One person"),
    ])  # fmt: skip
    vip = BooleanField("VIP")


@pytest.fixture
def draw(app):
    """Draw a piece of template that may use every macro of the file."""

    def drawn(source, **context):
        with app.test_request_context():
            return render_template_string(IMPORT + source, **context)

    return drawn


def test_an_error_is_tied_to_its_field(draw):
    page = draw("{{ text('phone', 'Phone', error='Ten digits.', hint='Today.') }}")
    assert 'aria-describedby="phone-hint phone-error"' in page
    assert 'aria-invalid="true"' in page
    assert 'id="phone-error"' in page and "Ten digits." in page


def test_the_sentence_to_ask_takes_the_place_of_the_error(draw):
    page = draw("{{ text('phone', 'Phone', error='Missing.', ask='Which number?') }}")
    assert "<q>Which number?</q>" in page
    assert "Missing." not in page


def test_a_field_that_may_be_unknown_never_blocks_the_form_in_the_browser(draw):
    page = draw("{{ text('floor', 'Floor', required=True, unknown='floor_unknown', unknown_checked=True) }}")
    assert 'name="floor_unknown" value="1" checked' in page
    assert " required" not in page.split('id="floor"')[1].split(">")[0]


def test_attributes_are_bare_when_true_and_absent_when_false(draw):
    page = draw("{{ text('q', 'Q', autofocus=True, disabled=False, data_x='a') }}")
    assert " autofocus" in page and ' data-x="a"' in page
    assert "disabled" not in page


def test_what_somebody_typed_cannot_become_markup(draw):
    page = draw("{{ area('note', 'Note', typed) }}", typed="</textarea><b>")
    assert "<b>" not in page


def test_the_chosen_option_and_card_are_marked(draw):
    choices = "[('1', 'Colbert'), ('2', 'Villejean')]"
    assert '<option value="2" selected>' in draw("{{ dropdown('b', 'B', " + choices + ", value=2) }}")
    several = draw("{{ cards('r', 'R', [('time', 'Time', none), ('presence', 'Presence', 'A visit')],"
                   " value=['presence'], several=True) }}")  # fmt: skip
    assert 'value="presence" checked' in several and 'value="time" checked' not in several
    assert "<small>A visit</small>" in several


def test_a_wtforms_field_brings_its_label_hint_and_error(draw):
    form = Handover(data={"summary": ""})
    form.validate()
    page = draw("{{ field(form.summary) }}", form=form)
    assert '<label for="summary">Summary</label>' in page
    assert 'aria-describedby="summary-hint summary-error"' in page
    assert "Say what is wrong." in page and "One line." in page


def test_wtforms_choices_become_a_list_or_cards(draw):
    form = Handover(data={"building": "2", "impact": "1", "vip": True})
    assert '<option selected value="2">' in draw("{{ field(form.building) }}", form=form)
    cards = draw("{{ field(form.impact) }}", form=form)
    assert 'name="impact" value="1" checked' in cards and "<small>the whole site</small>" in cards
    assert 'id="vip" name="vip" value="1" checked' in draw("{{ field(form.vip) }}", form=form)
