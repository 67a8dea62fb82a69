"""The command line: arguments in, a report on stdout, notes on stderr, an exit code from the conclusion."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

# Help is plain text: rich costs a tenth of a second at every start and nobody's help needs it.
os.environ.setdefault("TYPER_USE_RICH", "0")

import typer

from copilot import __version__
from copilot.errors import CopilotError, UsageError, installing
from github_app import command_line

if TYPE_CHECKING:
    from copilot.drafting.model import ModelDrafter
    from copilot.drafting.policy_cases import Policy
    from copilot.llm.runtime import Metered
    from copilot.model import Review
    from copilot.pipeline import Run
    from github_app.reviewing import Seen

app = typer.Typer(
    name="ccopilot", no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="Reviews infrastructure code against compliance controls, and shows only fixes that it has proved.",
)  # fmt: skip
corpus_app = typer.Typer(no_args_is_help=True, help="The control library: controls, checks, examples.")
waiver_app = typer.Typer(no_args_is_help=True, help="Time-bound exceptions that somebody owns.")
baseline_app = typer.Typer(no_args_is_help=True, help="Old findings that are known.")
policy_app = typer.Typer(
    no_args_is_help=True, help="Policies from plain language, and checks in the languages of other engines."
)
export_app = typer.Typer(no_args_is_help=True, help="What other engines read.")
app.add_typer(corpus_app, name="corpus")
app.add_typer(policy_app, name="policy")
app.add_typer(export_app, name="export")
app.add_typer(waiver_app, name="waiver")
app.add_typer(baseline_app, name="baseline")
eval_app = typer.Typer(no_args_is_help=True, help="Measure the copilot on cases, the shipped ones or your own.")
app.add_typer(eval_app, name="eval")

PathArgument = Annotated[Path, typer.Argument(help="A folder.", show_default="this folder")]
Checks = Annotated[list[str] | None, typer.Option("--check", help="Only this check (ours or a peer's id); repeatable.")]
Skips = Annotated[list[str] | None, typer.Option("--skip", help="Not this check; repeatable.")]
SeverityOption = Annotated[
    str, typer.Option("--severity", help="Leave lesser severities out: critical|high|medium|low.")
]
FailOn = Annotated[str, typer.Option("--fail-on", help="Exit 1 from this severity up, whatever the policy enforces.")]
Format = Annotated[str, typer.Option("--format", "-f", help="terminal | markdown | json | sarif | html.")]
For = Annotated[str, typer.Option("--for", help="github: SARIF as GitHub's code scanning reads it.")]
Output = Annotated[
    list[Path] | None, typer.Option("--output", "-o", help="Also write a report; the suffix says which.")
]
Now = Annotated[str, typer.Option("--now", help="The date that waivers are judged by.", show_default="today")]
PolicyFile = Annotated[Path | None, typer.Option("--policy", help="A policy file instead of the tree's own.")]
BaselineFile = Annotated[Path | None, typer.Option("--baseline", help="A baseline file instead of the tree's own.")]
VarFiles = Annotated[list[str] | None, typer.Option("--var-file", help="A tfvars file; repeatable.")]
Plan = Annotated[
    Path | None,
    typer.Option("--plan", help="What `terraform show -json` printed for this folder, to fill in what it leaves open."),
]
Base = Annotated[
    str,
    typer.Option(
        "--base", help="Revision or folder to compare with.", show_default="merge base with the default branch"
    ),
]
Head = Annotated[str, typer.Option("--head", help="Revision or folder under review.", show_default="the work tree")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show everything, long as it may be.")]

UseModel = Annotated[
    bool, typer.Option("--model/--no-model", help="Let the configured language model draft where recipes end.")
]

_SUFFIXES = {".html": "html", ".sarif": "sarif", ".md": "markdown", ".json": "json", ".txt": "terminal"}


@app.command()
def review(
    path: PathArgument = Path(),
    base: Base = "",
    head: Head = "",
    pr: Annotated[str, typer.Option("--pr", help="A pull request on GitHub, like OWNER/REPO#17.")] = "",
    post: Annotated[bool, typer.Option("--post", help="With --pr: also show the review on the pull request.")] = False,
    format: Format = "terminal",
    for_: For = "",
    output: Output = None,
    check: Checks = None,
    skip: Skips = None,
    severity: SeverityOption = "",
    fail_on: FailOn = "",
    policy: PolicyFile = None,
    now: Now = "",
    no_fixes: Annotated[bool, typer.Option("--no-fixes", help="Do not draft fixes.")] = False,
    model: UseModel = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Send nothing to a language model.")] = False,
    show_prompt: Annotated[
        bool, typer.Option("--show-prompt", help="With --dry-run: print what a model would be sent, and no report.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Review a change: by default the work tree against the merge base with the default branch."""
    from copilot import pipeline, wiring

    _check_formats(format, for_, output)
    if show_prompt and not dry_run:
        raise UsageError("--show-prompt goes with --dry-run", hint="what is shown is what would be sent; nothing is")
    if show_prompt and (no_fixes or not model):
        raise UsageError(
            f"--show-prompt excludes {'--no-fixes' if no_fixes else '--no-model'}", hint="nothing would be asked"
        )
    report = wiring.progress()
    seen = None
    if pr or post:
        seen = _seen(
            pr, report, posts=post,
            against={"PATH": path != Path(), "--base": base, "--head": head},
            partial={"--check": check, "--skip": skip, "--severity": severity, "--policy": policy, "--dry-run": dry_run},
        )  # fmt: skip
        compared = wiring.Comparison(
            seen.change, f"{seen.pull.base_ref} ({seen.merge_base[:9]})", seen.pull.head, seen.subject, None, ""
        )
    else:
        compared = wiring.compare(path, base, head)
    if dry_run:
        from copilot.llm.unsent import Unsent

        unsent = Unsent()
        drafter, counted = (wiring.drafter(unsent) if show_prompt else None), None
    else:
        drafter, counted = _drafter(model and not no_fixes)
    asked = wiring.Asked(
        checks=tuple(check or ()), skip=tuple(skip or ()), severity=severity, fail_on=fail_on, now=now, policy=policy,
        under=compared.under, drafts=not no_fixes, drafter=drafter,
    )  # fmt: skip
    settings = wiring.settings(asked, compared.change.before, proposed=compared.change.after)
    done = pipeline.review(
        compared.change, settings, subject=compared.subject, base=compared.base, head=compared.head, progress=report
    )
    report("")
    _tell(counted)
    if show_prompt:
        sys.stdout.write(unsent.shown())
        sys.stderr.write(f"{len(unsent.asked)} question{'' if len(unsent.asked) == 1 else 's'}, nothing was sent\n")
        raise typer.Exit(0)
    _write_out(done.review, format, for_, output, verbose)  # what was found is told before it is shown anywhere else
    if seen is not None and post:
        from github_app import reviewing

        report(f"posting on {seen.subject}")
        said = reviewing.post(seen, done.review, settings)
        report("")
        sys.stderr.write(f"{said}\n")
    raise typer.Exit(done.review.conclusion.exit_code)


