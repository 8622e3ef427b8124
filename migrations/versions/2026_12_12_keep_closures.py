"""Keep closures"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=True),
        sa.Column("country_id", sa.Integer(), nullable=True),
        sa.Column("programme_id", sa.Integer(), nullable=True),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(CASE WHEN office_id IS NULL THEN 0 ELSE 1 END) + "
            "(CASE WHEN country_id IS NULL THEN 0 ELSE 1 END) + "
            "(CASE WHEN programme_id IS NULL THEN 0 ELSE 1 END) <= 1",
            name=op.f("ck_closures_concerns_one_or_all"),
        ),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_closures_ends_after_start")),
        sa.ForeignKeyConstraint(["country_id"], ["countries.id"], name="fk_closures_country_id"),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name="fk_closures_office_id"),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_closures_programme_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_closures"),
    )
    rules = op.create_table(
        "date_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("near_days", sa.Integer(), nullable=False),
        sa.Column("lead_weeks", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "lead_weeks BETWEEN 0 AND 52", name=op.f("ck_date_rules_lead_within_a_year")
        ),
        sa.CheckConstraint("near_days BETWEEN 0 AND 60", name=op.f("ck_date_rules_near_is_near")),
        sa.PrimaryKeyConstraint("id", name="pk_date_rules"),
    )
    op.bulk_insert(rules, [{"id": 1, "near_days": 14, "lead_weeks": 6}])
    op.create_table(
        "dismissed_warnings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("dismissed_by_id", sa.Integer(), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["dismissed_by_id"], ["users.id"], name="fk_dismissed_warnings_dismissed_by_id"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name="fk_dismissed_warnings_event_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_dismissed_warnings"),
        sa.UniqueConstraint("event_id", "key", name="uq_dismissed_warnings_event_id_key"),
    )


def downgrade() -> None:
    op.drop_table("dismissed_warnings")
    op.drop_table("date_rules")
    op.drop_table("closures")
