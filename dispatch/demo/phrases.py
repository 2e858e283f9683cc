"""What phone agents write about incidents, in the words they use. Names in braces are filled in per ticket."""

from __future__ import annotations

from dataclasses import dataclass

TIME = ("time",)
RIGHTS = ("admin_rights",)
PRESENCE = ("presence",)
TIME_RIGHTS = ("time", "admin_rights")
PRESENCE_RIGHTS = ("admin_rights", "presence")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way a ticket is worded. `right` is a right's code where the category's own does not fit."""

    category: str
    summary: str
    description: str
    steps_tried: str
    reasons: tuple[str, ...]
    impact: int
    urgency: int
    minutes: int
    right: str | None = None
    parts: tuple[tuple[str, int], ...] = ()

    @property
    def mode(self) -> str:
        return "on_site" if "presence" in self.reasons else "remote"


# The ticket that nobody may take today, because the right it asks for ended yesterday.
OUTAGE = Phrase(
    "network", "Serveur d’agence HS, toute l’équipe est bloquée",
    "Plus d’accès au serveur de fichiers ni à l’imprimante réseau depuis ce matin. Une trentaine de personnes à l’arrêt.",
    "Ping sans réponse, redémarrage de la baie refusé à distance, câbles vérifiés par le contact sur place",
    PRESENCE_RIGHTS, 1, 1, 60,
)  # fmt: skip

INCIDENTS = (
    Phrase("workstation_failure", "Écran noir après mise à jour",
           "Le portable {asset} reste sur un écran noir depuis la mise à jour de cette nuit.",
           "Redémarrage forcé, démarrage sans station d’accueil, mode sans échec impossible", PRESENCE, 3, 1, 45),
    Phrase("workstation_failure", "Le portable ne s’allume plus",
           "Aucun voyant sur {asset}, même branché. Le problème dure depuis {since}.",
           "Autre prise, appui long trente secondes, chargeur {of_colleague} essayé", PRESENCE, 3, 1, 45,
           parts=(("charger", 1),)),
    Phrase("workstation_failure", "Écran bleu plusieurs fois par jour",
           "{asset} redémarre tout seul avec {error}, surtout en réunion Teams.",
           "Mises à jour installées, pilote graphique réinstallé, journal relevé", ("time", "presence"), 3, 2, 60),
    Phrase("workstation_failure", "Disque plein, session impossible à ouvrir",
           "Message d’espace insuffisant à l’ouverture de session sur {asset}.",
           "Nettoyage à distance impossible, la session se ferme aussitôt", PRESENCE_RIGHTS, 3, 1, 40, "local-admin"),
    Phrase("workstation_failure", "Café renversé sur le clavier",
           "Clavier et pavé tactile de {asset} inutilisables, données à récupérer avant l’échange.",
           "Appareil éteint et séché, clavier externe prêté par {colleague}", PRESENCE, 3, 2, 50),
    Phrase("workstation_failure", "BitLocker réclame une clé à chaque démarrage",
           "{asset} demande la clé de récupération tous les matins depuis {since}.",
           "Clé saisie avec l’utilisateur, suspension du chiffrement refusée sans droits", RIGHTS, 3, 2, 30,
           "local-admin"),
    Phrase("slow_workstation", "Poste très lent depuis ce matin",
           "{asset} met plus de dix minutes à ouvrir {application}.",
           "Redémarrage, fermeture des programmes au démarrage, espace disque vérifié", TIME, 3, 2, 40),
    Phrase("slow_workstation", "Ventilateur à fond et poste qui rame",
           "Processeur à 100 % sur {asset} dès que {application} est ouverte.",
           "Gestionnaire des tâches consulté, analyse antivirus en cours", TIME_RIGHTS, 3, 3, 40),
    Phrase("slow_workstation", "Ouverture de session de quinze minutes",
           "Le profil est long à charger sur {asset}, les collègues voisins n’ont pas le souci.",
           "Connexion filaire essayée, profil d’environ 40 Go constaté", TIME_RIGHTS, 3, 3, 45),
    Phrase("screen_dock", "Deuxième écran non reconnu",
           "L’écran de droite n’affiche rien depuis le changement de bureau.",
           "Câbles inversés, touche Windows + P, redémarrage de la station d’accueil", PRESENCE, 3, 3, 20),
    Phrase("screen_dock", "Station d’accueil qui se déconnecte",
           "{asset} perd les écrans et le réseau toutes les cinq minutes.",
           "Micrologiciel à jour, autre câble USB-C essayé", PRESENCE, 3, 2, 25, parts=(("dock", 1),)),
    Phrase("screen_dock", "Plus d’image en salle {room}",
           "L’écran de la salle {room} reste bleu, réunion avec la direction cet après-midi.",
           "Source HDMI changée, boîtier débranché une minute", PRESENCE, 2, 1, 30),
    Phrase("screen_dock", "Webcam et micro non détectés",
           "Plus de caméra ni de micro dans Teams sur {asset} depuis {since}.",
           "Autorisations vérifiées, pilote désinstallé, autre port USB", PRESENCE, 3, 3, 25),
    Phrase("vpn", "VPN bloqué sur connexion en cours",
           "En télétravail, le VPN reste sur connexion en cours puis affiche {error}.",
           "Wi-Fi et partage de connexion essayés, client relancé, mot de passe vérifié", TIME, 3, 1, 25),
    Phrase("vpn", "VPN déconnecté toutes les dix minutes",
           "La connexion tombe régulièrement depuis {since}, {application} se ferme à chaque fois.",
           "Box redémarrée, câble réseau essayé, journal du client transmis", TIME, 3, 2, 30),
    Phrase("vpn", "Certificat expiré sur le client VPN",
           "Le VPN refuse la connexion avec un certificat expiré sur {asset}.",
           "Date et heure vérifiées, renouvellement automatique en échec", TIME_RIGHTS, 3, 1, 25, "local-admin"),
    Phrase("vpn", "Double authentification en boucle au VPN",
           "Le code est accepté puis redemandé sans fin.",
           "Autre navigateur, heure du téléphone contrôlée, méthode réenregistrée", TIME, 3, 2, 20),
    Phrase("web_application", "Page blanche dans {application}",
           "{application} affiche une page blanche après l’identification depuis {since}.",
           "Cache vidé, navigation privée, autre navigateur identique", TIME, 3, 2, 20),
    Phrase("web_application", "Extension de signature refusée par le navigateur",
           "Impossible de signer un dossier, l’extension est désactivée par la stratégie.",
           "Extension réinstallée, navigateur à jour", RIGHTS, 3, 2, 20, "local-admin"),
    Phrase("web_application", "Certificat non reconnu sur {application}",
           "Alerte de sécurité à chaque ouverture de {application}, toute l’équipe {of_colleague} est concernée.",
           "Heure du poste vérifiée, magasin de certificats consulté", TIME, 2, 2, 30),
    Phrase("web_application", "Impossible d’imprimer un document depuis {application}",
           "La fenêtre d’impression se ferme toute seule dans {application}.",
           "Autre imprimante choisie, document enregistré en PDF en attendant", TIME, 3, 3, 20),
    Phrase("network", "Plus de réseau sur les prises du bureau",
           "Trois postes sans réseau depuis {since}, le Wi-Fi fonctionne.",
           "Câbles échangés, prise voisine essayée, voyant du commutateur éteint", PRESENCE, 2, 2, 60),
    Phrase("network", "Wi-Fi très faible au fond du couloir",
           "La borne près de la salle {room} ne diffuse plus.",
           "Autre appareil essayé, oubli puis reconnexion au réseau", PRESENCE, 3, 3, 45),
    Phrase("network", "Lecteur réseau absent",
           "Le lecteur partagé du service a disparu de {asset}.",
           "Reconnexion manuelle refusée avec {error}, accès par le chemin complet impossible", TIME, 3, 2, 30),
    Phrase("mailbox", "Messagerie qui ne se synchronise plus",
           "Aucun message reçu dans Outlook depuis {since}, la version web fonctionne.",
           "Mode hors connexion désactivé, profil Outlook réparé", TIME, 3, 2, 25),
    Phrase("mailbox", "Boîte partagée invisible",
           "La boîte du service n’apparaît plus dans Outlook après le retour de congés.",
           "Ajout manuel sans effet, droits visibles dans l’annuaire", RIGHTS, 3, 2, 20, "m365-admin"),
    Phrase("mailbox", "Boîte pleine, envoi impossible",
           "Message de quota dépassé à chaque envoi.",
           "Corbeille vidée, archivage expliqué, encore 49 Go utilisés", RIGHTS, 3, 2, 25, "m365-admin"),
    Phrase("mailbox", "Agenda de l’équipe décalé d’une heure",
           "Tous les rendez-vous {of_colleague} apparaissent une heure plus tôt.",
           "Fuseau horaire vérifié sur le poste et dans la version web", TIME, 3, 3, 20),
    Phrase("office_suite", "Excel se ferme à l’ouverture du classeur de suivi",
           "Le classeur {of_colleague} fait planter Excel avec {error}.",
           "Mode sans échec, réparation rapide d’Office, fichier ouvert sur un autre poste", TIME, 3, 2, 30),
    Phrase("office_suite", "Activation d’Office demandée tous les jours",
           "Office se dit non activé sur {asset} depuis {since}.",
           "Déconnexion puis reconnexion du compte, licence visible côté portail", TIME_RIGHTS, 3, 3, 30),
    Phrase("office_suite", "Teams sans son en réunion",
           "Les participants n’entendent rien, le son fonctionne ailleurs.",
           "Périphérique choisi dans Teams, cache vidé, version web correcte", TIME, 3, 2, 25),
    Phrase("office_suite", "OneDrive bloqué en synchronisation",
           "Plus de trois mille fichiers en attente sur {asset}.",
           "Pause et reprise, nom de fichier trop long corrigé", TIME, 3, 3, 40),
    Phrase("printer", "Bourrage papier à répétition",
           "L’imprimante {printer} coince une feuille sur deux.",
           "Bacs vidés, papier changé, capots ouverts par l’utilisateur", PRESENCE, 3, 3, 30),
    Phrase("printer", "Imprimante hors ligne pour tout l’étage",
           "{printer} affichée hors ligne sur tous les postes depuis {since}.",
           "Imprimante redémarrée, câble réseau rebranché, file d’attente vidée", PRESENCE, 2, 2, 35),
    Phrase("printer", "Traces noires sur toutes les pages",
           "Bandes noires verticales sur les contrats imprimés avec {printer}.",
           "Nettoyage lancé depuis le menu, toner secoué", PRESENCE, 3, 3, 30, parts=(("toner", 1),)),
    Phrase("printer", "Numérisation vers la messagerie impossible",
           "Le scan de {printer} échoue avec {error}, dossiers clients en attente.",
           "Adresse vérifiée, petit document essayé", PRESENCE, 3, 2, 30),
    Phrase("printer", "Badge non reconnu par l’imprimante",
           "Le badge de l’utilisateur n’ouvre plus la session sur {printer}.",
           "Badge enregistré de nouveau, autre imprimante correcte", PRESENCE, 3, 3, 20),
    Phrase("desk_phone", "Téléphone fixe sans tonalité",
           "Plus de tonalité au poste fixe depuis le déménagement.",
           "Câble rebranché, autre prise essayée", PRESENCE, 3, 2, 25),
    Phrase("desk_phone", "L’accueil ne reçoit plus les appels",
           "Les appels du standard tombent directement sur le répondeur.",
           "Renvoi désactivé sur le poste, groupement contrôlé avec l’utilisateur", PRESENCE_RIGHTS, 2, 1, 30,
           "voip-admin"),
    Phrase("desk_phone", "Écran du téléphone figé",
           "Le téléphone du bureau affiche un message de configuration et ne répond plus.",
           "Débranché dix minutes, remise à zéro refusée", PRESENCE, 3, 3, 20),
    Phrase("softphone", "Casque reconnu mais aucun son",
           "Le casque apparaît dans l’application de téléphonie, les appels restent muets.",
           "Casque essayé sur le poste {of_colleague}, périphérique par défaut choisi", TIME, 3, 2, 20),
    Phrase("softphone", "Ligne directe renvoyée vers un ancien collègue",
           "Les appels arrivent chez {colleague}, qui a quitté le service.",
           "Renvois personnels vérifiés, rien côté application", RIGHTS, 3, 2, 15),
    Phrase("softphone", "Déconnexions en plein appel",
           "Les appels coupent au bout de deux minutes depuis {since}.",
           "Filaire à la place du Wi-Fi, application réinstallée", TIME, 3, 2, 30),
    Phrase("account", "Compte verrouillé plusieurs fois par jour",
           "Le compte se verrouille toutes les heures, sans doute un ancien mot de passe enregistré.",
           "Déverrouillé deux fois, mots de passe du téléphone supprimés", TIME_RIGHTS, 3, 1, 25),
    Phrase("account", "Accès refusé au dossier du service",
           "Plus d’accès au dossier partagé depuis le changement de service.",
           "Appartenance aux groupes vérifiée, déconnexion et reconnexion", RIGHTS, 3, 2, 15),
    Phrase("account", "Téléphone changé, double authentification perdue",
           "Nouveau téléphone, l’application d’authentification n’est pas transférée.",
           "Identité vérifiée par rappel, code de secours inconnu", RIGHTS, 3, 1, 15),
)  # fmt: skip
