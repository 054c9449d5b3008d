"""Errors told in a log without what they may quote: an exception's text can hold a number or somebody's words."""

import traceback


def told(error: BaseException) -> str:
    """The error's type and where it happened, innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    steps = " > ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__} at {steps}"
