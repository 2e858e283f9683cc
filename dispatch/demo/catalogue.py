"""The two fictional clients of the demo, what they call their problems, and who may touch what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

PROVIDER_DOMAIN = "relais-ouest.example"
TERRITORY = ("rennes", "Rennes")


@dataclass(frozen=True, slots=True)
class Client:
    """A client company that does not exist; `system` is the ITSM tool its tickets come from."""

    code: str
    name: str
    domain: str
    system: str
    asset_prefix: str
    applications: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Skill:
    code: str
    label_fr: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Right:
    """An admin right of one client; `key` is how plans name it."""

    client: str
    code: str
    label: str
    scope: str

    @property
    def key(self) -> str:
        return f"{self.client}:{self.code}"


@dataclass(frozen=True, slots=True)
class Equipment:
    code: str
    kind: str
    label_fr: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Category:
    """`mode` is where such work is usually done; `right` is the code of an admin right of the client."""

    code: str
    label_fr: str
    label_en: str
    kind: str
    skill: str
    level: int
    minutes: int
    mode: str
    right: str | None = None
    tools: tuple[str, ...] = ()


CLIENTS = (
    Client("acme", "Acme Assurances", "acme.example", "servicenow", "ACM",
           ("GestContrat", "Sinistra", "Courtiweb")),
    Client("breizh-energie", "Breizh Énergie", "breizh-energie.example", "glpi", "BZE",
           ("Kompteur", "RéseauVue", "Abonet")),
)  # fmt: skip

SKILLS = (
    Skill("workstation", "Poste de travail et système", "Workstation and operating system"),
    Skill("browser_vpn", "Navigateurs, VPN et réseau", "Browsers, VPN and network"),
    Skill("office365", "Office 365", "Office 365"),
    Skill("printer", "Impression et périphériques", "Printers and peripherals"),
    Skill("telephony", "Téléphonie et VoIP", "Telephony and VoIP"),
    Skill("account_admin", "Administration des comptes", "Account administration"),
)

RIGHTS = (
    Right("acme", "local-admin", "Administrateur local Acme", "Postes de travail"),
    Right("acme", "accounts", "Gestion des comptes Acme", "Annuaire, hors comptes de service"),
    Right("acme", "m365-admin", "Administration Office 365 Acme", "Messagerie et Teams"),
    Right("acme", "voip-admin", "Administration téléphonie Acme", "Lignes et groupements"),
    Right("acme", "network-admin", "Administration réseau Acme", "Commutateurs et serveurs d’agence"),
    Right("breizh-energie", "local-admin", "Administrateur local Breizh Énergie", "Postes de bureau"),
    Right("breizh-energie", "accounts", "Gestion des comptes Breizh Énergie", "Annuaire"),
    Right("breizh-energie", "m365-admin", "Administration Office 365 Breizh Énergie", "Messagerie et Teams"),
    Right("breizh-energie", "voip-admin", "Administration téléphonie Breizh Énergie", "Lignes"),
    Right("breizh-energie", "network-admin", "Administration réseau Breizh Énergie", "Commutateurs d’étage"),
)

# what is asked when such work is done
_CAUSE = {"resolution": True, "cause": True}
PROOFS: dict[str, dict[str, Any]] = {
    "workstation_failure": {**_CAUSE, "signature": True, "checks": [
        {"code": "starts", "fr": "Le poste démarre et ouvre une session", "en": "It starts and signs in"},
        {"code": "data", "fr": "Les données sont là", "en": "The data is there"},
    ]},
    "screen_dock": _CAUSE,
    "network": {**_CAUSE, "checks": [
        {"code": "labelled", "fr": "Câbles et prises étiquetés", "en": "Cables and sockets labelled"},
        {"code": "measured", "fr": "Débit mesuré", "en": "Throughput measured"},
    ]},
    "printer": {**_CAUSE, "checks": [
        {"code": "page", "fr": "Page de test imprimée", "en": "Test page printed"},
    ]},
    "new_workstation": {"signature": True, "checks": [
        {"code": "updated", "fr": "Mises à jour installées", "en": "Updates installed"},
        {"code": "encrypted", "fr": "Disque chiffré", "en": "Disk encrypted"},
        {"code": "old", "fr": "Ancien poste repris", "en": "Old machine taken back"},
    ]},
}  # fmt: skip

EQUIPMENT = (
    Equipment("imaging-key", "tool", "Clé de réinstallation", "Imaging key"),
    Equipment("network-tester", "tool", "Testeur de câblage", "Cable tester"),
    Equipment("screwdrivers", "tool", "Jeu de tournevis", "Screwdriver set"),
    Equipment("toner", "part", "Toner", "Toner cartridge"),
    Equipment("dock", "part", "Station d’accueil", "Docking station"),
    Equipment("charger", "part", "Chargeur USB-C", "USB-C charger"),
    Equipment("headset", "part", "Casque", "Headset"),
    Equipment("laptop", "part", "Portable préparé", "Prepared laptop"),
)

_COMMON = (
    Category("workstation_failure", "Poste en panne", "Workstation failure", "incident",
             "workstation", 2, 45, "on_site", tools=("imaging-key",)),
    Category("slow_workstation", "Poste lent", "Slow workstation", "incident",
             "workstation", 1, 40, "remote", "local-admin"),
    Category("screen_dock", "Écran et station d’accueil", "Screen and dock", "incident",
             "workstation", 1, 25, "on_site"),
    Category("vpn", "VPN et accès distant", "VPN and remote access", "incident",
             "browser_vpn", 2, 25, "remote"),
    Category("web_application", "Navigateur et application web", "Browser and web application", "incident",
             "browser_vpn", 1, 20, "remote"),
    Category("network", "Réseau et serveur d’agence", "Network and branch server", "incident",
             "browser_vpn", 3, 60, "on_site", "network-admin", ("network-tester",)),
    Category("mailbox", "Messagerie et agenda", "Mail and calendar", "incident",
             "office365", 1, 20, "remote"),
    Category("office_suite", "Suite Office et Teams", "Office suite and Teams", "incident",
             "office365", 2, 30, "remote", "local-admin"),
    Category("printer", "Impression", "Printing", "incident",
             "printer", 1, 30, "on_site"),
    Category("desk_phone", "Téléphone fixe", "Desk phone", "incident",
             "telephony", 1, 25, "on_site"),
    Category("softphone", "Téléphonie sur poste", "Softphone", "incident",
             "telephony", 2, 20, "remote", "voip-admin"),
    Category("account", "Compte et mot de passe", "Account and password", "incident",
             "account_admin", 1, 15, "remote", "accounts"),
    Category("software", "Installation de logiciel", "Software installation", "request",
             "workstation", 1, 30, "remote", "local-admin"),
    Category("new_workstation", "Installation de poste", "New workstation", "request",
             "workstation", 2, 60, "on_site", "local-admin"),
    Category("arrival", "Arrivée d’un collaborateur", "Arrival", "request",
             "account_admin", 2, 45, "on_site", "accounts"),
    Category("departure", "Départ d’un collaborateur", "Departure", "request",
             "account_admin", 1, 30, "on_site", "accounts"),
)  # fmt: skip

# What the energy company agreed on otherwise: older printers, longer installations.
_BREIZH_MINUTES = {"printer": 40, "new_workstation": 75, "workstation_failure": 50}

CATEGORIES: dict[str, tuple[Category, ...]] = {
    "acme": _COMMON,
    "breizh-energie": tuple(
        replace(category, minutes=_BREIZH_MINUTES.get(category.code, category.minutes))
        for category in _COMMON
    ),
}


def category(client: str, code: str) -> Category:
    """The client's category of that code; KeyError when it has none."""
    return {category.code: category for category in CATEGORIES[client]}[code]
