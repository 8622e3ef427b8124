"""What reports call their columns, in the languages in which they are exported."""

import re
from collections.abc import Sequence
from enum import StrEnum

from interact_events.core.words import folded


class Column(StrEnum):
    """What a column holds."""

    NAME = "name"
    EMAIL = "e-mail address"
    ACCOUNT = "account"
    JOIN = "join time"
    LEAVE = "leave time"
    FIRST_JOIN = "first join"
    LAST_LEAVE = "last leave"
    DURATION = "duration"
    ACTION = "action"
    STAMP = "time of an action"
    WAITING = "in the waiting room"
    ATTENDED = "attended"
    GUEST = "guest"
    ROLE = "role"
    MEETING = "meeting"
    DEVICE = "connection"


# English, German, French, Spanish, Italian, Finnish, Danish, Swedish, Slovak, Polish; what
# stands in brackets is left out, "(Original Name)" and "(Minutes)" among it.
NAMES: dict[Column, str] = {
    Column.NAME: """
        Name | Full Name | Participant | Participant Name | Attendee | Attendee Name | Display Name
        User Name
        Vollständiger Name | Teilnehmer | Teilnehmername | Name des Teilnehmers | Anzeigename
        Nom | Nom complet | Nom du participant | Nom d'utilisateur
        Nombre | Nombre completo | Participante | Nombre del participante
        Nome | Nome completo | Partecipante | Nome partecipante
        Nimi | Koko nimi | Osallistuja | Osallistujan nimi
        Navn | Fulde navn | Fuldt navn | Deltager | Deltagernavn
        Namn | Fullständigt namn | Deltagare | Deltagarens namn
        Meno | Celé meno | Meno a priezvisko | Účastník | Meno účastníka
        Imię i nazwisko | Nazwa | Pełna nazwa | Pełne imię i nazwisko | Imię | Uczestnik
        Nazwa uczestnika""",
    Column.EMAIL: """
        Email | E-mail | User Email | Email Address | Attendee Email | E-mail Address
        Participant Email
        E-Mail-Adresse | Benutzer-E-Mail | E-Mail des Benutzers | E-Mail-Adresse des Teilnehmers
        Adresse e-mail | Adresse électronique | Adresse e-mail de l'utilisateur | Courriel
        E-mail de l'utilisateur
        Correo electrónico | Correo electrónico del usuario | Dirección de correo electrónico
        Indirizzo e-mail | E-mail utente | Posta elettronica | Indirizzo di posta elettronica
        Sähköposti | Sähköpostiosoite | Käyttäjän sähköposti | Käyttäjän sähköpostiosoite
        Mail | Mailadresse | E-mailadresse | Brugerens e-mail | Bruger-e-mail
        E-post | E-postadress | Användarens e-post | Användarens e-postadress
        E-mailová adresa | E-mail používateľa
        Adres e-mail | E-mail użytkownika | Adres e-mail użytkownika""",
    Column.ACCOUNT: """
        Participant ID | UPN | Teilnehmer-ID | ID de participant | ID du participant
        Id. de participante | Identificador de participante | ID partecipante | Osallistujan tunnus
        Osallistujatunnus | Deltager-id | Deltagar-ID | ID účastníka | Identyfikator uczestnika""",
    Column.JOIN: """
        Join Time | Joined | Joined at | Time Joined
        Beitrittszeit | Beitrittszeitpunkt | Beigetreten | Beitritt | Teilnahmezeit
        Uhrzeit des Beitritts | Zeitpunkt des Beitritts
        Heure d'arrivée | Heure d'entrée | Heure de connexion | Heure de participation
        Heure à laquelle l'utilisateur a rejoint
        Hora de entrada | Hora de unión | Hora a la que se unió | Hora de incorporación
        Ora di partecipazione | Ora di accesso | Ora di ingresso | Ora partecipazione
        Liittymisaika | Liittyi | Liittymisen aika
        Deltagelsestidspunkt | Tilmeldingstidspunkt | Tidspunkt for deltagelse | Deltog
        Anslutningstid | Tid för anslutning | Anslöt
        Čas pripojenia | Čas pripojenia sa
        Godzina dołączenia | Czas dołączenia""",
    Column.LEAVE: """
        Leave Time | Left | Left at | Time Left
        Austrittszeit | Austrittszeitpunkt | Verlassen | Zeit des Verlassens | Verlassenszeit
        Uhrzeit des Verlassens | Zeitpunkt des Verlassens | Verlassen um
        Heure de départ | Heure de sortie | Heure de déconnexion
        Hora de salida | Hora a la que salió
        Ora di uscita | Ora di abbandono | Ora uscita
        Poistumisaika | Poistui | Poistumisen aika
        Tidspunkt for at forlade | Forladt tidspunkt | Forlod | Afgangstidspunkt
        Tidspunkt for afgang
        Tid för att lämna | Lämnade | Sluttid för deltagande | Tid då deltagaren lämnade
        Čas odchodu | Čas odpojenia
        Godzina opuszczenia | Czas opuszczenia | Godzina wyjścia | Czas wyjścia""",
    Column.FIRST_JOIN: """
        First Join | First Join Time
        Erste Teilnahme | Erster Beitritt | Erstmals beigetreten
        Première participation | Première connexion | Première arrivée
        Primera unión | Primera entrada | Primera incorporación
        Primo accesso | Prima partecipazione
        Ensimmäinen liittyminen | Liittyi ensimmäisen kerran
        Første deltagelse | Første tilslutning
        Första anslutning | Första anslutningen
        Prvé pripojenie
        Pierwsze dołączenie""",
    Column.LAST_LEAVE: """
        Last Leave | Last Leave Time
        Letztes Verlassen | Letzter Austritt | Zuletzt verlassen
        Dernier départ | Dernière sortie | Dernière déconnexion
        Última salida | Último abandono
        Ultima uscita | Ultimo abbandono
        Viimeinen poistuminen | Poistui viimeisen kerran
        Sidste afgang | Sidst forladt
        Senast lämnade | Sista utgång | Sista lämnandet
        Posledný odchod | Posledné odpojenie
        Ostatnie wyjście | Ostatnie opuszczenie""",
    Column.DURATION: """
        Duration | Total Duration | In-Meeting Duration | Attendance Duration | Meeting Duration
        Time in Session
        Dauer | Gesamtdauer | Dauer der Teilnahme | Dauer in der Besprechung | Besprechungsdauer
        Durée | Durée totale | Durée de la réunion | Durée de participation
        Duración | Duración total | Duración de la reunión
        Durata | Durata totale | Durata della riunione
        Kesto | Kokonaiskesto | Kesto kokouksessa
        Varighed | Samlet varighed | Varighed i mødet
        Varaktighet | Total varaktighet | Längd | Tid i mötet
        Trvanie | Celkové trvanie | Trvanie schôdze
        Czas trwania | Łączny czas trwania | Czas trwania spotkania""",
    Column.ACTION: """
        User Action | Benutzeraktion | Action de l'utilisateur | Action utilisateur
        Acción del usuario | Acción de usuario | Azione utente | Azione dell'utente
        Käyttäjän toiminto | Brugerhandling | Användaråtgärd | Akcia používateľa
        Akcja użytkownika | Działanie użytkownika""",
    Column.STAMP: """
        Timestamp | Time stamp | Zeitstempel | Horodatage | Horodateur | Marca de tiempo
        Marca de hora | Timestamp | Indicatore data e ora | Aikaleima | Tidsstempel
        Tidsstämpel | Časová pečiatka | Časová značka | Znacznik czasu | Sygnatura czasowa""",
    Column.WAITING: """
        In Waiting Room | Im Warteraum | Dans la salle d'attente | En salle d'attente
        En la sala de espera | En sala de espera | In sala d'attesa | Odotustilassa
        Odotushuoneessa | I venteværelse | I venteværelset | I väntrum | I väntrummet
        V čakárni | V čakacej miestnosti | W poczekalni""",
    Column.ATTENDED: "Attended | Teilgenommen | A participé | Asistió | Ha partecipato",
    Column.GUEST: """
        Guest | Is Guest
        Gast | Invité | Invitado | Ospite | Vieras | Gæst | Gäst | Hosť | Gość""",
    Column.ROLE: "Role | Rolle | Rôle | Rol | Función | Ruolo | Rooli | Roll | Rola",
    Column.MEETING: "Meeting Name | Meeting Start Time | Meeting End Time | Meeting Number",
    Column.DEVICE: "Connection Type",
}

