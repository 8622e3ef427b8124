"""Say which version of the public pages is the present one, and find events among very many"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# All runs of three letters of a text, which an index can find: what LIKE '%word%' looks for holds
# each of the word's. The extension pg_trgm does the same, but not every server has it.
PARTS = """
CREATE FUNCTION parts(whole text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(DISTINCT substr(whole, at, 3)), '{}')
  FROM generate_series(1, length(whole) - 2) AS at
$$
"""


def upgrade() -> None:
    op.create_table(
        "public_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_public_versions"),
    )
    op.execute("INSERT INTO public_versions (id, token) VALUES (1, 'first')")
    op.create_index("ix_events_ends_at", "events", ["ends_at"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(PARTS)
        op.execute("CREATE INDEX ix_events_search_parts ON events USING gin (parts(search_text))")
        op.execute(
            "CREATE INDEX ix_events_span ON events USING gist (tstzrange(starts_at, ends_at))"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX ix_events_span")
        op.execute("DROP INDEX ix_events_search_parts")
        op.execute("DROP FUNCTION parts(text)")
    op.drop_index("ix_events_ends_at", "events")
    op.drop_table("public_versions")
