"""Note more of each mail"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("event_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("person_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("history", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(
            sa.Column("is_doubtful", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        for name in ("due_at", "expires_at", "claimed_at", "handed_at"):
            batch_op.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("values", sa.JSON(), server_default="{}", nullable=False))
        for name in ("subject", "text", "html"):
            batch_op.alter_column(
                name, existing_type=sa.String(), nullable=True, new_column_name=f"sent_{name}"
            )
        batch_op.add_column(sa.Column("claim", sa.String(), nullable=True))
    op.execute("UPDATE outbox_messages SET due_at = next_attempt_at, claimed_at = next_attempt_at")
    # Whose they are, where the address is known; of which event, where the key names it.
    op.execute(
        "UPDATE outbox_messages SET person_id ="
        " (SELECT users.id FROM users WHERE users.email = outbox_messages.to_address)"
    )
    op.execute(
        "UPDATE outbox_messages SET event_id = (SELECT registrations.event_id FROM registrations"
        " WHERE outbox_messages.key LIKE 'registration:' || registrations.id || ':%')"
        " WHERE outbox_messages.key LIKE 'registration:%'"
    )
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.alter_column("due_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.alter_column("history", existing_type=sa.JSON(), server_default=None)
        batch_op.alter_column("is_doubtful", existing_type=sa.Boolean(), server_default=None)
        batch_op.alter_column("values", existing_type=sa.JSON(), server_default=None)
        batch_op.drop_index(batch_op.f("ix_outbox_messages_next_attempt_at"))
        for columns in (
            ["state", "next_attempt_at"],
            ["to_address", "state"],
            ["event_id", "id"],
            ["person_id", "id"],
            ["message_id"],
            ["handed_at"],
        ):
            name = f"ix_outbox_messages_{'_'.join(columns)}"
            batch_op.create_index(batch_op.f(name), columns, unique=False)


def downgrade() -> None:
    # What an older version does not know of has not left, and does not.
    op.execute("UPDATE outbox_messages SET state = 'failed' WHERE state IN ('held', 'cancelled')")
    # Nor can it word what has not been worded yet.
    op.execute("DELETE FROM outbox_messages WHERE sent_subject IS NULL")
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        for columns in (
            "state_next_attempt_at",
            "to_address_state",
            "event_id_id",
            "person_id_id",
            "message_id",
            "handed_at",
        ):
            batch_op.drop_index(batch_op.f(f"ix_outbox_messages_{columns}"))
        batch_op.create_index(
            batch_op.f("ix_outbox_messages_next_attempt_at"), ["next_attempt_at"], unique=False
        )
        for name in ("subject", "text", "html"):
            batch_op.alter_column(
                f"sent_{name}", existing_type=sa.String(), nullable=False, new_column_name=name
            )
        for name in (
            "values",
            "claim",
            "handed_at",
            "claimed_at",
            "expires_at",
            "due_at",
            "is_doubtful",
            "history",
            "person_id",
            "event_id",
        ):
            batch_op.drop_column(name)
