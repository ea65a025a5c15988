"""`make run`: set up, load the lists and (the first time) the demo country, serve, print the demo accounts."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace

from flask import Flask
from flask_migrate import upgrade
from gunicorn.app.base import BaseApplication
from rich.console import Console
from rich.table import Table

from registry.accounts.queries import real_account_exists
from registry.accounts.sessions import current_clock, settings_of
from registry.app import create_app
from registry.db import db, unit_of_work
from registry.demo.service import demo_accounts, is_empty, load_demo
from registry.documents.practice import PRACTICE_KEY, write_practice_key
from registry.flags.service import sweep
from registry.flags.watches import current_watches
from registry.kernel.actor import SYSTEM
from registry.substances.service import load_reference

THREADS = 8


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with threads, configured here and not by files."""

    def __init__(self, app: Flask, port: int) -> None:
        self.application = app
        self.port = port
        super().__init__()

    def load_config(self) -> None:
        """Set what we need."""
        self.cfg.set("bind", f"127.0.0.1:{self.port}")
        self.cfg.set("worker_class", "gthread")
        self.cfg.set("threads", THREADS)
        self.cfg.set("workers", 1)
        self.cfg.set("loglevel", "warning")

    def load(self) -> Flask:
        """Return the application to serve."""
        return self.application


def main() -> None:
    """Prepare the database and serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Serve the registry on this machine.")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    port = parser.parse_args().port
    console = Console(stderr=True)
    app = create_app()
    with app.app_context():
        session = db.session()
        with console.status("Preparing the database ..."):
            upgrade()
            with unit_of_work(session):
                load_reference(session, current_clock())
        if is_empty(session):
            console.print("First start: loading the demo country (about a minute).")
            load_demo(console)
        else:
            with console.status("Letting the watches look at today ..."), unit_of_work(session):
                sweep(session, SYSTEM, current_clock(), current_watches())
        if real_account_exists(session):
            console.print("There are real accounts: demo accounts do not sign in.")
        else:
            _print_accounts(console)
            _sign_for_practice(app, port, console)
        console.print(f"Open [bold]http://127.0.0.1:{port}[/bold]   (Ctrl-C stops)")
        db.session.remove()
        db.engine.dispose()
    Server(app, port).run()


def _sign_for_practice(app: Flask, port: int, console: Console) -> None:
    """Let the demo sign documents with a key of its own, made at the first start; they bear DEMO across every page."""
    settings = settings_of(app)
    if settings.signs:
        return
    path = settings.instance_path / PRACTICE_KEY
    password = path.with_suffix(".password")
    if not (path.exists() and password.exists()):
        password = write_practice_key(path, "practice key", current_clock().now())
    here = f"http://127.0.0.1:{port}"
    app.extensions["registry.settings"] = replace(
        settings, signing_key_file=str(path), signing_password_file=str(password), address=here
    )
    console.print(f"Documents are signed with the practice key {path}: they are marked DEMO.")


def _print_accounts(console: Console) -> None:
    table = Table("user", "role", "password", "organisation", title="Demo accounts")
    for account in demo_accounts():
        table.add_row(account.username, account.role, account.password, account.organisation or "")
    console.print(table)


if __name__ == "__main__":
    main()
