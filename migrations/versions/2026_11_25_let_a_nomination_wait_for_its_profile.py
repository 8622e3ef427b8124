"""Let a nomination wait for its profile"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.alter_column("profile_id", existing_type=sa.Integer(), nullable=True)


def downgrade() -> None:
    """Older versions ask for a profile with each registration."""
    op.execute(
        "INSERT INTO profiles"
        " (user_id, institution, role_id, programme_id, country_id, is_default, retired_at)"
        " SELECT user_id, institution, role_id, programme_id, country_id, false, submitted_at"
        " FROM registrations WHERE profile_id IS NULL"
    )
    op.execute(
        "UPDATE registrations SET profile_id = (SELECT max(profiles.id) FROM profiles"
        " WHERE profiles.user_id = registrations.user_id) WHERE profile_id IS NULL"
    )
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.alter_column("profile_id", existing_type=sa.Integer(), nullable=False)
