"""Closed vocabularies that the lists and the products spell in English, and their words in the reader's language.

What is kept, counted and sent to the Board stays as the list has it; only what people read is
said in their language. A word that is not listed here is shown as it was recorded.
"""

from __future__ import annotations

from collections.abc import Callable

from registry.kernel.text import N_
from registry.substances.domain.salts import ANHYDROUS, HYDRATES

Say = Callable[[str], str]

DOSAGE_FORMS: tuple[str, ...] = (
    N_("ampoule"),
    N_("capsule"),
    N_("concentrate for solution for infusion"),
    N_("cream"),
    N_("dragee"),
    N_("drops"),
    N_("effervescent tablet"),
    N_("elixir"),
    N_("extract"),
    N_("film-coated tablet"),
    N_("gel"),
    N_("granules"),
    N_("implant"),
    N_("injection"),
    N_("lozenge"),
    N_("modified-release capsule"),
    N_("modified-release tablet"),
    N_("nasal spray"),
    N_("ointment"),
    N_("oral drops"),
    N_("oral powder"),
    N_("oral solution"),
    N_("oral suspension"),
    N_("oromucosal film"),
    N_("patch"),
    N_("pessary"),
    N_("pill"),
    N_("powder"),
    N_("powder for injection"),
    N_("prolonged-release capsule"),
    N_("prolonged-release tablet"),
    N_("raw material"),
    N_("sachet"),
    N_("solution"),
    N_("solution for infusion"),
    N_("solution for injection"),
    N_("solution for injection or infusion"),
    N_("spray"),
    N_("sublingual tablet"),
    N_("substance"),
    N_("suppository"),
    N_("suspension"),
    N_("syrup"),
    N_("tablet"),
    N_("tincture"),
    N_("transdermal patch"),
    N_("transdermal system"),
)
"""Dosage forms in the singular of the standard terms, in lower case."""

SALTS: tuple[str, ...] = (
    N_("acetate"),
    N_("acetylsalicylate"),
    N_("adipate"),
    N_("alginate"),
    N_("allobarbiturate"),
    N_("ammonium"),
    N_("aspartate"),
    N_("barbiturate"),
    N_("benzoate"),
    N_("bitartrate"),
    N_("borate"),
    N_("calcium"),
    N_("camphosulfonate"),
    N_("citrate"),
    N_("copper"),
    N_("dibunate"),
    N_("diethylamine"),
    N_("dihydrochloride"),
    N_("dipotassium"),
    N_("diphenylacetate"),
    N_("ethylsulfonate"),
    N_("formate"),
    N_("fumarate"),
    N_("gluconate"),
    N_("glucuronide"),
    N_("glutamate"),
    N_("guaiacolsulfonate"),
    N_("hemisuccinate"),
    N_("hydriodide"),
    N_("hydrobromide"),
    N_("hydrochloride"),
    N_("hypophosphite"),
    N_("iron"),
    N_("isobutyrate"),
    N_("lactate"),
    N_("magnesium"),
    N_("maleate"),
    N_("meconate"),
    N_("mesilate"),
    N_("methylbromide"),
    N_("methylchloride"),
    N_("methyliodide"),
    N_("methylsulfonate"),
    N_("monopotassium"),
    N_("mucate"),
    N_("napsylate"),
    N_("nickel"),
    N_("nitrate"),
    N_("oxalate"),
    N_("pamoate"),
    N_("phenobarbiturate"),
    N_("pentobarbiturate"),
    N_("phenylacetate"),
    N_("phenylpropionate"),
    N_("phosphate"),
    N_("phthalate"),
    N_("picrate"),
    N_("pivalate"),
    N_("platinichloride"),
    N_("quinate"),
    N_("resinate"),
    N_("saccharate"),
    N_("salicylate"),
    N_("sodium"),
    N_("stearate"),
    N_("succinate"),
    N_("sulfate"),
    N_("sulfonate"),
    N_("tannate"),
    N_("tartrate"),
    N_("terephthalate"),
    N_("thiocyanate"),
    N_("valerate"),
    N_("valproate"),
    N_("base"),
    N_("methyl ester"),
)
"""Salts and esters in ordinary use, in lower case; rarer names stay as they are printed."""

LIST_PHRASES: tuple[str, ...] = (
    N_("one or more other ingredients"),
    N_("methylcellulose, at least the same amount as propiram"),
    N_("atropine sulfate, at least 5 % of the difenoxin dose"),
    N_("atropine sulfate, at least 1 % of the diphenoxylate dose"),
    N_("10 % ipecacuanha root and 80 % other powder free of any drug"),
    N_("material containing no drug"),
    N_("drug not recoverable by readily applicable means or in a yield that would be a public-health risk"),
    N_("oral use only; must contain no substance controlled under the 1971 Convention"),
    N_("fixed composition 10/10/80"),
    N_("preparations meeting rules 1-7, and mixtures of them with drug-free material"),
)
"""Conditions of Schedule III of 1961 as the list's file words them."""

RATIO = N_("mol. base")
"""How a list says how much base one mole of a salt holds: ``(2 mol. base)``."""
_FORMS, _SALTS, _PHRASES = frozenset(DOSAGE_FORMS), frozenset(SALTS), frozenset(LIST_PHRASES)
_WATER = frozenset(HYDRATES.values()) | {ANHYDROUS}


def form_words(form: str, say: Say) -> str:
    """Return a dosage form in the language of `say`; a form that is not listed stays as it was recorded."""
    key = " ".join(form.casefold().split())
    return say(key) if key in _FORMS else form


def phrase_words(phrase: str, say: Say) -> str:
    """Return a condition of the list in the language of `say`; any other text stays as it is."""
    return say(phrase) if phrase in _PHRASES else phrase


def salt_words(salt: str, say: Say) -> str:
    """Return a salt as printed or as normalised in the language of `say`, its water in words, the ratio in its brackets too.

    ``Sulfate (2 mol. base)`` keeps its capital letter; a name that is not listed stays as it is.
    """
    head, blank, water = salt.rpartition(" ")
    if blank and water.casefold() in _WATER:
        return f"{salt_words(head, say)} {say(water.casefold())}"
    plain, bracket, rest = salt.partition(" (")
    key = plain.casefold()
    if key not in _SALTS:
        return salt
    said = say(key)
    return (said[:1].upper() + said[1:] if plain[:1].isupper() else said) + bracket + rest.replace(RATIO, say(RATIO))
