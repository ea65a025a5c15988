"""Names of substances that have a Russian and a Kyrgyz form, spelt as the Board's lists spell them.

Pages show a name through the catalogue, so a substance that is not listed here keeps its
English name. Returns keep the English name, because the Board reads them.
"""

from __future__ import annotations

from collections.abc import Callable

from registry.kernel.codes import search_key
from registry.kernel.text import N_

MEDICAL_NAMES: tuple[str, ...] = (
    N_("alfentanil"),
    N_("buprenorphine"),
    N_("cocaine"),
    N_("codeine"),
    N_("dextropropoxyphene"),
    N_("dihydrocodeine"),
    N_("diphenoxylate"),
    N_("ethylmorphine"),
    N_("fentanyl"),
    N_("heroin"),
    N_("hydrocodone"),
    N_("hydromorphone"),
    N_("methadone"),
    N_("morphine"),
    N_("opium"),
    N_("oxycodone"),
    N_("oxymorphone"),
    N_("pentazocine"),
    N_("pethidine"),
    N_("pholcodine"),
    N_("piritramide"),
    N_("remifentanil"),
    N_("sufentanil"),
    N_("thebaine"),
    N_("tilidine"),
    N_("trimeperidine"),
    N_("cannabis"),
    N_("alprazolam"),
    N_("amfepramone"),
    N_("amfetamine"),
    N_("amobarbital"),
    N_("barbital"),
    N_("bromazepam"),
    N_("brotizolam"),
    N_("butalbital"),
    N_("butobarbital"),
    N_("cathine"),
    N_("chlordiazepoxide"),
    N_("clobazam"),
    N_("clonazepam"),
    N_("clorazepate"),
    N_("cyclobarbital"),
    N_("dexamfetamine"),
    N_("diazepam"),
    N_("estazolam"),
    N_("flunitrazepam"),
    N_("flurazepam"),
    N_("lorazepam"),
    N_("lormetazepam"),
    N_("mazindol"),
    N_("medazepam"),
    N_("meprobamate"),
    N_("mesocarb"),
    N_("metamfetamine"),
    N_("methaqualone"),
    N_("methylphenidate"),
    N_("methylphenobarbital"),
    N_("midazolam"),
    N_("nitrazepam"),
    N_("nordazepam"),
    N_("oxazepam"),
    N_("pemoline"),
    N_("pentobarbital"),
    N_("phenazepam"),
    N_("phenobarbital"),
    N_("phentermine"),
    N_("prazepam"),
    N_("secobarbital"),
    N_("temazepam"),
    N_("tetrazepam"),
    N_("triazolam"),
    N_("zolpidem"),
    N_("Acetic anhydride"),
    N_("Acetone"),
    N_("Anthranilic acid"),
    N_("Ephedrine"),
    N_("Ergometrine"),
    N_("Ergotamine"),
    N_("Ethyl ether"),
    N_("Hydrochloric acid"),
    N_("Lysergic acid"),
    N_("Methyl ethyl ketone"),
    N_("Norephedrine"),
    N_("Phenylacetic acid"),
    N_("Piperidine"),
    N_("Potassium permanganate"),
    N_("Pseudoephedrine"),
    N_("Safrole"),
    N_("Sulphuric acid"),
    N_("Toluene"),
)
"""International nonproprietary names in medical use, then precursors in trade."""


def listed_name(words: str, say: Callable[[str], str]) -> str:
    """Return the list's name of the substance that `words` name in the language of `say`, else `words` unchanged.

    A beginning is enough: it has to fit one name only.
    """
    sought = search_key(words)
    begun = [name for name in MEDICAL_NAMES if sought and search_key(say(name)).startswith(sought)]
    found = [name for name in begun if search_key(say(name)) == sought] or begun
    return found[0] if len(found) == 1 else words


def is_whole_name(words: str, name: str, say: Callable[[str], str]) -> bool:
    """Say whether `words` are all of `name`, as the list has it or in the language of `say`."""
    return search_key(words) in (search_key(name), search_key(say(name)))