@app.command()
def scan(
    path: PathArgument = Path(),
    format: Format = "terminal",
    for_: For = "",
    output: Output = None,
    check: Checks = None,
    skip: Skips = None,
    severity: SeverityOption = "",
    fail_on: FailOn = "",
    baseline: BaselineFile = None,
    policy: PolicyFile = None,
    var_file: VarFiles = None,
    plan: Plan = None,
    environment: Annotated[str, typer.Option("--environment", help="Name of the environment of --var-file.")] = "",
    now: Now = "",
    fixes: Annotated[bool, typer.Option("--fixes", help="Draft fixes too, and show those that are proved.")] = False,
    model: UseModel = True,
    stats: Annotated[bool, typer.Option("--stats", help="Rank why checks stayed undecided, on stderr.")] = False,
    verbose: Verbose = False,
) -> None:
    """Show the findings of a whole tree, grouped, worst first."""
    _check_formats(format, for_, output)
    done = _scan(
        path, checks=check, skip=skip, severity=severity, fail_on=fail_on, baseline=baseline, policy=policy,
        var_file=var_file, environment=environment, now=now, drafts=fixes, plan=plan, model=model,
    )  # fmt: skip
    if stats:
        _stats(done)
    _show(done.review, format, for_, output, verbose)


@app.command()
def fix(
    path: PathArgument = Path(),
    diff: Annotated[bool, typer.Option("--diff", help="Print the approved patches (the default).")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write the approved patches to the files.")] = False,
    allow_replace: Annotated[
        list[str] | None,
        typer.Option("--allow-replace", help="An address that may be destroyed and made anew; repeatable."),
    ] = None,
    check: Checks = None,
    skip: Skips = None,
    severity: SeverityOption = "",
    baseline: BaselineFile = None,
    policy: PolicyFile = None,
    var_file: VarFiles = None,
    plan: Plan = None,
    environment: Annotated[str, typer.Option("--environment", help="Name of the environment of --var-file.")] = "",
    now: Now = "",
    model: UseModel = True,
) -> None:
    """Draft fixes for the findings of a tree; only approved ones are shown or written, all of them or none."""
    from copilot import fixing

    if diff and write:
        raise UsageError("--diff and --write exclude each other", hint="--diff is what happens without --write")
    done = _scan(
        path, checks=check, skip=skip, severity=severity, fail_on="", baseline=baseline, policy=policy,
        var_file=var_file, environment=environment, now=now, drafts=True, plan=plan, model=model,
    )  # fmt: skip
    made = fixing.plan(done, allow_replace=frozenset(allow_replace or ()))
    if write:
        fixing.write(made, path.parent if path.is_file() else path)
        sys.stderr.write(made.told(written=True))
    else:
        sys.stdout.write(made.diff)
        sys.stderr.write(made.told(written=False))
    raise typer.Exit(0)


@app.command()
def judge(
    base: Annotated[str, typer.Option("--base", help="Revision or folder before the patch.")],
    head: Annotated[
        str, typer.Option("--head", help="Revision or folder after it.", show_default="the work tree")
    ] = "",
    path: PathArgument = Path(),
    check: Checks = None,
    policy: PolicyFile = None,
    format: Annotated[str, typer.Option("--format", "-f", help="terminal | json.")] = "terminal",
    now: Now = "",
) -> None:
    """Hold a patch that somebody else wrote to the same gate; exit 0 when it is approved, 1 when not."""
    from copilot import judging, wiring

    if format not in ("terminal", "json"):
        raise UsageError(f"--format {format}: not one of terminal, json")
    compared = wiring.compare(path, base, head)
    asked = wiring.Asked(checks=(), now=now, policy=policy, under=compared.under)
    settings = wiring.settings(asked, compared.change.before)
    only = frozenset(id for given in check or () for id in settings.library.resolve(given))
    judged = judging.judge(compared.change, settings, checks=only)
    sys.stdout.write(judging.as_json(judged) if format == "json" else judging.as_text(judged))
    raise typer.Exit(0 if judged.approved else 1)


@app.command()
def explain(
    finding: Annotated[str, typer.Argument(help="A fingerprint (or its beginning), or CHECK-ID ADDRESS joined by @.")],
    path: Annotated[Path, typer.Option("--path", help="The folder to look in.")] = Path(),
    now: Now = "",
) -> None:
    """Show why a finding is one, the chain of places, and what would make it pass."""
    from copilot import explaining

    done = _scan(
        path, checks=None, skip=None, severity="", fail_on="", baseline=None, policy=None, var_file=None, environment="",
        now=now, drafts=False,
    )  # fmt: skip
    sys.stdout.write(explaining.explain(done, finding))


@app.command()
def init(
    path: PathArgument = Path(),
    force: Annotated[bool, typer.Option("--force", help="Write over a policy that is there.")] = False,
) -> None:
    """Find roots and environments, and write .compliance/copilot.yaml in observe mode."""
    from copilot.init import draft_policy
    from copilot.snapshot import Snapshot

    target = path / ".compliance" / "copilot.yaml"
    if target.exists() and not force:
        raise UsageError(f"{target} is there already", hint="edit it, or pass --force")
    _write(target, draft_policy(Snapshot.from_folder(path)).encode())
    sys.stderr.write(f"wrote {target}: it observes only; nothing blocks until you say so there\n")


@app.command()
def doctor() -> None:
    """Say what is installed and set up, ask each configured model a small question, and GitHub what the App may do;
    exit 4 when something fails."""
    from itertools import chain

    from copilot import doctor as doctors
    from copilot import wiring
    from github_app import doctor as app_doctor

    lines = []
    for line in chain(doctors.examine(wiring.model_settings(), wiring.home()), app_doctor.examine(os.environ)):
        lines.append(line)
        sys.stdout.write(doctors.told(line))
        sys.stdout.flush()
    raise typer.Exit(4 if doctors.failed(lines) else 0)


@baseline_app.command("write")
def baseline_write(path: PathArgument = Path(), policy: PolicyFile = None, now: Now = "") -> None:
    """Write the findings of the tree as known ones to .compliance/baseline.json, or where the policy says."""
    from copilot import baseline

    if path.is_file():
        raise UsageError(f"{path}: not a folder", hint="a baseline is that of a whole tree")
    done = _scan(
        path, checks=None, skip=None, severity="", fail_on="", baseline=None, policy=policy, var_file=None,
        environment="", now=now, drafts=False,
    )  # fmt: skip
    target = path / done.settings.policy.baseline
    data = baseline.write(done.review.findings)
    _write(target, data)
    known = len(baseline.parse(data).entries)
    sys.stderr.write(f"wrote {target}: {known} finding{'s are' if known != 1 else ' is'} known now\n")


@waiver_app.command("list")
def waiver_list(path: PathArgument = Path(), now: Now = "") -> None:
    """List the waivers of a tree, the earliest end first."""
    _waivers(path, now, check=False)


@waiver_app.command("check")
def waiver_check(path: PathArgument = Path(), now: Now = "") -> None:
    """Exit 1 when a waiver has ended, ends soon, or is not needed any more."""
    _waivers(path, now, check=True)


@waiver_app.command("request")
def waiver_request(
    check: Annotated[str, typer.Argument(help="The check's id, ours or a peer's.")],
    address: Annotated[str, typer.Argument(help="The resource's address in its root.")],
    until: Annotated[str, typer.Option("--until", help="The last day, like 2027-01-31.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it is acceptable until then.")],
    owner: Annotated[str, typer.Option("--owner", help="Who answers for it.")],
    root: Annotated[str, typer.Option("--root", help="Only in this root.")] = "",
    ticket: Annotated[str, typer.Option("--ticket", help="Where it is followed up.")] = "",
) -> None:
    """Print the lines that ask for a waiver; it counts once they stand on the default branch."""
    from copilot import waivers, wiring

    asked = waivers.requested(
        wiring.library().resolve, check=check, address=address, until=until, reason=reason, owner=owner, root=root,
        ticket=ticket,
    )  # fmt: skip
    sys.stdout.write(waivers.entry(asked))
    sys.stderr.write("add these lines under `waivers:` in .compliance/waivers.yaml\n")


RunFile = Annotated[Path, typer.Argument(help="A run's file.")]
FailUnder = Annotated[str, typer.Option("--fail-under", help="Least figures, like precision=0.99,coverage=0.2.")]
CaseFolder = Annotated[Path | None, typer.Option("--cases", help="A folder of cases.", show_default="those shipped")]


def _evals() -> Any:
    """The commands of the evaluation, which stands above the command line and is looked up when it is asked for."""
    import importlib

    return importlib.import_module("evals.commands")


@eval_app.command("run")
def eval_run(
    task: Annotated[str, typer.Argument(help="remediation | policy | retrieval | injection.")],
    model: Annotated[str, typer.Option("--model", help="A model's name, or scripted:FILE.")] = "",
    cases: CaseFolder = None,
    limit: Annotated[int, typer.Option("--limit", help="Only the first so many cases; 0: all.")] = 0,
    samples: Annotated[int, typer.Option("--samples", help="How often a model drafts each case.")] = 2,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Where the run is written.")] = None,
    resume: Annotated[
        Path | None, typer.Option("--resume", help="Go on with this run: only what has no outcome is tried.")
    ] = None,
    fail_under: FailUnder = "",
) -> None:
    """Run a task's cases; exit 1 below a threshold, 2 when cases ended in errors, 4 when the model was away."""
    done = _evals().run(
        task, model=model, folder=cases, limit=limit, samples=samples, output=output, resume=resume,
        fail_under=fail_under,
    )  # fmt: skip
    raise typer.Exit(done)


@eval_app.command("compare")
def eval_compare(first: RunFile, second: RunFile) -> None:
    """Compare two runs of one task case by case, with significance."""
    raise typer.Exit(_evals().compare(first, second))


@eval_app.command("report")
def eval_report(
    runs: Annotated[list[Path], typer.Argument(help="Files of runs.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the page is written.")] = Path("report.html"),
) -> None:
    """Write one HTML page about runs: figures with intervals, plots, every failure."""
    raise typer.Exit(_evals().report(runs, output))


@eval_app.command("rescore")
def eval_rescore(
    run: RunFile,
    cases: CaseFolder = None,
    replay: Annotated[
        bool, typer.Option("--replay", help="Have the pipeline of today make the outcomes from the recorded answers.")
    ] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Also write the run as scored now.")] = None,
    fail_under: FailUnder = "",
) -> None:
    """Score a run again, offline, by the cases as they are now."""
    raise typer.Exit(_evals().rescore(run, folder=cases, replay=replay, output=output, fail_under=fail_under))


@eval_app.command("fit")
def eval_fit(
    run: RunFile,
    risk: Annotated[float, typer.Option("--risk", help="The share of wrong drafts that may be shown.")] = 0.0,
) -> None:
    """Fit the threshold of confidence on one half of a run's cases, and print the figures of the other."""
    raise typer.Exit(_evals().fit(run, risk=risk))


@corpus_app.command("list")
def corpus_list(
    control: Annotated[str, typer.Option("--control", help="Only checks of this control.")] = "",
) -> None:
    """List every check with its control, severity and whether it carries a fix."""
    from copilot import corpus, wiring

    sys.stdout.write(corpus.listing(wiring.library(), control=control))


@corpus_app.command("show")
def corpus_show(id: Annotated[str, typer.Argument(help="A check or control, by our id or a peer's.")]) -> None:
    """Show a control or check: statement, frameworks, checks, examples, fix."""
    from copilot import corpus, wiring

    sys.stdout.write(corpus.show(wiring.library(), id))


@corpus_app.command("check")
def corpus_check(
    ids: Annotated[list[str] | None, typer.Argument(help="Only these checks.")] = None,
    extra: Annotated[Path | None, typer.Option("--folder", help="A folder with checks of your own.")] = None,
    rewrites: Annotated[bool, typer.Option("--rewrites/--no-rewrites", help="Also judge machine rewrites.")] = True,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print contradictions only.")] = False,
) -> None:
    """Prove the corpus: every example and every machine rewrite of it comes out as it says."""
    from copilot import corpus, wiring

    found = wiring.library([extra] if extra else [])
    problems = corpus.check(found, ids=tuple(ids or ()), rewrites=rewrites, report=None if quiet else sys.stderr.write)
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    raise typer.Exit(1 if problems else 0)


@corpus_app.command("index")
def corpus_index(
    url: Annotated[
        str, typer.Option("--url", help="A Chroma server to keep it on.", show_default="CCOPILOT_CHROMA_URL")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Build it again though it is there.")] = False,
) -> None:
    """Build the index that finds controls, requirements, checks and examples by their meaning."""
    from copilot import wiring

    sys.stderr.write(f"{wiring.index_corpus(url=url, force=force)}\n")


@corpus_app.command("search")
def corpus_search(
    query: Annotated[str, typer.Argument(help="A question in plain words, or an id.")],
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="Only control | requirement | check | golden; repeatable.")
    ] = None,
    k: Annotated[int, typer.Option("-k", help="How many passages to show.", min=1, max=100)] = 8,
) -> None:
    """Find controls, requirements, checks and golden examples; says how each was found."""
    from copilot import wiring
    from copilot.knowledge import search

    kinds = search.kinds_of(kind) if kind else None
    known = wiring.knowledge()
    sys.stdout.write(search.told(known.search(query, viewer=None, kinds=kinds, k=k)))
    for note in known.notes:
        sys.stderr.write(f"note: {note}\n")


