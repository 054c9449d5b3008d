"""Small sample files, made rather than kept: the picture and the voice note a phone sends."""

import io
import math
import struct
import wave
import zlib
from functools import cache

from fastapi import APIRouter, HTTPException, Response

router = APIRouter()
SIDE = 96
RATE = 8000


@cache
def picture() -> bytes:
    """A PNG of a sun over a field, 96 pixels square."""
    rows = b"".join(b"\0" + b"".join(bytes(pixel(x, y)) for x in range(SIDE)) for y in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def pixel(x: int, y: int) -> tuple[int, int, int]:
    """Red, green and blue of one point."""
    if math.hypot(x - 64, y - 30) < 13:
        return 250, 204, 96
    if y > 64 + 6 * math.sin(x / 16):
        return 118, 160 - y // 4, 110
    return 176 + y // 2, 206 + y // 4, 232


def chunk(name: bytes, data: bytes) -> bytes:
    """One chunk of a PNG file."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@cache
def voice() -> bytes:
    """A WAV of one second: a soft tone that rises and fades."""
    tones = (
        int(6000 * math.sin(math.pi * t / RATE) * math.sin(2 * math.pi * (220 + 60 * t / RATE) * t / RATE))
        for t in range(RATE)
    )
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(b"".join(struct.pack("<h", tone) for tone in tones))
    return file.getvalue()


@router.get("/media/{name}")
async def media(name: str) -> Response:
    """A sample file by its name."""
    if name == "picture.png":
        return Response(picture(), media_type="image/png")
    if name == "voice.wav":
        return Response(voice(), media_type="audio/wav")
    raise HTTPException(404)
