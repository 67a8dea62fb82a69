"""A baseline knows exactly the failures it was written from."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.baseline import Baseline, apply, load, parse, write
from copilot.errors import SettingsInvalid
from copilot.model import Finding, Place, Severity, fingerprint
from copilot.snapshot import Snapshot

PLACE = Place("main.tf", 0, 9, 1, 1, 1, 10)


def made(check: str, folder: str, address: str, status: str = "fail", exempt: str | None = None) -> Finding:
    name = fingerprint(check, folder, address, "p")
    return Finding(
        check, "k", Severity.LOW, status, "m", address, folder, "p", (PLACE,), name, (), exempt=exempt  # type: ignore[arg-type]
    )  # fmt: skip


found = st.lists(
    st.builds(
        made, st.text(min_size=1, max_size=5), st.text(max_size=5), st.text(max_size=9),
        st.sampled_from(["fail", "undecided", "lost_sight"]), st.sampled_from([None, "waived"]),
    )
)  # fmt: skip


@given(found, st.randoms())
def test_what_was_written_is_known_again_whatever_the_order(findings: list[Finding], random: object) -> None:
    written = write(findings)
    shuffled = list(findings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert write([*shuffled, *findings]) == written
    after = apply(findings, parse(written))
    expected = [f.exempt or ("baseline" if f.status == "fail" else None) for f in findings]
    open_ones = {f.fingerprint for f in findings if f.status == "fail" and f.exempt is None}
    assert [f.exempt for f in after] == [
        None if want == "baseline" and f.fingerprint not in open_ones else want
        for f, want in zip(findings, expected, strict=True)
    ]
    assert write(after) == written


def test_a_new_finding_is_not_known() -> None:
    old, new = made("c", "f", "a"), made("c", "f", "b")
    assert [f.exempt for f in apply([old, new], parse(write([old])))] == ["baseline", None]


def test_without_a_file_nothing_is_known() -> None:
    assert load(Snapshot.of({})) == Baseline()


def test_the_file_is_one_line_for_each_finding() -> None:
    one = replace(made("c", "f", "a"), fingerprint="0" * 20)
    assert write([one]).decode() == (
        '{\n  "version": 1,\n  "findings": [\n'
        '    {"fingerprint": "00000000000000000000", "check": "c", "folder": "f", "address": "a"}\n  ]\n}\n'
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", ":1: not valid JSON: Expecting property name enclosed in double quotes"),
        ('{"version": 1, "version": 1}', ":1: not valid JSON: the field 'version' stands twice"),
        ('{"version": 1}', ":1: wants exactly the fields version and findings"),
        ('{\n"version": true,\n"findings": []}', ":2: version: this release reads version 1"),
        ('{"version": 1,\n"findings": {}}', ":2: findings: wants a list"),
        (
            '{"version": 1, "findings": [\n{"fingerprint": "x", "check": "c", "folder": "", "address": "a"}]}',
            ":2: findings[0].fingerprint: wants 20 hex digits",
        ),
        ("[" * 100_000, ":1: not valid JSON"),
    ],
)
def test_what_does_not_read_is_named_with_its_line(text: str, said: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        parse(text.encode())
    assert str(caught.value).startswith(f".compliance/baseline.json{said}")
