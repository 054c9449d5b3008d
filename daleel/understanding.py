"""`make understand`: messages on standard input, what was understood on standard output, one line each."""

import json
import os
import subprocess
import sys
import threading
from typing import BinaryIO

from conversations.assistant import described
from daleel import training


def run(messages: BinaryIO, out: BinaryIO) -> None:
    """One JSON object for each line, in order, an empty line included; the model is loaded once."""
    lines = [line.rstrip(b"\r").decode("utf-8", "replace") for line in _lines(messages.read())]
    bot = subprocess.Popen(
        [str(training.BOT_PYTHON), "-m", "bot.understand", str(training.model())],
        cwd=training.ROOT,
        env={**os.environ, **training.ANSWERING},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert bot.stdin
    assert bot.stdout
    feeder = threading.Thread(target=_feed, args=(bot.stdin, lines), daemon=True)
    feeder.start()
    for text in lines:
        answer = bot.stdout.readline()
        if not answer:
            raise SystemExit("the model stopped answering; what it said stands on standard error")
        out.write(json.dumps(described(text, json.loads(answer)), ensure_ascii=False).encode() + b"\n")
        out.flush()
    feeder.join()
    if bot.wait():
        sys.exit(bot.returncode)


def _lines(data: bytes) -> list[bytes]:
    """The lines of the input; a last one without a line end counts, nothing after a last line end doesn't."""
    lines = data.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def _feed(stream: BinaryIO, lines: list[str]) -> None:
    with stream:
        for line in lines:
            stream.write(line.encode() + b"\n")
