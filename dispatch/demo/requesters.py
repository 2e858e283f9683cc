"""The employees of the two fictional clients who need help. Nobody here exists."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from dispatch.demo.catalogue import CLIENTS, Client
from dispatch.demo.people import slug
from dispatch.demo.places import Building, buildings

ACME = """
Isabelle Fontaine, Philippe Garrec, Sylvie Bourdais, Thomas Lemoine, Fatima Zerrouki, Antoine Riou,
Céline Dubreuil, Nicolas Gautier, Mireille Le Floch, Bruno Castel, Aurélie Simonneau, David
Fournier, Hélène Quéré, Youssef Amrani, Laurence Pinson, Stéphane Guillou, Camille Renault, Patrick
Lorand, Estelle Mahé, Vincent Huet, Nathalie Dréan, Jérôme Besnard, Awa Traoré, Florence Leclerc,
Mathieu Oger, Sandrine Vallée, Christophe Nédélec, Lucie Barbier, Didier Pasquier, Marion Trévidic,
Grégory Lelièvre, Anne-Sophie Mercier, Xavier Colin, Virginie Duval, Kevin Rouxel, Brigitte Hervé,
Alexandre Pires, Maëlle Corre, Régis Bonnet, Samira Khelifi, Pascal Jegou, Charlotte Denis, Fabrice
Lebreton, Émilie Salaün, Jean-Marc Toullec, Noémie Blanchard
"""
BREIZH_ENERGIE = """
Gilles Coatanéa, Annick Lagadec, Romain Pelletier, Katell Morice, Frédéric Boulanger, Leïla
Mansouri, Denis Abgrall, Claire Vasseur, Ronan Le Meur, Martine Rousseau, Adrien Kerjean, Véronique
Texier, Tanguy Prigent, Sophie Delaunay, Moussa Camara, Rozenn Bihannic, Éric Fauvel, Amandine
Roger, Loeiz Guivarc'h, Delphine Chauvin, Arnaud Besson, Gaëlle Omnès, Michel Sauvage, Yasmine
Rahmani, Pierre-Yves Cadiou, Justine Morel, Alain Tréguier, Manon Gicquel, Serge Poulain, Enora
Jacob, Benjamin Lefort, Corinne Autret, Sébastien Noblet, Linda Ouattara
"""
NAMES = {
    "acme": [" ".join(name.split()) for name in ACME.split(",")],
    "breizh-energie": [" ".join(name.split()) for name in BREIZH_ENERGIE.split(",")],
}

# Directors, and the control room's head, who is never kept waiting.
VIPS = frozenset({"Isabelle Fontaine", "Philippe Garrec", "Awa Traoré", "Gilles Coatanéa", "Annick Lagadec",
                  "Denis Abgrall"})  # fmt: skip
# They read and speak English.
ENGLISH = frozenset({"Alexandre Pires", "Linda Ouattara"})


@dataclass(frozen=True, slots=True)
class Requester:
    """`building` is a code of places; `floor` and `desk` are as people say them."""

    client: str
    name: str
    phone: str
    email: str
    building: str
    floor: str
    desk: str
    vip: bool
    language: str


def requesters() -> list[Requester]:
    """Everybody, the same on each run; more of them where more people work."""
    random = Random("requesters")
    people: list[Requester] = []
    for client in CLIENTS:
        houses = [building for _, building in buildings(client.code)]
        for name in NAMES[client.code]:
            people.append(_requester(client, name, _home(random, houses), len(people), random))
    return people


def _home(random: Random, houses: list[Building]) -> Building:
    return random.choices(houses, [house.weight for house in houses])[0]


def _requester(client: Client, name: str, house: Building, index: int, random: Random) -> Requester:
    floor = random.randint(0, house.floors)
    return Requester(
        client=client.code,
        name=name,
        phone=_phone(index),
        email=f"{slug(name, '.')}@{client.domain}",
        building=house.code,
        floor=str(floor),
        desk=f"{floor}{random.randint(1, 28):02d}",
        vip=name in VIPS,
        language="en" if name in ENGLISH else "fr",
    )


def _phone(index: int) -> str:
    """A number of the ranges kept for fiction: every third one a mobile."""
    prefix = "06 39 98" if index % 3 == 0 else "02 61 91"
    return f"{prefix} {10 + index // 100:02d} {index % 100:02d}"
