"""What the worker hands to a task, as much of it as tasks use."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Job:
    """What a turn asks of its job."""

    attempts: int


@dataclass
class Context:
    """What the worker hands to a turn."""

    job: Job
    additional_context: dict[str, Any] = field(default_factory=dict)
