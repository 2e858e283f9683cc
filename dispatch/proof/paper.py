"""The document of a report: a PDF in the requester's language, the same bytes for the same report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    Flowable,
    Image,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from dispatch.dates import moment_in_words
from dispatch.labels import floor_words, label
from dispatch.models.job import Job
from dispatch.models.ticket import Attachment
from dispatch.proof.words import Proof, proof_of
from dispatch.web import minutes

LANGUAGES = ("fr", "en")
_FONTS = Path(__file__).parent / "fonts"
_INK, _SOFT, _LINE = HexColor("#16212a"), HexColor("#5a6872"), HexColor("#d5dde2")
_WIDTH = A4[0] - 36 * mm
_PHOTO = (56 * mm, 56 * mm)
_SIGNATURE = (70 * mm, 26 * mm)
_TEXT = ParagraphStyle("text", fontName="DejaVu", fontSize=9.5, leading=13.5, textColor=_INK)
_NAME = ParagraphStyle("name", parent=_TEXT, textColor=_SOFT)
_SMALL = ParagraphStyle("small", parent=_NAME, fontSize=8, leading=11)
_TITLE = ParagraphStyle("title", parent=_TEXT, fontName="DejaVuBold", fontSize=17, leading=22)
_HEAD = ParagraphStyle(
    "head", parent=_TEXT, fontName="DejaVuBold", fontSize=11, leading=15, spaceBefore=12, spaceAfter=4
)


def language_of(job: Job) -> str:
    """The requester's, else the client's, else French."""
    asked = job.ticket.requester.language if job.ticket.requester else job.client.language
    return asked if asked in LANGUAGES else "fr"


def write(job: Job, number: int) -> bytes:
    """The document of the job's report, which there is; the one of that number."""
    _load_fonts()
    out = BytesIO()
    with force_locale(language_of(job)):
        proof = proof_of(job)
        assert proof is not None
        title = _title(job)
        document = SimpleDocTemplate(
            out, pagesize=A4, leftMargin=18 * mm, rightMargin=18 * mm, topMargin=16 * mm, bottomMargin=18 * mm,
            title=title, author=provider(), lang=language_of(job), invariant=1,
        )  # fmt: skip
        foot = f"{provider()} · {title}"
        document.build(
            list(_story(job, proof, number)), onFirstPage=_footer(foot), onLaterPages=_footer(foot)
        )
    return out.getvalue()


def provider() -> str:
    """Whose technicians they are."""
    return str(current_app.config["SETTINGS"].provider_name)


def _story(job: Job, proof: Proof, number: int) -> Iterator[Flowable]:
    report = proof.report
    yield Paragraph(escape(provider()), _NAME)
    yield Paragraph(escape(_title(job)), _TITLE)
    yield Spacer(1, 4 * mm)
    yield _facts(_what(job))
    yield Paragraph(escape(_("Work report")), _HEAD)
    yield _facts(_done(proof))
    if proof.checks:
        yield Paragraph(escape(_("Checklist")), _HEAD)
        yield _facts(
            [(question, _("Done") if done else _("Not done")) for question, done in proof.checks], 0.75
        )
    if proof.photos:
        yield from _photos(proof)
    yield KeepTogether([Paragraph(escape(_("Signature")), _HEAD), *_signature(proof)])
    written = _time(report.changed_at, job.client.zone)
    yield Spacer(1, 6 * mm)
    yield Paragraph(escape(_("Written on %(time)s, version %(number)d", time=written, number=number)), _SMALL)


def _title(job: Job) -> str:
    return _("Report of intervention %(number)s", number=job.number)


