"""The formats a permit's file is written and read in: our own, and the official schemas whose mappings were found."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flask import Flask

from registry.correspondence.mapping import OfficialSchema
from registry.correspondence.mapping_file import FOLDER, BadMapping, official_schemas
from registry.correspondence.writing import FILE_FORMATS, FileFormat
from registry.kernel.errors import NotFound
from registry.kernel.text import N_, Message
from registry.settings import Settings

NO_FORMAT = N_("there is no format “%(name)s”; there are: %(known)s")
KEY = "registry.permit_formats"
OWN = "mappings"
"""The folder for mappings in the instance folder."""

Format = FileFormat | OfficialSchema


def load(app: Flask, settings: Settings) -> None:
    """Load every mapping once. Raises `BadMapping`: a registry with a mapping it cannot read does not start."""
    found = official_schemas(FOLDER, settings.instance_path / OWN)
    if found.keys() & FILE_FORMATS.keys():
        raise BadMapping(f"a mapping is not named {' or '.join(FILE_FORMATS)}: these are our own formats")
    app.extensions[KEY] = MappingProxyType({**FILE_FORMATS, **found})


def formats(app: Flask) -> Mapping[str, Format]:
    """Return the formats by name, our own first."""
    found: Mapping[str, Format] = app.extensions[KEY]
    return found


def official(app: Flask) -> dict[str, OfficialSchema]:
    """Return the official schemas by name."""
    return {name: one for name, one in formats(app).items() if isinstance(one, OfficialSchema)}


def official_named(app: Flask, name: str) -> OfficialSchema:
    """Return an official schema. Raises `NotFound` that names those there are."""
    known = official(app)
    if name not in known:
        said = {"name": name[:40], "known": ", ".join(known) or "-"}
        raise NotFound(Message(NO_FORMAT, said))
    return known[name]


def format_named(app: Flask, name: str) -> Format:
    """Return a format. Raises `NotFound` that names those there are."""
    known = formats(app)
    if name not in known:
        said = {"name": name[:40], "known": ", ".join(known)}
        raise NotFound(Message(NO_FORMAT, said))
    return known[name]
