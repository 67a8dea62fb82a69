"""Cache, budgets, breaker, retries, fallback: what is sent, how often, and what it may cost."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from copilot import wiring
from copilot.llm import runtime
from copilot.llm.asking import Answer, NoAnswer, Question, Schema, Usage, read
from copilot.llm.runtime import Attempt, Breaker, Cache, Ledger, Metered, Spent, cache_key
from copilot.llm.settings import Budget, Endpoint, Price, parse
from tests.copilot.llm.endpoint import GOOD, SECRET, Word, error, question, says, serving


@dataclass
class Fake:
    """A provider whose attempts are written down beforehand."""

    script: Iterable[str | Attempt[Any]]
    endpoint: Endpoint = field(default_factory=lambda: Endpoint("http://one/v1", "m", max_output_tokens=100))
    asked: int = 0
    tokens: tuple[int, int] = (100, 20)

    def __post_init__(self) -> None:
        self._lines = iter(self.script)

    def attempt(self, question: Question[Schema]) -> Attempt[Schema]:
        self.asked += 1
        said = next(self._lines)
        prompt = question.prompt
        usage = Usage(self.endpoint.model, prompt.id, prompt.version, prompt.digest, *self.tokens)
        return Attempt(read(question, said, usage)) if isinstance(said, str) else said


def down(failure: Any = "unreachable", *, retry: bool = False, after: float | None = None) -> Attempt[Any]:
    return Attempt(NoAnswer(failure, "down", "", Usage("m")), retry, after, unbilled=True)


def metered(provider: Fake, **more: Any) -> Metered:
    return Metered({None: provider}, **{"sleep": lambda _: None, "jitter": lambda: 0.0, **more})


def word(said: Answer[Word] | NoAnswer) -> str:
    return said.value.word if isinstance(said, Answer) else said.failure


# --- retries -------------------------------------------------------------------------------------------------------


def test_what_may_be_tried_again_is_with_longer_waits() -> None:
    slept: list[float] = []
    provider = Fake([down(retry=True), down(retry=True), GOOD])
    said = metered(provider, sleep=slept.append, jitter=lambda: 1.0).ask(question())
    assert (word(said), slept) == ("theodolite", [1.0, 2.0])


def test_waits_are_jittered_and_the_endpoints_own_wish_is_kept() -> None:
    slept: list[float] = []
    provider = Fake([down(retry=True), down("rate_limited", retry=True, after=7.0), GOOD])
    metered(provider, sleep=slept.append, jitter=lambda: 0.5).ask(question())
    assert slept == [0.75, 7.5]


def test_retries_end_and_the_last_reason_stands() -> None:
    provider = Fake([down("rate_limited", retry=True)] * 9)
    assert word(metered(provider, retries=2).ask(question())) == "rate_limited"
    assert provider.asked == 3


def test_an_endpoint_that_wants_an_hour_is_not_waited_for() -> None:
    slept: list[float] = []
    provider = Fake([down("rate_limited", retry=True, after=3600.0), GOOD])
    assert word(metered(provider, sleep=slept.append).ask(question())) == "rate_limited"
    assert (slept, provider.asked) == ([], 1)


@pytest.mark.parametrize("failure", ["timeout", "unreachable", "rejected", "unauthorised", "not_found", "empty"])
def test_nothing_else_is_tried_again(failure: str) -> None:
    provider = Fake([down(failure), GOOD])
    assert word(metered(provider).ask(question())) == failure
    assert provider.asked == 1


# --- the fallback --------------------------------------------------------------------------------------------------

OTHER = Endpoint("http://two/v1", "other", max_output_tokens=100)


@pytest.mark.parametrize("failure", ["timeout", "unreachable", "rate_limited"])
def test_a_fallback_answers_where_the_transport_failed(failure: str) -> None:
    said = metered(Fake([down(failure)]), fallback=Fake([GOOD], OTHER)).ask(question())
    assert (word(said), said.usage.model) == ("theodolite", "other")


@pytest.mark.parametrize(
    "failure",
    ["unauthorised", "not_found", "rejected", "empty", "truncated", "refused", "filtered", "invalid", "budget"],
)
def test_a_fallback_is_not_asked_for_another_opinion(failure: str) -> None:
    other = Fake([GOOD], OTHER)
    assert word(metered(Fake([down(failure)]), fallback=other).ask(question())) == failure
    assert other.asked == 0


def test_when_both_fail_both_reasons_are_told() -> None:
    said = metered(Fake([down("timeout")]), fallback=Fake([down()], OTHER)).ask(question())
    assert isinstance(said, NoAnswer)
    assert (said.failure, said.detail) == ("unreachable", "down (before that, m: timeout, down)")


def test_a_task_may_have_a_model_of_its_own() -> None:
    common, own = Fake([GOOD]), Fake([GOOD], OTHER)
    model = Metered({None: common, "repair": own})
    assert [model.ask(question(task=task)).usage.model for task in ("repair", "remediate")] == ["other", "m"]
    assert model.name == "m"


# --- the circuit breaker -------------------------------------------------------------------------------------------


def test_an_endpoint_that_keeps_failing_is_left_alone_and_tried_again_later() -> None:
    now = [0.0]
    provider = Fake([*[down()] * 4, down(), GOOD, GOOD])
    model = metered(provider, now=lambda: now[0])
    assert [word(model.ask(question())) for _ in range(6)] == ["unreachable"] * 4 + ["circuit_open"] * 2
    now[0] = 61.0
    assert [word(model.ask(question())) for _ in range(2)] == ["unreachable", "circuit_open"]
    now[0] = 125.0
    assert [word(model.ask(question())) for _ in range(2)] == ["theodolite"] * 2
    assert provider.asked == 7


def test_one_call_at_a_time_tries_a_circuit() -> None:
    now = [0.0]
    breaker = Breaker(lambda: now[0])
    for _ in range(4):
        breaker.note("timeout")
    now[0] = 61.0
    assert (breaker.waits(), breaker.waits()) == (0.0, 60.0)


def test_an_answer_that_is_refused_says_nothing_against_the_endpoint() -> None:
    provider = Fake([down("rejected")] * 9)
    model = metered(provider)
    assert [word(model.ask(question())) for _ in range(9)] == ["rejected"] * 9


# --- budgets -------------------------------------------------------------------------------------------------------


def test_a_review_makes_no_more_calls_than_its_budget_has() -> None:
    provider = Fake([GOOD] * 9)
    model = metered(provider, review=Budget(calls=2))
    assert [word(model.ask(question())) for _ in range(3)] == ["theodolite", "theodolite", "budget"]
    assert provider.asked == 2


def test_a_retry_is_a_call_too() -> None:
    provider = Fake([down(retry=True)] * 9)
    assert word(metered(provider, review=Budget(calls=2)).ask(question())) == "budget"
    assert provider.asked == 2


def test_a_call_that_could_go_over_the_tokens_is_not_sent() -> None:
    # At most 58 for the prompt (its bytes, and 16 for each message), the schema's bytes, and 100 for the answer.
    most = 58 + len(json.dumps(Word.model_json_schema())) + 100
    assert word(metered(Fake([GOOD]), review=Budget(tokens=most - 1)).ask(question())) == "budget"
    assert word(metered(Fake([GOOD]), review=Budget(tokens=most)).ask(question())) == "theodolite"


def test_money_follows_the_price_table() -> None:
    prices = {"m": Price(input=10.0, output=1000.0)}
    model = metered(Fake([GOOD] * 2), prices=prices, review=Budget(money=0.145))
    said = model.ask(question())
    assert isinstance(said, Answer) and said.usage.money == pytest.approx(0.021)
    assert word(model.ask(question())) == "theodolite"  # 0.021 and at most 0.1034 are within
    assert word(model.ask(question())) == "budget"
    assert model.told() == "2 calls, 240 tokens, 0.0420 USD, m"


def test_what_an_endpoint_does_not_count_stays_set_aside() -> None:
    provider = Fake([GOOD] * 2, tokens=(0, 0))
    model = metered(provider, review=Budget(tokens=600))
    assert [word(model.ask(question())) for _ in range(2)] == ["theodolite", "budget"]


def test_the_day_is_shared_by_reviews_and_ends(tmp_path: Path) -> None:
    now = [86_400.0 * 100]
    ledger = Ledger(tmp_path / "llm.sqlite", lambda: now[0])
    first, second = (metered(Fake([GOOD] * 9), day=Budget(calls=2), ledger=ledger) for _ in range(2))
    assert [word(model.ask(question())) for model in (first, second, first)] == ["theodolite", "theodolite", "budget"]
    assert ledger.today() == Spent(2, 240, 0.0)
    now[0] += 86_400
    assert word(second.ask(question())) == "theodolite"


def test_processes_that_share_a_day_do_not_overspend_it(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import sys
        from pathlib import Path
        from copilot.llm.runtime import Ledger, Spent
        from copilot.llm.settings import Budget
        ledger = Ledger(Path(sys.argv[1]))
        print(sum(isinstance(ledger.reserve(Spent(1, 10, 0.0), Budget(calls=30)), int) for _ in range(20)))
    """)
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "llm.sqlite")], stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    made = [int(each.communicate(timeout=60)[0]) for each in running]
    assert sum(made) == 30
    assert Ledger(tmp_path / "llm.sqlite").today().calls == 30


