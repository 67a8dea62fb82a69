import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot import sandbox
from copilot.sandbox import Coverage, Limits, Lines, ModuleFacts, Result, Sandbox

HEAD = "package p\nimport rego.v1\n"
LARGE = (("p.rego", HEAD + "deny contains x if { some x in input.xs; x > 2 }\nnever if input.nothing\nno := false\n"),)
QUICK = Limits(cpu_seconds=1, wall_seconds=3.0)


@pytest.fixture(autouse=True)
def _there() -> None:
    assert sandbox.available() == ""


def run(body: str, *, limits: Limits = QUICK) -> Result:
    result = sandbox.evaluate([("p.rego", HEAD + body)], "data.p.x", {}, limits=limits)
    # Whatever was asked of it, the next call is answered.
    assert sandbox.evaluate(LARGE, "data.p.deny", {"xs": [1, 3]}) == Result("value", [3])
    return result


def test_a_query_comes_to_a_value_or_is_undefined() -> None:
    asked = [("data.p.deny", {"xs": [1, 3]}), ("data.p.never", {}), ("data.p.no", {}), ("data.p.absent", {})]
    assert sandbox.evaluate_many(LARGE, asked) == (
        Result("value", [3]),
        Result("undefined"),
        Result("value", False),
        Result("undefined"),
    )


def test_data_is_read_beside_the_input() -> None:
    modules = [("p.rego", HEAD + "x := data.limits.most - input.n\n")]
    assert sandbox.evaluate(modules, "data.p.x", {"n": 2}, {"limits": {"most": 5}}) == Result("value", 3)


def test_what_does_not_parse_is_an_error_in_one_line() -> None:
    result = run("x := {{{\n")
    assert (result.outcome, "\n" in result.reason) == ("error", False)
    assert result.reason.startswith("p.rego does not parse: ")


def test_a_fault_while_it_is_evaluated_is_an_error_and_not_undefined() -> None:
    assert run('x if not startswith(1, "a")\n').outcome == "error"


@pytest.mark.parametrize("call", ['http.send({"url": "x"})', "opa.runtime()", "time.now_ns()", 'rand.intn("a", 3)'])
def test_a_builtin_that_is_not_allowed_is_refused_also_under_not(call: str) -> None:
    name = call.partition("(")[0]
    assert run(f"x if not {call}\n") == Result("refused", reason=f"p.rego calls {name}, which it may not")


def test_a_query_is_a_reference_and_nothing_that_calls() -> None:
    assert sandbox.evaluate(LARGE, "http.send({})").outcome == "refused"
    assert sandbox.evaluate(LARGE, "not data.p.never").outcome == "refused"


def test_recursion_and_deep_nesting_bring_down_the_fork_alone() -> None:
    assert run("f(n) := f(n + 1)\nx := f(1)\n").outcome in ("killed", "error")
    assert run(f"x := {'[' * 20_000}{']' * 20_000}\n").outcome in ("killed", "error", "refused")


def test_an_endless_comprehension_ends_by_the_time_of_the_processor() -> None:
    body = "big := numbers.range(1, 3000)\nx := count([1 | some a in big; some b in big; some c in big; a + b == c])\n"
    assert run(body) == Result("killed", reason="it used more than 1 s of the processor")


def test_the_wall_clock_ends_it_as_well() -> None:
    body = "big := numbers.range(1, 3000)\nx := count([1 | some a in big; some b in big; some c in big; a + b == c])\n"
    assert run(body, limits=Limits(cpu_seconds=30, wall_seconds=0.3)) == Result(
        "killed", reason="it took longer than 0.3 s"
    )


def test_a_memory_bomb_is_killed() -> None:
    assert run("x := numbers.range(1, 1000000000)\n").outcome == "killed"


def test_an_answer_that_is_too_long_is_not_read() -> None:
    body = "x := numbers.range(1, 100000)\n"
    assert run(body, limits=Limits(answer_bytes=1000)) == Result("killed", reason="its answer is too long")


def test_an_input_that_is_nested_too_deeply_is_an_error() -> None:
    deep: list[object] = []
    for _ in range(300):
        deep = [deep]
    assert sandbox.evaluate(LARGE, "data.p.deny", deep).outcome == "error"
    for _ in range(100_000):
        deep = [deep]
    assert sandbox.evaluate(LARGE, "data.p.deny", deep) == Result("error", reason="the input is nested too deeply")
    while deep:  # taken apart by hand: freed at once, it would overflow the stack of older interpreters
        deep = deep.pop()  # type: ignore[assignment]


def test_what_a_batch_had_answered_before_it_was_killed_counts() -> None:
    modules = [("p.rego", HEAD + "x := count(numbers.range(1, input.n))\n")]
    few, many, after = sandbox.evaluate_many(modules, [("data.p.x", {"n": n}) for n in (5, 10**9, 5)], limits=QUICK)
    assert few == Result("value", 5)
    assert (many.outcome, after.outcome) == ("killed", "killed")


def test_inspection_names_packages_rules_calls_and_imports() -> None:
    source = 'package a.b\nimport rego.v1\nimport data.lib.util\nx if util.f(count("a"))\ny if util.g(1)\n'
    library = "package lib.util\nimport rego.v1\nf(n) if n > 0\ng(n) if f(n)\n"
    found = sandbox.inspect([("a.rego", source), ("lib.rego", library)])
    assert (found.outcome, found.modules) == (
        "read",
        (
            ModuleFacts("a.rego", "a.b", ("x", "y"), ("count", "util.f", "util.g"), ("data.lib.util", "rego.v1")),
            ModuleFacts("lib.rego", "lib.util", ("f", "g"), ("f",), ("rego.v1",)),
        ),
    )
    narrow = sandbox.inspect([("a.rego", source), ("lib.rego", library)], allowed=frozenset())
    assert (narrow.outcome, narrow.reason) == ("refused", "a.rego calls count, which it may not")


