"""Tell news and note what comes back"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FINDINGS = ("refused", "lost", "delayed", "automatic", "foreign", "personal")


def upgrade() -> None:
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("was_asked_for", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("unsubscribe_url", sa.String(), nullable=True))
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.alter_column("was_asked_for", existing_type=sa.Boolean(), server_default=None)
    op.create_table(
        "bounced_addresses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["outbox_messages.id"],
            name=op.f("fk_bounced_addresses_message_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounced_addresses")),
    )
    with op.batch_alter_table("bounced_addresses", schema=None) as batch_op:
        batch_op.create_index(
            "uq_bounced_addresses_marked",
            ["address"],
            unique=True,
            sqlite_where=sa.text("cleared_at IS NULL"),
            postgresql_where=sa.text("cleared_at IS NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_bounced_addresses_address_cleared_at"), ["address", "cleared_at"]
        )
        batch_op.create_index(batch_op.f("ix_bounced_addresses_message_id"), ["message_id"])
    op.create_table(
        "delivery_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column(
            "finding",
            sa.Enum(*FINDINGS, name="finding", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["outbox_messages.id"],
            name=op.f("fk_delivery_reports_message_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_reports")),
        sa.UniqueConstraint("key", name=op.f("uq_delivery_reports_key")),
    )
    with op.batch_alter_table("delivery_reports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_reports_message_id"), ["message_id"])
        batch_op.create_index(batch_op.f("ix_delivery_reports_read_at"), ["read_at"])
    op.create_table(
        "news_choices",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_week", sa.String(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_news_choices_weekday_exists")),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name=op.f("ck_news_choices_hour_exists")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_news_choices_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_news_choices")),
    )
    for name, other in (("topics", "topic"), ("offices", "office")):
        op.create_table(
            f"news_{name}",
            sa.Column("user_id", sa.Integer(), nullable=False),
            sa.Column(f"{other}_id", sa.Integer(), nullable=False),
            sa.ForeignKeyConstraint(
                ["user_id"],
                ["news_choices.user_id"],
                name=op.f(f"fk_news_{name}_user_id"),
                ondelete="CASCADE",
            ),
            sa.ForeignKeyConstraint(
                [f"{other}_id"], [f"{name}.id"], name=op.f(f"fk_news_{name}_{other}_id")
            ),
            sa.PrimaryKeyConstraint("user_id", f"{other}_id", name=op.f(f"pk_news_{name}")),
        )


def downgrade() -> None:
    op.drop_table("news_offices")
    op.drop_table("news_topics")
    op.drop_table("news_choices")
    op.drop_table("delivery_reports")
    op.drop_table("bounced_addresses")
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.drop_column("unsubscribe_url")
        batch_op.drop_column("was_asked_for")
