"""Terraform's functions: its documented results, what stays undecided, where values lie, and what is too big."""

from __future__ import annotations

import fnmatch
import time
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from copilot.iac import functions
from copilot.iac.functions import Call, call
from copilot.model import Encoded, Known, List, Map, Null, Origin, Place, Ref, Template, Unknown, Value, plain

HERE = Place("main.tf", 10, 20, 2, 3, 2, 13)
THERE = Place("variables.tf", 5, 9, 1, 6, 1, 10)
BUCKET = Ref(origin=Origin("aws_s3_bucket.logs", ("arn",)), places=(THERE,))
OTHER = Ref(origin=Origin("aws_s3_bucket.data", ("arn",)), places=(THERE,))
VARIABLE = Unknown("variable", "region", places=(THERE,))
COMPUTED = {"$unknown": "computed"}

INVALID = object()
"""Expected of a call that Terraform refuses."""

TEXTS = {
    "modules/net/policy.json": b'{"Version": "2012-10-17"}\n',
    "modules/net/hello.tftpl": b"Hello, ${name}!",
    "modules/net/bytes.bin": b"\xff\xfe",
    "shared/motd.txt": "gr\u00fc\u00df dich".encode(),
    "modules/net/rules/a.yaml": b"a: 1\n",
    "modules/net/rules/b.yaml": b"b: 2\n",
}


