"""Machine rewrites: the same infrastructure in other words, byte for byte where nothing is rewritten."""

from __future__ import annotations

import json

from copilot import rewrites
from copilot.checks.language import parse_path
from copilot.iac.terraform import evaluate_root
from copilot.model import Place, Root, plain, without_keys
from copilot.snapshot import Snapshot

BUCKET = b"""# buckets of the shop
resource "aws_s3_bucket" "logs" {
  bucket = "acme-logs" # keep
  tags   = { owner = "platform" }

  versioning {
    enabled = true
  }
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = ["${aws_s3_bucket.logs.arn}/*"] }]
  })
}
"""
FILES = {"main.tf": BUCKET}


def means(files: dict[str, bytes] | None) -> dict[str, object]:
    """Every managed resource of the folder as plain data, documents decoded."""
    assert files is not None
    world = evaluate_root(Snapshot(files), Root(""))
    made = {
        without_keys(r.address).removeprefix(rewrites.MODULE): plain(r.body)
        for r in world.resources
        if r.mode == "managed"
    }
    assert not [gap for gap in world.gaps if gap.kind == "unread"]
    return json.loads(json.dumps(made).replace('[\\"one\\"]', "").replace(rewrites.MODULE, ""))


def test_every_rewrite_means_what_the_original_means() -> None:
    original = means(FILES)
    assert original["aws_s3_bucket.logs"] == {
        "bucket": "acme-logs", "tags": {"owner": "platform"}, "versioning": [{"enabled": True}],
    }  # fmt: skip
    for name in (
        "literals in locals", "literals in variables", "literals in terraform.tfvars", "in a module",
        "nested blocks as dynamic ones", "in JSON syntax",
    ):  # fmt: skip
        assert means(rewrites.KEEPING[name](FILES)) == original, name


def test_for_each_over_one_key_adds_the_key_to_every_reference() -> None:
    files = rewrites.for_each_of_one(FILES)
    assert files is not None
    assert b'aws_s3_bucket.logs["one"].id' in files["main.tf"]
    assert b'${aws_s3_bucket.logs["one"].arn}/*' in files["main.tf"]
    made = means(files)["aws_s3_bucket_policy.logs"]
    assert isinstance(made, dict) and made["bucket"] == {"$ref": "aws_s3_bucket.logs.id"}


def test_what_is_not_rewritten_keeps_its_bytes() -> None:
    files = rewrites.to_locals(FILES)
    assert files is not None
    assert files["main.tf"].startswith(b"# buckets of the shop\n")
    assert b"bucket = local.rewritten_0 # keep\n" in files["main.tf"]
    assert b"{ owner = local.rewritten_1 }" in files["main.tf"]


def test_documents_become_heredocs_strings_calls_and_policy_documents() -> None:
    heredoc = rewrites.policies_to_heredocs(FILES)
    assert heredoc is not None and b'"${aws_s3_bucket.logs.arn}/*"' in heredoc["main.tf"]
    string = rewrites.policies_to_strings(FILES)
    assert string is not None and b'\\"${aws_s3_bucket.logs.arn}/*\\"' in string["main.tf"]
    back = rewrites.policies_to_jsonencode(string)
    assert means(back) == means(FILES)
    document = rewrites.policies_to_documents(FILES)
    assert document is not None
    assert b"policy = data.aws_iam_policy_document.rewritten_0.json" in document["main.tf"]
    again = rewrites.documents_to_jsonencode(document)
    assert again is not None and b"jsonencode({" in again["main.tf"]


def test_a_document_holding_what_may_not_be_text_is_left_alone() -> None:
    files = {"main.tf": b'resource "aws_iam_policy" "p" {\n  policy = jsonencode({ Statement = var.statements })\n}\n'}
    assert rewrites.policies_to_strings(files) is None
    assert rewrites.policies_to_documents(files) is None


def test_the_literals_at_the_places_alone_lose_their_value() -> None:
    start = BUCKET.index(b"true")
    place = Place("main.tf", start, start + 4, 7, 15, 7, 19)
    files = rewrites.to_unset_variables(FILES, [place])
    assert files == {
        "main.tf": BUCKET.replace(b"= true", b"= var.rewritten_0"),
        "rewritten.tf": b'variable "rewritten_0" {}\n',
    }
    assert rewrites.to_unset_variables(FILES, [place._replace(end=start + 3)]) is None


def test_a_renamed_copy_stands_beside_the_original() -> None:
    both = means(rewrites.beside(FILES, FILES))
    assert list(both) == [
        "aws_s3_bucket.logs", "aws_s3_bucket_policy.logs", "aws_s3_bucket.twin_logs", "aws_s3_bucket_policy.twin_logs",
    ]  # fmt: skip
    twin = both["aws_s3_bucket_policy.twin_logs"]
    assert isinstance(twin, dict) and twin["bucket"] == {"$ref": "aws_s3_bucket.twin_logs.id"}
    named = both["aws_s3_bucket.twin_logs"]
    assert isinstance(named, dict) and named["bucket"] == "acme-logs-twin"


def test_a_decoy_is_the_linked_resource_alone_pointing_elsewhere() -> None:
    files = rewrites.with_decoy(FILES, FILES, ["aws_s3_bucket_policy"], [parse_path("bucket")])
    decoy = means(files)["aws_s3_bucket_policy.twin_logs"]
    assert isinstance(decoy, dict) and decoy["bucket"] == "something-elsewhere"
    assert rewrites.with_decoy(FILES, FILES, ["aws_s3_bucket_acl"], [parse_path("bucket")]) is None


def test_a_rewrite_with_nothing_to_change_says_so() -> None:
    bare = {"main.tf": b'resource "aws_vpc" "v" {\n  cidr_block = var.cidr\n}\n'}
    assert rewrites.to_locals(bare) is None
    assert rewrites.to_dynamic(bare) is None
    assert rewrites.policies_to_heredocs(bare) is None
    for rewrite in rewrites.KEEPING.values():
        assert rewrite({"deploy.yaml": b"kind: Deployment\n"}) is None
        assert rewrite({"main.tf": b'resource "aws_vpc" {{{'}) is None


def test_what_belongs_to_a_root_is_not_moved_into_a_module() -> None:
    assert (
        rewrites.as_module(
            {"main.tf": b'provider "aws" {}\nresource "aws_vpc" "v" {\n  cidr_block = "10.0.0.0/8"\n}\n'}
        )
        is None
    )


def test_arguments_called_content_and_type_are_no_blocks_or_references_in_json_syntax() -> None:
    files = {
        "main.tf": b'resource "aws_s3_object" "o" {\n  content = "hello"\n}\n'
        b'resource "aws_security_group_rule" "r" {\n  type = "ingress"\n}\n'
    }
    assert means(rewrites.to_json_syntax(files)) == means(files) == {
        "aws_s3_object.o": {"content": "hello"}, "aws_security_group_rule.r": {"type": "ingress"},
    }  # fmt: skip
