"""Training and asking split by split, as `make eval` does it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from conftest import ROOT

TEXTS = {
    "0": [
        "my card has not arrived",
        "where is my new card",
        "when will the card come",
        "track my card",
        "بطاقتي ما وصلت",
        "وين بطاقتي الجديدة",
        "متى توصل البطاقة",
        "طلبت بطاقة وما اجت",
    ],
    "1": [
        "what is the exchange rate",
        "how much is a dollar in euros",
        "your rate is wrong",
        "convert: $5 to {pounds} #now",
        "كم سعر الصرف",
        "بيش الدولار اليوم",
        "سعر الصرف غلط",
        "شلون تحسبون سعر العملة",
    ],
}


def test_a_tiny_benchmark_trains_and_answers(tmp_path: Path) -> None:
    training = tmp_path / "training"
    training.mkdir()
    nlu = [{"intent": label, "examples": "".join(f"- {text}\n" for text in texts)} for label, texts in TEXTS.items()]
    (training / "nlu.yml").write_text(f'version: "3.1"\nnlu: {json.dumps(nlu)}\n', encoding="utf-8")
    asked = ["has my card arrived?", "كم سعر صرف الدولار", ""]
    job = tmp_path / "job.json"
    job.write_text(json.dumps({"splits": [{"training": str(training), "texts": asked}]}), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "bot.evaluate", str(job)],
        cwd=ROOT,
        env={**os.environ, "RASA_MAX_CACHE_SIZE": "0"},
        stdout=subprocess.PIPE,
        check=True,
    )
    answers = [json.loads(line) for line in run.stdout.decode("utf-8").splitlines()]
    assert [answer["intent"] for answer in answers] == ["0", "1", "out_of_scope"]
    assert all(set(answer) == {"intent", "confidence", "sure", "entities"} for answer in answers)
