"""Reads messages from standard input and says what each means: `python -m bot.understand models/`.

One message a line (only "\\n" ends a line; an empty line is a message), one JSON object a line in the same order:
{"intent", "confidence", "entities"}. Whatever else there is to say goes to standard error.
"""

import asyncio
import json
import logging
import os
import sys
from typing import BinaryIO, TextIO


async def answer(model: str, messages: BinaryIO, answers: TextIO) -> None:
    """Loads the newest model in `model` once and answers until the messages end."""
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    from bot.meaning import understand

    # Unconfigured, Rasa's logger prints what people wrote.
    configure_structlog(logging.WARNING)
    agent = Agent.load(model)
    for line in messages:
        text = line.decode("utf-8", errors="replace").removesuffix("\n")
        answers.write(json.dumps(await understand(agent, text), ensure_ascii=False) + "\n")
        answers.flush()


def output_for_answers() -> TextIO:
    """Standard output, kept for the answers alone: Rasa and TensorFlow print to it while they are imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", newline="\n")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def main() -> None:
    """Answers the messages on standard input."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m bot.understand models/")
    asyncio.run(answer(sys.argv[1], sys.stdin.buffer, output_for_answers()))


if __name__ == "__main__":
    main()
