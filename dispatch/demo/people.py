"""The technicians and the accounts of the demo. Nobody here exists.

Phone numbers are of the ranges that the French numbering plan keeps for fiction; addresses end in
`.example`. Days are counted from today: -1 is yesterday.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from dispatch.demo.catalogue import PROVIDER_DOMAIN


@dataclass(frozen=True, slots=True)
class Shift:
    """Minutes after local midnight; a meal break of `meal` minutes begins within `meal_window`."""

    start: int
    end: int
    meal: int = 0
    meal_window: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Grant:
    """An admin right by its key (`acme:local-admin`), from a day to a day, both included."""

    right: str
    from_day: int = -200
    to_day: int | None = None
    granted_by: str = "Nadia Ferhat"


@dataclass(frozen=True, slots=True)
class KioskDuty:
    """At the kiosk of that building from a minute to a minute of the local day."""

    building: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Technician:
    """`accesses` are clients (`acme`) or single sites (`acme/lorient`) that he may enter."""

    name: str
    phone: str
    base: str
    profile: str
    shift: str
    skills: dict[str, int]
    rights: tuple[Grant, ...]
    accesses: tuple[str, ...]
    tools: tuple[str, ...] = ()
    parts: tuple[tuple[str, int], ...] = ()
    max_visits: int | None = None
    seconded_to: str | None = None
    absence: str | None = None
    duty: KioskDuty | None = None
    on_call: bool = False

    @property
    def code(self) -> str:
        return slug(self.name)

    @property
    def email(self) -> str:
        return f"{slug(self.name, '.')}@{PROVIDER_DOMAIN}"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who signs in and is no technician; no clients means every client."""

    role: str
    name: str
    email: str
    clients: tuple[str, ...] = ()
    language: str = "fr"


@dataclass(frozen=True, slots=True)
class Preference:
    """`kind` is prefers or excludes; without a requester it is the whole client's."""

    client: str
    technician: str
    kind: str
    minutes: int = 10
    requester: str | None = None


