"""The modules of a QR code. Where each bit stands, and what the patterns around it are, is asked of segno once for a version."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import chain, zip_longest
from operator import itemgetter
from typing import Any

import segno.consts
import segno.encoder

encoder: Any = segno.encoder
consts: Any = segno.consts
ERROR = consts.ERROR_LEVEL_M
MASK = 0
"""A fixed mask spares the search for the best; readers need none."""
FREE = 2
"""How segno marks a module that waits for its bit."""
BYTE_BITS = 8
LAST = 40
PADDING = b"\xec\x11"
CHUNK = 8
"""How many modules of a row are looked up at once when they are drawn."""


def modules(text: str) -> list[str]:
    """Return the rows of the code of `text` as signs, ``1`` for a dark module: what ``segno.make_qr`` gives, sooner."""
    version, data = _data_words(text.encode())
    symbol = _symbol(version)
    words = _interleaved(version, data)
    bits = f"{int.from_bytes(words):0{len(words) * BYTE_BITS}b}".ljust(symbol.room, "0") + "0"
    flat = int.from_bytes("".join(symbol.placed(bits)).encode()) ^ symbol.patterns
    signs = flat.to_bytes(symbol.side**2).decode()
    return [signs[begin : begin + symbol.side] for begin in range(0, len(signs), symbol.side)]


def squares(rows: list[str]) -> str:
    """Return the operators of a PDF that fill the dark modules, each a unit wide, the last row on the ground line."""
    drawn: list[str] = []
    for height, row in enumerate(reversed(rows)):
        chunks = (_chunk(begin, row[begin : begin + CHUNK]) for begin in range(0, len(row), CHUNK))
        drawn.append("".join(chunks).replace("y", str(height)))
    return f"{''.join(drawn)}f"


@cache
def _chunk(begin: int, signs: str) -> str:
    """Return the runs of dark modules as rectangles; ``y`` stands for the height of the row."""
    runs, place = "", 0
    while (place := signs.find("1", place)) >= 0:
        end = signs.find("0", place)
        end = len(signs) if end < 0 else end
        runs += f"{begin + place} y {end - place} 1 re "
        place = end
    return runs


@dataclass(frozen=True, slots=True)
class _Symbol:
    """What all codes of a version share. `placed`: picks for each module its bit, the last one where it has none."""

    side: int
    room: int
    placed: Any
    patterns: int


@cache
def _symbol(version: int) -> _Symbol:
    side = encoder.calc_matrix_size(version)
    empty = encoder.make_matrix(side, side)
    encoder.add_finder_patterns(empty, side, side)
    encoder.add_alignment_patterns(empty, side, side)
    room = sum(row.count(FREE) for row in empty)
    numbered = [list(row) for row in empty]
    encoder.add_codewords(numbered, range(FREE + 1, room + FREE + 1), version)
    order = [cell - FREE - 1 if cell > FREE else room for cell in chain.from_iterable(numbered)]
    encoder.add_codewords(empty, bytes(room), version)
    encoder.find_and_apply_best_mask(empty, side, side, MASK)
    encoder.add_format_info(empty, version, ERROR, MASK)
    encoder.add_version_info(empty, version)
    return _Symbol(side, room, itemgetter(*order), int.from_bytes(b"".join(empty)))


def _data_words(data: bytes) -> tuple[int, bytes]:
    """Return the smallest version that has room for `data`, and its words: kind, length, data, end, padding in turn.

    Raises `ValueError` where no version has.
    """
    for version in range(1, LAST + 1):
        room = consts.SYMBOL_CAPACITY[version][ERROR] // BYTE_BITS
        counted = consts.CHAR_COUNT_INDICATOR_LENGTH[consts.MODE_BYTE][encoder.version_range(version)]
        head = consts.MODE_BYTE << counted | len(data)
        size = (4 + counted + 4) // BYTE_BITS + len(data)
        if size <= room:
            words = ((head << len(data) * BYTE_BITS | int.from_bytes(data)) << 4).to_bytes(size)
            # Like segno: a word of zeros first, where there is room.
            return version, (words + b"\0" + PADDING * room)[:room]
    raise ValueError("too long for a QR code")


def _interleaved(version: int, words: bytes) -> bytes:
    """Return the words of all blocks and then those that correct them, block by block in turn."""
    data: list[bytes] = []
    errors: list[bytes] = []
    begin = 0
    for shape in consts.ECC[version][ERROR]:
        for _ in range(shape.num_blocks):
            block = words[begin : begin + shape.num_data]
            data.append(block)
            errors.append(_correcting(block, shape.num_total - shape.num_data))
            begin += shape.num_data
    turns = chain(zip_longest(*data), zip_longest(*errors))
    return bytes(word for turn in turns for word in turn if word is not None)


def _correcting(block: bytes, count: int) -> bytes:
    """Return the words that correct a block: what is left of it, word by word, from the table."""
    table, top, rest = _table(count), BYTE_BITS * (count - 1), 0
    for word in block:
        lead = rest >> top
        rest = (rest ^ (lead << top)) << BYTE_BITS ^ table[word ^ lead]
    return rest.to_bytes(count)


@cache
def _table(count: int) -> tuple[int, ...]:
    """Return, for every word, the `count` words that segno has correct a block of it alone."""
    shape = consts.ECC[1][ERROR][0]
    every = encoder.Buffer()
    for word in range(256):
        every.append_bits(word, BYTE_BITS)
    _, errors = encoder.make_blocks([shape._replace(num_blocks=256, num_total=count + 1, num_data=1)], every)
    return tuple(int.from_bytes(each) for each in errors)
