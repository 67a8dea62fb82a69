"""Terraform is evaluated as Terraform would, as far as the configuration decides, and says the rest."""

from __future__ import annotations

from typing import Any

import pytest

from copilot.iac.terraform import evaluate_root
from copilot.model import Known, List, Map, Root, World, plain
from copilot.snapshot import Snapshot


def world(files: dict[str, str] | str, folder: str = "", var_files: tuple[str, ...] = ()) -> World:
    tree = {"main.tf": files} if isinstance(files, str) else files
    return evaluate_root(Snapshot.of(tree), Root(folder, "", var_files))


def bodies(found: World) -> dict[str, Any]:
    return {resource.address: plain(resource.body) for resource in found.resources if resource.mode == "managed"}


def value(expression: str, **files: str) -> Any:
    """What an expression comes to, as plain data."""
    tree = {"main.tf": f'resource "aws_x" "x" {{\n  v = {expression}\n}}\n', **files}
    return bodies(world(tree))["aws_x.x"]["v"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("7 / 2", 3.5),
        ("7 % 4", 3),
        ("-(2)", -2),
        ("!true || true && false", False),
        ('1 == 1 ? "yes" : "no"', "yes"),
        ('"a" != "b"', True),
        ('"1" == 1', False),
        ("null == null", True),
        ("[1, 2][1]", 2),
        ('{ a = 1, "b" : 2 }["b"]', 2),
        ("{ a = { b = [10, 20] } }.a.b.1", 20),
        ('"${"x"}"', "x"),
        ('"${true}"', True),
        ('"a${1}b${true}"', "a1btrue"),
        ('"$${x} %%{y}"', "${x} %{y}"),
        ('"line\\nnext\\u00e9"', "line\nnexté"),
        ("[for x in [1, 2, 3] : x * 2 if x > 1]", [4, 6]),
        ("{ for k, v in { a = 1, b = 2 } : upper(k) => v }", {"A": 1, "B": 2}),
        ('{ for x in ["a", "b", "a"] : x => x... }', {"a": ["a", "a"], "b": ["b"]}),
        ("[{ n = 1 }, { n = 2 }][*].n", [1, 2]),
        ("null[*]", []),
        ('"%{ if true }yes%{ else }no%{ endif }"', "yes"),
        ('"%{ for x in ["a", "b"] }${x},%{ endfor }"', "a,b,"),
        ("<<-EOT\n    a\n      b ${1 + 1}\n  EOT", "a\n  b 2\n"),
        ('<<EOT\n{"a": 1}\nEOT', '{"a": 1}\n'),
        ("max([1, 5, 3]...)", 5),
        ("try({}.a, 3)", 3),
        ("path.module", "."),
        ("1e3", 1000),
    ],
)
def test_an_expression_comes_to_what_terraform_makes_of_it(expression: str, expected: Any) -> None:
    assert value(expression) == expected


def test_variables_take_variable_files_over_defaults_in_terraforms_order() -> None:
    tree = {
        "main.tf": """
            variable "a" { default = "default" }
            variable "b" { default = "default" }
            variable "c" { default = "default" }
            variable "d" {}
            resource "aws_x" "x" {
              v = [var.a, var.b, var.c, var.d]
            }
        """,
        "terraform.tfvars": 'b = "tfvars"\nc = "tfvars"\n',
        "z.auto.tfvars": 'c = "auto"\n',
        "production.tfvars": 'd = "given"\n',
    }
    assert bodies(world(tree, var_files=("production.tfvars",)))["aws_x.x"]["v"] == [
        "default",
        "tfvars",
        "auto",
        "given",
    ]


def test_a_variable_without_a_value_is_unknown_and_says_which() -> None:
    found = bodies(world('variable "size" {}\nresource "aws_x" "x" {\n  v = "${var.size}-a"\n  n = var.size + 1\n}\n'))
    assert found == {
        "aws_x.x": {"v": {"$template": [{"$unknown": "variable(size)"}, "-a"]}, "n": {"$unknown": "variable(size)"}}
    }