@policy_app.command("export")
def policy_export(
    output: Annotated[Path, typer.Option("--output", help="The folder to write; it must not exist or be empty.")],
    target: Annotated[str, typer.Option("--target", help="rego or checkov.")] = "rego",
    checks: Annotated[list[str] | None, typer.Option("--check", help="Only these checks.")] = None,
    run_tests: Annotated[bool, typer.Option("--run-tests", help="Run the tests that were written.")] = False,
) -> None:
    """Write the library's checks for another engine: an OPA bundle with tests, or Checkov policies."""
    from copilot import wiring
    from copilot.compiling import bundle, checkov

    if target not in ("rego", "checkov"):
        raise typer.BadParameter("rego or checkov", param_hint="--target")
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise typer.BadParameter(f"{output} is not an empty folder", param_hint="--output")
    library = wiring.library()
    ids = sorted({each for id in checks for each in library.resolve(id)} if checks else library.checks)
    found = bundle.bundle(library, ids) if target == "rego" else checkov.policies(library, ids)
    for name, text in found.files.items():
        path = output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    sys.stderr.write(f"{len(found.compiled)} checks written, {len(found.refused)} cannot be said in {target}\n")
    for line in bundle.refusals(found):
        sys.stderr.write(f"  {line}\n")
    if run_tests and target == "rego":
        count, failed = bundle.run_tests(found)
        sys.stderr.write(f"{count} tests, {len(failed)} failed\n")
        for line in failed:
            sys.stdout.write(f"{line}\n")
        raise typer.Exit(1 if failed else 0)


