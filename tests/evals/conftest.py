"""What inspect_ai leaves behind is taken away where it is known to come from it."""

from __future__ import annotations

import gc
import sys
import warnings
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _streams_of_inspect_ai() -> Iterator[None]:
    """It leaves anyio streams open; they are collected here, so that the warning falls on no other test."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Unclosed <MemoryObject", category=ResourceWarning)
        yield
        if "inspect_ai" in sys.modules:
            gc.collect()
