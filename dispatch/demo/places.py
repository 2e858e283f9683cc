"""Where the demo plays: real public places of Rennes, lent to two companies that do not exist.

Coordinates and addresses are those of the places, near enough for walking times; floors, access
minutes and opening hours are invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Hours = tuple[tuple[int, int], ...]

# Minutes after local midnight, the same on all seven days: the demo is alive on a Sunday too.
OFFICE_HOURS: Hours = ((450, 1140),)
LONG_HOURS: Hours = ((390, 1260),)
BRANCH_HOURS: Hours = ((510, 750), (810, 1110))


@dataclass(frozen=True, slots=True)
class Building:
    """`access_minutes` is what badge, reception and lift cost; `weight` is how many people work here."""

    code: str
    name: str
    address: str
    latitude: float
    longitude: float
    floors: int
    access_minutes: int
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Site:
    """Buildings of one client that share hours and rules; `needs_access` asks for a site access."""

    client: str
    code: str
    name: str
    hours: Hours
    buildings: tuple[Building, ...]
    needs_access: bool = False
    access_notes: str = ""

    @property
    def key(self) -> str:
        """How a site access names it."""
        return f"{self.client}/{self.code}"


@dataclass(frozen=True, slots=True)
class Kiosk:
    client: str
    building: str
    name: str
    counters: int


SITES = (
    Site("acme", "republique", "République", OFFICE_HOURS, (
        Building("republique", "République", "Place de la République", 48.1098, -1.6793, 5, 4, 6),
        Building("hotel-de-ville", "Hôtel de Ville", "Place de la Mairie", 48.1114, -1.6806, 3, 3),
        Building("opera", "Opéra", "Place de la Mairie", 48.1113, -1.6791, 2, 3),
        Building("parlement", "Parlement", "Place du Parlement de Bretagne", 48.1127, -1.6777, 3, 5, 2),
        Building("saint-germain", "Saint-Germain", "Place Saint-Germain", 48.1098, -1.6743, 4, 3),
    )),
    Site("acme", "colbert", "Colbert", OFFICE_HOURS, (
        Building("colbert", "Colbert", "Boulevard de la Tour-d’Auvergne", 48.1061, -1.6826, 6, 4, 5),
        Building("colombier", "Colombier", "Place du Colombier", 48.1049, -1.6806, 4, 4, 2),
        Building("esplanade", "Esplanade", "Esplanade Charles-de-Gaulle", 48.1062, -1.6767, 3, 3),
        Building("champs-libres", "Les Champs Libres", "Cours des Alliés", 48.1052, -1.6744, 4, 4),
        Building("cite-judiciaire", "Cité judiciaire", "Rue Pierre-Abélard", 48.1040, -1.6868, 3, 6),
    )),
    Site("acme", "gare", "Gare", LONG_HOURS, (
        Building("gare-nord", "Gare nord", "Place de la Gare", 48.1041, -1.6726, 4, 3, 3),
        Building("gare-sud", "Gare sud", "Rue de Châtillon", 48.1026, -1.6722, 3, 3),
        Building("eurorennes", "EuroRennes", "Boulevard Solférino", 48.1046, -1.6700, 8, 6, 4),
        Building("tnb", "Saint-Hélier", "Rue Saint-Hélier", 48.1080, -1.6737, 2, 3),
    ), access_notes="Badge visiteur au poste de sécurité, côté nord."),
    Site("acme", "sainte-anne", "Sainte-Anne", BRANCH_HOURS, (
        Building("sainte-anne", "Sainte-Anne", "Place Sainte-Anne", 48.1147, -1.6805, 3, 3, 2),
        Building("jacobins", "Couvent des Jacobins", "Place Sainte-Anne", 48.1149, -1.6819, 4, 5, 2),
        Building("lices", "Les Lices", "Place des Lices", 48.1129, -1.6838, 2, 2),
        Building("hoche", "Hoche", "Place Hoche", 48.1148, -1.6766, 3, 3),
        Building("jules-ferry", "Jules-Ferry", "Rue de Fougères", 48.1183, -1.6735, 1, 2),
    )),
    Site("acme", "villejean", "Villejean", OFFICE_HOURS, (
        Building("villejean", "Villejean-Université", "Place du Recteur-Henri-Le-Moal",
                 48.1191, -1.7016, 6, 4, 3),
        Building("kennedy", "Kennedy", "Dalle Kennedy", 48.1213, -1.7107, 2, 3),
        Building("pontchaillou", "Pontchaillou", "Rue Henri-Le-Guilloux", 48.1209, -1.6943, 7, 8, 3),
        Building("anatole-france", "Anatole-France", "Rue de Saint-Brieuc", 48.1176, -1.6871, 1, 2),
    )),
    Site("acme", "beauregard", "Beauregard", OFFICE_HOURS, (
        Building("beauregard", "Beauregard", "Avenue de la Préfecture", 48.1280, -1.6965, 4, 4, 3),
        Building("frac", "Le Fonds régional", "Avenue André-Mussat", 48.1305, -1.6951, 2, 3),
        Building("robiquette", "La Robiquette", "Rue Jean-Marie-David", 48.1331, -1.6862, 1, 3),
    )),
    Site("acme", "courrouze", "Cleunay et La Courrouze", BRANCH_HOURS, (
        Building("cleunay", "Cleunay", "Rue Jules-Lallemand", 48.1018, -1.7056, 2, 2, 2),
        Building("courrouze", "La Courrouze", "Avenue Jules-Maniez", 48.0958, -1.7012, 5, 4, 2),
        Building("mabilais", "Le Mabilay", "Rue de la Mabilais", 48.1066, -1.6998, 7, 4, 3),
        Building("arsenal", "Arsenal", "Boulevard Voltaire", 48.1042, -1.6925, 3, 3),
    )),
    Site("acme", "lorient", "Route de Lorient", LONG_HOURS, (
        Building("roazhon-park", "Roazhon Park", "Rue du Commandant-Charcot", 48.1075, -1.7129, 3, 5),
        Building("moulin-du-comte", "Moulin du Comte", "Rue du Moulin-du-Comte", 48.1101, -1.7121, 1, 2),
        Building("zi-ouest", "Archives de la route de Lorient", "Rue de Lorient", 48.1112, -1.7252, 1, 3, 2),
    ), needs_access=True, access_notes="Chaussures de sécurité pour les archives."),
    Site("breizh-energie", "beaulieu", "Campus de Beaulieu", LONG_HOURS, (
        Building("beaulieu", "Beaulieu-Université", "Avenue du Général-Leclerc", 48.1178, -1.6382, 4, 4, 4),
        Building("bibliotheque", "Bibliothèque", "Avenue du Général-Leclerc", 48.1176, -1.6395, 3, 3),
        Building("diapason", "Le Diapason", "Allée Jean-d’Alembert", 48.1196, -1.6404, 2, 3),
        Building("insa", "Buttes de Coësmes", "Avenue des Buttes-de-Coësmes", 48.1208, -1.6352, 4, 4, 2),
        Building("joliot-curie", "Joliot-Curie", "Rue de Fougères", 48.1226, -1.6494, 3, 3),
        Building("tournebride", "Tournebride", "Allée de Beaulieu", 48.1149, -1.6417, 2, 2),
    )),
    Site("breizh-energie", "atalante", "Atalante Beaulieu", OFFICE_HOURS, (
        Building("atalante", "Atalante", "Rue du Clos-Courtel", 48.1213, -1.6285, 5, 5, 6),
        Building("chene-germain", "Chêne-Germain", "Rue du Chêne-Germain", 48.1246, -1.6285, 4, 5, 3),
        Building("boulaie", "La Boulaie", "Avenue de la Boulaie", 48.1253, -1.6237, 3, 4, 2),
        Building("chataigneraie", "La Châtaigneraie", "Rue de la Châtaigneraie", 48.1208, -1.6251, 2, 3),
        Building("viasilva", "ViaSilva", "Boulevard des Alliés", 48.1300, -1.6180, 4, 4, 2),
    )),
    Site("breizh-energie", "conduite", "Centre de conduite des Gayeulles", LONG_HOURS, (
        Building("gayeulles", "Salle de conduite", "Avenue des Gayeulles", 48.1289, -1.6493, 2, 8, 3),
        Building("longs-champs", "Les Longs-Champs", "Avenue Fulgence-Bienvenüe", 48.1281, -1.6352, 2, 6),
    ), needs_access=True, access_notes="Accompagnement obligatoire en salle de conduite."),
    Site("breizh-energie", "poterie", "La Poterie et Le Blosne", OFFICE_HOURS, (
        Building("poterie", "La Poterie", "Place du Ronceray", 48.0876, -1.6441, 4, 4, 4),
        Building("blosne", "Le Blosne", "Place Jean-Normand", 48.0874, -1.6544, 3, 3, 2),
        Building("triangle", "Triangle", "Boulevard de Yougoslavie", 48.0864, -1.6607, 2, 3),
        Building("italie", "Italie", "Place d’Italie", 48.0863, -1.6677, 2, 3),
        Building("hopital-sud", "Hôpital sud", "Boulevard de Bulgarie", 48.0849, -1.6559, 5, 7, 2),
        Building("freville", "Henri-Fréville", "Avenue Henri-Fréville", 48.0880, -1.6745, 4, 3, 2),
    )),
    Site("breizh-energie", "sud-gare", "Sud-Gare", BRANCH_HOURS, (
        Building("clemenceau", "Clemenceau", "Boulevard Georges-Clemenceau", 48.0933, -1.6744, 2, 2),
        Building("jacques-cartier", "Jacques-Cartier", "Boulevard Jacques-Cartier",
                 48.0972, -1.6755, 3, 3, 2),
        Building("sainte-therese", "Sainte-Thérèse", "Place du Souvenir", 48.0969, -1.6655, 1, 2),
        Building("alma", "Alma", "Rue du Bosphore", 48.0828, -1.6768, 2, 4),
        Building("binquenais", "La Binquenais", "Avenue des Pays-Bas", 48.0840, -1.6642, 1, 2),
    )),
    Site("breizh-energie", "patton", "Patton et Saint-Laurent", OFFICE_HOURS, (
        Building("patton", "Patton", "Avenue du Général-Patton", 48.1346, -1.6705, 5, 5, 4),
        Building("gros-chene", "Gros-Chêne", "Place du Gros-Chêne", 48.1256, -1.6641, 2, 2),
        Building("thabor", "Thabor", "Place Saint-Mélaine", 48.1143, -1.6726, 3, 3),
        Building("saint-laurent", "Saint-Laurent", "Rue de la Motte-Brûlon", 48.1372, -1.6651, 2, 3),
        Building("maurepas", "Maurepas", "Boulevard Émile-Combes", 48.1222, -1.6597, 2, 3),
    )),
)  # fmt: skip

KIOSKS = (
    Kiosk("acme", "republique", "Kiosque IT République", 2),
    Kiosk("breizh-energie", "atalante", "Kiosque IT Atalante", 1),
)

# Where technicians begin their day.
BASES = {
    "colombier": ("Agence du Colombier", 48.1052, -1.6813),
    "villejean": ("Local de Villejean", 48.1204, -1.7026),
    "beaulieu": ("Local de Beaulieu", 48.1172, -1.6401),
    "poterie": ("Local de La Poterie", 48.0879, -1.6452),
}


def buildings(client: str) -> Iterator[tuple[Site, Building]]:
    """The client's buildings with their sites, in the order of the list."""
    for site in SITES:
        if site.client == client:
            for building in site.buildings:
                yield site, building
