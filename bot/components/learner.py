"""What our components that learn share: how Rasa makes them, and finds again what they learnt."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage


class Learner(GraphComponent):
    """Untrained until it reads what it once stored in its resource."""

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """What Rasa gives every component."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Learner:
        """Creates it untrained."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Learner:
        """Creates it as it was trained."""
        learner = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as directory:
            learner._read(directory)
        return learner

    @abstractmethod
    def _read(self, directory: Path) -> None:
        """Reads what training stored."""