@export_app.command("input.json")
def export_input(
    path: PathArgument = Path(),
    root: Annotated[
        str, typer.Option("--root", help="Only this root: FOLDER, FOLDER@ENVIRONMENT or @ENVIRONMENT.")
    ] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="An empty folder, for a file for each root.")
    ] = None,
    check: Checks = None,
    skip: Skips = None,
    policy: PolicyFile = None,
    var_file: VarFiles = None,
    plan: Plan = None,
    environment: Annotated[str, typer.Option("--environment", help="Name of the environment of --var-file.")] = "",
) -> None:
    """Print a root as the input of compiled checks, evaluated as `scan` does; what is sensitive is withheld."""
    from copilot import exporting, wiring
    from copilot.snapshot import Snapshot

    snapshot = Snapshot.from_folder(path)
    asked = wiring.Asked(
        checks=tuple(check or ()), skip=tuple(skip or ()), policy=policy, var_files=tuple(var_file or ()),
        environment=environment, plan=plan, folder=path, drafts=False,
    )  # fmt: skip
    made, gaps = exporting.documents(snapshot, wiring.settings(asked, snapshot), root=root)
    if output is None:
        sys.stdout.write(exporting.only(made))
    else:
        for written in exporting.write(made, output):
            sys.stderr.write(f"wrote {written}\n")
    for gap in gaps:
        sys.stderr.write(f"note: {gap.path}{f':{gap.line}' if gap.line else ''}: {gap.reason}\n")


