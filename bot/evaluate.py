"""Trains and asks, split by split: `python -m bot.evaluate job.json`, the answers on standard output.

The job is {"splits": [{"training": a folder of NLU data, "texts": [...]}]}. Each split trains the pipeline of
config.yml anew; its answers (bot.meaning) follow in the order of its texts, one JSON object a line. All of it runs in
one process, so that a text's sentence vector is computed once, however many splits it is in.
"""

import asyncio
import json
import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from bot.understand import output_for_answers

CONFIG = "config.yml"


def evaluate(training: str, texts: Sequence[str], answers: TextIO) -> None:
    """Trains on the NLU data in a folder, then answers each text."""
    from rasa.model_training import train_nlu

    with tempfile.TemporaryDirectory() as folder:
        model = train_nlu(config=CONFIG, nlu_data=training, output=folder)
        if not model:
            sys.exit(f"nothing to train on in {training}")
        asyncio.run(_answer(model, texts, answers))


async def _answer(model: str, texts: Sequence[str], answers: TextIO) -> None:
    from rasa.core.agent import Agent

    from bot.meaning import understand

    agent = Agent.load(model)
    for text in texts:
        answers.write(json.dumps(await understand(agent, text), ensure_ascii=False) + "\n")
    answers.flush()


def main() -> None:
    """Does the job of the file named on the command line."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m bot.evaluate job.json")
    answers = output_for_answers()
    from rasa.utils.log_utils import configure_structlog

    # Unconfigured, Rasa's logger prints what people wrote.
    configure_structlog(logging.WARNING)
    for split in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["splits"]:
        evaluate(split["training"], split["texts"], answers)


if __name__ == "__main__":
    main()
