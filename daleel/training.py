"""Training the model when, and only when, what it is made of changed."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODELS = ROOT / "models"
BOT_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
# Rasa's cache knows a component by its settings and its data only: after a change of these it would give the old one.
UNKNOWN_TO_RASA = (
    "bot/components",
    "bot/importer.py",
    "bot/meaning.py",
    "orthography",
    "bot/uv.lock",
    "data/lexicon",
    "directory/data/spellings.tsv",
)
INGREDIENTS = ("config.yml", "domain", "data", *UNKNOWN_TO_RASA)
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
}
# Other processes need the other processors while somebody waits for an answer, and one message alone is read by one
# thread in three quarters of the time that two take. The first is for NumPy, the others for TensorFlow.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1")
ANSWERING = {**QUIET, **ONE_THREAD}


def model() -> Path:
    """The model that belongs to the present training data, trained now if it isn't there yet."""
    path = MODELS / f"daleel-{fingerprint()}.tar.gz"
    if not path.exists():
        print(
            "Training the assistant (once per change of its data, about three minutes) ...",
            file=sys.stderr,
            flush=True,
        )
        _train(path)
    return path


def fingerprint(root: Path = ROOT, ingredients: Sequence[str] = INGREDIENTS) -> str:
    """A hash of everything that goes into a model: names and contents, not times."""
    digest = hashlib.sha256()
    for file in sorted(file for name in ingredients for file in _files(root / name)):
        digest.update(f"{file.relative_to(root)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return [file for file in path.rglob("*") if file.is_file() and file.suffix != ".pyc"]


def _train(path: Path) -> None:
    command = [str(BOT_PYTHON), "-m", "rasa", "train", "--domain", "domain", "--data", "data/nlu", "data/rules"]
    # `rasa data validate` is one of the tests; here it would double the time.
    command += ["--out", str(MODELS), "--fixed-model-name", path.name.removesuffix(".tar.gz"), "--skip-validation"]
    MODELS.mkdir(exist_ok=True)
    # With the same code as last time Rasa's cache is right, and a new text for people takes half a minute, not four.
    trained_with, code = MODELS / "trained-with", fingerprint(ingredients=UNKNOWN_TO_RASA)
    if not trained_with.exists() or trained_with.read_text("utf-8") != code:
        trained_with.unlink(missing_ok=True)
        command += ["--force"]
    log = MODELS / "training.log"
    with log.open("w") as output:
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **QUIET}, stdout=output, stderr=output, stdin=subprocess.DEVNULL
        )
    if done.returncode or not path.exists():
        path.unlink(missing_ok=True)
        tail = "\n".join(log.read_text("utf-8", "replace").splitlines()[-30:])
        trained_with.unlink(missing_ok=True)
        raise SystemExit(f"Training failed. The last that Rasa said (all of it is in {log}):\n{tail}")
    trained_with.write_text(code, "utf-8")
