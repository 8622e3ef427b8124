"""Make events from templates, and hold events that belong together as a series"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("events") as batch:
        batch.add_column(
            sa.Column("is_template", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch.add_column(sa.Column("made_from_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            "fk_events_made_from_id", "events", ["made_from_id"], ["id"], ondelete="SET NULL"
        )
        batch.create_check_constraint(
            "ck_events_templates_stay_drafts", "NOT is_template OR state = 'draft'"
        )
        batch.create_index("ix_events_made_from_id", ["made_from_id"])
    with op.batch_alter_table("events") as batch:
        batch.alter_column("is_template", existing_type=sa.Boolean(), server_default=None)
    with op.batch_alter_table("seat_rules") as batch:
        batch.add_column(sa.Column("after_event_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            "fk_seat_rules_after_event_id",
            "events",
            ["after_event_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch.create_check_constraint(
            "ck_seat_rules_comes_after_another", "after_event_id != event_id"
        )
        batch.create_index("ix_seat_rules_after_event_id", ["after_event_id"])
    _create_series()


def _create_series() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_ordered", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name="fk_series_office_id"),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name="fk_series_created_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
    )
    op.create_index("ix_series_office_id", "series", ["office_id"])
    op.create_table(
        "series_events",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name="fk_series_events_event_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name="fk_series_events_series_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", name="pk_series_events"),
    )
    op.create_index("ix_series_events_series_id", "series_events", ["series_id"])


def downgrade() -> None:
    op.drop_table("series_events")
    op.drop_table("series")
    with op.batch_alter_table("seat_rules") as batch:
        batch.drop_index("ix_seat_rules_after_event_id")
        batch.drop_constraint("ck_seat_rules_comes_after_another", type_="check")
        batch.drop_constraint("fk_seat_rules_after_event_id", type_="foreignkey")
        batch.drop_column("after_event_id")
    with op.batch_alter_table("events") as batch:
        batch.drop_index("ix_events_made_from_id")
        batch.drop_constraint("ck_events_templates_stay_drafts", type_="check")
        batch.drop_constraint("fk_events_made_from_id", type_="foreignkey")
        batch.drop_column("made_from_id")
        batch.drop_column("is_template")
