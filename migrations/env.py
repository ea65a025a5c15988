"""Alembic's way into the application: one connection, every migration in one transaction."""

from alembic import context
from flask import current_app
from sqlalchemy import BigInteger

from registry.db import WRITE, Base, Moment

database = current_app.extensions["migrate"].db


def render(kind: str, item: object, _autogen: object) -> str | bool:
    """Spell our own types so that a migration stands on its own."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, BigInteger) and "sqlite" in item._variant_mapping:
        return "sa.BigInteger().with_variant(sa.Integer(), 'sqlite')"
    return False


def run() -> None:
    engine = database.engine
    with engine.connect().execution_options(**{WRITE: True}) as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_type=True,
            compare_server_default=False,
            transaction_per_migration=False,
            render_item=render,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
