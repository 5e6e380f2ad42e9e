"""tables of accounts and modules."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _auth()
    _catalog()
    _chat()
    _orders()
    _payments()
    _shows()


def _auth() -> None:
    op.create_table(
        "auth_actors",
        sa.Column("actor_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", name=op.f("pk_auth_actors")),
    )
    op.create_table(
        "auth_invites",
        sa.Column("invite_id", sa.String(length=36), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("invite_id", name=op.f("pk_auth_invites")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_auth_invites_key_hash")),
    )
    with op.batch_alter_table("auth_invites", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_auth_invites_scope"), ["scope"], unique=False)
    op.create_table(
        "auth_accounts",
        sa.Column("actor_id", sa.String(length=36), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["auth_actors.actor_id"], name=op.f("fk_auth_accounts_actor_id")),
        sa.PrimaryKeyConstraint("actor_id", name=op.f("pk_auth_accounts")),
        sa.UniqueConstraint("email", name=op.f("uq_auth_accounts_email")),
    )
    op.create_table(
        "auth_roles",
        sa.Column("actor_id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("granted_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["auth_actors.actor_id"], name=op.f("fk_auth_roles_actor_id")),
        sa.PrimaryKeyConstraint("actor_id", "role", name=op.f("pk_auth_roles")),
    )
    with op.batch_alter_table("auth_roles", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_auth_roles_role"), ["role"], unique=False)
    op.create_table(
        "auth_sessions",
        sa.Column("session_hash", sa.String(length=64), nullable=False),
        sa.Column("actor_id", sa.String(length=36), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("used_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["auth_actors.actor_id"], name=op.f("fk_auth_sessions_actor_id")),
        sa.PrimaryKeyConstraint("session_hash", name=op.f("pk_auth_sessions")),
    )
    with op.batch_alter_table("auth_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_auth_sessions_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_auth_sessions_expires_at_ms"), ["expires_at_ms"], unique=False)


def _catalog() -> None:
    op.create_table(
        "catalog_products",
        sa.Column("product_id", sa.String(length=36), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("image_url", sa.String(length=300), nullable=True),
        sa.Column("published_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_catalog_products")),
    )
    with op.batch_alter_table("catalog_products", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_products_published_at_ms"), ["published_at_ms"], unique=False)
    op.create_table(
        "catalog_variants",
        sa.Column("sku", sa.String(length=32), nullable=False),
        sa.Column("product_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["catalog_products.product_id"], name=op.f("fk_catalog_variants_product_id")),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_catalog_variants")),
    )
    with op.batch_alter_table("catalog_variants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_variants_product_id"), ["product_id"], unique=False)
    op.create_table(
        "catalog_moves",
        sa.Column("move_id", sa.String(length=36), nullable=False),
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.String(length=32), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("per_buyer_max", sa.BigInteger(), nullable=False),
        sa.Column("moved_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sku"], ["catalog_variants.sku"], name=op.f("fk_catalog_moves_sku")),
        sa.PrimaryKeyConstraint("move_id", name=op.f("pk_catalog_moves")),
    )
    with op.batch_alter_table("catalog_moves", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_moves_show_id"), ["show_id"], unique=False)
    op.create_table(
        "catalog_pools",
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.String(length=32), nullable=False),
        sa.Column("funded", sa.BigInteger(), nullable=False),
        sa.Column("sold", sa.BigInteger(), nullable=False),
        sa.Column("per_buyer_max", sa.BigInteger(), nullable=False),
        sa.Column("opened_at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("sold >= 0 AND sold <= funded", name=op.f("ck_catalog_pools_sold_within_funded")),
        sa.ForeignKeyConstraint(["sku"], ["catalog_variants.sku"], name=op.f("fk_catalog_pools_sku")),
        sa.PrimaryKeyConstraint("show_id", "sku", name=op.f("pk_catalog_pools")),
    )
    op.create_table(
        "catalog_sales",
        sa.Column("hold_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.String(length=32), nullable=False),
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("sold_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sku"], ["catalog_variants.sku"], name=op.f("fk_catalog_sales_sku")),
        sa.PrimaryKeyConstraint("hold_id", "sku", name=op.f("pk_catalog_sales")),
    )


def _chat() -> None:
    op.create_table(
        "chat_messages",
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("author_name", sa.String(length=40), nullable=False),
        sa.Column("author_role", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("posted_at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("author_role IN ('viewer', 'host')", name=op.f("ck_chat_messages_author_role_known")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_chat_messages")),
    )
    with op.batch_alter_table("chat_messages", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_chat_messages_show_id_posted_at_ms_message_id"),
            ["show_id", "posted_at_ms", "message_id"],
            unique=False,
        )


def _orders() -> None:
    op.create_table(
        "orders_orders",
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("buyer_id", sa.String(length=36), nullable=False),
        sa.Column("buyer_name", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("payment", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("placed_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("hold_expires_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("hold_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "payment <> 'captured' OR state = 'confirmed'", name=op.f("ck_orders_orders_captured_only_when_confirmed")
        ),
        sa.CheckConstraint(
            "payment IN ('none', 'in_progress', 'failed', 'authorised', 'captured', 'voided')",
            name=op.f("ck_orders_orders_payment_known"),
        ),
        sa.CheckConstraint("state IN ('placed', 'confirmed', 'cancelled')", name=op.f("ck_orders_orders_state_known")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_orders_orders")),
        sa.UniqueConstraint("hold_id", name=op.f("uq_orders_orders_hold_id")),
    )
    with op.batch_alter_table("orders_orders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_orders_orders_buyer_id_placed_at_ms"), ["buyer_id", "placed_at_ms"], unique=False)
        batch_op.create_index(batch_op.f("ix_orders_orders_show_id_changed_at_ms"), ["show_id", "changed_at_ms"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_orders_orders_state_hold_expires_at_ms"), ["state", "hold_expires_at_ms"], unique=False
        )
    op.create_table(
        "orders_attempts",
        sa.Column("payment_id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.CheckConstraint(
            "state IN ('in_progress', 'failed', 'authorised', 'captured', 'voided')", name=op.f("ck_orders_attempts_state_known")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders_orders.order_id"], name=op.f("fk_orders_attempts_order_id")),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_orders_attempts")),
    )
    with op.batch_alter_table("orders_attempts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_orders_attempts_order_id"), ["order_id"], unique=False)
    op.create_table(
        "orders_lines",
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("image_url", sa.String(length=300), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders_orders.order_id"], name=op.f("fk_orders_lines_order_id")),
        sa.PrimaryKeyConstraint("order_id", "position", name=op.f("pk_orders_lines")),
    )


def _payments() -> None:
    op.create_table(
        "payments_payments",
        sa.Column("payment_id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("buyer_id", sa.String(length=36), nullable=False),
        sa.Column("provider", sa.String(length=24), nullable=False),
        sa.Column("method", sa.String(length=200), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("wanted", sa.String(length=8), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("ask_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('created', 'requires_action', 'unknown', 'authorised', 'captured', 'failed', 'voided', 'refunded')",
            name=op.f("ck_payments_payments_state_known"),
        ),
        sa.CheckConstraint("wanted IS NULL OR wanted IN ('capture', 'void')", name=op.f("ck_payments_payments_wanted_known")),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_payments_payments")),
    )
    with op.batch_alter_table("payments_payments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payments_payments_ask_at_ms"), ["ask_at_ms"], unique=False)
        batch_op.create_index(
            "uq_payments_payments_open",
            ["order_id"],
            unique=True,
            sqlite_where=sa.text("state NOT IN ('failed', 'voided', 'refunded')"),
            postgresql_where=sa.text("state NOT IN ('failed', 'voided', 'refunded')"),
        )


def _shows() -> None:
    op.create_table(
        "shows_shows",
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("host_id", sa.String(length=36), nullable=False),
        sa.Column("host_name", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("unlisted", sa.Boolean(), nullable=False),
        sa.Column("on_air", sa.Boolean(), nullable=False),
        sa.Column("scheduled_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("started_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("cover_url", sa.String(length=300), nullable=True),
        sa.Column("pinned", sa.JSON(), nullable=False),
        sa.Column("stream_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("stream_node_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('scheduled', 'live', 'ended')", name=op.f("ck_shows_shows_state_known")),
        sa.CheckConstraint("version > 0", name=op.f("ck_shows_shows_version_positive")),
        sa.PrimaryKeyConstraint("show_id", name=op.f("pk_shows_shows")),
    )
    with op.batch_alter_table("shows_shows", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shows_shows_host_id"), ["host_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shows_shows_state_scheduled_at_ms"), ["state", "scheduled_at_ms"], unique=False)
    op.create_table(
        "shows_ingest",
        sa.Column("show_id", sa.String(length=36), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("made_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["show_id"], ["shows_shows.show_id"], name=op.f("fk_shows_ingest_show_id")),
        sa.PrimaryKeyConstraint("show_id", name=op.f("pk_shows_ingest")),
    )


def downgrade() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    op.drop_table("catalog_sales")
    op.drop_table("catalog_pools")
    with op.batch_alter_table("catalog_moves", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_catalog_moves_show_id"))

    op.drop_table("catalog_moves")
    op.drop_table("shows_ingest")
    op.drop_table("orders_lines")
    with op.batch_alter_table("orders_attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_orders_attempts_order_id"))

    op.drop_table("orders_attempts")
    with op.batch_alter_table("catalog_variants", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_catalog_variants_product_id"))

    op.drop_table("catalog_variants")
    with op.batch_alter_table("auth_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_auth_sessions_expires_at_ms"))
        batch_op.drop_index(batch_op.f("ix_auth_sessions_actor_id"))

    op.drop_table("auth_sessions")
    with op.batch_alter_table("auth_roles", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_auth_roles_role"))

    op.drop_table("auth_roles")
    op.drop_table("auth_accounts")
    with op.batch_alter_table("shows_shows", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shows_shows_state_scheduled_at_ms"))
        batch_op.drop_index(batch_op.f("ix_shows_shows_host_id"))

    op.drop_table("shows_shows")
    with op.batch_alter_table("payments_payments", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_payments_payments_open",
            sqlite_where=sa.text("state NOT IN ('failed', 'voided', 'refunded')"),
            postgresql_where=sa.text("state NOT IN ('failed', 'voided', 'refunded')"),
        )
        batch_op.drop_index(batch_op.f("ix_payments_payments_ask_at_ms"))

    op.drop_table("payments_payments")
    with op.batch_alter_table("orders_orders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_orders_orders_state_hold_expires_at_ms"))
        batch_op.drop_index(batch_op.f("ix_orders_orders_show_id_changed_at_ms"))
        batch_op.drop_index(batch_op.f("ix_orders_orders_buyer_id_placed_at_ms"))

    op.drop_table("orders_orders")
    with op.batch_alter_table("chat_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_chat_messages_show_id_posted_at_ms_message_id"))

    op.drop_table("chat_messages")
    with op.batch_alter_table("catalog_products", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_catalog_products_published_at_ms"))

    op.drop_table("catalog_products")
    with op.batch_alter_table("auth_invites", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_auth_invites_scope"))

    op.drop_table("auth_invites")
    op.drop_table("auth_actors")
    # ### end Alembic commands ###
