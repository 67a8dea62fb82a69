"""`data.aws_iam_policy_document`, rendered: the policy that it makes, each part placed where the statement writes it."""

from __future__ import annotations

from collections.abc import Mapping

from copilot.model import Encoded, Known, List, Map, Null, Origin, Resource, Unknown, Value


def render(resource: Resource, origin: Origin) -> Encoded:
    """The document of an `aws_iam_policy_document` as the JSON text that its `json` attribute holds.

    Sources come first, then the document's own statements, then overrides; a statement with the sid of an earlier one
    replaces it. A source that cannot be read leaves the list of statements open.
    """
    items = resource.body.items
    statements: list[Value] = []
    is_open = False
    for name in ("source_json", "source_policy_documents"):
        is_open = _merge(items.get(name), statements) or is_open
    own = items.get("statement")
    if isinstance(own, List):
        is_open = own.open or is_open
        for block in own.items:
            if isinstance(block, Map):
                _put(_statement(block), statements)
    elif own is not None and not isinstance(own, Null):
        is_open = True
    for name in ("override_json", "override_policy_documents"):
        is_open = _merge(items.get(name), statements) or is_open
    places = (resource.header,)
    version = items.get("version")
    document = {
        "Version": version
        if version is not None and not isinstance(version, Null)
        else Known("2012-10-17", places=places),
        "Statement": List(tuple(statements), is_open, places=own.places if own is not None else places),
    }
    return Encoded(Map(document, places=places), places=places, origin=origin)


def _merge(value: Value | None, statements: list[Value]) -> bool:
    """Add the statements of a source or override; true when it holds some that cannot be read."""
    from copilot.iac.decode import decoded

    if value is None or isinstance(value, Null):
        return False
    if isinstance(value, List):
        hidden = [_merge(item, statements) for item in value.items]  # every item is merged, whatever the first one says
        return value.open or True in hidden
    if isinstance(value, Known) and value.value == "":
        return False
    document = decoded(value)
    if not isinstance(document, Map):
        return True
    found = document.items.get("Statement")
    if isinstance(found, List):
        for item in found.items:
            _put(item, statements)
        return found.open
    if isinstance(found, Map):
        _put(found, statements)
        return False
    return found is not None or document.open


def _put(statement: Value, statements: list[Value]) -> None:
    sid = _sid(statement)
    if sid:
        for index, other in enumerate(statements):
            if _sid(other) == sid:
                statements[index] = statement
                return
    statements.append(statement)


def _sid(statement: Value) -> str:
    sid = statement.items.get("Sid") if isinstance(statement, Map) else None
    return str(sid.value) if isinstance(sid, Known) else ""


def _statement(block: Map) -> Map:
    items = block.items
    out: dict[str, Value] = {}
    effect = items.get("effect")
    if (sid := items.get("sid")) is not None and not isinstance(sid, Null):
        out["Sid"] = sid
    out["Effect"] = (
        effect if effect is not None and not isinstance(effect, Null) else Known("Allow", places=block.places)
    )
    for name, key in (
        ("actions", "Action"), ("not_actions", "NotAction"), ("resources", "Resource"), ("not_resources", "NotResource"),
    ):  # fmt: skip
        value = items.get(name)
        if value is not None and not isinstance(value, Null) and not (isinstance(value, List) and _is_empty(value)):
            out[key] = value
    for name, key in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        value = items.get(name)
        if isinstance(value, List) and (value.items or value.open):
            out[key] = _principals(value)
    conditions = items.get("condition")
    if isinstance(conditions, List) and (conditions.items or conditions.open):
        out["Condition"] = _conditions(conditions)
    return Map(out, places=block.places)


def _is_empty(value: List) -> bool:
    return not value.items and not value.open


def _principals(blocks: List) -> Value:
    kinds: dict[str, Value] = {}
    is_open = blocks.open
    for block in blocks.items:
        if not isinstance(block, Map):
            is_open = True
            continue
        kind, identifiers = block.items.get("type"), block.items.get("identifiers")
        if not isinstance(kind, Known) or identifiers is None:
            is_open = True
            continue
        if kind.value == "*" and _holds_star(identifiers):
            return Known("*", places=identifiers.places)
        kinds[str(kind.value)] = _joined(kinds.get(str(kind.value)), identifiers)
    return Map(kinds, is_open, places=blocks.places)


def _holds_star(value: Value) -> bool:
    return isinstance(value, List) and any(isinstance(item, Known) and item.value == "*" for item in value.items)


def _joined(before: Value | None, more: Value) -> Value:
    if isinstance(before, List) and isinstance(more, List):
        return List((*before.items, *more.items), before.open or more.open, places=before.places)
    return more if before is None else Unknown("computed", "principals")


def _conditions(blocks: List) -> Map:
    tests: dict[str, dict[str, Value]] = {}
    is_open = blocks.open
    for block in blocks.items:
        test = block.items.get("test") if isinstance(block, Map) else None
        variable = block.items.get("variable") if isinstance(block, Map) else None
        values = block.items.get("values") if isinstance(block, Map) else None
        if not isinstance(test, Known) or not isinstance(variable, Known) or values is None:
            is_open = True
            continue
        entry = tests.setdefault(str(test.value), {})
        entry[str(variable.value)] = _joined(entry.get(str(variable.value)), values)
    made: Mapping[str, Value] = {test: Map(entry, places=blocks.places) for test, entry in tests.items()}
    return Map(made, is_open, places=blocks.places)