Repository = Annotated[Path, typer.Option("--path", help="The repository that it is for.", show_default="this folder")]


@policy_app.command("draft")
def policy_draft(
    requirement: Annotated[str, typer.Argument(help="What must be true, in a sentence or two.")],
    path: Repository = Path(),
    target: Annotated[
        list[str] | None,
        typer.Option("--target", help="Compile to these: rego, checkov.", show_default="rego"),
    ] = None,
    format: Annotated[str, typer.Option("--format", "-f", help="terminal | json | markdown.")] = "terminal",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A folder for an accepted policy.")] = None,
    add: Annotated[bool, typer.Option("--add", help="Add an accepted policy to .compliance/checks at once.")] = False,
) -> None:
    """Draft a policy with its tests from a requirement, or say why not; exit 0 when it is accepted."""
    from copilot import policymaking, wiring
    from copilot.drafting import policies

    if format not in policymaking.FORMATS:
        raise UsageError(f"--format {format}: not one of {', '.join(policymaking.FORMATS)}")
    wanted = policymaking.targets(target or ())
    bench = wiring.policy_bench(path)
    drafted = policies.draft(
        requirement, wiring.language_model(), bench, policymaking.search(bench.library)
    )  # fmt: skip
    made = policymaking.compiled(drafted, wanted, wiring.named_checkov())
    report = {"json": policymaking.as_json, "markdown": policymaking.as_markdown, "terminal": policymaking.as_text}
    sys.stdout.write(report[format](drafted, made))
    if output is not None:
        files = policymaking.as_files(drafted, made)
        policymaking.write(output, files)
        sys.stderr.write(
            f"wrote {len(files)} files to {output}\n" if files else "nothing is written of what is not accepted\n"
        )
    if add and policymaking.exit_code(drafted) == 0:
        _add_policy(policymaking.policy_of(drafted), path)
    raise typer.Exit(policymaking.exit_code(drafted))


