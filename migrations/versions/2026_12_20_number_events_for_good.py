"""Number events for good"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_anew(is_for_good=True)


def downgrade() -> None:
    _make_anew(is_for_good=False)


def _make_anew(*, is_for_good: bool) -> None:
    """SQLite gives the number of the last row, once it is gone, to the next one, unless the table
    was made with AUTOINCREMENT. PostgreSQL never does."""
    if op.get_bind().dialect.name != "sqlite":
        return
    with op.batch_alter_table(
        "events", recreate="always", table_kwargs={"sqlite_autoincrement": is_for_good}
    ):
        pass
