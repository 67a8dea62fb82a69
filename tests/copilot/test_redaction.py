"""What is secret becomes a placeholder, the same one everywhere; what only looks long stays as it is."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.redaction import OPENING, PLACEHOLDER, Redactor
from copilot.redaction.credentials import complete, looks_secret, shapes, spans, strength
from copilot.redaction.logs import install

REPOSITORY = Path(__file__).parents[2]

# Made up, and put together here so that no scanner of this repository takes one for lost.
MIXED = "q7Rz2LmX9vKt4WbN8cYp3HdG6sFj1TeA5uQo0iEw"
HEX = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
B64 = base64.b64encode(bytes(range(7, 135, 2))).decode()
PEM = "\n".join(
    ["-----BEGIN RSA PRIVATE " + "KEY-----", *(MIXED * 4)[:128].split("W", 2), "-----END RSA PRIVATE " + "KEY-----"]
)
JWT = ".".join(["eyJ" + MIXED[:20], "eyJ" + MIXED[3:30], MIXED[:27]])

TOKENS: dict[str, str] = {
    "aws key id": "AKI" + "A2B4C6D8E9F3GHJKL",
    "aws session key id": "ASI" + "AQ7RZ2LMX9VKT4WBN",
    "github classic": "gh" + "p_" + MIXED[:36],
    "github oauth": "gh" + "o_" + MIXED[:36],
    "github app": "gh" + "s_" + MIXED[:36],
    "github fine-grained": "github" + "_pat_" + MIXED[:22] + "_" + MIXED,
    "gitlab": "gl" + "pat-" + MIXED[:20],
    "slack bot": "xo" + "xb-123456789012-1234567890123-" + MIXED[:24],
    "slack webhook": "T0" + "0000000/B00000000/" + MIXED[:24],
    "stripe": "sk" + "_live_" + MIXED[:24],
    "stripe restricted": "rk" + "_live_" + MIXED[:24],
    "google api": "AI" + "za" + MIXED[:35],
    "google oauth": "GOC" + "SPX-" + MIXED[:28],
    "azure storage": B64[:86] + "==",
    "azure client secret": "abC" + "8Q~" + MIXED[:34],
    "jwt": JWT,
    "npm": "np" + "m_" + MIXED[:36],
    "pypi": "py" + "pi-AgEIcHlwaS5vcmc" + MIXED,
    "sendgrid": "S" + "G." + MIXED[:22] + "." + MIXED + MIXED[:3],
    "twilio": "S" + "K" + HEX[:32],
    "digitalocean": "do" + "p_v1_" + HEX,
    "vault": "hv" + "s." + MIXED,
    "telegram": "123456789" + ":AA" + MIXED[:33],
    "terraform cloud": MIXED[:14] + ".atlas" + "v1." + MIXED + MIXED[:27],
    "anthropic": "sk-" + "ant-api03-" + MIXED,
    "openai project": "sk-" + "proj-" + MIXED,
    "openai": "sk-" + MIXED[:20] + "T3Blbk" + "FJ" + MIXED[:20],
    "age": "AGE-SECRET-" + "KEY-1" + MIXED.upper() + MIXED.upper()[:18],
    "databricks": "dap" + "i" + HEX[:32],
    "grafana": "gl" + "sa_" + MIXED[:32] + "_" + HEX[:8],
    "hugging face": "h" + "f_" + re.sub(r"\d", "x", MIXED)[:34],
    "docker hub": "dckr" + "_pat_" + MIXED[:27],
    "mailchimp": HEX[:32] + "-us" + "12",
    "mailgun": "ke" + "y-" + HEX[:32],
    "shopify": "shp" + "at_" + HEX[:32],
    "heroku": "HR" + "KU-" + MIXED[:36],
    "square": "sq0" + "atp-" + MIXED[:22],
    "newrelic": "NR" + "AK-" + MIXED[:27].upper(),
    "sentry": "sntr" + "ys_" + MIXED,
    "postman": "PM" + "AK-" + HEX[:24] + "-" + HEX[:34],
    "tailscale": "ts" + "key-auth-" + MIXED[:12] + "-" + MIXED[:24],
    "atlassian": "ATA" + "TT3" + MIXED + MIXED[:24],
}
WRAPPED = {
    "slack webhook": "https://hooks.slack.com/services/%s",
    "azure storage": "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=%s;EndpointSuffix=core.windows.net",
}
"""Tokens that are told by what stands in front of them."""

PLACES = {
    "hcl": 'resource "aws_lambda_function" "f" {\n  environment {\n    variables = {\n      SETTING = "%s"\n    }\n  }\n}\n',
    "yaml": "apiVersion: v1\nkind: ConfigMap\ndata:\n  setting: %s\n",
    "json": '{"containerDefinitions": [{"environment": [{"name": "SETTING", "value": "%s"}]}]}\n',
    "script": "#!/bin/bash\nset -e\ncurl -H 'X-Setting: %s' https://api.example.com/\n",
    "comment": "# the old one was %s, ask the team\n",
}

WRITTEN: list[tuple[str, str, str]] = [
    ("argument", 'resource "aws_db_instance" "d" {\n  password = "%s"\n}\n', "changeme"),
    ("argument with other words", 'administrator_login_password = "%s"\n', "correct horse battery"),
    ("escaped quote", 'master_password = "%s"\n', 'ab\\"cd12'),
    ("variable", 'variable "db_password" {\n  type      = string\n  default   = "%s"\n}\n', "spring-2026"),
    ("sensitive variable", 'variable "opening" {\n  sensitive = true\n  default   = "%s"\n}\n', "Winter42Snow"),
    ("tfvars", 'db_password = "%s"\n', "Tr0ub4dor&3"),
    ("map", 'variables = { DB_PASSWORD = "%s", REGION = "eu-west-1" }\n', "hunter2"),
    ("quoted key", '"client_secret" : "%s",\n', "k3yk3yk3yk3y"),
    ("json in hcl", 'container_definitions = "[{\\"name\\":\\"API_TOKEN\\",\\"value\\":\\"%s\\"}]"\n', "a1b2c3d4e5f6"),
    ("secret string", 'secret_string = jsonencode({ username = "app", password = "%s" })\n', "orchid-42"),
    ("ssm", 'resource "aws_ssm_parameter" "p" {\n  type  = "SecureString"\n  value = "%s"\n}\n', "lantern"),
    ("base64encode", 'password = base64encode("%s")\n', "open-sesame"),
    ("kubernetes env", "env:\n  - name: DB_PASSWORD\n    value: %s\n", "orchid-lantern-42"),
    ("kubernetes env quoted", 'env:\n  - name: "API_KEY"\n    value: "%s"\n', "0123abcd4567"),
    ("kubernetes Secret", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  uri: %s\n", "plainwords"),
    ("kubernetes Secret data", "kind: Secret\ndata:\n  db: %s\nmetadata: {}\n", base64.b64encode(b"hunter2").decode()),
    ("kubernetes_secret", 'resource "kubernetes_secret_v1" "s" {\n  data = {\n    pin = "%s"\n  }\n}\n', "blue-moon"),
    ("login", 'variables = { DB_LOGIN = "%s" }\n', "hunter2Xq9"),
    ("login and password", 'db_creds = "%s"\n', "svc:orchid42"),
    ("yaml password", "database:\n  password: %s\n", "swordfish"),
    ("yaml block", "tls:\n  private_key: |\n    %s\n  next: 1\n", MIXED),
    ("helm values", "postgresql:\n  auth:\n    postgresPassword: '%s'\n", "pgpass"),
    ("docker compose", "environment:\n  - MYSQL_ROOT_PASSWORD=%s\n", "rootroot"),
    ("dockerfile", "ENV API_TOKEN=%s\n", "abcdefgh1234"),
    ("export", "user_data = <<-EOT\n  #!/bin/bash\n  export TOKEN=%s\nEOT\n", "abcdefgh1234"),
    ("export aws", "export AWS_SECRET_ACCESS_KEY=%s\n", MIXED),
    ("aws secret beside its id", "AKI" + "A2B4C6D8E9F3GHJKL:%s\n", MIXED),
    ("option", "vault login --token %s\n", "zxcvbnmasdf1"),
    ("option with a sign", "kubectl create secret generic db --from-literal=password=%s\n", "k8spass"),
    ("curl", "curl -u admin:%s https://example.com\n", "letmein1"),
    ("mysql", "mysql -h db -u root -p%s orders\n", "S3cr3tPw"),
    ("sshpass", "sshpass -p %s ssh deploy@10.0.0.1\n", "deployme"),
    ("chpasswd", 'echo "root:%s" | chpasswd\n', "toor1234"),
    ("sql", "CREATE USER app IDENTIFIED BY '%s';\n", "quietriver"),
    ("postgres sql", "ALTER ROLE app WITH LOGIN PASSWORD '%s';\n", "quietriver"),
    ("netrc", "machine api.example.com login bot password %s\n", "n3trcpass"),
    ("netrc in lines", "default\nlogin bot password %s\n", "n3trcpass"),
    ("netrc in a string", r'"machine api.example.com\nlogin bot password %s\n"' + "\n", "n3trcpass"),
    ("url", "postgres://app:%s@db.example.com:5432/orders\n", "pa55word"),
    ("url in hcl", 'connection_url = "mongodb+srv://app:%s@cluster0.example.net/x"\n', "m0ngo-pass"),
    ("url with a dollar", 'url = "amqp://user:%s@mq.example.com/"\n', "pa$sword1"),
    ("ado.net", 'value = "Server=db;Database=x;User Id=sa;Password=%s;Encrypt=true"\n', "Sql-Pass-1"),
    ("jdbc", 'url = "jdbc:mysql://db/x?user=app&password=%s"\n', "jdbcpass1"),
    ("service bus", "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=a;SharedAccessKey=%s\n", B64[:43] + "="),
    ("azure sas", "https://acme.blob.core.windows.net/c?sv=2022-11-02&sp=r&sig=%s\n", quote(B64[:43] + "=", safe="")),
    ("bearer", 'header = "Authorization: Bearer %s"\n', "opaque-token-1234"),
    ("basic", "Authorization: Basic %s\n", base64.b64encode(b"me:hunter2").decode()),
    ("docker config", '{"auths": {"ghcr.io": {"auth": "%s"}}}\n', base64.b64encode(b"bot:hunter22").decode()),
    ("npmrc", "//registry.example.com/:_authToken=%s\n", "1b2c3d4e-aaaa-bbbb-cccc-1234567890ab"),
    ("kubeconfig token", "users:\n- name: admin\n  user:\n    token: %s\n", MIXED[:32]),
    ("kubeconfig key", "    client-key-data: %s\n", B64[:80]),
    ("bootstrap", "kubeadm join 10.0.0.1:6443 --token %s\n", "abcdef.0123456789abcdef"),
    ("datadog", "DD_API_KEY: %s\n", HEX[:32]),
    ("heroku uuid", 'HEROKU_API_KEY = "%s"\n', "12345678-abcd-4bcd-8bcd-1234567890ab"),
    ("service account", '{"type": "service_account", "private_key_id": "%s"}\n', HEX[:40]),
    ("pem", "user_data = <<EOF\n%s\nEOF\n", PEM),
    ("pem escaped", '{"private_key": "%s\\n"}\n', PEM.replace("\n", "\\n")),
    ("pem cut", "-----BEGIN OPENSSH PRIVATE " + "KEY-----\n%s\n", MIXED + MIXED[:20]),
    ("hash", "hashed: %s\n", "$6$rounds=4096$" + MIXED[:16] + "$" + MIXED + MIXED),
    ("wireguard", "PrivateKey = %s\n", B64[:43] + "="),
    ("base64 user data", 'user_data_base64 = "%s"\n', base64.b64encode(b"#!/bin/sh\nexport DB_PASSWORD=hunter22\n").decode()),
    ("with an interpolation", 'password = "${var.prefix}%s"\n', "Kx9mQ2vL7pRt4z"),
    ("numbers", 'password = "%s"\n', "12345678"),
]  # fmt: skip


@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.parametrize("place", PLACES)
def test_a_token_that_its_look_gives_away_is_gone_wherever_it_stands(name: str, place: str) -> None:
    token = TOKENS[name]
    text = PLACES[place] % (WRAPPED.get(name, "%s") % token)
    shown = Redactor().redact(text)
    assert token not in shown
    assert OPENING in shown
    assert PLACEHOLDER.sub("", shown) == shown.replace("".join(PLACEHOLDER.findall(shown)), "")
    around = text.partition(token)
    assert shown.startswith(around[0][: len(PLACES[place].partition("%s")[0])])


@pytest.mark.parametrize(("name", "text", "secret"), WRITTEN, ids=[name for name, _, _ in WRITTEN])
def test_a_secret_that_its_place_gives_away_is_gone(name: str, text: str, secret: str) -> None:
    shown = Redactor().redact(text % secret if text.count("%") == 1 else text.replace("%s", secret))
    assert secret not in shown
    assert OPENING in shown


def test_enough_secrets_of_enough_kinds_are_planted() -> None:
    redactor = Redactor()
    redactor.learn(*(WRAPPED.get(name, "%s") % token for name, token in TOKENS.items()))
    redactor.learn(*(text.replace("%s", secret) for _, text, secret in WRITTEN))
    assert len(TOKENS) + len(WRITTEN) >= 60
    assert len(redactor.found) >= 25


KEPT = [
    'kms_key_id = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"',
    'secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"',
    "password = var.db_password",
    "password = random_password.db.result",
    'password = "${random_password.db.result}"',
    'password = data.aws_secretsmanager_secret_version.db.secret_string',
    'password = jsondecode(data.aws_secretsmanager_secret_version.db.secret_string)["password"]',
    "password = local.settings[0].password",
    "token = module.vault.token",
    "export DB_PASSWORD=${var.password}",
    "export DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id db)",
    "password: !Ref DbPassword",
    "password: {{ .Values.db.password }}",
    "password_length = 32\nminimum_password_length = 14\nrequire_symbols = true",
    'secret_name = "db-credentials"',
    "secretName: tls-cert",
    "secretKeyRef:\n  name: db\n  key: password",
    'secret = "db-credentials"',
    'image = "nginx@sha256:' + HEX + '"',
    "source = \"git::https://example.com/m.git?ref=" + HEX[:40] + '"',
    'integrity: "sha512-' + B64[:86] + '=="',
    '"h1:' + B64[:43] + '=",',
    'source_code_hash = filebase64sha256("f.zip")',
    'ami = "ami-0abcd1234ef567890"\nsubnet = "subnet-0bb1c79de3f4a5b6c"',
    'id = "1234abcd-12ab-34cd-56ef-1234567890ab"',
    'cidr_blocks = ["10.0.0.0/8", "2001:db8::/32"]',
    'account = "111122223333"',
    "-----BEGIN CERTIFICATE-----\n" + B64 + "\n-----END CERTIFICATE-----",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + MIXED[:33] + " me",
    'ssl_policy = "ELBSecurityPolicy-TLS13-1-2-2021-06"',
    'user_data_base64 = "' + base64.b64encode(b"#!/bin/bash\nsystemctl start legacy\n").decode() + '"',
    'creation_token = "shared"',
    'administrator_login = "sqladmin2024"',
    'DB_LOGIN = "orders-service"',
    'login = "Jane.Doe1@example.com"',
    'login_url = "https://Login1.example.com"',
    "manage_master_user_password = true",
    'variable "db_password" {\n  type      = string\n  sensitive = true\n}',
    'url = "https://example.com:8443/a@b"',
    'key_vault_secret_id = "https://v.vault.azure.net/secrets/db/1"',
]  # fmt: skip


@pytest.mark.parametrize("text", KEPT)
def test_what_only_names_or_identifies_something_is_left_alone(text: str) -> None:
    assert Redactor().redact(text) == text


def test_the_same_secret_has_one_placeholder_in_every_file_and_another_has_another() -> None:
    redactor = Redactor()
    first, second = redactor.redact('password = "Winter-2024"\n'), redactor.redact("PASSWORD: Winter-2024\n")
    assert first == 'password = "⟦secret:password:1⟧"\n'
    assert second == "PASSWORD: ⟦secret:password:1⟧\n"
    assert redactor.redact('password = "Summer-2024"') == 'password = "⟦secret:password:2⟧"'
    assert redactor.found == {"password": 2}
    assert "Winter" not in repr(redactor)


def test_a_secret_that_is_known_is_gone_where_nothing_gives_it_away() -> None:
    redactor = Redactor()
    redactor.learn('password = "Winter-2024"')
    assert redactor.redact("# see Winter-2024 in the notes") == "# see ⟦secret:password:1⟧ in the notes"


def test_a_weak_password_is_hidden_where_it_is_one_and_is_a_word_elsewhere() -> None:
    shown = Redactor().redact('engine = "postgres"\npassword = "postgres"\n')
    assert shown == 'engine = "postgres"\npassword = "⟦secret:password:1⟧"\n'


def test_a_placeholder_that_somebody_wrote_hides_no_secret_beside_it() -> None:
    shown = Redactor().redact('password = "⟦secret:password:7⟧hunter22⟦secret:x:1⟧"')
    assert "hunter22" not in shown
    assert "⟦secret:password:7⟧" in shown


def _texts() -> Iterator[str]:
    yield from KEPT
    yield from (text.replace("%s", secret) for _, text, secret in WRITTEN)


_PIECES = st.one_of(
    st.sampled_from(list(_texts())), st.text(max_size=30),
    st.sampled_from(["⟦secret:password:1⟧", "⟦secret:", "⟧", 'password = "', "token: ", "\n", '"', "://a:", "@", "\ue000"]),
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(st.lists(_PIECES, max_size=6))
def test_redacting_twice_changes_nothing_more(pieces: list[str]) -> None:
    redactor = Redactor()
    once = redactor.redact("".join(pieces))
    assert redactor.redact(once) == once
    assert Redactor().redact(once) == once


_BOUNDED = [token for name, token in TOKENS.items() if name not in WRAPPED]
_EDGE = st.sampled_from(["", " ", '"', "'", "\n", "(", ",", "`", ">"])


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), _EDGE, st.sampled_from(_BOUNDED), _EDGE, st.text(max_size=60))
def test_a_token_is_gone_whatever_stands_around_it(before: str, left: str, token: str, right: str, behind: str) -> None:
    left, right = left or "\n", right or "\n"
    redactor = Redactor()
    shown = redactor.redact(before + left + token + right + behind)
    assert token not in shown
    assert redactor.residue(shown) == ()


@pytest.mark.parametrize(
    "disguise",
    [
        lambda s: s,
        lambda s: base64.b64encode(s.encode()).decode(),
        lambda s: base64.b64encode(b"x" + s.encode() + b"yz").decode(),
        lambda s: base64.b64encode(b"xy" + s.encode()).decode(),
        lambda s: base64.urlsafe_b64encode(s.encode()).decode().rstrip("="),
        lambda s: quote(s, safe=""),
        lambda s: s[::-1],
        lambda s: s.encode().hex(),
        lambda s: "\n".join(s[i : i + 4] for i in range(0, len(s), 4)),
        lambda s: '" + "'.join(s[i : i + 5] for i in range(0, len(s), 5)),
        lambda s: json.dumps(s)[1:-1],
        lambda s: "\\n".join([s[:6], s[6:]]),
    ],
)
def test_a_secret_of_the_run_is_found_again_in_any_disguise(disguise: object) -> None:
    redactor = Redactor()
    redactor.redact('password = "Tr0ub/4dor&3+\\\\xyz"\n')
    secret = "Tr0ub/4dor&3+\\\\xyz"
    assert callable(disguise)
    assert redactor.residue(f"all is well: {disguise(secret)}.") == ("password",)
    assert redactor.residue("all is well") == ()


def test_a_secret_decoded_is_found_again() -> None:
    redactor = Redactor()
    redactor.redact("kind: Secret\ndata:\n  pin: " + base64.b64encode(b"Tr0ub4dor-and-3").decode() + "\n")
    assert redactor.residue("the pin is Tr0ub4dor-and-3") == ("password",)


def test_residue_of_an_unseen_secret_is_its_kind() -> None:
    assert Redactor().residue(f"it is {TOKENS['gitlab']}") == ("gitlab_token",)


def test_detect_secrets_takes_part_and_its_absence_is_told() -> None:
    assert complete()
    absent = (
        "import sys; sys.modules['detect_secrets'] = None\n"
        "from copilot.redaction import Redactor; from copilot.redaction.credentials import complete\n"
        "print(complete(), Redactor().redact('password = \"hunter2\"'))"
    )
    ran = subprocess.run([sys.executable, "-c", absent], capture_output=True, text=True, cwd=REPOSITORY, check=True)
    assert ran.stdout == 'False password = "⟦secret:password:1⟧"\n'


def test_the_vocabulary_of_redaction_costs_nothing_to_import() -> None:
    code = "import sys, copilot.redaction; print([m for m in ('detect_secrets', 'yaml', 'base64') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=True)
    assert ran.stdout == "[]\n"


def test_every_shape_has_a_hint_that_its_matches_hold() -> None:
    assert len(shapes()) >= 60
    for shape in shapes():
        pattern = re.compile(shape.pattern)
        assert pattern.groups == len(pattern.groupindex) <= 1, shape.kind
        assert re.fullmatch(r"[a-z_]+", shape.kind)
        assert all(shape.hints)


@pytest.mark.parametrize(
    ("name", "said"),
    [("password", "password"), ("DB_PASSWORD_PROD", "password"), ("adminPassword", "password"), ("client_secret", "secret"),
     ("apiKey", "secret"), ("secret_name", ""), ("password_length", ""), ("tokens_url", ""), ("public_key", ""),
     ("key", ""), ("secretKeyRef", ""), ("compass", ""), ("bypass", ""), ("storage_account_access_key", "secret")],
)  # fmt: skip
def test_what_a_name_says_of_its_value(name: str, said: str) -> None:
    assert strength(name) == said


def test_one_literal_is_judged_by_the_same_shapes() -> None:
    assert all(looks_secret(token) for name, token in TOKENS.items() if name not in WRAPPED)
    assert not looks_secret("ELBSecurityPolicy-TLS13-1-2-2021-06")
    assert looks_secret("anything", "db_password")


def test_a_mebibyte_of_terraform_is_read_in_about_a_second() -> None:
    block = 'resource "aws_s3_bucket" "b%d" {\n  bucket = "logs-%d"\n  tags = { Owner = "storage", key = "x" }\n}\n'
    text = "".join(block % (n, n) + (f'  password = "hunter{n}"\n' if n % 50 == 0 else "") for n in range(10_500))
    assert len(text) >= 1 << 20
    best = min(_timed(text) for _ in range(2))
    assert best < 3.0


def _timed(text: str) -> float:
    start = time.process_time()
    Redactor().redact(text)
    return time.process_time() - start


@pytest.mark.parametrize(
    "text",
    ["secret" * 40_000, "password=" * 20_000, "://a:" * 30_000, '"' * 100_000, "-----BEGIN PRIVATE KEY-----" * 5_000,
     "eyJ" * 60_000, "name: token\n" * 10_000, "variable x {" * 10_000, "[|]\n  " * 20_000, "A" * 200_000, "key: |\n  a\n" * 8_000],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_no_text_makes_it_slow(text: str) -> None:
    start = time.process_time()
    spans(text)
    assert time.process_time() - start < 3.0


def test_hardly_anything_of_the_corpus_is_taken_for_a_secret_that_is_none() -> None:
    folders = [REPOSITORY / "corpus" / "checks" / cloud for cloud in ("aws", "kubernetes", "azure")]
    wrong: list[str] = []
    read = 0
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and {"good", "undecided"} & set(path.parts):
                text = path.read_text("utf-8")
                read += text.count("\n")
                wrong += [f"{path.name}: {text[span.start : span.end]}" for span in spans(text)]
    assert read > 15_000
    assert len(wrong) <= read / 5_000, wrong


# --- logs -------------------------------------------------------------------------------------------------------


def test_nothing_secret_is_logged_in_messages_arguments_tracebacks_or_fields() -> None:
    stream = io.StringIO()
    logger = logging.getLogger("ccopilot-test")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s %(where)s", defaults={"where": "-"}))
    logger.addHandler(handler)
    logger.propagate = False
    try:
        install(logger)
        token = TOKENS["github classic"]
        logging.getLogger("ccopilot-test.child").warning("cloning with %s", token)
        try:
            raise ValueError(f"bad url https://bot:{token}@example.com")
        except ValueError:
            logger.exception("failed", extra={"where": {"url": token}})
        logger.warning("%d of %d", token)
    finally:
        logger.removeHandler(handler)
    said = stream.getvalue()
    assert token not in said
    assert said.startswith("WARNING cloning with ⟦secret:github_token:1⟧ -\n")
    assert "ValueError: bad url https://" in said
    assert "its arguments do not fit" in said


def test_a_sentence_about_logins_and_passwords_stays() -> None:
    said = "An administrator login and password that are written do not break the requirement."
    assert Redactor().redact(said) == said
