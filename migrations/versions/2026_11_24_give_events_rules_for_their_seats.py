"""Give events rules for their seats"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "programme_coordinators",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("named_by", sa.String(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["users.id"], name=op.f("fk_programme_coordinators_added_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_programme_coordinators_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_programme_coordinators_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_coordinators")),
    )
    with op.batch_alter_table("programme_coordinators", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_programme_coordinators_user_id"), ["user_id"], unique=False
        )
        batch_op.create_index(
            "uq_programme_coordinators_active",
            ["programme_id", "user_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "seat_invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("most_uses", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("most_uses > 0", name=op.f("ck_seat_invitations_has_uses")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_seat_invitations_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_seat_invitations_event_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_invitations")),
        sa.UniqueConstraint("code", name=op.f("uq_seat_invitations_code")),
        sa.UniqueConstraint("event_id", "email", name=op.f("uq_seat_invitations_event_id_email")),
    )
    op.create_table(
        "seat_rules",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("by_invitation", sa.Boolean(), nullable=False),
        sa.Column(
            "promotion",
            sa.Enum("automatic", "offer", "office", name="promotion", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("offer_hours", sa.Integer(), nullable=False),
        sa.Column("decision_on", sa.Date(), nullable=True),
        sa.Column("selected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("reconfirmation", sa.JSON(), nullable=False),
        sa.Column("settle_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("offer_hours > 0", name=op.f("ck_seat_rules_offers_last")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_seat_rules_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_seat_rules")),
    )
    with op.batch_alter_table("seat_rules", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seat_rules_settle_at"), ["settle_at"], unique=False)

    op.create_table(
        "seat_tallies",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column(
            "dimension",
            sa.Enum(
                "mode",
                "role",
                "programme",
                "country",
                "institution",
                "role-in-country",
                "session",
                name="dimension",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_seat_tallies_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "dimension", "key", name=op.f("pk_seat_tallies")),
    )
    op.create_table(
        "selections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=False),
        sa.Column("tell_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_selections_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_selections_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selections")),
    )
    with op.batch_alter_table("selections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_selections_event_id"), ["event_id"], unique=False)

    op.create_table(
        "handovers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_handovers_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_handovers_token_hash")),
    )
    with op.batch_alter_table("handovers", schema=None) as batch_op:
        batch_op.create_index(
            "uq_handovers_open",
            ["registration_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "selection_wishes",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "unconfirmed",
                "pending",
                "confirmed",
                "offered",
                "waitlisted",
                "declined",
                "cancelled",
                name="state",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("is_by_hand", sa.Boolean(), nullable=False),
        sa.Column("selection_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_selection_wishes_registration_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["selection_id"], ["selections.id"], name=op.f("fk_selection_wishes_selection_id")
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_selection_wishes")),
    )
    with op.batch_alter_table("selection_wishes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_selection_wishes_selection_id"), ["selection_id"], unique=False
        )

    op.create_table(
        "session_choices",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_session_choices_registration_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("fk_session_choices_session_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "session_id", name=op.f("pk_session_choices")),
    )
    with op.batch_alter_table("session_choices", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_session_choices_session_id"), ["session_id"], unique=False
        )

    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("online_capacity", sa.Integer(), nullable=False, server_default="0")
        )

    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reconfirmed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("moves", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("override", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("is_online", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("invitation_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("nominated_by_id", sa.Integer(), nullable=True))
        batch_op.create_index(
            "ix_registrations_answer_by",
            ["answer_by"],
            unique=False,
            sqlite_where=sa.text("answer_by IS NOT NULL"),
            postgresql_where=sa.text("answer_by IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_registrations_invitation_id"), ["invitation_id"], unique=False
        )
        batch_op.create_index(
            "ix_registrations_waiting",
            ["event_id", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'waitlisted' OR upon_confirmation = 'waitlisted'"),
            postgresql_where=sa.text("state = 'waitlisted' OR upon_confirmation = 'waitlisted'"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_registrations_invitation_id"),
            "seat_invitations",
            ["invitation_id"],
            ["id"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_registrations_nominated_by_id"), "users", ["nominated_by_id"], ["id"]
        )

    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("capacity", sa.Integer(), nullable=True))
    with op.batch_alter_table("events") as batch_op:
        batch_op.alter_column("online_capacity", server_default=None)
        batch_op.create_check_constraint(
            "online_seats_are_seats", "online_capacity BETWEEN 0 AND capacity"
        )
    with op.batch_alter_table("sessions") as batch_op:
        batch_op.create_check_constraint("has_seats", "capacity > 0")
    with op.batch_alter_table("registrations") as batch_op:
        for column in ("moves", "override", "is_online"):
            batch_op.alter_column(column, server_default=None)
    _give_old_rows_their_values()


def _give_old_rows_their_values() -> None:
    """Who takes part online does; newcomers have their day to confirm. `flask prepare` counts.

    Half of a hybrid event's seats are online, less where more are given: who is registered
    counts as on site.
    """
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "UPDATE events SET online_capacity = CASE"
            " WHEN capacity - seats_taken >= capacity / 2 THEN capacity / 2"
            " WHEN capacity > seats_taken THEN capacity - seats_taken ELSE 0 END"
            " WHERE mode = 'hybrid'"
        )
    )
    connection.execute(
        sa.text(
            "UPDATE registrations SET is_online = :yes WHERE event_id IN "
            "(SELECT id FROM events WHERE mode = 'online')"
        ).bindparams(sa.bindparam("yes", True, sa.Boolean()))
    )
    table = sa.table(
        "registrations",
        sa.column("id", sa.Integer()),
        sa.column("state", sa.String()),
        sa.column("submitted_at", sa.DateTime(timezone=True)),
        sa.column("answer_by", sa.DateTime(timezone=True)),
    )
    late = sa.select(table.c.id, table.c.submitted_at).where(table.c.state == "unconfirmed")
    for number, submitted_at in connection.execute(late).all():
        connection.execute(
            sa.update(table)
            .where(table.c.id == number)
            .values(answer_by=submitted_at + timedelta(hours=24))
        )


def downgrade() -> None:
    op.execute("UPDATE registrations SET state = 'confirmed' WHERE state = 'offered'")
    with op.batch_alter_table("sessions") as batch_op:
        batch_op.drop_constraint("has_seats", type_="check")
    with op.batch_alter_table("events") as batch_op:
        batch_op.drop_constraint("online_seats_are_seats", type_="check")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_column("capacity")

    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_registrations_nominated_by_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_registrations_invitation_id"), type_="foreignkey")
        batch_op.drop_index(
            "ix_registrations_waiting",
            sqlite_where=sa.text("state = 'waitlisted' OR upon_confirmation = 'waitlisted'"),
            postgresql_where=sa.text("state = 'waitlisted' OR upon_confirmation = 'waitlisted'"),
        )
        batch_op.drop_index(batch_op.f("ix_registrations_invitation_id"))
        batch_op.drop_index(
            "ix_registrations_answer_by",
            sqlite_where=sa.text("answer_by IS NOT NULL"),
            postgresql_where=sa.text("answer_by IS NOT NULL"),
        )
        batch_op.drop_column("nominated_by_id")
        batch_op.drop_column("invitation_id")
        batch_op.drop_column("is_online")
        batch_op.drop_column("override")
        batch_op.drop_column("moves")
        batch_op.drop_column("told_at")
        batch_op.drop_column("reconfirmed_at")
        batch_op.drop_column("answer_by")

    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_column("online_capacity")

    with op.batch_alter_table("session_choices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_choices_session_id"))

    op.drop_table("session_choices")
    with op.batch_alter_table("selection_wishes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_selection_wishes_selection_id"))

    op.drop_table("selection_wishes")
    with op.batch_alter_table("handovers", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_handovers_open",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.drop_table("handovers")
    with op.batch_alter_table("selections", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_selections_event_id"))

    op.drop_table("selections")
    op.drop_table("seat_tallies")
    with op.batch_alter_table("seat_rules", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seat_rules_settle_at"))

    op.drop_table("seat_rules")
    op.drop_table("seat_invitations")
    with op.batch_alter_table("programme_coordinators", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_programme_coordinators_active",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_programme_coordinators_user_id"))

    op.drop_table("programme_coordinators")
