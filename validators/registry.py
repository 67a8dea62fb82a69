"""Every validator under its name, cheap ones first; the order in which the gate asks them."""

from __future__ import annotations

from collections.abc import Mapping

from validators import (
    applies,
    blast_radius,
    citations,
    confidence,
    honest,
    hygiene,
    minimal,
    narrow,
    no_new_findings,
    resolves,
    schema,
    scope,
    second_opinion,
    secrets,
    substance,
    surroundings,
    tests,
    valid,
)
from validators.case import Validator

VALIDATORS: Mapping[str, Validator] = {
    "schema": schema.check,
    "applies": applies.check,
    "scope": scope.check,
    "hygiene": hygiene.check,
    "secrets": secrets.check,
    "citations": citations.check,
    "valid": valid.check,
    "resolves": resolves.check,
    "honest": honest.check,
    "substance": substance.check,
    "narrow": narrow.check,
    "surroundings": surroundings.check,
    "no_new_findings": no_new_findings.check,
    "blast_radius": blast_radius.check,
    "minimal": minimal.check,
    "tests": tests.check,
    "second_opinion": second_opinion.check,
    "confidence": confidence.check,
}