def test_threads_of_a_review_do_not_overspend_it() -> None:
    together = threading.Barrier(8)
    model = metered(Fake([GOOD] * 8), review=Budget(calls=3))
    said: list[str] = []

    def ask() -> None:
        together.wait()
        said.append(word(model.ask(question())))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["budget"] * 5 + ["theodolite"] * 3


def test_a_ledger_that_cannot_be_kept_stops_only_who_set_a_limit_for_the_day(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ledger = Ledger(tmp_path / "file" / "llm.sqlite")
    assert word(metered(Fake([GOOD]), ledger=ledger).ask(question())) == "theodolite"
    assert word(metered(Fake([GOOD]), ledger=ledger, day=Budget(calls=9)).ask(question())) == "budget"


# --- the cache -----------------------------------------------------------------------------------------------------


def test_an_equal_question_is_answered_from_the_cache(tmp_path: Path) -> None:
    provider = Fake([GOOD])
    model = metered(provider, cache=Cache(tmp_path), prices={"m": Price(1, 1)})
    first, second = model.ask(question()), model.ask(question())
    assert isinstance(first, Answer) and isinstance(second, Answer) and first.value == second.value
    assert second.usage == Usage("m", "probe", 1, "d1", cached=True)
    assert provider.asked == 1
    assert model.told() == "1 call, 1 answer from the cache, 120 tokens, 0.0001 USD, m"


def test_the_cache_is_for_its_owner_alone_and_holds_no_prompt(tmp_path: Path) -> None:
    metered(Fake([GOOD]), cache=Cache(tmp_path / "llm")).ask(question("a text of the repository"))
    (file,) = (tmp_path / "llm").rglob("*.json")
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert json.loads(file.read_text())["text"] == GOOD and "repository" not in file.read_text()


class Other(Word):
    """Another schema."""


def test_whatever_may_change_an_answer_is_part_of_the_key() -> None:
    asked, at = question(), Endpoint("http://one/v1", "m")
    keys = [
        cache_key(asked, at), cache_key(question("Another word?"), at), cache_key(question(sample=1), at),
        cache_key(replace(asked, prompt=replace(asked.prompt, digest="d2")), at),
        cache_key(replace(asked, schema=Other), at), cache_key(asked, replace(at, model="n")),
        cache_key(asked, replace(at, base_url="http://two/v1")), cache_key(asked, replace(at, temperature=0.0)),
        cache_key(asked, replace(at, max_output_tokens=9)), cache_key(asked, replace(at, structured_output="none")),
    ]  # fmt: skip
    assert len(set(keys)) == len(keys)
    assert cache_key(question(), replace(at, key=SECRET)) == keys[0]


def test_what_is_no_answer_is_not_kept(tmp_path: Path) -> None:
    provider = Fake(["{", GOOD])
    model = metered(provider, cache=Cache(tmp_path))
    assert [word(model.ask(question())) for _ in range(2)] == ["invalid", "theodolite"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"key": "x", "text": "{}"}', "\udcff", '{"text": 3}'])
def test_a_file_that_somebody_changed_is_no_answer(tmp_path: Path, content: str) -> None:
    model = metered(Fake([GOOD, GOOD]), cache=Cache(tmp_path))
    model.ask(question())
    (file,) = tmp_path.rglob("*.json")
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert word(model.ask(question())) == "theodolite"
    assert [usage.cached for usage in model.calls] == [False, False]


def test_a_text_in_the_cache_is_held_to_the_schema(tmp_path: Path) -> None:
    model = metered(Fake([GOOD, GOOD]), cache=Cache(tmp_path))
    model.ask(question())
    (file,) = tmp_path.rglob("*.json")
    file.write_text(json.dumps({"key": file.stem, "text": '{"word": "a", "approve": true}'}))
    assert word(model.ask(question())) == "theodolite"
    assert [usage.cached for usage in model.calls] == [False, False]


def test_a_cache_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert word(metered(Fake([GOOD]), cache=Cache(tmp_path / "file" / "llm")).ask(question())) == "theodolite"


# --- all of it, on a real endpoint ---------------------------------------------------------------------------------


def test_all_of_it_on_a_real_endpoint(tmp_path: Path) -> None:
    with serving(error(429, "slow down", retry_after="0"), error(503, "soon", retry_after="0"), says()) as at:
        settings = parse(
            b"version: 1\nllm: {model: m, prices: {m: {input: 2, output: 10}}, budgets: {day: {money: 1}}}",
            "settings.yaml", {"OPENAI_BASE_URL": at.url, "OPENAI_API_KEY": SECRET},
        )  # fmt: skip
        assert settings is not None
        model = runtime.metered(settings, tmp_path)
        model.jitter = lambda: 0.0
        assert word(model.ask(question())) == word(model.ask(question())) == "theodolite"
    assert len(at.received) == 3
    assert model.told() == "3 calls, 1 answer from the cache, 120 tokens, 0.0004 USD, m"
    assert Ledger(tmp_path / "llm.sqlite").today() == Spent(3, 120, pytest.approx(0.0004))
    assert not any(SECRET.encode() in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_the_model_of_the_wiring_is_the_one_that_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCOPILOT_HOME", str(tmp_path))
    for name in ("CCOPILOT_SETTINGS", "CCOPILOT_MODEL", "OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert wiring.model() is None
    (tmp_path / "settings.yaml").write_text("version: 1\nllm: {model: mine, models: {repair: small}}\n")
    model = wiring.model()
    assert model is not None and model.name == "mine"
    assert {task: provider.endpoint.model for task, provider in model.providers.items()} == {
        None: "mine",
        "repair": "small",
    }


def test_nothing_heavy_is_imported_before_something_is_asked(tmp_path: Path) -> None:
    program = "import sys\nfrom copilot import wiring\nassert wiring.model()\nprint([m for m in ('langchain_core', 'langchain_openai', 'openai', 'httpx2') if m in sys.modules])"
    environment = {"CCOPILOT_HOME": str(tmp_path), "CCOPILOT_MODEL": "m", "PYTHONPATH": str(Path(__file__).parents[3])}
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n" and time.monotonic() - began < 30