def test_a_variables_type_converts_and_fills_in_optional_attributes() -> None:
    found = world(
        """
        variable "bucket" {
          type = object({ name = string, versioned = optional(bool, true), days = optional(number), tags = map(string) })
          default = { name = 5, tags = { a = true } }
        }
        variable "flag" {
          type    = bool
          default = "false"
        }
        resource "aws_x" "x" {
          v = var.bucket
          f = var.flag
        }
        """
    )
    assert bodies(found)["aws_x.x"] == {
        "v": {"name": "5", "tags": {"a": "true"}, "versioned": True, "days": None},
        "f": False,
    }


def test_count_and_for_each_make_instances_with_their_keys() -> None:
    found = world(
        """
        resource "aws_x" "n" {
          count = 2
          v     = count.index
        }
        resource "aws_x" "e" {
          for_each = { a = 1, b = 2 }
          v        = "${each.key}${each.value}"
        }
        resource "aws_x" "s" {
          for_each = toset(["q"])
          v        = each.value
        }
        resource "aws_x" "none" {
          count = 0
        }
        """
    )
    assert {a: b["v"] for a, b in bodies(found).items()} == {
        "aws_x.n[0]": 0, "aws_x.n[1]": 1, 'aws_x.e["a"]': "a1", 'aws_x.e["b"]': "b2", 'aws_x.s["q"]': "q",
    }  # fmt: skip


def test_under_an_unknown_count_a_resource_stands_as_if_it_existed_and_says_so() -> None:
    found = world('variable "n" {}\nresource "aws_x" "x" {\n  count = var.n ? 1 : 0\n  v = 1\n}\n')
    assert [(r.address, r.conditional) for r in found.resources] == [("aws_x.x[0]", True)]


def test_instances_beyond_a_hundred_are_reported_not_evaluated() -> None:
    found = world('resource "aws_x" "x" {\n  count = 1000000\n}\n')
    assert len(found.resources) == 100
    assert [(g.kind, g.path, g.line, g.reason) for g in found.gaps] == [
        ("unread", "main.tf", 2, "count = 1e+06: instances beyond 100 are not evaluated")
    ]


def test_dynamic_blocks_become_blocks_and_over_the_unknown_an_open_list() -> None:
    found = world(
        """
        variable "rules" {}
        resource "aws_x" "x" {
          ingress {
            port = 1
          }
          dynamic "ingress" {
            for_each = [22, 80]
            iterator = it
            content {
              port = it.value
              at   = it.key
            }
          }
          dynamic "egress" {
            for_each = var.rules
            content {
              port = egress.value
            }
          }
        }
        """
    )
    body = found.resources[0].body
    assert plain(body.items["ingress"]) == [{"port": 1}, {"port": 22, "at": 0}, {"port": 80, "at": 1}]
    assert plain(body.items["egress"]) == [{"$open": True}]


def test_a_reference_is_a_value_and_what_is_written_there_is_known_with_its_origin() -> None:
    found = world(
        """
        resource "aws_a" "a" {
          name = "n"
        }
        resource "aws_b" "b" {
          arn  = aws_a.a.arn
          name = aws_a.a.name
          text = "x/${aws_a.a.id}/y"
        }
        """
    )
    body = found.by_address["aws_b.b"].body
    assert plain(body) == {
        "arn": {"$ref": "aws_a.a.arn"}, "name": "n", "text": {"$template": ["x/", {"$ref": "aws_a.a.id"}, "/y"]},
    }  # fmt: skip
    assert str(body.items["name"].origin) == "aws_a.a.name"


