"""Keep records of learning"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ending = sa.Enum("revoked", "erased", name="recordending", native_enum=False, length=30)
    op.create_table(
        "learning_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ending", ending, nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(ending IS NULL) = (ended_at IS NULL)", name="ck_learning_records_ends_at_an_instant"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_learning_records_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_learning_records"),
        sa.UniqueConstraint("code", name="uq_learning_records_code"),
    )
    op.create_index("ix_learning_records_user_id", "learning_records", ["user_id"])
    op.create_index("ix_learning_records_sha256", "learning_records", ["sha256"])
    op.create_table(
        "learning_record_files",
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["learning_records.id"],
            name="fk_learning_record_files_record_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("record_id", name="pk_learning_record_files"),
    )
    op.create_table(
        "record_shares",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_record_shares_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_record_shares"),
        sa.UniqueConstraint("token_hash", name="uq_record_shares_token_hash"),
    )
    op.create_index("ix_record_shares_user_id", "record_shares", ["user_id"])


def downgrade() -> None:
    op.drop_table("record_shares")
    op.drop_table("learning_record_files")
    op.drop_table("learning_records")
