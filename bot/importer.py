"""Reads the training messages for Rasa.

Rasa's own importer reads each file three times with a YAML parser in pure Python: half a minute of the three that
training may take. Rules and domain stay with it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Optional, Union

import yaml
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

Paths = Union[list[str], str, None]


class MessagesImporter(RasaFileImporter):
    """Files with `nlu:` at the top level are blocks of {intent, metadata, examples}, one message a line.

    Nothing in a message is taken for more than its text: no entity in brackets, no variable of the environment.
    """

    def __init__(
        self, config_file: Optional[str] = None, domain_path: Optional[str] = None, training_data_paths: Paths = None
    ) -> None:
        """As Rasa calls it: paths are files or folders."""
        given = [training_data_paths] if isinstance(training_data_paths, str) else training_data_paths or []
        files = [file for path in given for file in _files(Path(path))]
        self._message_files = [file for file in files if "\nnlu:" in f"\n{file.read_text(encoding='utf-8')}"]
        others = [str(file) for file in files if file not in self._message_files]
        super().__init__(config_file, domain_path, others)

    def get_nlu_data(self, language: Optional[str] = "en") -> TrainingData:
        """All training messages; raises yaml.YAMLError or KeyError for a file that isn't of this form."""
        return TrainingData([message for file in self._message_files for message in _messages(file)])


def _files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.yml")) if path.is_dir() else [path]


def _messages(file: Path) -> Iterator[Message]:
    for block in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)["nlu"]:
        for line in block["examples"].splitlines():
            if text := line.strip().removeprefix("-").strip():
                yield Message.build(text, block["intent"], intent_metadata=block.get("metadata"))
