"""Settings about models: whoever runs the program says them, strictly, and no key shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot.errors import SettingsInvalid
from copilot.llm.settings import Azure, Budget, Endpoint, ModelSettings, Price, load, parse

SECRET = "sk-" + "planted0123456789"

FULL = """\
version: 1
llm:
  base_url: https://llm.example/v1/
  api_key_env: LLM_KEY
  headers: {x-team: platform}
  model: large
  models: {repair: small}
  fallback: {model: local, base_url: "http://localhost:11434/v1"}
  timeout_seconds: 30
  retries: 1
  max_output_tokens: 2000
  temperature: 0.2
  structured_output: json_object
  budgets: {review: {calls: 9, tokens: 1000, money: 1.5}, day: {money: 20}}
  prices: {large: {input: 2.5, output: 10}, small: {input: 1, output: 2}, local: {input: 0, output: 0}}
  currency: EUR
  cache: false
  proxy: http://proxy.example:3128
  samples: 3
  rounds: 1
  prompt_tokens: 8000
"""


def said(text: str, **environment: str) -> ModelSettings | None:
    return parse(text.encode(), "settings.yaml", environment)


def refusal(text: str, **environment: str) -> str:
    with pytest.raises(SettingsInvalid) as caught:
        said(text, **environment)
    assert SECRET not in str(caught.value)
    return str(caught.value)


def llm(*lines: str) -> str:
    return "version: 1\nllm:\n" + "".join(f"  {line}\n" for line in lines)


def test_every_field_is_read() -> None:
    common = {
        "proxy": "http://proxy.example:3128", "timeout_seconds": 30.0, "max_output_tokens": 2000, "temperature": 0.2,
        "structured_output": "json_object",
    }  # fmt: skip
    main = Endpoint("https://llm.example/v1", "large", SECRET, None, {"x-team": "platform"}, **common)  # type: ignore[arg-type]
    assert said(FULL, LLM_KEY=SECRET) == ModelSettings(
        endpoint=main,
        by_task={"repair": Endpoint("https://llm.example/v1", "small", SECRET, None, {"x-team": "platform"}, **common)},  # type: ignore[arg-type]
        fallback=Endpoint("http://localhost:11434/v1", "local", "", None, {}, **common),  # type: ignore[arg-type]
        retries=1, review=Budget(9, 1000, 1.5), day=Budget(money=20.0),
        prices={"large": Price(2.5, 10.0), "small": Price(1.0, 2.0), "local": Price(0.0, 0.0)}, currency="EUR", cache=False,
        samples=3, rounds=1, prompt_tokens=8000,
    )  # fmt: skip


def test_without_a_model_there_is_none(tmp_path: Path) -> None:
    assert load({"OPENAI_API_KEY": SECRET}, tmp_path) is None
    assert said("version: 1\n") is None


def test_the_environment_is_enough_and_goes_before_the_file(tmp_path: Path) -> None:
    environment = {"CCOPILOT_MODEL": "mine", "OPENAI_BASE_URL": "http://localhost:1/v1/", "OPENAI_API_KEY": SECRET}
    wanted = ModelSettings(Endpoint("http://localhost:1/v1", "mine", SECRET))
    assert load(environment, tmp_path) == wanted
    (tmp_path / "settings.yaml").write_text(llm("model: other", "base_url: https://llm.example/v1"))
    assert load(environment, tmp_path) == wanted


def test_the_key_may_lie_in_a_file_that_the_environment_names(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{SECRET}\n")
    named = {"CCOPILOT_MODEL": "mine", "OPENAI_API_KEY_FILE": str(tmp_path / "key")}
    found, other = load(named, tmp_path), load({**named, "OPENAI_API_KEY": "of-the-variable"}, tmp_path)
    assert found is not None and found.endpoint.key == SECRET
    assert other is not None and other.endpoint.key == "of-the-variable"
    with pytest.raises(SettingsInvalid, match=r"OPENAI_API_KEY_FILE: .*none: No such file"):
        load({**named, "OPENAI_API_KEY_FILE": str(tmp_path / "none")}, tmp_path)


def test_without_an_address_it_is_openais(tmp_path: Path) -> None:
    found = load({"CCOPILOT_MODEL": "mine"}, tmp_path)
    assert found is not None and found.endpoint == Endpoint("https://api.openai.com/v1", "mine")


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="there is no such file"):
        load({"CCOPILOT_SETTINGS": str(tmp_path / "none.yaml")}, tmp_path)
    (tmp_path / "mine.yaml").write_text(llm("model: mine"))
    found = load({"CCOPILOT_SETTINGS": str(tmp_path / "mine.yaml")}, tmp_path)
    assert found is not None and found.endpoint.model == "mine"


def test_a_file_in_the_reviewed_repository_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository, home = tmp_path / "repository", tmp_path / "home"
    (repository / ".compliance").mkdir(parents=True)
    for place in (repository, repository / ".compliance"):
        (place / "settings.yaml").write_text(llm("model: theirs"))
    monkeypatch.chdir(repository)
    assert load({}, home) is None


def test_azure_serves_the_model_of_its_deployment() -> None:
    found = said(llm("base_url: https://x.openai.azure.com", "azure: {api_version: 2024-10-21x, deployment: d}"))
    assert found is not None
    assert found.endpoint == Endpoint("https://x.openai.azure.com", "d", azure=Azure("2024-10-21x", "d"))


def test_another_address_gets_neither_key_nor_headers() -> None:
    found = said(FULL, LLM_KEY=SECRET)
    assert found is not None and found.fallback is not None
    assert (found.fallback.key, found.fallback.headers) == ("", {})


def test_no_key_and_no_header_shows_in_a_repr() -> None:
    found = said(llm("model: m", f"headers: {{x-token: {SECRET}}}", f"proxy: http://u:{SECRET}@p.example"), OPENAI_API_KEY=SECRET)  # fmt: skip
    assert found is not None and found.endpoint.key == SECRET
    assert SECRET not in repr(found) + str(found)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (llm("modell: m"), "settings.yaml:3: llm: there is no field 'modell'; did you mean 'model'?"),
        (llm("model: [a]"), "settings.yaml:3: llm.model: wants a text"),
        (llm("model: m", "temperature: warm"), "settings.yaml:4: llm.temperature: wants a number from 0 to 2, such as 0.5"),
        (llm("model: m", "temperature: 2.5"), "settings.yaml:4: llm.temperature: wants a number from 0 to 2, such as 0.5"),
        (llm("model: m", "timeout_seconds: .inf"), "settings.yaml:4: llm.timeout_seconds: wants a number from 1 to 3600, such as 0.5"),
        (llm("model: m", "cache: yes"), "settings.yaml:4: llm.cache: wants true or false"),
        (llm("model: m", "samples: 0"), "settings.yaml:4: llm.samples: wants a whole number from 1 on"),
        (llm("model: m", "retries: 99"), "settings.yaml:4: llm.retries: wants at most 10"),
        (llm("model: m", "base_url: file:///etc"), "settings.yaml:4: llm.base_url: wants an address with http:// or https://, without a query"),
        (llm("model: m", "models: {write: x}"), "settings.yaml:4: llm.models: there is no field 'write'; did you mean 'remediate'?"),
        (llm("models: {repair: x}"), "settings.yaml:3: llm: names models for some purposes and none for the rest; say `model`"),
        (llm("model: m", "fallback: {base_url: http://a/v1}"), "settings.yaml:4: llm.fallback: says no `model`"),
        (llm("model: m", "budgets: {day: {money: 3}}"), "settings.yaml:4: llm.budgets.day: limits money, and `prices` says nothing of 'm'; add prices.m"),
        (llm("model: m", "prices: {m: {input: 1}}"), "settings.yaml:4: llm.prices.m: says no `output`, the price of a million tokens"),
        (llm("model: m", "azure: {deployment: d, api_version: a}"), "settings.yaml:4: llm.azure: wants `base_url` too, such as https://NAME.openai.azure.com"),
        (llm("model: m", "headers: {Authorization: x}"), "settings.yaml:4: llm.headers.Authorization: 'Authorization' cannot be a header of yours"),
        (llm("model: m", "api_key_env: MISSING"), "settings.yaml:4: llm.api_key_env: the environment variable MISSING is not set; export it, or leave the field out"),
        (llm("model: m", f"api_key_env: {SECRET}"), "settings.yaml:4: llm.api_key_env: wants the name of an environment variable, not a key"),
        ("llm: {model: m}\n", "settings.yaml:1: the field 'version' is missing; write `version: 1`"),
    ],
)  # fmt: skip
def test_what_does_not_read_is_refused_with_its_place(text: str, wanted: str) -> None:
    assert refusal(text) == wanted


def test_an_address_of_the_environment_that_is_none_is_refused() -> None:
    assert refusal("version: 1\n", OPENAI_BASE_URL="localhost:80").startswith("environment: OPENAI_BASE_URL: wants an")