def slug(name: str, joint: str = "-") -> str:
    """The name in lower-case ASCII, its words joined: an address, a code."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return joint.join(plain.replace("'", " ").replace("-", " ").split())


SHIFTS = {
    "early": Shift(450, 930, 45, (690, 780)),
    "normal": Shift(510, 1020, 45, (705, 810)),
    "late": Shift(600, 1110, 45, (735, 840)),
    "morning": Shift(510, 750),
    "afternoon": Shift(810, 1050),
    "on_call": Shift(1110, 1890),
}

BOTH = ("acme", "breizh-energie")
WITH_SITES = (*BOTH, "acme/lorient", "breizh-energie/conduite")
REPAIR = ("imaging-key", "screwdrivers")
SPARES = (("toner", 3), ("dock", 1), ("charger", 2), ("headset", 2))
DELIVERY = (("laptop", 2), ("dock", 2), ("charger", 2))


def _rights(*keys: str) -> tuple[Grant, ...]:
    return tuple(Grant(key) for key in keys)


ACME_LOCAL, ACME_ACCOUNTS = "acme:local-admin", "acme:accounts"
ACME_M365, ACME_VOIP, ACME_NETWORK = "acme:m365-admin", "acme:voip-admin", "acme:network-admin"
BREIZH_LOCAL, BREIZH_ACCOUNTS = "breizh-energie:local-admin", "breizh-energie:accounts"
BREIZH_M365, BREIZH_VOIP = "breizh-energie:m365-admin", "breizh-energie:voip-admin"
BREIZH_NETWORK = "breizh-energie:network-admin"

# What is wrong today: the one right that the most urgent ticket asks for ended yesterday.
LAPSED = Grant(ACME_NETWORK, from_day=-180, to_day=-1)
LAPSED_HOLDER = "damien-rault"

TECHNICIANS = (
    Technician("Alice Le Goff", "06 39 98 20 01", "colombier", "walk", "early",
               {"workstation": 3, "office365": 2, "printer": 2},
               _rights(ACME_LOCAL, ACME_ACCOUNTS, BREIZH_LOCAL),
               BOTH, REPAIR, SPARES),
    Technician("Baptiste Kermarrec", "06 39 98 20 02", "colombier", "walk", "normal",
               {"workstation": 2, "account_admin": 2, "office365": 1}, _rights(ACME_ACCOUNTS, ACME_LOCAL),
               BOTH, REPAIR, SPARES, duty=KioskDuty("republique", 510, 720)),
    Technician("Chloé Moreau", "06 39 98 20 03", "colombier", "bike", "normal",
               {"office365": 3, "browser_vpn": 2, "workstation": 1},
               _rights(ACME_M365, ACME_LOCAL, BREIZH_M365),
               BOTH),
    Technician("Damien Rault", "06 39 98 20 04", "colombier", "car", "normal",
               {"browser_vpn": 3, "workstation": 2, "telephony": 1},
               (*_rights(ACME_LOCAL, BREIZH_NETWORK), LAPSED),
               WITH_SITES, ("network-tester", "screwdrivers")),
    Technician("Élodie Guérin", "06 39 98 20 05", "villejean", "bike", "early",
               {"printer": 3, "workstation": 2}, _rights(ACME_LOCAL),
               BOTH, REPAIR, (("toner", 6), ("charger", 2))),
    Technician("Farid Benali", "06 39 98 20 06", "villejean", "car", "normal",
               {"workstation": 3, "browser_vpn": 2, "printer": 1}, _rights(ACME_LOCAL, ACME_ACCOUNTS),
               WITH_SITES, REPAIR, DELIVERY),
    Technician("Gwenaëlle Tanguy", "06 39 98 20 07", "beaulieu", "walk", "normal",
               {"account_admin": 3, "office365": 2}, _rights(BREIZH_ACCOUNTS, BREIZH_M365, ACME_ACCOUNTS),
               BOTH),
    Technician("Hugo Lambert", "06 39 98 20 08", "beaulieu", "bike", "late",
               {"workstation": 2, "telephony": 2}, _rights(BREIZH_LOCAL, BREIZH_VOIP),
               BOTH, REPAIR, SPARES),
    Technician("Inès Carvalho", "06 39 98 20 09", "beaulieu", "walk", "normal",
               {"workstation": 2, "printer": 2, "account_admin": 1}, _rights(BREIZH_LOCAL, BREIZH_ACCOUNTS),
               BOTH, REPAIR, SPARES, duty=KioskDuty("atalante", 510, 750)),
    Technician("Julien Perrot", "06 39 98 20 10", "poterie", "car", "early",
               {"workstation": 3, "printer": 2}, _rights(BREIZH_LOCAL, ACME_LOCAL),
               WITH_SITES, REPAIR, DELIVERY),
    Technician("Karim Haddad", "06 39 98 20 11", "colombier", "transit", "normal",
               {"browser_vpn": 3, "office365": 2, "workstation": 1}, _rights(ACME_M365, BREIZH_NETWORK),
               BOTH),
    Technician("Léa Marchand", "06 39 98 20 12", "colombier", "walk", "morning",
               {"account_admin": 2, "office365": 1}, _rights(ACME_ACCOUNTS, ACME_M365),
               BOTH),
    Technician("Mamadou Diallo", "06 39 98 20 13", "poterie", "transit", "normal",
               {"telephony": 3, "browser_vpn": 1}, _rights(ACME_VOIP, BREIZH_VOIP),
               BOTH, (), (("headset", 4),)),
    Technician("Nolwenn Le Roux", "06 39 98 20 14", "poterie", "bike", "normal",
               {"workstation": 2, "office365": 2, "printer": 1}, _rights(BREIZH_LOCAL, BREIZH_M365),
               BOTH, REPAIR, SPARES),
    Technician("Olivier Chevalier", "06 39 98 20 15", "villejean", "transit", "late",
               {"workstation": 1, "printer": 2, "telephony": 1}, _rights(ACME_LOCAL),
               BOTH, ("screwdrivers",), SPARES, duty=KioskDuty("republique", 720, 1080)),
    Technician("Pauline Robin", "06 39 98 20 16", "colombier", "bike", "normal",
               {"workstation": 2, "browser_vpn": 2}, _rights(ACME_LOCAL, ACME_ACCOUNTS),
               BOTH, REPAIR, SPARES, absence="Absence imprévue"),
    Technician("Quentin Morvan", "06 39 98 20 17", "beaulieu", "car", "normal",
               {"workstation": 3, "account_admin": 2, "printer": 1},
               (*_rights(BREIZH_LOCAL), Grant(BREIZH_ACCOUNTS, to_day=1)),
               WITH_SITES, REPAIR, DELIVERY, seconded_to="breizh-energie"),
    Technician("Rose-Marie Célestine", "06 39 98 20 18", "poterie", "walk", "afternoon",
               {"office365": 2, "account_admin": 1}, _rights(BREIZH_M365, BREIZH_ACCOUNTS),
               BOTH),
    Technician("Samuel Cohen", "06 39 98 20 19", "villejean", "walk", "normal",
               {"workstation": 2, "office365": 1, "printer": 1}, _rights(ACME_LOCAL),
               ("acme",), REPAIR, SPARES),
    Technician("Thuy Nguyen", "06 39 98 20 20", "colombier", "transit", "late",
               {"office365": 3, "account_admin": 2, "browser_vpn": 1},
               _rights(ACME_M365, ACME_ACCOUNTS, ACME_LOCAL),
               BOTH, on_call=True),
    # new: he is still being trained
    Technician("Ulysse Garnier", "06 39 98 20 21", "beaulieu", "bike", "early",
               {"workstation": 1, "printer": 1}, (Grant(BREIZH_LOCAL, from_day=7),),
               ("breizh-energie",), ("screwdrivers",), SPARES, max_visits=3),
    Technician("Valérie Joubert", "06 39 98 20 22", "colombier", "car", "normal",
               {"telephony": 2, "workstation": 2, "printer": 2}, _rights(ACME_VOIP, ACME_LOCAL),
               WITH_SITES, REPAIR, DELIVERY),
    Technician("Wassim Trabelsi", "06 39 98 20 23", "poterie", "bike", "late",
               {"browser_vpn": 2, "workstation": 2}, _rights(BREIZH_LOCAL, BREIZH_NETWORK),
               BOTH, REPAIR, SPARES),
    Technician("Yann Le Bihan", "06 39 98 20 24", "villejean", "car", "early",
               {"workstation": 3, "browser_vpn": 2, "account_admin": 2},
               _rights(ACME_LOCAL, ACME_ACCOUNTS, BREIZH_LOCAL),
               (*BOTH, "acme/lorient"), REPAIR, DELIVERY),
    Technician("Zoé Picard", "06 39 98 20 25", "beaulieu", "walk", "normal",
               {"workstation": 2, "office365": 2, "telephony": 1}, _rights(BREIZH_LOCAL, BREIZH_ACCOUNTS),
               BOTH, REPAIR, SPARES, duty=KioskDuty("atalante", 750, 1020)),
)  # fmt: skip

ACCOUNTS = (
    Account("administrator", "Nadia Ferhat", f"nadia.ferhat@{PROVIDER_DOMAIN}"),
    Account("dispatcher", "Marc Le Tallec", f"marc.le.tallec@{PROVIDER_DOMAIN}"),
    Account("dispatcher", "Emily Carter", f"emily.carter@{PROVIDER_DOMAIN}", language="en"),
    Account("dispatcher", "Solène Briand", f"solene.briand@{PROVIDER_DOMAIN}", ("breizh-energie",)),
    Account("phone_agent", "Sofia Martins", f"sofia.martins@{PROVIDER_DOMAIN}", ("acme",)),
    Account("phone_agent", "Loïc Hamon", f"loic.hamon@{PROVIDER_DOMAIN}", ("breizh-energie",)),
    Account("phone_agent", "Aminata Sow", f"aminata.sow@{PROVIDER_DOMAIN}", BOTH),
    Account("client_contact", "Catherine Aubert", "catherine.aubert@acme.example", ("acme",)),
    Account("client_contact", "Erwan Jaouen", "erwan.jaouen@breizh-energie.example", ("breizh-energie",)),
)

PREFERENCES = (
    Preference("acme", "alice-le-goff", "prefers", 10),
    Preference("breizh-energie", "quentin-morvan", "prefers", 10),
    Preference("acme", "chloe-moreau", "prefers", 20, requester="Isabelle Fontaine"),
    Preference("acme", "hugo-lambert", "excludes", 0),
    Preference("breizh-energie", "farid-benali", "excludes", 0, requester="Gilles Coatanéa"),
)
