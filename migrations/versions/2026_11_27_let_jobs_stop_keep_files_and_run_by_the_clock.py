"""Let jobs stop, keep files and run by the clock"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STRINGS = ("stored_as", "file_name")
NUMBERS = ("losses", "file_size")
INSTANTS = ("started_at", "file_until")


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("claim", sa.String(), nullable=True))
        batch_op.add_column(
            sa.Column("is_cancel_asked", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        for name in STRINGS:
            batch_op.add_column(sa.Column(name, sa.String(), server_default="", nullable=False))
        for name in NUMBERS:
            batch_op.add_column(sa.Column(name, sa.Integer(), server_default="0", nullable=False))
        for name in INSTANTS:
            batch_op.add_column(sa.Column(name, instant, nullable=True))
        batch_op.create_index(batch_op.f("ix_jobs_owner_id_id"), ["owner_id", "id"], unique=False)
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.alter_column("is_cancel_asked", existing_type=sa.Boolean(), server_default=None)
        for name in STRINGS:
            batch_op.alter_column(name, existing_type=sa.String(), server_default=None)
        for name in NUMBERS:
            batch_op.alter_column(name, existing_type=sa.Integer(), server_default=None)
    op.create_table(
        "task_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("slot_at", instant, nullable=False),
        sa.Column(
            "state",
            sa.Enum("running", "done", "failed", name="runstate", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("started_at", instant, nullable=False),
        sa.Column("seen_at", instant, nullable=False),
        sa.Column("finished_at", instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_runs")),
        sa.UniqueConstraint("task", "slot_at", name=op.f("uq_task_runs_task_slot_at")),
    )


def downgrade() -> None:
    op.drop_table("task_runs")
    # An older version knows no stopped ones.
    op.execute("UPDATE jobs SET state = 'failed' WHERE state = 'cancelled'")
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_jobs_owner_id_id"))
        for name in ("claim", "is_cancel_asked", *STRINGS, *NUMBERS, *INSTANTS):
            batch_op.drop_column(name)
