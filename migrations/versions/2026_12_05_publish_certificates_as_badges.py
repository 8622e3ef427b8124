"""Publish certificates as badges"""

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("thumbprint", sa.String(), nullable=False),
        sa.Column("jwk", sa.JSON(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_signing_keys"),
        sa.UniqueConstraint("thumbprint", name="uq_signing_keys_thumbprint"),
    )
    with op.batch_alter_table("certificates") as batch:
        batch.add_column(sa.Column("holder_hash", sa.String(), nullable=True))
    _fill_in()
    with op.batch_alter_table("certificates") as batch:
        batch.alter_column("holder_hash", existing_type=sa.String(), nullable=False)


def _fill_in() -> None:
    """From the address that each owner has now: which one it went to was not kept."""
    connection = op.get_bind()
    held = connection.execute(
        sa.text(
            "SELECT certificates.id, certificates.code, users.email FROM certificates "
            "JOIN registrations ON registrations.id = certificates.registration_id "
            "JOIN users ON users.id = registrations.user_id"
        )
    ).all()
    rows = [
        {"number": number, "hash": sha256(f"{email}{code}".encode()).hexdigest()}
        for number, code, email in held
    ]
    if rows:
        connection.execute(
            sa.text("UPDATE certificates SET holder_hash = :hash WHERE id = :number"), rows
        )


def downgrade() -> None:
    with op.batch_alter_table("certificates") as batch:
        batch.drop_column("holder_hash")
    op.drop_table("signing_keys")