def test_modules_are_evaluated_with_their_arguments_and_give_their_outputs() -> None:
    tree = {
        "main.tf": """
            module "one" {
              source  = "./mod"
              enabled = true
            }
            module "many" {
              source   = "./mod"
              for_each = { x = false }
              enabled  = each.value
            }
            resource "aws_x" "x" {
              v = [module.one.flag, module.many["x"].flag, module.one.id]
            }
        """,
        "mod/main.tf": """
            variable "enabled" {}
            resource "aws_y" "y" {
              enabled = var.enabled
            }
            output "flag" { value = aws_y.y.enabled }
            output "id" { value = aws_y.y.id }
        """,
    }
    assert bodies(world(tree)) == {
        "aws_x.x": {"v": [True, False, {"$ref": "module.one.aws_y.y.id"}]},
        "module.one.aws_y.y": {"enabled": True},
        'module.many["x"].aws_y.y': {"enabled": False},
    }


def test_the_chain_of_places_leads_from_the_argument_to_where_the_value_is_written() -> None:
    tree = {
        "env/main.tf": 'variable "e" {}\nmodule "m" {\n  source = "../mod"\n  e      = local.e\n}\nlocals { e = var.e }\n',
        "env/terraform.tfvars": "# off for now\ne = false\n",
        "mod/main.tf": 'variable "e" {}\nresource "aws_y" "y" {\n  enabled = var.e\n}\n',
    }
    found = world(tree, "env")
    chain = found.by_address["module.m.aws_y.y"].body.items["enabled"].places
    assert [str(place) for place in chain] == [
        "mod/main.tf:3",
        "env/main.tf:4",
        "env/main.tf:6",
        "env/terraform.tfvars:2",
    ]


def test_the_place_of_a_merged_value_is_its_keys() -> None:
    found = world(
        'locals {\n  base = {\n    a = 1\n  }\n}\nresource "aws_x" "x" {\n  v = merge(local.base, {\n    b = 2\n  })\n}\n'
    )
    merged = found.resources[0].body.items["v"]
    assert isinstance(merged, Map)
    assert {key: str(item.written) for key, item in merged.items.items()} == {"a": "main.tf:3", "b": "main.tf:8"}


def test_a_module_that_is_not_in_the_tree_is_out_of_sight_and_what_it_is_given_escapes() -> None:
    found = world(
        """
        resource "aws_s3_bucket" "b" {
          bucket = "logs"
        }
        module "m" {
          source  = "terraform-aws-modules/s3-bucket/aws"
          version = "4.0"
          bucket  = aws_s3_bucket.b.id
        }
        resource "aws_x" "x" {
          v = module.m.arn
        }
        """
    )
    assert [(g.kind, g.reason) for g in found.gaps] == [
        ("out_of_sight", "module terraform-aws-modules/s3-bucket/aws is not in this tree")
    ]
    assert found.escaped == {"aws_s3_bucket.b"}
    assert bodies(found)["aws_x.x"]["v"] == {"$unknown": "module(terraform-aws-modules/s3-bucket/aws)"}


def test_an_installed_module_is_read_from_where_init_put_it() -> None:
    tree = {
        "main.tf": 'module "m" {\n  source = "acme/queue/aws"\n}\n',
        ".terraform/modules/modules.json": '{"Modules": [{"Key": "m", "Source": "x", "Dir": ".terraform/modules/m"}]}',
        ".terraform/modules/m/main.tf": 'resource "aws_sqs_queue" "q" {}\n',
    }
    assert list(bodies(world(tree))) == ["module.m.aws_sqs_queue.q"]


def test_an_override_file_lays_over_what_it_names() -> None:
    tree = {
        "main.tf": 'resource "aws_x" "x" {\n  a = 1\n  b = 1\n  block {\n    c = 1\n  }\n}\n',
        "override.tf": 'resource "aws_x" "x" {\n  b = 2\n  block {\n    c = 2\n  }\n}\n',
    }
    assert bodies(world(tree)) == {"aws_x.x": {"a": 1, "b": 2, "block": [{"c": 2}]}}


