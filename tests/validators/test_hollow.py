"""Values that mean nothing: the rows are about arguments that there are, and each says one thing and its source."""

from __future__ import annotations

from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
import yaml

from copilot.iac import facts
from validators import hollow

ROWS: list[dict[str, Any]] = yaml.safe_load((files("validators") / "hollow.yaml").read_text("utf-8"))
SAYS = {"least", "most", "none_of", "matches", "not_matching", "expires_within", "needs"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['types'][0]}:{row['path']}")
def test_a_row_says_one_thing_of_an_argument_that_there_is(row: dict[str, Any]) -> None:
    assert len(SAYS & set(row)) == 1
    assert set(row) <= SAYS | {"types", "path", "why", "source", "value", "beside", "existing", "but"}
    assert row["why"] and row["source"]
    for type in row["types"]:
        known = facts.resource_type(type)
        assert known is not None
        for written in (row["path"], row.get("beside", ""), *row.get("needs", ())):
            path = tuple(written.split(".")) if written else ()
            strange = path and known.knows(path) and known.argument(path) is None
            assert not strange or facts.former(type, path), f"{type} has no {written}"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("100m", "0.1"), ("1", "1"), ("0.5", "0.5"), ("1Ki", "1024"), ("1k", "1000"), ("2Gi", "2147483648"), ("1e3", "1000"),
        ("lots", None), ("1 Gi", None), ("-1", None), ("", None),
    ],
)  # fmt: skip
def test_a_quantity_is_read_as_kubernetes_reads_it(text: str, amount: str | None) -> None:
    assert hollow.quantity(text) == (None if amount is None else Decimal(amount))
