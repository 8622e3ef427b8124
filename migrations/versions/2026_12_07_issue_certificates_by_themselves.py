"""Issue certificates by themselves, and find them by the printed name"""

import sqlalchemy as sa
from alembic import op

from interact_events.core.words import folded

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "automatic_issues",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("is_chosen", sa.Boolean(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_by_id", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("days BETWEEN 1 AND 60", name="ck_automatic_issues_days_are_few"),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name="fk_automatic_issues_event_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["set_by_id"], ["users.id"], name="fk_automatic_issues_set_by_id"),
        sa.ForeignKeyConstraint(
            ["stopped_by_id"], ["users.id"], name="fk_automatic_issues_stopped_by_id"
        ),
        sa.PrimaryKeyConstraint("event_id", name="pk_automatic_issues"),
    )
    with op.batch_alter_table("certificates") as batch:
        batch.add_column(sa.Column("search_text", sa.String(), nullable=False, server_default=""))
    _fold_names()
    with op.batch_alter_table("certificates") as batch:
        batch.alter_column("search_text", existing_type=sa.String(), server_default=None)


def _fold_names() -> None:
    table = sa.table(
        "certificates",
        sa.column("id", sa.Integer()),
        sa.column("facts", sa.JSON()),
        sa.column("search_text", sa.String()),
    )
    connection = op.get_bind()
    rows = connection.execute(sa.select(table.c.id, table.c.facts)).all()
    if rows:
        connection.execute(
            sa.update(table)
            .where(table.c.id == sa.bindparam("number"))
            .values(search_text=sa.bindparam("folded")),
            [{"number": id_, "folded": folded(facts.get("name", ""))} for id_, facts in rows],
        )


def downgrade() -> None:
    with op.batch_alter_table("certificates") as batch:
        batch.drop_column("search_text")
    op.drop_table("automatic_issues")