def test_json_syntax_means_the_same() -> None:
    tree = {
        "main.tf.json": """{
          "variable": {"on": {"default": true}},
          "locals": {"name": "n-${var.on}"},
          "resource": {"aws_s3_bucket": {"b": {
            "bucket": "${local.name}", "force_destroy": "${var.on}", "versioning": {"enabled": true}
          }}}
        }"""
    }
    assert bodies(world(tree)) == {
        "aws_s3_bucket.b": {"bucket": "n-true", "force_destroy": True, "versioning": [{"enabled": True}]}
    }


def test_a_policy_document_is_what_it_renders_sources_and_overrides_included() -> None:
    found = world(
        """
        data "aws_iam_policy_document" "base" {
          statement {
            sid       = "Read"
            actions   = ["s3:GetObject"]
            resources = ["*"]
          }
        }
        data "aws_iam_policy_document" "all" {
          source_policy_documents = [data.aws_iam_policy_document.base.json]
          override_policy_documents = [jsonencode({
            Statement = [{ Sid = "Write", Effect = "Deny", Action = "s3:Put*", Resource = "*" }]
          })]
          statement {
            sid       = "Write"
            actions   = ["s3:PutObject"]
            resources = ["*"]
            principals {
              type        = "AWS"
              identifiers = ["arn:aws:iam::111122223333:root"]
            }
            condition {
              test     = "Bool"
              variable = "aws:SecureTransport"
              values   = ["true"]
            }
          }
        }
        resource "aws_iam_policy" "p" {
          policy = data.aws_iam_policy_document.all.json
        }
        """
    )
    assert bodies(found)["aws_iam_policy.p"]["policy"] == {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["*"]},
            {"Sid": "Write", "Effect": "Deny", "Action": "s3:Put*", "Resource": "*"},
        ],
    }


def test_ignore_changes_is_kept_with_the_resource() -> None:
    found = world('resource "aws_x" "x" {\n  lifecycle {\n    ignore_changes = [tags, settings[0].size]\n  }\n}\n')
    assert found.resources[0].ignored == ("tags", "settings.size")


def test_a_sensitive_variable_marks_what_it_reaches() -> None:
    found = world(
        'variable "p" {\n  sensitive = true\n  default = "x"\n}\nresource "aws_x" "x" {\n  v = "a-${var.p}"\n  w = [var.p]\n}\n'
    )
    assert bodies(found) == {"aws_x.x": {"v": {"$sensitive": True}, "w": [{"$sensitive": True}]}}


def test_files_are_read_through_the_snapshot_and_nowhere_else() -> None:
    tree = {
        "env/main.tf": """
            resource "aws_x" "x" {
              a = file("${path.module}/policy.json")
              b = file("/etc/passwd")
              c = file("../../../etc/passwd")
              d = fileset(path.module, "*.json")
              e = templatefile("hello.tftpl", { name = "you" })
            }
        """,
        "env/policy.json": "{}",
        "env/hello.tftpl": "hello ${name}",
    }
    assert bodies(world(tree, "env"))["aws_x.x"] == {
        "a": "{}", "b": {"$unknown": "file(/etc/passwd)"}, "c": {"$unknown": "file(../../../etc/passwd)"},
        "d": ["policy.json"], "e": "hello you",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a local that refers to itself", "locals {\n  a = local.b\n  b = local.a\n}\n", 2),
        ("a text that doubles forty times",
         'locals {\n  a0 = "xxxxxxxxxx"\n' + "".join(f'  a{i} = "${{local.a{i - 1}}}${{local.a{i - 1}}}"\n' for i in range(1, 41)) + "}\n", 19),
        ("a width nobody can print", 'locals {\n  a = 1\n  a40 = format("%999999999d", 1)\n}\n', 3),
    ],
)  # fmt: skip
def test_what_would_never_end_is_reported_with_its_line(name: str, text: str, line: int) -> None:
    last = "a" if "local.b" in text else "a40"
    found = world(text + f'resource "aws_x" "x" {{\n  v = local.{last}\n}}\nresource "aws_y" "y" {{\n  v = 1\n}}\n')
    assert bodies(found)["aws_y.y"] == {"v": 1}
    assert "$unknown" in bodies(found)["aws_x.x"]["v"]
    assert [(gap.kind, gap.path) for gap in found.gaps] == [("unread", "main.tf")], name
    assert abs(next(iter(found.gaps)).line - line) <= 1