class Files:
    """A snapshot of a dict."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def glob(self, folder: str, pattern: str) -> list[str]:
        below = [
            str(PurePosixPath(p).relative_to(folder)) for p in self.files if PurePosixPath(p).is_relative_to(folder)
        ]
        return [name for name in below if fnmatch.fnmatchcase(name, pattern)]


def render(text: str, variables: Mapping[str, Value], place: Place) -> Value:
    """A template language of one construct: `${name}`."""
    for name, value in variables.items():
        text = text.replace("${" + name + "}", str(plain(value)))
    return Known(text, places=(place,))


def run(name: str, *args: Value) -> Value:
    return call(name, args, Call(HERE, Files(TEXTS), "modules/net"), template=render)


def value(data: Any) -> Value:
    """Plain data as a value written in variables.tf; a set is a set."""
    match data:
        case Value():
            return data
        case None:
            return Null(places=(THERE,))
        case list():
            return List(tuple(map(value, data)), places=(THERE,))
        case set() | frozenset():
            return List(tuple(map(value, sorted(data))), kind="set", places=(THERE,))
        case dict():
            return Map({key: value(item) for key, item in data.items()}, places=(THERE,))
    return Known(data, places=(THERE,))


LEAP = "2018-01-02T23:12:01Z"
URL = r"(?:(?P<scheme>[^:/?#]+):)?(?://(?P<authority>[^/?#]*))?"

ROWS: list[tuple[str, list[Any], Any]] = [
    # numbers
    ("abs", [-5], 5), ("abs", ["-1.5"], 1.5), ("abs", [True], INVALID), ("ceil", ["1.2"], 2), ("ceil", [-1.2], -1),
    ("floor", [-1.5], -2), ("floor", [1e15], 1000000000000000), ("log", [8, 2], 3), ("log", [1000, 10], 2.9999999999999996),
    ("max", [1, "3", 2], 3), ("max", [], INVALID), ("min", [3, 1, 2], 1), ("parseint", ["zZ", 62], 2231),
    ("parseint", ["FF", 16], 255), ("parseint", ["-10", 2], -2), ("parseint", ["+5", 10], 5),
    ("parseint", ["1.5", 10], INVALID), ("parseint", ["", 10], INVALID), ("pow", [3, 40], 12157665459056929000),
    ("pow", [4, 0.5], 2), ("signum", [-13], -1), ("signum", [0], 0), ("signum", [-0.5], INVALID),
    ("sum", [[0.1, 0.2]], 0.3), ("sum", [["1", 2]], 3), ("sum", [[]], INVALID), ("sum", [[1, None]], INVALID),
    ("range", [5], [0, 1, 2, 3, 4]), ("range", [5, 1], [5, 4, 3, 2]), ("range", [1.5], [0, 1]),
    ("range", [3, 0, -1], [3, 2, 1]), ("range", [0, 3, -1], INVALID), ("range", [1, 4, 0], INVALID),
    # text
    ("chomp", ["a\r\n\n"], "a"), ("chomp", ["a\r"], "a"), ("chomp", ["a\n\nb\n"], "a\n\nb"),
    ("endswith", ["hello", "lo"], True), ("endswith", ["a", ""], True), ("startswith", ["hello", "lo"], False),
    ("strcontains", ["hello", "ell"], True), ("indent", [2, "a\nb\n\nc"], "a\n  b\n  \n  c"), ("indent", [-1, "a\nb"], INVALID),
    ("join", [",", ["a"], ["b", 1]], "a,b,1"), ("join", [",", []], ""), ("join", [",", {"b", "a"}], "a,b"),
    ("join", [",", [None]], INVALID), ("join", ["-", ["a"], None], INVALID), ("lower", ["\u00c0B"], "\u00e0b"),
    ("upper", ["stra\u00dfe"], "STRA\u00dfE"), ("upper", [1], "1"), ("upper", [["a"]], INVALID), ("upper", [None], INVALID),
    ("replace", ["hello world", "o", "0"], "hell0 w0rld"), ("replace", ["1 + 2", "/[+]/", "-"], "1 - 2"),
    ("replace", ["a/b", "/", "-"], "a-b"), ("replace", ["abc", "//", "-"], "-a-b-c-"), ("replace", ["abc", "", "-"], "-a-b-c-"),
    ("replace", ["hello", "/(l)(?P<x>l)/", "$x-$1"], "hel-lo"), ("replace", ["abc", "/(b)/", "$1x"], "ac"),
    ("replace", ["abc", "/b", "x"], "abc"), ("replace", ["abc", "/b*/", "-"], "-a-c-"), ("replace", ["a", "/a/", "$$"], "$"),
    ("regex", ["[a-z]+", "123"], INVALID), ("regex", ["[", "a"], INVALID), ("regex", ["(?i)AB", "xab"], "ab"),
    ("regex", ["([a-z])?(\\d)", "1"], [None, "1"]), ("regex", ["(?P<a>.)(.)", "12"], INVALID),
    ("regex", [URL, "https://terraform.io/docs"], {"scheme": "https", "authority": "terraform.io"}),
    ("regexall", ["[a-z]+", "1234abcd5678efgh9"], ["abcd", "efgh"]), ("regexall", ["x*", "abc"], ["", "", "", ""]),
    ("regexall", ["b*", "abc"], ["", "b", ""]), ("regexall", ["(?<y>\\d)", "12"], [{"y": "1"}, {"y": "2"}]),
    ("regexall", ["z", "abc"], []), ("split", [",", "a,b"], ["a", "b"]), ("split", ["", ""], []), ("split", [",", ""], [""]),
    ("split", [".", "a.b..c"], ["a", "b", "", "c"]), ("split", ["", "abc"], ["a", "b", "c"]),
    ("strrev", ["h\u00e9llo"], "oll\u00e9h"), ("strrev", ["e\u0301a"], "a\u00e9"), ("substr", ["hello", -2, 2], "lo"),
    ("substr", ["hello", 1, -1], "ello"), ("substr", ["hello", 10, 2], ""), ("substr", ["hello", -10, 3], "hel"),
    ("substr", ["hello", 1, 0], ""), ("substr", ["abc", 0, 1.5], INVALID),
    ("title", ["hello world-foo bar_baz o'neil"], "Hello World-Foo Bar_baz O'Neil"), ("title", ["foo 1abc"], "Foo 1abc"),
    ("trim", ["?!hello?!", "!?"], "hello"), ("trimprefix", ["hehello", "he"], "hello"), ("trimsuffix", ["a.b.b", ".b"], "a.b"),
    ("trimspace", [" a\t\n"], "a"), ("trimspace", ["\u00a0a"], "a"),
    # format
    ("format", ["%s-%s", "a", 1], "a-1"), ("format", ["%x", 255], "ff"), ("format", ["%#x", 255], "0xff"),
    ("format", ["%x", "hi"], INVALID), ("format", ["%5s|%-5s|%05d|%+d", "a", "b", 7, 7], "    a|b    |00007|+7"),
    ("format", ["%8.3f|%e|%g", 3.14159, 12345.678, 0.00001], "   3.142|1.234568e+04|1e-05"),
    ("format", ["%[2]s %[1]s", "a", "b"], "b a"), ("format", ["%s %[1]s", "a"], "a a"), ("format", ["%[1]s %s", "a", "b"], "a b"),
    ("format", ["%[3]s", "a"], INVALID), ("format", ["%s", "a", "b"], INVALID), ("format", ["%s %s", "a"], INVALID),
    ("format", ["%q %#v %v", 'a"b', "x", True], '"a\\"b" "x" true'), ("format", ["%t", "true"], "true"),
    ("format", ["%b %o %X", 5, 8, 255], "101 10 FF"), ("format", ["%.2s|%5.1s|%05s", "hello", "hello", "a"], "he|    h|0000a"),
    ("format", ["%z", 1], INVALID), ("format", ["a%"], INVALID), ("format", ["%d", 1.5], INVALID), ("format", ["%d", "12"], "12"),
    ("format", ["%.3d", 5], "005"), ("format", ["%v", 1.0], "1"), ("format", ["%s", 1.0], "1"), ("format", ["%v", 1e30], "1e+30"),
    ("format", ["%v", 1000000], "1e+06"), ("format", ["%s", 1000000], "1000000"), ("format", ["%v", 123456789], "1.23456789e+08"),
    ("format", ["%v", 0.1], "0.1"), ("format", ["%v", [1000000, 1e30]], "[1000000,1000000000000000000000000000000]"),
    ("format", ["%v", {"b": 1, "a": "<x>"}], '{"a":"\\u003cx\\u003e","b":1}'), ("format", ["%s", [1]], INVALID),
    ("format", ["%6.2f%%", 99.5], " 99.50%"), ("format", ["%.0f", 2.5], "2"), ("format", ["%08.3f|", -3.14159], "-003.142|"),
    ("format", ["%G %E", 1e-10, 1e10], "1E-10 1.000000E+10"), ("format", ["%.3g", 1234.5], "1.23e+03"),
    ("format", ["%-8d|", 5], "5       |"), ("format", ["% d", 3], " 3"), ("format", ["%5v|", [1]], "  [1]|"),
    ("format", ["%+.2e", 12345.678], "+1.23e+04"), ("format", ["%5[1]d|", 7], "    7|"), ("format", ["%10q|", "a"], '       "a"|'),
    ("formatlist", ["%s-%s", ["a", "b"], "x"], ["a-x", "b-x"]), ("formatlist", ["%s-%s", ["a", "b"], ["x"]], INVALID),
    ("formatlist", ["%s", "x"], ["x"]), ("formatlist", ["x"], ["x"]), ("formatlist", ["%s", []], []),
    # collections
    ("alltrue", [[]], True), ("alltrue", [[True, "true"]], True), ("alltrue", [[True, None]], False), ("alltrue", [["x"]], INVALID),
    ("anytrue", [[]], False), ("anytrue", [[None, True]], True), ("chunklist", [[1, 2, 3], 2], [[1, 2], [3]]),
    ("chunklist", [[1, 2, 3], 0], [[1, 2, 3]]), ("chunklist", [[], 2], []), ("chunklist", [[1], -1], INVALID),
    ("coalesce", ["", None, "x"], "x"), ("coalesce", [None, 1, "x"], "1"), ("coalesce", ["", None], INVALID),
    ("coalesce", [None, [1]], [1]), ("coalescelist", [[], [1]], [1]), ("coalescelist", [[], []], INVALID),
    ("coalescelist", [None, [1]], INVALID), ("compact", [["a", "", None, 1]], ["a", "1"]), ("concat", [[1], ["a"]], [1, "a"]),
    ("contains", [["1", "2"], 1], False), ("contains", [[[1]], [1]], True), ("contains", [{"a"}, "a"], True),
    ("contains", [["a"], None], INVALID), ("distinct", [[1, "1", 2, 1]], ["1", "2"]), ("distinct", [[]], []),
    ("element", [["a", "b", "c"], 4], "b"), ("element", [["a"], -1], "a"), ("element", [[], 0], INVALID),
    ("element", [["a", "b"], 1.5], INVALID), ("flatten", [[[1, [2]], [], {"a": [3]}, None]], [1, 2, {"a": [3]}, None]),
    ("flatten", [[{"b", "a"}, "c"]], ["a", "b", "c"]), ("flatten", ["a"], INVALID), ("index", [["a", "b"], "b"], 1),
    ("index", [["a", "b"], "c"], INVALID), ("index", [[1], "1"], INVALID), ("keys", [{"b": 1, "a": 2}], ["a", "b"]),
    ("keys", [[1]], INVALID), ("length", [{"a": 1}], 1), ("length", [["a", "b"]], 2), ("length", [5], INVALID),
    ("length", ["h\u00e9llo"], 5), ("length", ["h\u00e9llo\U0001f468\u200d\U0001f469\u200d\U0001f467"], 6), ("length", ["e\u0301a"], 2),
    ("lookup", [{"a": 1}, "a"], 1), ("lookup", [{"a": 1}, "b"], INVALID), ("lookup", [{"a": 1}, "b", "x"], "x"),
    ("lookup", [{"a": [1]}, "b", []], []), ("matchkeys", [["a", "b", "c"], ["1", "2", "1"], ["1"]], ["a", "c"]),
    ("matchkeys", [["a"], ["b", "c"], ["b"]], INVALID), ("merge", [{"a": 1}, None, {"a": 2, "b": 3}], {"a": 2, "b": 3}),
    ("merge", [{"a": 1}, {"a": {"b": 1}}], {"a": {"b": 1}}), ("merge", [], {}), ("merge", [[1]], INVALID), ("one", [[]], None),
    ("one", [[1]], 1), ("one", [{1}], 1), ("one", [[1, 2]], INVALID), ("reverse", [[1, 2]], [2, 1]), ("reverse", [{1, 2}], [2, 1]),
    ("setintersection", [["a", "b"], ["b", "c"]], ["b"]), ("setproduct", [["a", "b"], [1, 2]], [["a", 1], ["a", 2], ["b", 1], ["b", 2]]),
    ("setproduct", [["a"]], INVALID), ("setproduct", [[], ["a"]], []), ("setsubtract", [["a", "b", "c"], ["b"]], ["a", "c"]),
    ("setsubtract", [[1], ["1"]], []), ("setunion", [["b"], ["a", "b"]], ["a", "b"]), ("setunion", [[1], ["a"]], ["1", "a"]),
    ("setunion", [["a"], None], INVALID), ("slice", [["a", "b", "c"], 1, 2], ["b"]), ("slice", [["a", "b", "c"], 2, 1], INVALID),
    ("slice", [["a"], 0, 5], INVALID), ("sort", [["b", "a", "10", "9"]], ["10", "9", "a", "b"]), ("sort", [[3, 1, 20]], ["1", "20", "3"]),
    ("transpose", [{"a": ["1", "2"], "b": ["2"]}], {"1": ["a"], "2": ["a", "b"]}), ("transpose", [{"a": None}], INVALID),
    ("values", [{"b": 1, "a": 2}], [2, 1]), ("values", [{}], []), ("zipmap", [["a", "b"], [1]], INVALID),
    ("zipmap", [["a", "b"], [1, 2]], {"a": 1, "b": 2}), ("zipmap", [["a", "a"], [1, 2]], {"a": 2}),
    # conversion
    ("tobool", ["1"], True), ("tobool", ["false"], False), ("tobool", ["True"], INVALID), ("tobool", [1], INVALID),
    ("tonumber", ["1e3"], 1000), ("tonumber", ["0x10"], INVALID), ("tonumber", [" 1"], INVALID), ("tonumber", ["+5"], 5),
    ("tonumber", [".5"], 0.5), ("tonumber", ["1_000"], INVALID), ("tonumber", [True], INVALID), ("tonumber", [""], INVALID),
    ("tostring", [True], "true"), ("tostring", [1e30], "1000000000000000000000000000000"), ("tostring", [0.1], "0.1"),
    ("tostring", [None], None), ("tostring", [[1]], INVALID), ("tolist", [[1, "a"]], ["1", "a"]), ("tolist", [{}], INVALID),
    ("tomap", [{"a": 1}], {"a": 1}), ("tomap", [[]], INVALID), ("toset", [[3, 1, 20]], [1, 3, 20]), ("toset", [["b", "a", "b"]], ["a", "b"]),
    ("toset", [[3, 1, "b"]], ["1", "3", "b"]), ("toset", [[True, False]], [False, True]), ("toset", [[[1], [1]]], [[1]]),
    ("try", [5, 6], 5), ("can", [5], True), ("issensitive", [1], False), ("nonsensitive", [1], 1), ("core::upper", ["a"], "A"),
    # encodings
    ("base64encode", ["hi"], "aGk="), ("base64decode", ["aGk="], "hi"), ("base64decode", ["aGk"], INVALID),
    ("base64decode", ["/w=="], INVALID), ("base64decode", ["aGk=\n"], "hi"), ("textencodebase64", ["hi", "UTF-16LE"], "aABpAA=="),
    ("textdecodebase64", ["aABpAA==", "UTF-16LE"], "hi"), ("textencodebase64", ["\u00e9", "windows-1252"], "6Q=="),
    ("urlencode", ["a b&c=\u00fc~*/"], "a+b%26c%3D%C3%BC~%2A%2F"), ("csvdecode", ["a,b\n"], []), ("csvdecode", [""], INVALID),
    ("csvdecode", ['a,b\n1,2\n\n3,"x,y"\n'], [{"a": "1", "b": "2"}, {"a": "3", "b": "x,y"}]), ("csvdecode", ["a,b\n1\n"], INVALID),
    ("csvdecode", ["a,a\n1,2\n"], INVALID), ("csvdecode", ['a\n"x""y"\n'], [{"a": 'x"y'}]), ("csvdecode", ["a\n 1 \n"], [{"a": " 1 "}]), ("csvdecode", ['a\nx"y\n'], INVALID),
    ("jsondecode", ['{"b":[{"c":null}]}'], {"b": [{"c": None}]}), ("jsondecode", ["[1.50, 1e3]"], [1.5, 1000]),
    ("jsondecode", ["1 2"], INVALID), ("jsondecode", [""], INVALID), ("jsondecode", ["NaN"], INVALID), ("jsondecode", ['"\\ud800"'], "\ufffd"),
    ("jsondecode", ['{"a":1,"a":2}'], {"a": 2}), ("yamldecode", ["a: yes\nb: on\nm: n"], {"a": True, "b": True, "m": False}),
    ("yamldecode", ["c: 0x10\nd: 010\nj: 0o10\nk: 1e3"], {"c": 16, "d": 10, "j": 8, "k": 1000}),
    ("yamldecode", ["e: ~\nf: 2020-01-01\ng: 1_000\nl: '1'"], {"e": None, "f": "2020-01-01T00:00:00Z", "g": "1_000", "l": "1"}),
    ("yamldecode", ["a: &x {p: 1}\nb:\n  <<: *x\n  q: 2"], {"a": {"p": 1}, "b": {"p": 1, "q": 2}}), ("yamldecode", ["1: a"], {"1": "a"}),
    ("yamldecode", ["---\na: 1\n---\nb: 2"], INVALID), ("yamldecode", [""], INVALID), ("yamldecode", ["[*x]"], INVALID),
    ("yamldecode", ["&a [*a]"], INVALID), ("yamldecode", ["!!str yes"], "yes"), ("yamldecode", ["a: |\n  hi\n"], {"a": "hi\n"}),
    ("yamldecode", ["{1: 1, 0x10: 2, yes: 3}"], {"1": 1, "16": 2, "true": 3}), ("yamldecode", ["[12:30, tRue, 0b11]"], ["12:30", "tRue", "0b11"]),
    ("yamldecode", ["2020-01-01 10:00:00"], "2020-01-01T10:00:00Z"), ("yamldecode", ["<<: {a: 1}\na: 2"], {"a": 2}),
    # hashes
    ("md5", ["hello world"], "5eb63bbbe01eeed093cb22bb8f5acdc3"), ("sha1", ["a"], "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
    ("sha256", [5], "ef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d"),
    ("base64sha256", ["hello world"], "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="),
    ("uuidv5", ["dns", "www.terraform.io"], "a5008fae-b28c-5ba5-96cd-82b4c53552d6"), ("uuidv5", ["bad", "x"], INVALID),
    ("uuidv5", ["6ba7b810-9dad-11d1-80b4-00c04fd430c8", "x"], "05b16a01-46c6-56dd-bd6e-c6dfb4a1427a"),
    # dates
    ("formatdate", ["DD MMM YYYY hh:mm ZZZ", LEAP], "02 Jan 2018 23:12 UTC"), ("formatdate", ["x", LEAP], INVALID),
    ("formatdate", ["EEEE, DD-MMM-YY hh:mm:ss ZZZ", LEAP], "Tuesday, 02-Jan-18 23:12:01 UTC"), ("formatdate", ["'a", LEAP], INVALID),
    ("formatdate", ["EEE MMMM Z ZZZZ ZZZZZ", "2018-01-02T23:02:01-08:00"], "Tue January -08:00 -0800 -08:00"),
    ("formatdate", ["H 'o''clock' HH AA aa", LEAP], "11 o'clock 11 PM pm"), ("formatdate", ["h'h'mm H HH", "2018-01-02T00:12:01Z"], "0h12 12 12"),
    ("timeadd", ["2017-11-22T00:00:00Z", "10m"], "2017-11-22T00:10:00Z"), ("timeadd", ["2017-11-22T00:00:00Z", "1d"], INVALID),
    ("timeadd", ["2017-11-22T00:00:00+02:00", "-1h30m1.5s"], "2017-11-21T22:29:58+02:00"), ("timeadd", ["2017-11-22 00:00:00", "1h"], INVALID),
    ("timeadd", ["2017-11-22T00:00:00.5Z", "1.5h"], "2017-11-22T01:30:00Z"), ("timecmp", [LEAP, "2018-01-03T00:12:01+01:00"], 0),
    ("timecmp", ["2017-11-22T00:00:00Z", "2017-11-22T00:00:00+01:00"], 1), ("timecmp", ["x", "y"], INVALID),
    # networks
    ("cidrhost", ["10.1.2.240/28", -1], "10.1.2.255"), ("cidrhost", ["10.01.2.240/28", 1], "10.1.2.241"), ("cidrhost", ["10.0.0.0/8", "5"], "10.0.0.5"),
    ("cidrhost", ["10.1.2.240/28", 16], INVALID), ("cidrhost", ["fd00:fd12:3456:7890:00a2::/72", 34], "fd00:fd12:3456:7890::22"),
    ("cidrnetmask", ["10.0.0.0/12"], "255.240.0.0"), ("cidrnetmask", ["fd00::/16"], INVALID), ("cidrnetmask", ["10.0.0.0"], INVALID),
    ("cidrsubnet", ["192.168.1.5/16", 4, 2], "192.168.32.0/20"), ("cidrsubnet", ["192.168.0.0/16", 4, 16], INVALID),
    ("cidrsubnet", ["10.0.0.0/8", 33, 1], INVALID), ("cidrsubnet", ["fd00::/16", 40, 1], "fd00:0:0:100::/56"),
    ("cidrsubnets", ["10.1.0.0/16", 4, 4, 8, 4], ["10.1.0.0/20", "10.1.16.0/20", "10.1.32.0/24", "10.1.48.0/20"]),
    # paths
    ("basename", ["a/b/c.txt"], "c.txt"), ("basename", [""], "."), ("basename", ["a/"], "a"), ("basename", ["/"], "/"),
    ("dirname", ["a/b/c.txt"], "a/b"), ("dirname", ["a"], "."), ("dirname", ["a//b/../c/"], "a/c"), ("dirname", ["/a"], "/"),
    ("dirname", ["/a/b/"], "/a/b"), ("dirname", [""], "."), ("abspath", ["/a/../b"], "/b"), ("pathexpand", ["a"], "a"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "expected"), ROWS, ids=lambda part: part if isinstance(part, str) else None)
def test_a_call_gives_what_terraform_gives(name: str, args: list[Any], expected: Any) -> None:
    result = run(name, *map(value, args))
    if expected is INVALID:
        assert isinstance(result, Unknown)
        assert result.reason == "invalid"
    else:
        assert plain(result) == expected
        assert type(plain(result)) is type(expected)
        assert result.places[0] == HERE


# --- what is not decided -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("concat", [["a"], VARIABLE], ["a", {"$open": True}]),
        ("merge", [{"a": 1}, VARIABLE, {"b": 2}], {"a": {"$unknown": "variable(region)"}, "b": 2, "$open": True}),
        ("lookup", [Map({"a": Known(1)}, True), "a"], 1),
        ("lookup", [Map({"a": Known(1)}, True), "b", 2], {"$unknown": "computed(lookup)"}),
        ("lookup", [{"a": 1}, VARIABLE], {"$unknown": "variable(region)"}),
        ("coalesce", [VARIABLE, "x"], {"$unknown": "variable(region)"}),
        ("coalesce", ["", BUCKET], {"$unknown": "computed(coalesce)"}),
        ("length", [List((Known(1),), True)], {"$unknown": "computed(length)"}),
        ("element", [List((Known(1),), True), 0], {"$unknown": "computed(element)"}),
        (
            "element",
            [["a", "b"], -1],
            {"$unknown": "function(element: versions of Terraform differ on negative positions)"},
        ),
        ("contains", [List((Known("a"),), True), "a"], True),
        ("contains", [List((Known("a"),), True), "b"], {"$unknown": "computed(contains)"}),
        ("contains", [[BUCKET, "b"], BUCKET], True),
        ("contains", [[OTHER], BUCKET], {"$unknown": "computed(contains)"}),
        ("flatten", [[["a"], BUCKET]], ["a", {"$open": True}]),
        ("compact", [["", VARIABLE, "a"]], ["a", {"$open": True}]),
        ("keys", [Map({"a": Known(1)}, True)], ["a", {"$open": True}]),
        ("sort", [["b", BUCKET]], ["b", {"$ref": "aws_s3_bucket.logs.arn"}, {"$open": True}]),
        ("alltrue", [[VARIABLE, False]], False),
        ("alltrue", [[VARIABLE, True]], {"$unknown": "variable(region)"}),
        ("anytrue", [[VARIABLE, True]], True),
        ("setsubtract", [["a", "b"], ["b", VARIABLE]], [{"$open": True}]),
        ("setintersection", [["a", "b"], List((Known("b"),), True)], ["b", {"$open": True}]),
        ("zipmap", [["a", VARIABLE], [1, 2]], {"a": {"$unknown": "computed(zipmap)"}, "$open": True}),
        ("upper", [VARIABLE], {"$unknown": "variable(region)"}),
        ("upper", [BUCKET], {"$unknown": "computed(upper)"}),
        ("split", ["/", BUCKET], {"$unknown": "computed(split)"}),
        ("tostring", [BUCKET], {"$ref": "aws_s3_bucket.logs.arn"}),
        ("can", [VARIABLE], {"$unknown": "variable(region)"}),
        ("timestamp", [], {"$unknown": "computed(timestamp)"}),
        ("uuid", [], {"$unknown": "computed(uuid)"}),
        ("nosuch", ["a"], {"$unknown": "function(nosuch)"}),
        ("provider::aws::arn_parse", ["a"], {"$unknown": "function(provider::aws::arn_parse)"}),
    ],
)
def test_what_can_be_decided_beside_an_unknown_is(name: str, args: list[Any], expected: Any) -> None:
    assert plain(run(name, *map(value, args))) == expected


ARN = Template((BUCKET, Known("/*")))


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("format", ["%s/%s-%d", BUCKET, "x", 1], [{"$ref": "aws_s3_bucket.logs.arn"}, "/x-1"]),
        ("format", ["a-%s", ARN], ["a-", {"$ref": "aws_s3_bucket.logs.arn"}, "/*"]),
        ("format", ["%10s", BUCKET], [{"$unknown": "computed(format)"}]),
        ("join", ["/", ["a", BUCKET, "b"]], ["a/", {"$ref": "aws_s3_bucket.logs.arn"}, "/b"]),
        ("lower", [ARN], [{"$unknown": "computed(lower)"}, "/*"]),
        ("replace", [ARN, "*", "x"], [{"$unknown": "computed(replace)"}, "/x"]),
        ("trimsuffix", [ARN, "/*"], [{"$ref": "aws_s3_bucket.logs.arn"}]),
    ],
)
def test_text_around_a_reference_stays_text(name: str, args: list[Any], expected: list[Any]) -> None:
    assert plain(run(name, *map(value, args))) == {"$template": expected}


def test_the_ends_of_a_template_decide_what_they_can() -> None:
    assert plain(run("endswith", ARN, Known("*"))) is True
    assert plain(run("endswith", ARN, Known("x"))) is False
    assert plain(run("startswith", ARN, Known("arn:"))) == {"$unknown": "computed(startswith)"}
    assert plain(run("strcontains", ARN, Known("/"))) is True


def test_what_is_trimmed_away_whole_may_go_on_into_the_reference() -> None:
    assert plain(run("trimspace", Template((BUCKET, Known(" "))))) == {"$unknown": "computed(trimspace)"}


def test_try_goes_past_what_is_surely_invalid_and_no_further() -> None:
    assert plain(run("try", run("tonumber", Known("x")), Known(5))) == 5
    assert plain(run("try", VARIABLE, Known(5))) == {"$unknown": "variable(region)"}
    assert plain(run("try", Unknown("function", "nosuch"), Known(5))) == {"$unknown": "function(nosuch)"}
    assert plain(run("can", run("regex", Known("a"), Known("b")))) is False


def test_a_call_of_something_invalid_is_invalid() -> None:
    assert plain(run("concat", value([]), Unknown("invalid", "no such key"))) == {"$unknown": "invalid(no such key)"}


# --- structure that is encoded ------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["json", "yaml"])
def test_what_is_encoded_and_decoded_is_the_same_structure(encoding: str) -> None:
    policy = value({"Resource": BUCKET})
    encoded = run(f"{encoding}encode", policy)
    assert isinstance(encoded, Encoded)
    assert encoded.inner is policy
    decoded = run(f"{encoding}decode", encoded)
    assert plain(decoded) == {"Resource": {"$ref": "aws_s3_bucket.logs.arn"}}
    assert decoded.places == (HERE, THERE)


def test_base64_of_a_structure_keeps_it() -> None:
    encoded = run("base64encode", run("jsonencode", value({"a": BUCKET})))
    assert isinstance(encoded, Encoded)
    assert encoded.encoding == "base64"
    assert plain(run("jsondecode", run("base64decode", encoded))) == {"a": {"$ref": "aws_s3_bucket.logs.arn"}}


def test_decided_json_is_also_text() -> None:
    encoded = run("jsonencode", value({"b": "<&>", "a": [1, 1.5, None, True]}))
    assert plain(run("format", Known("%s"), encoded)) == '{"a":[1,1.5,null,true],"b":"\\u003c\\u0026\\u003e"}'


# --- places -------------------------------------------------------------------------------------------------------


def test_elements_are_handed_on_untouched() -> None:
    item = Known("0.0.0.0/0", places=(THERE,))
    rows = List((item,), places=(THERE,))
    for name in ("concat", "flatten", "tolist", "toset", "distinct", "compact", "reverse", "setunion", "sort"):
        result = run(name, rows)
        assert isinstance(result, List), name
        assert result.items[0].places == (THERE,), name
    merged = run("merge", Map({"a": item}), Map({"b": item}))
    assert isinstance(merged, Map)
    assert merged.items["a"] is item
    assert merged.items["b"] is item


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("lookup", [{"a": "x"}, "a"]),
        ("element", [["x"], 3]),
        ("coalesce", [None, "x"]),
        ("try", ["x"]),
        ("one", [["x"]]),
    ],
)
def test_what_is_chosen_is_used_here_and_written_there(name: str, args: list[Any]) -> None:
    assert run(name, *map(value, args)).places == (HERE, THERE)


def test_what_is_computed_is_written_where_the_call_is() -> None:
    assert run("upper", value("x")).places == (HERE,)


def test_a_merge_reads_nothing_before_it_is_asked() -> None:
    class Lazy(Mapping[str, Value]):
        def __getitem__(self, key: str) -> Value:
            raise AssertionError(key)

        def __iter__(self) -> Iterator[str]:
            return iter(["a"])

        def __len__(self) -> int:
            return 1

    merged = run("merge", Map(Lazy()), Map({"b": Known(1)}))
    assert isinstance(merged, Map)
    assert list(merged.items) == ["a", "b"]
    assert plain(merged.items["b"]) == 1


# --- secrets ------------------------------------------------------------------------------------------------------

SECRET = Known("hunter2", sensitive=True)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("upper", [SECRET]),
        ("format", ["%s", SECRET]),
        ("format", ["%s-%s", BUCKET, SECRET]),
        ("join", [",", [SECRET]]),
        ("jsonencode", [{"a": SECRET}]),
        ("sha256", [SECRET]),
        ("base64encode", [SECRET]),
        ("lookup", [Map({"a": Known(1)}, sensitive=True), "a"]),
        ("coalesce", [SECRET, "x"]),
        ("concat", [List((Known(1),), sensitive=True)]),
        ("sensitive", ["x"]),
    ],
)
def test_a_secret_stays_one(name: str, args: list[Any]) -> None:
    assert plain(run(name, *map(value, args))) == {"$sensitive": True}


def test_a_failure_does_not_tell_a_secret() -> None:
    for name in sorted(functions.names()):
        for args in ((SECRET,), (SECRET, SECRET), (SECRET, SECRET, SECRET)):
            result = run(name, *args)
            assert not (isinstance(result, Unknown) and "hunter2" in result.detail), name


def test_nonsensitive_is_the_only_way_back() -> None:
    assert plain(run("nonsensitive", SECRET)) == "hunter2"
    assert plain(run("issensitive", SECRET)) is True


# --- files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["policy.json", "./policy.json", "modules/net/policy.json", "modules/net/../net/policy.json"]
)
def test_a_file_is_read_from_the_snapshot_and_written_there(path: str) -> None:
    result = run("file", Known(path))
    whole = Place("modules/net/policy.json", 0, 26, 1, 1, 2, 1)
    assert isinstance(result, Known)
    assert (result.value, result.places, result.offsets) == ('{"Version": "2012-10-17"}\n', (HERE, whole), ((0, 0),))


@pytest.mark.parametrize("path", ["nosuch", "/etc/passwd", "../../../etc/passwd", "~/x", "a\0b", ""])
def test_a_file_outside_the_snapshot_is_unknown(path: str) -> None:
    for name in ("file", "fileexists", "filebase64", "filemd5"):
        assert plain(run(name, Known(path))) == {"$unknown": f"file({path})" if path else "file"}


def test_files_are_hashed_encoded_listed_and_rendered() -> None:
    assert plain(run("file", Known("shared/motd.txt"))) == "gr\u00fc\u00df dich"
    assert plain(run("file", Known("../../shared/motd.txt"))) == "gr\u00fc\u00df dich"
    assert plain(run("fileexists", Known("policy.json"))) is True
    assert plain(run("filebase64", Known("bytes.bin"))) == "//4="
    assert plain(run("filesha1", Known("bytes.bin"))) == "d62636d8caec13f04e28442a0a6fa1afeb024bbb"
    assert plain(run("file", Known("bytes.bin"))) == {"$unknown": "invalid(file: the bytes are not UTF-8 text)"}
    assert plain(run("fileset", Known("rules"), Known("*.yaml"))) == ["a.yaml", "b.yaml"]
    assert plain(run("templatefile", Known("hello.tftpl"), value({"name": "Jo"}))) == "Hello, Jo!"
    assert plain(run("templatestring", Known("Hello, ${name}!"), value({"name": "Jo"}))) == "Hello, Jo!"
    assert plain(run("jsondecode", run("file", Known("policy.json")))) == {"Version": "2012-10-17"}


# --- budgets ------------------------------------------------------------------------------------------------------

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("format", ["%999999999d", 1]),
        ("format", ["%.999999999f", 1]),
        ("range", [1e9]),
        ("jsondecode", ["[" * 20_000]),
        ("jsondecode", ["[" * 20_000 + "]" * 20_000]),
        ("jsondecode", ["1" * 5_000]),
        ("yamldecode", ["[" * 20_000]),
        ("yamldecode", [BOMB]),
        ("setproduct", [["a"] * 200, ["b"] * 200]),
        ("indent", [1_000_000, "a\nb"]),
        ("replace", ["a" * 2_000, "a", "b" * 2_000]),
        ("replace", ["a" * 2_000, "/a/", "b" * 2_000]),
        ("join", ["x" * 2_000, ["a"] * 2_000]),
        ("tonumber", ["1e999999999"]),
        ("parseint", ["9" * 5_000, 10]),
        ("regexall", ["", "a" * 20_000]),
        ("split", ["", "a" * 20_000]),
        ("concat", [["a"] * 6_000, ["b"] * 6_000]),
        ("upper", ["a" * (1 << 21)]),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_what_would_be_too_big_is_refused_at_once(name: str, args: list[Any]) -> None:
    values = tuple(map(value, args))
    start = time.perf_counter()
    result = run(name, *values)
    assert time.perf_counter() - start < 1
    assert plain(result) == {"$unknown": f"budget({name})"}


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("jsondecode", ['"' + '\\"' * 400_000]),
        ("strrev", ["\u00e9" + "\u0301" * 400_000]),
        ("trim", ["a" * 400_000, "b" * 400_000 + "a"]),
        ("formatdate", ["'" * 401, LEAP]),
        ("merge", [VARIABLE if n % 2 else {str(n): n} for n in range(9_000)]),
        ("zipmap", [[VARIABLE if n % 2 else str(n) for n in range(9_000)], list(range(9_000))]),
        ("setsubtract", [list(range(9_000)), list(range(9_000))]),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_what_is_made_to_be_slow_is_not(name: str, args: list[Any]) -> None:
    values = tuple(map(value, args))
    start = time.perf_counter()
    run(name, *values)
    assert time.perf_counter() - start < 1


def test_nesting_is_refused_too() -> None:
    deep: Value = Known(1)
    for _ in range(20_000):
        deep = List((deep,))
    assert [plain(run(name, deep)) for name in ("jsonencode", "flatten", "distinct", "toset")] == [
        {"$unknown": f"budget({name})"} for name in ("jsonencode", "flatten", "distinct", "toset")
    ]


def test_no_pattern_takes_long() -> None:
    start = time.perf_counter()
    assert plain(run("regexall", Known("(a+)+$"), Known("a" * 10_000 + "!"))) == []
    assert plain(run("regexall", Known("(a|aa)+b"), Known("a" * 10_000))) in ([], {"$unknown": "budget(regexall)"})
    assert plain(run("replace", Known("a" * 1_000), Known("/(a*)*b/"), Known(""))) == "a" * 1_000
    assert time.perf_counter() - start < 1


# --- whatever comes -----------------------------------------------------------------------------------------------

SCALARS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "%s", "%5.2f", "/a/", "[", "1", "true", "10.0.0.0/8", "2020-01-01T00:00:00Z", "YYYY", "\ud800", "utf-8"]
    ),
    st.integers(-(10**30), 10**30),
    st.integers(-3, 3),
    st.floats(),
    st.booleans(),
).map(Known)
LEAVES = st.one_of(
    SCALARS,
    st.sampled_from([Null(), BUCKET, VARIABLE, ARN, Unknown("invalid", "x"), SECRET, Ref(), Template(())]),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(
            lambda items, more, kind: List(tuple(items), more, kind),
            st.lists(inner, max_size=3),
            st.booleans(),
            st.sampled_from(["list", "set", "blocks"]),
        ),
        st.builds(Map, st.dictionaries(st.text(max_size=2), inner, max_size=3), st.booleans()),
        st.builds(Encoded, inner, st.sampled_from(["json", "yaml", "base64"])),
        st.builds(lambda parts: Template(tuple(parts)), st.lists(inner, max_size=3)),
    ),
    max_leaves=6,
)


@settings(max_examples=1_500, deadline=None)
@example("trimspace", [Template(())])
@given(st.sampled_from(sorted(functions.names())), st.lists(VALUES, max_size=4))
def test_no_call_ever_raises(name: str, args: list[Value]) -> None:
    result = run(name, *args)
    assert result.places[0] == HERE
