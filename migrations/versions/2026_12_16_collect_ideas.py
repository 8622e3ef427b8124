"""Collect ideas and who would come"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

STATES = ("proposed", "open", "merged", "closed")


def upgrade() -> None:
    op.create_table(
        "ideas",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="ideastate", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("office_id", sa.Integer(), nullable=True),
        sa.Column("proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("head_start_days", sa.Integer(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(state = 'merged') = (merged_into_id IS NOT NULL)",
            name=op.f("ck_ideas_merged_into"),
        ),
        sa.CheckConstraint(
            "state != 'closed' OR reason != ''", name=op.f("ck_ideas_closed_with_a_reason")
        ),
        sa.CheckConstraint(
            "head_start_days BETWEEN 0 AND 60", name=op.f("ck_ideas_head_start_in_days")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name="fk_ideas_office_id"),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["users.id"], name="fk_ideas_proposed_by_id"),
        sa.ForeignKeyConstraint(["merged_into_id"], ["ideas.id"], name="fk_ideas_merged_into_id"),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name="fk_ideas_event_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ideas"),
        sa.UniqueConstraint("slug", name="uq_ideas_slug"),
        sa.UniqueConstraint("event_id", name="uq_ideas_event_id"),
    )
    op.create_index("ix_ideas_state_id", "ideas", ["state", "id"])
    for column in ("office_id", "proposed_by_id", "merged_into_id"):
        op.create_index(f"ix_ideas_{column}", "ideas", [column])
    op.create_table(
        "idea_topics",
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["ideas.id"], name="fk_idea_topics_idea_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name="fk_idea_topics_topic_id"),
        sa.PrimaryKeyConstraint("idea_id", "topic_id", name="pk_idea_topics"),
    )
    op.create_table(
        "idea_supports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "months BETWEEN 0 AND 4095", name=op.f("ck_idea_supports_months_of_a_year")
        ),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["ideas.id"], name="fk_idea_supports_idea_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_idea_supports_user_id"),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["profiles.id"], name="fk_idea_supports_profile_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_idea_supports"),
        sa.UniqueConstraint("idea_id", "user_id", name="uq_idea_supports_idea_id_user_id"),
    )
    for column in ("user_id", "profile_id"):
        op.create_index(f"ix_idea_supports_{column}", "idea_supports", [column])
    op.create_table(
        "head_starts",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name="fk_head_starts_event_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_head_starts_user_id"),
        sa.PrimaryKeyConstraint("event_id", "user_id", name="pk_head_starts"),
    )
    op.create_index("ix_head_starts_user_id", "head_starts", ["user_id"])


def downgrade() -> None:
    for table in ("head_starts", "idea_supports", "idea_topics", "ideas"):
        op.drop_table(table)