def test_modules_that_call_each_other_are_reported() -> None:
    tree = {
        "main.tf": 'module "a" {\n  source = "./a"\n}\nresource "aws_x" "x" {}\n',
        "a/main.tf": 'module "b" {\n  source = "../b"\n}\n',
        "b/main.tf": 'module "a" {\n  source = "../a"\n}\n',
    }
    found = world(tree)
    assert "aws_x.x" in bodies(found)
    assert {gap.kind for gap in found.gaps} == {"unread"}


def test_a_broken_block_leaves_the_others() -> None:
    found = world('resource "aws_x" "x" {\n  a = "unfinished\n}\nresource "aws_y" "y" {\n  v = 1\n}\n')
    assert bodies(found) == {"aws_y.y": {"v": 1}}
    assert [(g.kind, g.path, g.line, g.reason) for g in found.gaps] == [
        ("unread", "main.tf", 1, "a closing brace is missing"), ("unread", "main.tf", 2, "a closing quote is missing"),
    ]  # fmt: skip


@pytest.mark.parametrize("opening", ["[", "{ a = ", "("])
def test_twenty_thousand_brackets_are_reported_and_the_rest_is_read(opening: str) -> None:
    closing = {"[": "]", "(": ")"}.get(opening, "}")
    text = "locals {\n  a = " + opening * 20_000 + "1" + closing * 20_000 + '\n}\nresource "aws_y" "y" {\n  v = 1\n}\n'
    found = world(text)
    assert bodies(found) == {"aws_y.y": {"v": 1}}
    assert [(g.kind, g.line, g.reason) for g in found.gaps] == [("unread", 2, "brackets nested deeper than 300 levels")]


def test_a_byte_order_mark_and_crlf_are_input_like_any_other() -> None:
    tree = {"main.tf": b'\xef\xbb\xbfresource "aws_x" "x" {\r\n  v = <<EOT\r\na\r\nEOT\r\n  w = 1\r\n}\r\n'}
    found = evaluate_root(Snapshot.of(tree), Root(""))
    assert list(found.gaps) == []
    assert bodies(found) == {"aws_x.x": {"v": "a\r\n", "w": 1}}
    assert found.resources[0].header.start == 3


def test_bytes_that_are_not_utf8_are_reported() -> None:
    found = evaluate_root(Snapshot.of({"main.tf": b'a = "x"\nb = "\xff"\n'}), Root(""))
    assert [(g.kind, g.path, g.line, g.reason) for g in found.gaps] == [("unread", "main.tf", 2, "not valid UTF-8")]


def test_nothing_is_evaluated_that_nobody_asks_for() -> None:
    found = world('resource "aws_x" "x" {\n  a = 1\n  b = format("%999999999d", 1)\n}\n')
    body = found.resources[0].body
    assert isinstance(body.items["a"], Known)
    assert list(found.gaps) == []
    assert not isinstance(body.items["b"], Known)
    assert len(found.gaps) == 1


def test_a_splat_over_counted_resources_is_the_list_of_their_attributes() -> None:
    found = world(
        'resource "aws_a" "a" {\n  count = 2\n  n = "n${count.index}"\n}\nresource "aws_b" "b" {\n  n = aws_a.a[*].n\n  i = aws_a.a[*].id\n}\n'
    )
    body = found.by_address["aws_b.b"].body
    assert plain(body) == {"n": ["n0", "n1"], "i": [{"$ref": "aws_a.a[0].id"}, {"$ref": "aws_a.a[1].id"}]}
    assert isinstance(body.items["n"], List)
