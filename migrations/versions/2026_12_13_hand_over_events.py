"""Hand over events, and remember what staff have seen of the plan"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "planning_visits",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_planning_visits_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name="pk_planning_visits"),
    )
    op.create_table(
        "event_hand_overs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("from_office_id", sa.Integer(), nullable=False),
        sa.Column("to_office_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("hand-over", "co-organise", name="offerkind", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                *("asked", "accepted", "declined", "withdrawn", "ended"),
                name="offerstate",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "from_office_id <> to_office_id", name="ck_event_hand_overs_two_offices"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name="fk_event_hand_overs_event_id", ondelete="CASCADE"
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_event_hand_overs_{column}")
            for column, table in (
                ("from_office_id", "offices"),
                ("to_office_id", "offices"),
                ("asked_by_id", "users"),
                ("answered_by_id", "users"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name="pk_event_hand_overs"),
    )
    with op.batch_alter_table("event_hand_overs") as batch:
        for name, columns, condition in (
            ("asked", ["event_id", "to_office_id"], "state = 'asked'"),
            ("handed", ["event_id"], "state = 'asked' AND kind = 'hand-over'"),
        ):
            batch.create_index(
                f"uq_event_hand_overs_{name}",
                columns,
                unique=True,
                sqlite_where=sa.text(condition),
                postgresql_where=sa.text(condition),
            )


def downgrade() -> None:
    op.drop_table("event_hand_overs")
    op.drop_table("planning_visits")
