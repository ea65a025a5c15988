"""The application, found by `flask` and by the server."""

from registry.app import create_app

app = create_app()
