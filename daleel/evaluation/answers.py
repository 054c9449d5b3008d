"""What the assistant reads in messages: with the model of `make train`, or with one trained for the occasion."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from daleel import training, understanding

# Language, script, intent, confidence, sure, entities: what `make understand` prints.
Answer = dict[str, Any]


@dataclass(frozen=True)
class Split:
    """A folder of training data, and the texts that are asked once it is learnt."""

    training: str
    texts: list[str]


def of_the_model(texts: Sequence[str]) -> list[Answer]:
    """Just what `make understand` prints for each text."""
    printed = io.BytesIO()
    understanding.run(io.BytesIO("".join(f"{text}\n" for text in texts).encode()), printed)
    return [json.loads(line) for line in printed.getvalue().split(b"\n") if line]


def of_each_split(splits: Sequence[Split], folder: Path) -> Iterator[list[Answer]]:
    """Rasa's part of the answers (no language, no screening), split by split; the work is done inside `folder`."""
    job, log = folder / "job.json", folder / "rasa.log"
    job.write_text(json.dumps({"splits": [asdict(split) for split in splits]}), "utf-8")
    command = [str(training.BOT_PYTHON), "-m", "bot.evaluate", str(job)]
    # Nothing of it may stay: neither models, which are temporary files, nor what Rasa would remember of training.
    environment = {**os.environ, **training.QUIET, "TMPDIR": str(folder), "RASA_MAX_CACHE_SIZE": "0"}
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command, cwd=training.ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
        ) as bot,
    ):
        assert bot.stdout
        try:
            for number, split in enumerate(splits, 1):
                print(f"Training and asking, {number} of {len(splits)} ...", file=sys.stderr, flush=True)
                yield [_next(bot.stdout, log) for _ in split.texts]
        finally:
            bot.kill()  # it has answered everything, or nobody waits for the rest


def _next(stdout: IO[bytes], log: Path) -> Answer:
    line = stdout.readline()
    if not line:
        tail = "\n".join(log.read_text("utf-8", "replace").splitlines()[-30:])
        raise SystemExit(f"Rasa stopped. The last it said:\n{tail}")
    answer: Answer = json.loads(line)
    return answer