@policy_app.command("add")
def policy_add(
    folder: Annotated[Path, typer.Argument(help="A folder that `policy draft --output` wrote.")],
    path: Repository = Path(),
) -> None:
    """Judge a drafted policy again, and make it a check of the repository with its tests as examples."""
    from copilot import policymaking

    file = folder / policymaking.DRAFT
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}", hint="name a folder that --output wrote") from error
    raise typer.Exit(0 if _add_policy(policymaking.stored(data, str(file)), path) else 1)


def _add_policy(policy: Policy, path: Path) -> bool:
    from copilot import policymaking, wiring

    decided, made = policymaking.added(policy, wiring.policy_bench(path))
    if not made:
        sys.stdout.write(policymaking.head(decided) + "\n")
        return False
    policymaking.write(path, made)
    sys.stderr.write(f"wrote {len(made)} files under {path / policymaking.OWN}: `ccopilot scan` uses them\n")
    return True


command_line.register(app)


# --- what the commands share ---------------------------------------------------------------------------------------


def _scan(
    path: Path, *, checks: list[str] | None, skip: list[str] | None, severity: str, fail_on: str, baseline: Path | None,
    policy: Path | None, var_file: list[str] | None, environment: str, now: str, drafts: bool, plan: Path | None = None,
    model: bool = False,
) -> Run:  # fmt: skip
    from copilot import pipeline, wiring
    from copilot.snapshot import Snapshot

    if path.is_file():
        snapshot = Snapshot.from_folder(path.resolve().parent, paths=[path.name])
    else:
        snapshot = Snapshot.from_folder(path)
    drafter, counted = _drafter(model and drafts)
    asked = wiring.Asked(
        checks=tuple(checks or ()), skip=tuple(skip or ()), severity=severity, fail_on=fail_on, now=now, policy=policy,
        baseline=baseline, var_files=tuple(var_file or ()), environment=environment, drafts=drafts, plan=plan,
        folder=path.parent if path.is_file() else path, drafter=drafter,
    )  # fmt: skip
    settings = wiring.settings(asked, snapshot)
    report = wiring.progress()
    done = pipeline.scan(snapshot, settings, subject=str(path), progress=report)
    report("")
    _tell(counted)
    return done


