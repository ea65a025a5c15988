"""Whether a TrueType font has the letters of a language, read from its character map. Needs no library of fonts."""

from __future__ import annotations

import struct

WINDOWS, UNICODE_PLANE = 3, 1
SEGMENTED = 4


def missing_letters(font: bytes, letters: str) -> str:
    """Return those of `letters` (of the basic plane) for which `font` has no picture.

    Reads the segmented map that every font for Windows has (OpenType, ``cmap`` format 4);
    without one all letters are missing.
    """
    table = _segmented_map(font)
    return letters if table is None else "".join(letter for letter in letters if not _glyph(table, ord(letter)))


def _segmented_map(font: bytes) -> bytes | None:
    (tables,) = struct.unpack_from(">H", font, 4)
    for number in range(tables):
        tag, _, start, _ = struct.unpack_from(">4sLLL", font, 12 + 16 * number)
        if tag != b"cmap":
            continue
        (maps,) = struct.unpack_from(">H", font, start + 2)
        for entry in range(maps):
            platform, encoding, place = struct.unpack_from(">HHL", font, start + 4 + 8 * entry)
            layout, length = struct.unpack_from(">HH", font, start + place)
            if (platform, encoding, layout) == (WINDOWS, UNICODE_PLANE, SEGMENTED):
                return font[start + place : start + place + length]
    return None


def _glyph(table: bytes, code: int) -> int:
    """Return the number of the picture of one character, 0 for none."""
    (double,) = struct.unpack_from(">H", table, 6)
    for segment in range(0, double, 2):
        (last,) = struct.unpack_from(">H", table, 14 + segment)
        if code > last:
            continue
        (first,) = struct.unpack_from(">H", table, 16 + double + segment)
        if code < first:
            return 0
        (delta,) = struct.unpack_from(">H", table, 16 + 2 * double + segment)
        place = 16 + 3 * double + segment
        (shift,) = struct.unpack_from(">H", table, place)
        if shift == 0:
            return int(code + delta) & 0xFFFF
        (glyph,) = struct.unpack_from(">H", table, place + shift + 2 * (code - first))
        return int(glyph + delta) & 0xFFFF if glyph else 0
    return 0
