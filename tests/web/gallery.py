"""A tiny application with every component on one page, for the tests of the shell only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from flask import Flask, abort, render_template, request
from wtforms import (
    BooleanField,
    FileField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem, RuleRefused, TransitionRefused
from registry.kernel.rules import Finding, Rule, Severity
from registry.kernel.text import Message
from registry.settings import Settings
from registry.web import hooks, navigation, shell
from registry.web.forms import DayField, Filled, PageForm, QuantityField
from registry.web.navigation import NavItem
from registry.web.paging import Page, asked_page

RULE = Rule(
    "XXX-01", "What is granted never exceeds the estimate", "1961 Convention, art. 21", Severity.REFUSE, ("NC-P6",)
)
HINT = Rule("XXX-02", "Stock is counted once a month", "Order 12 of 2024", Severity.FLAG, ("NC-P7",))
FINDINGS = (
    Finding(
        HINT,
        Message("The last count was %(day)s", {"day": date(2026, 9, 30)}),
        Severity.FLAG,
        subject="Central pharmacy",
    ),
    Finding(
        RULE,
        Message("%(asked)s g are asked for, %(left)s g are left", {"asked": "2500", "left": "1500"}),
        Severity.REFUSE,
        row=40,
        observed="2500",
        limit="1500",
        unit="g",
        largest_g="1500",
        largest_quantity="150000",
    ),
)
PROBLEMS = (
    Problem("quantity", "not-a-quantity", Message("“%(text)s” is not a number", {"text": "1O"}), row=17),
    Problem("occurred_on", "not-a-date", Message("write it as 31.03.2026")),
)


@dataclass(frozen=True)
class Officer:
    name: str = "Айгүл Өмүрбекова"
    username: str = "aigul"
    roles: frozenset[str] = frozenset({"officer"})


class SampleForm(PageForm):
    quantity = QuantityField("Quantity", validators=[Filled()], places=3)
    day = DayField("Planned on", validators=[Filled()])
    purpose = StringField("Purpose", validators=[Filled()])
    kind = SelectField("Kind", choices=[("import", "Import"), ("export", "Export")])
    way = RadioField("Way", choices=[("air", "By air"), ("road", "By road")], default="air")
    acts = SelectMultipleField("Acts", choices=[("storage", "Storage"), ("sale", "Sale")])
    agreed = BooleanField("The papers are complete")
    note = TextAreaField("Note")
    file = FileField("Workbook")
    secret = PasswordField("Password")


def make_app(settings: Settings | None = None, person: Officer | None = None, banner: str | None = None) -> Flask:
    """Return the tiny application."""
    app = Flask("gallery", template_folder=str(Path(__file__).parent / "templates"), static_folder=None)
    app.config.update(SECRET_KEY="only for tests", TESTING=False)
    shell.init_app(app, settings or Settings())
    hooks.set_person_source(app, lambda: person)
    hooks.set_banner_source(app, lambda: banner)

    @app.route("/", methods=["GET", "POST"])
    def gallery():
        form = SampleForm()
        form.validate_on_submit()
        rows = Page([f"row {n}" for n in range(50)], asked_page(), 50, 420)
        return render_template(
            "gallery.html",
            form=form,
            findings=FINDINGS,
            problems=PROBLEMS,
            page=rows,
            moment=datetime(2026, 11, 22, 3, 5, tzinfo=UTC),
        )

    @app.get("/stock", endpoint="stock.overview")
    def stock():
        return render_template(
            "gallery.html", form=SampleForm(), findings=(), problems=(), page=Page([], 1, 50, 0), moment=None
        )

    app.add_url_rule("/permits", "permits.cases", stock)
    app.add_url_rule("/permits/mine", "permits.mine", stock)
    app.add_url_rule("/returns", "returns.overview", stock)
    app.add_url_rule("/search", "supervision.search", stock)
    app.add_url_rule("/sign-out", "accounts.sign_out", lambda: "", methods=["POST"])

    errors = {
        "not-found": lambda: NotFound(Message("There is no permit %(number)s", {"number": "KG-1"})),
        "forbidden": lambda: Forbidden(Message("Only the second officer may do this")),
        "conflict": lambda: Conflict(Message("The number is taken")),
        "transition": lambda: TransitionRefused(Message("The permit has expired")),
        "invalid": lambda: Invalid(Message("The file has faults"), PROBLEMS),
        "rule": lambda: RuleRefused(Message("The application does not fit"), FINDINGS),
        "fault": lambda: RuntimeError("secret detail"),
    }

    @app.route("/api/v1/<name>")
    @app.route("/refuse/<name>")
    def refuse(name):
        if name not in errors:
            abort(404)
        error = errors[name]()
        raise error

    @app.post("/upload")
    def upload():
        return str(len(request.files["file"].read()))

    navigation.register(
        app,
        [
            NavItem("gallery", "Work", frozenset({"*"}), order=10),
            NavItem("permits.cases", "Cases", frozenset({"officer"}), group="Permits", order=20),
            NavItem("permits.mine", "My cases", frozenset({"officer"}), group="Permits", order=21),
            NavItem("stock.overview", "Stock", frozenset({"officer", "pharmacist"}), order=30),
            NavItem("returns.overview", "Returns", frozenset({"officer"}), order=40),
            NavItem("accounts.users", "Users", frozenset({"administrator"}), order=50),
        ],
    )
    return app
