"""End certificates that are wrong"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ending = sa.Enum("replaced", "revoked", name="ending", native_enum=False, length=30)
    with op.batch_alter_table("certificates") as batch:
        batch.drop_constraint("uq_certificates_registration_id", type_="unique")
        batch.add_column(sa.Column("replaces_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("ending", ending, nullable=True))
        batch.add_column(sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("ended_by_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("reason", sa.String(), nullable=False, server_default=""))
        batch.create_foreign_key(
            "fk_certificates_replaces_id", "certificates", ["replaces_id"], ["id"]
        )
        batch.create_foreign_key("fk_certificates_ended_by_id", "users", ["ended_by_id"], ["id"])
        batch.create_unique_constraint("uq_certificates_replaces_id", ["replaces_id"])
        batch.create_check_constraint(
            "ck_certificates_ends_at_an_instant", "(ending IS NULL) = (ended_at IS NULL)"
        )
    with op.batch_alter_table("certificates") as batch:
        batch.alter_column("reason", existing_type=sa.String(), server_default=None)
    op.create_index("ix_certificates_registration_id", "certificates", ["registration_id"])
    op.create_index("ix_certificates_sha256", "certificates", ["sha256"])
    op.create_index(
        "uq_certificates_one_valid",
        "certificates",
        ["registration_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "certificate_exceptions",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("gives", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("reason != ''", name="ck_certificate_exceptions_has_reason"),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name="fk_certificate_exceptions_registration_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["noted_by_id"], ["users.id"], name="fk_certificate_exceptions_noted_by_id"
        ),
        sa.PrimaryKeyConstraint("registration_id", name="pk_certificate_exceptions"),
    )


def downgrade() -> None:
    """Certificates that ended go: without these columns whoever verifies them would read that
    they are valid."""
    op.drop_table("certificate_exceptions")
    op.drop_index("uq_certificates_one_valid", "certificates")
    op.drop_index("ix_certificates_sha256", "certificates")
    op.drop_index("ix_certificates_registration_id", "certificates")
    op.execute("UPDATE certificates SET replaces_id = NULL")
    op.execute(
        "DELETE FROM certificate_files WHERE certificate_id IN "
        "(SELECT id FROM certificates WHERE ended_at IS NOT NULL)"
    )
    op.execute("DELETE FROM certificates WHERE ended_at IS NOT NULL")
    with op.batch_alter_table("certificates") as batch:
        batch.drop_constraint("ck_certificates_ends_at_an_instant", type_="check")
        batch.drop_constraint("uq_certificates_replaces_id", type_="unique")
        batch.drop_constraint("fk_certificates_ended_by_id", type_="foreignkey")
        batch.drop_constraint("fk_certificates_replaces_id", type_="foreignkey")
        batch.create_unique_constraint("uq_certificates_registration_id", ["registration_id"])
        for column in ("reason", "ended_by_id", "ended_at", "ending", "replaces_id"):
            batch.drop_column(column)