def _seen(
    pr: str, report: Callable[[str], None], *, posts: bool, against: Mapping[str, object], partial: Mapping[str, object]
) -> Seen:  # fmt: skip
    """A pull request on GitHub, read; options that do not go with one, or with showing its review, are refused first."""
    from copilot import wiring

    if not pr:
        raise UsageError("--post goes with --pr", hint="name the pull request to write to, like --pr OWNER/REPO#17")
    for name, given in against.items():
        if given:
            raise UsageError(
                f"{name} and --pr exclude each other", hint="a pull request has a base and a head of its own"
            )
    for name, given in partial.items():
        if posts and given:
            raise UsageError(
                f"{name} and --post exclude each other",
                hint="what is shown on a pull request is the whole review by its own policy",
            )
    if missing := wiring.missing_packages("github"):
        raise UsageError(
            f"--pr needs PyGithub ({', '.join(missing)}), which is not installed",
            hint=installing("github"),
        )
    from github_app import reviewing

    report(f"reading {pr}")
    return reviewing.look(pr, os.environ)


def _drafter(wanted: bool) -> tuple[ModelDrafter, Metered] | tuple[None, None]:
    """What drafts with the configured model, and counts its calls; nothing where none is wanted or configured."""
    from copilot import wiring

    found = wiring.model() if wanted else None
    if found is None:
        return None, None
    return wiring.drafter(found, limits=wiring.model_settings()), found


def _tell(counted: Metered | None) -> None:
    if counted is not None and counted.calls:
        sys.stderr.write(f"{counted.told()}\n")


def _check_formats(format: str, for_: str, output: list[Path] | None) -> None:
    """Refuse what could not be written before anything is judged."""
    from copilot import render

    if format not in render.FORMATS:
        raise UsageError(f"--format {format}: not one of {', '.join(render.FORMATS)}")
    if for_ not in ("", "github"):
        raise UsageError(f"--for {for_}: only github reads SARIF in a way of its own")
    for target in output or ():
        if target.suffix not in _SUFFIXES:
            raise UsageError(f"--output {target}: the suffix is not one of {', '.join(_SUFFIXES)}")


def _write(target: Path, data: bytes) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    except OSError as error:
        raise UsageError(f"{target}: {error.strerror or error}", hint="name a place that can be written") from error


_SLICE = 1 << 20