def test_coverage_joins_the_lines_of_all_queries() -> None:
    found = sandbox.coverage(LARGE, [("data.p.deny", {"xs": [1]}), ("data.p.never", {"nothing": True})])
    assert found == Coverage(
        (Result("value", []), Result("value", True)), {"p.rego": Lines(frozenset({3, 4}), frozenset({5}))}
    )


# --- what Rego cannot say, said by the fork itself ---

ATTACKS = """
import sys; sys.path.insert(0, sys.argv[1])
import os, socket, signal, ctypes, regorus, pyseccomp
from copilot.sandbox import zygote

def attack(request):
    exec(request["modules"][0][1])
    zygote._write(b"v", '{"result": [{"expressions": [{"value": "done"}]}]}')

zygote.TASKS["evaluate"] = attack
zygote.serve()
"""


@pytest.fixture(scope="module")
def attacked() -> Iterator[Sandbox]:
    made = Sandbox(ATTACKS)
    yield made
    made.close()


@pytest.mark.parametrize(
    "deed",
    [
        "socket.socket()",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "os.kill(os.getppid(), 9)",
        "os.kill(os.getpid(), 9)",
        "ctypes.CDLL(None).tgkill(os.getppid(), os.getppid(), 6)",
        "open('/etc/passwd')",
        "open('/tmp/ccopilot-was-here', 'w')",
        "os.write(0, b'x')",
        "os.setuid(0)",
        "__import__('resource').setrlimit(__import__('resource').RLIMIT_CPU, (9, 9))",
        "signal.setitimer(signal.ITIMER_REAL, 0)",
        "ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0)",
    ],
)
def test_the_fork_may_ask_the_system_for_nothing(attacked: Sandbox, deed: str) -> None:
    def answer(source: str) -> str:
        asked = attacked.evaluate_many([("x", source)], [("data.x", None)], None, limits=QUICK, allowed=())
        return asked[0].outcome

    assert answer(deed) == "killed"
    assert answer("pass") == "value"
    assert not Path("/tmp/ccopilot-was-here").exists()


def test_the_fork_sees_no_environment(attacked: Sandbox) -> None:
    source = "assert not [k for k in os.environ if k != 'LC_CTYPE'], os.environ"
    result = attacked.evaluate_many([("x", source)], [("data.x", None)], None, limits=QUICK, allowed=())
    assert result == (Result("value", "done"),)


def test_the_zygote_of_root_is_nobody() -> None:
    zygote = sandbox._SANDBOX._zygote
    assert zygote is not None
    status = Path(f"/proc/{zygote.process.pid}/status").read_text()
    (users,) = (line.split()[1:] for line in status.splitlines() if line.startswith("Uid:"))
    assert set(users) == {"65534" if os.geteuid() == 0 else str(os.geteuid())}


def test_without_seccomp_nothing_foreign_is_evaluated_and_the_reason_is_said() -> None:
    bare = Sandbox(
        "import sys; sys.path.insert(0, sys.argv[1]); sys.modules['pyseccomp'] = None\n"
        "from copilot.sandbox.zygote import serve; serve()"
    )
    reason = "foreign Rego is confined by libseccomp, which is not installed here"
    assert bare.available() == reason
    assert bare.evaluate_many(LARGE, [("data.p.deny", {})], None, limits=QUICK, allowed=()) == (
        Result("refused", reason=reason),
    )
    assert bare.inspect(LARGE, limits=QUICK, allowed=()).outcome == "refused"
    bare.close()


def test_a_zygote_that_is_killed_is_started_again_and_leaves_no_zombie() -> None:
    own = Sandbox()
    assert own.available() == ""
    assert own._zygote is not None
    pid = own._zygote.process.pid
    os.kill(pid, signal.SIGKILL)
    for _ in range(2):
        assert own.evaluate_many(LARGE, [("data.p.no", {})], None, limits=QUICK, allowed=()) == (
            Result("value", False),
        )
    assert own._zygote is not None
    assert own._zygote.process.pid != pid
    last = own._zygote.process.pid
    own.close()
    for each in (pid, last):
        assert not Path(f"/proc/{each}").exists()


def test_forks_that_ended_are_reaped() -> None:
    sandbox.evaluate(LARGE, "data.p.no", {})
    zygote = sandbox._SANDBOX._zygote
    assert zygote is not None
    deadline = time.monotonic() + 2
    children = Path(f"/proc/{zygote.process.pid}/task/{zygote.process.pid}/children")
    while children.read_text().strip() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert children.read_text().strip() == ""


def test_threads_evaluate_at_the_same_time_and_get_their_own_answers() -> None:
    endless = (
        "big := numbers.range(1, 3000)\nx := count([1 | some a in big; some b in big; some c in big; a + b == c])\n"
    )
    answers: dict[str, list[Result]] = {"slow": [], "quick": []}

    def slow() -> None:
        answers["slow"].append(sandbox.evaluate([("p.rego", HEAD + endless)], "data.p.x", {}, limits=QUICK))

    def quick() -> None:
        for number in range(3, 23):
            answers["quick"].append(sandbox.evaluate(LARGE, "data.p.deny", {"xs": [number]}))

    threads = [threading.Thread(target=slow), threading.Thread(target=quick)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.outcome for result in answers["slow"]] == ["killed"]
    assert answers["quick"] == [Result("value", [number]) for number in range(3, 23)]
