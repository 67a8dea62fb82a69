from __future__ import annotations

import pytest

from copilot.knowledge.embeddings import MiniLM


@pytest.fixture(scope="session")
def minilm() -> MiniLM:
    return MiniLM()
