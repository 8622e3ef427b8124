"""What people of the demo would like to be held."""

from datetime import timedelta
from random import Random

from sqlalchemy import select

from interact_events.core import words
from interact_events.core.db import db
from interact_events.events.models import Event, EventState
from interact_events.ideas.actions import new_slug
from interact_events.ideas.models import Idea, IdeaSupport
from interact_events.ideas.rules import IdeaState
from interact_events.reports.actions.network import Candidate, Network, inserted, rows_of

REASON = "The recording of the last training answers these questions. You find it under Materials."
COMMENTS = (
    "How to explain it to partners who have never had a grant.",
    "Examples of what went wrong, please.",
    "What the Commission’s auditors look at first.",
)
LANGUAGES = ("en", "en", "en", "en", "de", "fr", "es")
SPRING, AUTUMN = 0b000000111100, 0b011100000000  # as `rules.months_as_number` makes them


def add_ideas(network: Network) -> None:
    """The demand board: most ideas are open, some wait for staff, one has a draft."""
    rng = Random(network.rng.random())  # noqa: S311  # made-up wishes, not secrets
    people = _people(network)
    ideas = [_idea(network, row) for row in rows_of("ideas")]
    db.session.add_all(idea for idea, _row in ideas)
    db.session.flush()
    for idea, row in ideas:
        number, own = int(row["supporters"]), network.guests.get(row["proposed_by"], [])[:1]
        others = rng.sample(people, max(0, number - len(own)))
        inserted(IdeaSupport, [_support(network, rng, idea, each) for each in [*own, *others]])
    _plan(ideas[2][0])


def _people(network: Network) -> list[Candidate]:
    """Each of the crowd once, in the order in which they came."""
    every = (each for pool in network.pools.values() for each in pool)
    return list({each.user_id: each for each in every}.values())


def _idea(network: Network, row: dict[str, str]) -> tuple[Idea, dict[str, str]]:
    proposer = next(iter(network.guests.get(row["proposed_by"], [])), None)
    office = network.offices.get(row["office"])
    staff = network.staff[row["office"] or "vienna"][0]
    said_at = network.now - timedelta(days=int(row["days"]))
    is_closed = row["state"] == IdeaState.CLOSED
    topics = [network.topics[code] for code in row["topics"].split("|")]
    idea = Idea(
        slug=new_slug(row["title"]),
        title=row["title"],
        text=row["text"],
        state=IdeaState(row["state"]),
        office_id=office.id if office else None,
        proposed_by_id=proposer.user_id if proposer else staff.id,
        proposed_at=said_at,
        closed_at=said_at + timedelta(days=20) if is_closed else None,
        reason=REASON if is_closed else "",
        head_start_days=0,
        search_text=words.folded(" ".join([row["title"], row["text"], *(t.name for t in topics)])),
        topics=topics,
    )
    return idea, row


def _support(network: Network, rng: Random, idea: Idea, who: Candidate) -> dict[str, object]:
    return {
        "idea_id": idea.id,
        "user_id": who.user_id,
        "profile_id": who.profile_id,
        "language": rng.choice(LANGUAGES),
        "months": rng.choice((0, SPRING, AUTUMN, SPRING | AUTUMN)),
        "comment": rng.choice(COMMENTS) if rng.random() < 0.1 else "",
        "said_at": idea.proposed_at + timedelta(hours=rng.randint(0, 24)),
    }


def _plan(idea: Idea) -> None:
    """Its office has made its newest draft of it."""
    is_draft = (Event.state == EventState.DRAFT, ~Event.is_template)
    drafts = select(Event).where(*is_draft, Event.office_id == idea.office_id)
    idea.event = db.session.scalar(drafts.order_by(Event.id.desc()).limit(1))
    idea.head_start_days = 3 if idea.event else 0
