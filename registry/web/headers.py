"""Security headers on every answer, pages, files and errors alike."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request

from registry.web.static_files import ENDPOINT

YEAR_SECONDS = 365 * 24 * 3600
NONCE = "registry_nonce"

STEADY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=()",
}


def nonce() -> str:
    """Return the word that lets this answer's own inline script run, and no other."""
    if not hasattr(g, NONCE):
        setattr(g, NONCE, secrets.token_urlsafe(18))
    return str(getattr(g, NONCE))


def _policy() -> str:
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'nonce-{nonce()}'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def init_app(app: Flask, *, secure: bool) -> None:
    """Set the headers after each request; `secure` adds HSTS (only sensible behind HTTPS)."""

    def protect(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = _policy()
        for name, value in STEADY.items():
            answer.headers[name] = value
        if secure:
            answer.headers["Strict-Transport-Security"] = f"max-age={YEAR_SECONDS}; includeSubDomains"
        if request.endpoint == ENDPOINT and answer.status_code in {200, 304}:
            # The name holds a hash of the content: a copy never goes stale.
            answer.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
        else:
            answer.headers["Cache-Control"] = "no-store"
        return answer

    app.after_request(protect)
    app.jinja_env.globals["csp_nonce"] = nonce
