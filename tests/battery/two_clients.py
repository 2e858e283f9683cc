"""Two clients in two territories, everything one of them owns, and the people of the other who ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models import queue
from dispatch.models.action import Action
from dispatch.models.device import Device
from dispatch.models.note import DayNote
from dispatch.models.plan import PlanRun
from dispatch.models.plan_change import ChangedJob, PlanChange
from dispatch.models.technician import Technician
from dispatch.models.ticket import Attachment, Requester, Ticket
from dispatch.models.user import User
from dispatch.models.word import Word
from dispatch.planning.journal import place_of
from tests import factories as make

SECRET = "Coffre"  # in every text of Breizh


@dataclass
class Owned:
    """What Breizh owns, and its people."""

    client: Any
    territory: Any
    building: Any
    category: Any
    right: Any
    requester: Requester
    ticket: Ticket
    job: Any
    run: PlanRun
    note: DayNote
    what_if: PlanRun
    attachment: Attachment
    technician: Technician
    dispatcher: User
    change: PlanChange
    device: Device
    action: Action
    word: Word
    kiosk: Any
    entry: Any


def of_breizh() -> Owned:
    """A ticket with a file, a job with a technician, a proposal: all in Breizh's own territory Brest."""
    brest, owner = make.territory("brest"), make.client("breizh")
    owner.territory_id = brest.id
    site = make.site(f"{SECRET} Kerlann", owner, territory_id=brest.id)
    building = make.building(f"{SECRET} Kerlann", at_site=site)
    requester = make.requester(f"{SECRET} Nolwenn", owner)
    right = make.right("safe", owner)
    category = make.category("safe", owner)
    ticket = make.ticket(f"{SECRET} en panne", owner, requester_id=requester.id, building_id=building.id)
    technician = make.technician("Yann", territory_id=brest.id)
    job = make.job(of=ticket, technician=technician, territory_id=brest.id)
    run = PlanRun(territory_id=brest.id, day=make.MONDAY, seconds=1, state="proposed", requested_at=make.at("07:00"),
                  client_ids=[owner.id], basis={"jobs": {}}, proposal={}, diff=[], unassigned=[])  # fmt: skip
    dispatcher = make.user("Bérénice", "dispatcher", [owner])
    assumed = {"kind": "longer", "job": job.id, "number": job.number, "summary": SECRET, "minutes": 90}
    what_if = PlanRun(territory_id=brest.id, day=make.MONDAY, seconds=1, state="proposed", requested_at=make.at("07:00"),
                      requested_by_id=dispatcher.id, client_ids=[owner.id], basis={"jobs": {}}, proposal={}, diff=[],
                      unassigned=[], assumed=[assumed])  # fmt: skip
    attachment = Attachment(ticket_id=ticket.id, filename=f"{SECRET}.txt", content_type="text/plain", size=1,
                            sha256="0" * 64, uploaded_at=make.at("07:00"))  # fmt: skip
    place = place_of(job)
    touched = ChangedJob(
        job_id=job.id, client_id=owner.id, before=place | {"lock": "technician"}, after=place
    )
    change = PlanChange(territory_id=brest.id, at=now(), by_id=dispatcher.id, kind="lock", jobs=[touched])
    db.session.add_all([run, what_if, attachment, change])
    db.session.flush()
    note = DayNote.write(brest, make.MONDAY, f"{SECRET} : prévenir Nolwenn", dispatcher)
    device, _secret = Device.register(technician.user, f"{SECRET} phone")
    db.session.flush()
    action = Action(user_id=technician.user.id, device_id=device.id, job_id=job.id, territory_id=brest.id, key="matrix-0",
                    seq=1, kind="note", number=job.number, body={"note": f"{SECRET} ouvert"}, fingerprint="",
                    received_at=make.at("07:00"), outcome="review", reason="illegal")  # fmt: skip
    word = Word(kind="help", technician_id=technician.id, territory_id=brest.id, client_id=owner.id, job_id=job.id,
                at=make.at("07:00"), reason="hands", note=f"{SECRET} lourd", due={}, told={})  # fmt: skip
    db.session.add_all([action, word])
    kiosk = make.kiosk(f"{SECRET} kiosque", building)
    entry = queue.check_in(kiosk, technician.user, visitor=f"{SECRET} Nolwenn", subject=f"{SECRET} badge")
    db.session.flush()
    return Owned(owner, brest, building, category, right, requester, ticket, job, run, note, what_if, attachment,
                 technician, dispatcher, change, device, action, word, kiosk, entry)  # fmt: skip


def people_of_acme() -> dict[str, User]:
    """One person per role, each for Acme alone, in Rennes; Acme has work of its own there."""
    acme = make.client("acme")
    roles = {
        "phone_agent": "Paula",
        "dispatcher": "Denis",
        "client_contact": "Carole",
        "administrator": "Adèle",
    }
    tariq = make.technician("Tariq")
    make.job("Imprimante muette", technician=tariq)
    assert tariq.user is not None
    return {"technician": tariq.user} | {role: make.user(name, role, [acme]) for role, name in roles.items()}
