"""Small pictures made by arithmetic: the demonstration newspaper carries no image files.

Takes   a name; the same name always gives the same bytes.
Gives   real PNG (RGB, zlib), baseline JPEG (YCbCr 4:4:4, one colour a block of 8 x 8) and ICO bytes.
Writes  nothing.

Sources: PNG: ISO/IEC 15948, chunks of clause 11. JPEG: ITU-T T.81, markers of annex B, tables K.3 and K.5.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable
from functools import lru_cache

# ITU-T T.81, table K.3: how many DC codes there are of each length from 1 to 16 bits; their values are 0 to 11.
_DC_LENGTHS = (0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0)
_DC_VALUES = bytes(range(12))
_QUANTUM = 8  # quantiser of the DC coefficient; it is 8 times the mean of a block, so each step is one level of 256


@lru_cache(maxsize=256)
def picture(name: str) -> bytes:
    """Draw the picture of that name: JPEG where it ends in .jpg, ICO in .ico, PNG otherwise; twice as large with "-2x."."""
    double = "-2x." in name
    seed = hashlib.sha256(name.replace("-2x.", ".").encode()).digest()
    if name.endswith(".ico"):
        return _ico(_png(seed, 16, 16))
    width, height = (480, 320) if double else (240, 160)
    return _jpeg(seed, width // 8, height // 8) if name.endswith(".jpg") else _png(seed, width // 3, height // 3)


def _colour(seed: bytes, x: float, y: float) -> tuple[int, int, int]:
    """Give the colour at x, y (each from 0 to 1): a gradient with three waves, told by the seed."""
    wave = int(24 * abs(((x * (2 + seed[0] % 5) + y * (1 + seed[1] % 4)) % 1) - 0.5))
    red, green, blue = (int(seed[i + 2] * (1 - x) + seed[i + 5] * x) for i in range(3))
    shade = 0.6 + 0.4 * y
    return int(red * shade) * 9 // 10 + wave, int(green * shade) * 9 // 10 + wave, int(blue * shade) * 9 // 10 + wave


def _png(seed: bytes, width: int, height: int) -> bytes:
    rows = b"".join(
        b"\0" + bytes(level for x in range(width) for level in _colour(seed, x / width, y / height))
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def _ico(png: bytes) -> bytes:
    """Wrap a PNG of 16 x 16 as an icon (ICONDIR with one ICONDIRENTRY)."""
    return struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 24, len(png), 22) + png


def _jpeg(seed: bytes, columns: int, rows: int) -> bytes:
    """Draw columns x rows blocks of 8 x 8 pixels."""
    size = struct.pack(">BHHB", 8, rows * 8, columns * 8, 3) + b"\1\x11\0\2\x11\0\3\x11\0"
    dc_table = b"\0" + bytes(_DC_LENGTHS) + _DC_VALUES
    ac_table = b"\x10\1" + bytes(15) + b"\0"  # one code of one bit, 0: end of block
    segments = (
        (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
        (0xDB, b"\0" + bytes([_QUANTUM]) * 64),
        (0xC0, size),
        (0xC4, dc_table),
        (0xC4, ac_table),
        (0xDA, b"\3\1\0\2\0\3\0\0\x3f\0"),
    )
    head = b"".join(b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data for marker, data in segments)
    colours = (_colour(seed, x / columns, y / rows) for y in range(rows) for x in range(columns))
    return b"\xff\xd8" + head + _entropy(map(_ycbcr, colours)) + b"\xff\xd9"


def _ycbcr(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    """Turn RGB into levels shifted by 128, as JFIF 1.02 has it."""
    red, green, blue = colour
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return round(luma) - 128, round(0.564 * (blue - luma)), round(0.713 * (red - luma))


def _dc_codes() -> dict[int, str]:
    """Give the bits of each DC value (T.81, annex C: codes of one length count up, a longer one is shifted)."""
    codes, code, values = {}, 0, iter(_DC_VALUES)
    for length, number in enumerate(_DC_LENGTHS, 1):
        for _ in range(number):
            codes[next(values)] = format(code, f"0{length}b")
            code += 1
        code <<= 1
    return codes


def _entropy(blocks: Iterable[tuple[int, int, int]]) -> bytes:
    codes, bits, last = _dc_codes(), [], [0, 0, 0]
    for block in blocks:
        for component, level in enumerate(block):
            bits.append(_dc_bits(codes, level - last[component]) + "0")
            last[component] = level
    stream = "".join(bits)
    stream += "1" * (-len(stream) % 8)
    return int(stream, 2).to_bytes(len(stream) // 8, "big").replace(b"\xff", b"\xff\0")


def _dc_bits(codes: dict[int, str], difference: int) -> str:
    size = abs(difference).bit_length()
    if not size:
        return codes[0]
    return codes[size] + format(difference if difference > 0 else difference + (1 << size) - 1, f"0{size}b")