_SEPARATORS = re.compile(r"[^a-z0-9]+")
_IN_BRACKETS = re.compile(r"\([^)]*\)")


def heading(cell: str) -> str:
    """ "Name (Original Name)" is "name", "Vollständiger Name" is "vollstandiger name"."""
    return _SEPARATORS.sub(" ", folded(_IN_BRACKETS.sub(" ", cell))).strip()


KNOWN: dict[str, Column] = {
    heading(name): column
    for column, names in NAMES.items()
    for name in re.split(r"\||\n", names)
    if name.strip()
}


def columns_of(cells: Sequence[str]) -> dict[Column, int]:
    """Where each known column stands, the first of a kind."""
    found: dict[Column, int] = {}
    for place, cell in enumerate(cells):
        column = KNOWN.get(heading(cell)) if len(cell) <= 100 else None
        if column is not None:
            found.setdefault(column, place)
    return found


def is_header(columns: dict[Column, int]) -> bool:
    """Whether those are the columns of a list of people with times, or with how long."""
    who = Column.NAME in columns or Column.EMAIL in columns
    when = Column.JOIN in columns or Column.FIRST_JOIN in columns
    acts = Column.ACTION in columns and Column.STAMP in columns
    return who and (when or acts or {Column.NAME, Column.DURATION} <= columns.keys())