def _what(job: Job) -> list[tuple[str, str]]:
    ticket, zone = job.ticket, job.client.zone
    place = [job.building.full_name, job.building.address] if job.building else []
    facts = [
        (_("Client"), job.client.name), (_("Requester"), ticket.requester.name if ticket.requester else ""),
        (_("Ticket"), " · ".join(filter(None, (ticket.number, ticket.external_id)))), (_("Job"), job.number),
        (_("Subject"), ticket.summary), (_("Place"), " · ".join(filter(None, (*place, job.floor and floor_words(job.floor), job.desk)))),
        (_("Technician"), job.technician.name if job.technician else ""),
        (_("Work began"), _time(job.working_at, zone)), (_("Work ended"), _time(job.ended_at, zone)),
    ]  # fmt: skip
    return [(name, value) for name, value in facts if value]


def _done(proof: Proof) -> list[tuple[str, str]]:
    report = proof.report
    facts = [
        (_("What was done"), proof.done or "–"),
        (_("Cause"), str(label(report.cause, "cause")) if report.cause else ""),
        (_("Time worked"), proof.brief or minutes(report.minutes_worked)),
        (_("Parts used"), "\n".join(f"{count} × {name}" for name, count in proof.parts)),
    ]
    return [(name, value) for name, value in facts if value]


def _photos(proof: Proof) -> Iterator[Flowable]:
    pictures = [_picture(photo, _PHOTO) for photo in proof.photos]
    rows = [pictures[first : first + 3] for first in range(0, len(pictures), 3)]
    rows[-1] += [""] * (3 - len(rows[-1]))
    yield Paragraph(escape(_("Photos")), _HEAD)
    yield Table(
        rows,
        colWidths=[_WIDTH / 3] * 3,
        hAlign="LEFT",
        style=[("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)],
    )


def _signature(proof: Proof) -> Iterator[Flowable]:
    report = proof.report
    if report.unsigned:
        said = f"{label(report.unsigned, 'unsigned')}. " + _(
            "%(name)s did not sign: %(why)s", name=report.signer or "–", why=report.unsigned_why or "–"
        )
        yield Paragraph(escape(said), _TEXT)
        return
    if report.signature:
        yield _picture(report.signature, _SIGNATURE)
    if report.signer:
        typed = _("name typed, no signature")
        told = report.signer if report.signature else f"{report.signer} ({typed})"
        yield Paragraph(escape(told), _TEXT)
    elif not report.signature:
        yield Paragraph("–", _TEXT)


def _picture(kept: Attachment, most: tuple[float, float]) -> Flowable:
    path = current_app.config["SETTINGS"].uploads / kept.token
    if not path.is_file():
        return Paragraph("–", _TEXT)
    return Image(str(path), *most, kind="proportional", hAlign="LEFT")


def _facts(pairs: list[tuple[str, str]], share: float = 0.24) -> Flowable:
    rows = [[Paragraph(_plain(name), _NAME), Paragraph(_plain(value), _TEXT)] for name, value in pairs]
    lines = TableStyle([
        ("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE), ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ])  # fmt: skip
    return Table(
        rows, colWidths=[_WIDTH * share, _WIDTH * (1 - share)], style=lines, hAlign="LEFT", splitInRow=1
    )


def _plain(text: str) -> str:
    return escape(text).replace("\n", "<br/>")


def _time(at: datetime | None, zone: str) -> str:
    if at is None:
        return ""
    local = at.astimezone(ZoneInfo(zone))
    return moment_in_words(local, "d MMMM yyyy, HH:mm")


def _footer(words: str) -> Any:
    def draw(canvas: Any, document: Any) -> None:
        canvas.setFont("DejaVu", 7.5)
        canvas.setFillColor(_SOFT)
        canvas.drawString(18 * mm + 6, 10 * mm, words)
        canvas.drawRightString(A4[0] - 18 * mm - 6, 10 * mm, _("Page %(number)d", number=document.page))

    return draw


@cache
def _load_fonts() -> None:
    pdfmetrics.registerFont(TTFont("DejaVu", _FONTS / "DejaVuSans.ttf"))
    pdfmetrics.registerFont(TTFont("DejaVuBold", _FONTS / "DejaVuSans-Bold.ttf"))