def _show(review: Review, format: str, for_: str, output: list[Path] | None, verbose: bool) -> None:
    _write_out(review, format, for_, output, verbose)
    raise typer.Exit(review.conclusion.exit_code)


def _write_out(review: Review, format: str, for_: str, output: list[Path] | None, verbose: bool) -> None:
    from copilot import render

    for target in output or ():
        text = render.render(review, _SUFFIXES[target.suffix], render.Options(for_github=for_ == "github"))
        _write(target, text.encode("utf-8", "replace"))
    terminal = sys.stdout.isatty()
    options = render.Options(
        width=os.get_terminal_size().columns if terminal else 100, colour=terminal and "NO_COLOR" not in os.environ,
        unicode=(sys.stdout.encoding or "").lower().startswith("utf"), verbose=verbose, for_github=for_ == "github",
    )  # fmt: skip
    text = render.render(review, format, options)
    for at in range(0, len(text), _SLICE):  # what is written at once is encoded at once
        sys.stdout.write(text[at : at + _SLICE])
    sys.stdout.flush()


def _stats(done: Run) -> None:
    from collections import Counter

    reasons: Counter[str] = Counter()
    judged = undecided = 0
    for judgements in done.assessment.judgements:
        for judgement in judgements:
            judged += judgement.verdict != "not_applicable"
            if judgement.verdict == "undecided":
                undecided += 1
                leaf = next(iter(judgement.outcome.culprits(None)), judgement.outcome)
                reasons[_kind_of(leaf)] += 1
    share = 100 * undecided / judged if judged else 0.0
    sys.stderr.write(f"{judged} evaluations, {undecided} undecided ({share:.1f} %)\n")
    for reason, count in reasons.most_common(25):
        sys.stderr.write(f"{count:7}  {reason}\n")


def _kind_of(leaf: Any) -> str:
    from copilot.model import Unknown

    if isinstance(leaf.value, Unknown):
        return f"{leaf.value.reason}({leaf.value.detail})" if leaf.value.reason == "function" else leaf.value.reason
    return str(leaf.reason)[:100] or "unknown"


def _waivers(path: Path, now: str, *, check: bool) -> None:
    from copilot import waivers, wiring
    from copilot.snapshot import Snapshot

    done = _scan(
        path, checks=None, skip=None, severity="", fail_on="", baseline=None, policy=None, var_file=None, environment="",
        now=now, drafts=False,
    )  # fmt: skip
    known = wiring.library()
    today = wiring._today(now)
    standing = waivers.standings(
        waivers.load(Snapshot.from_folder(path), resolve=known.resolve), today, findings=done.review.findings
    )
    for each in standing:
        about = f"{each.waiver.check} {each.waiver.address}"
        sys.stdout.write(f"{each.state:10} {about} {each.waiver}{' - ' + each.remedy if each.remedy else ''}\n")
    bad = any(each.state != "active" for each in standing)
    raise typer.Exit(1 if check and bad else 0)


def _version(value: bool) -> None:
    if value:
        sys.stdout.write(f"ccopilot {__version__}\n")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options of every command."""


def program() -> None:
    """`main` as a program of its own: it ends at once, without taking apart what the system takes back anyway."""
    try:
        main()
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code if isinstance(end.code, int) else 1 if end.code else 0)


def main() -> None:
    """Run the command line; an error becomes one line with its remedy, our bug becomes a request to report it."""
    # A run builds trees of values and ends; looking for cycles among them takes a third of its time and finds none.
    gc.disable()
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except CopilotError as error:
        sys.stderr.write(f"error: {error}\n" + (f"  help: {error.hint}\n" if error.hint else ""))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted\n")
        sys.exit(130)
    except Exception as error:  # the last place where anything is told
        _last_words(error)


def _last_words(error: Exception) -> None:
    # Releases of typer differ in whose command-line errors these are; they are known by what they can do.
    if isinstance(error, typer.Abort):
        sys.exit(130)
    show = getattr(error, "show", None)
    if callable(show) and hasattr(error, "exit_code"):
        show(sys.stderr)
        sys.exit(3)
    if os.environ.get("CCOPILOT_TRACEBACK"):
        raise error
    sys.stderr.write(
        f"error: a bug in ccopilot {__version__}: {type(error).__name__}: {error}\n"
        "  help: run it again with CCOPILOT_TRACEBACK=1 and report what it prints\n"
    )
    sys.exit(70)


if __name__ == "__main__":
    program()
