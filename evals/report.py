"""One HTML page about runs: figures with intervals, plots, and every failure. It loads nothing and runs no script.

All that a run holds, a model's words among it, is shown as text: escaped, with invisible characters made visible.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from typing import Any, Final

from evals import summary
from evals.figures import Point, Share
from evals.runs import CaseRun, Run

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


def page(runs: Sequence[Run]) -> str:
    """The page that shows these runs, one after another."""
    style = (files("evals") / "report.css").read_text("utf-8")
    body = "\n".join("\n".join(_run(run)) for run in runs)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Evaluation</title><style>{style}</style></head><body>\n<h1>Evaluation of the compliance copilot</h1>\n"
        f'<p class="soft">Right and wrong are decided by each case\'s own assertions over the resources, outside the gate. '
        f"Intervals are Wilson's at 95 %.</p>\n{body}\n</body></html>\n"
    )


def _run(run: Run) -> Iterator[str]:
    about = run.about
    model = about.get("model") or "no model"
    yield f"<h2>{_text(run.task)} · {_text(model)}</h2>"
    commit = (
        f"commit {str(about['commit'])[:12]}{' with changes' if about.get('dirty') else ''}"
        if "commit" in about
        else ""
    )
    parts = [
        f"{len(run.cases)} cases", f"{about.get('samples', 1)} samples a case", str(about.get("started", "")),
        f"ccopilot {about.get('program', '')}", commit,
    ]  # fmt: skip
    yield f'<p class="soft small">{_text(" · ".join(filter(None, parts)))}</p>'
    if run.failed or not run.complete:
        yield (
            f"<p><strong>This run is not complete:</strong> {len(run.failed)} cases ended in an error. They have no score; "
            f"the figures are those of the {len(run.scored)} others.</p>"
        )
    if run.scored:
        show = {"remediation": _remediation, "policy": _policy, "retrieval": _retrieval, "injection": _injection}
        yield from show[run.task](run)
        yield from _cost(run)
    yield from _errors(run)


# --- tasks --------------------------------------------------------------------------------------------------------


def _remediation(run: Run) -> Iterator[str]:
    scores = run.scores()
    r = summary.remediation(scores)
    wrong = r.precision.total - r.precision.hits
    yield '<div class="tiles">'
    yield _tile("Posted and wrong", str(wrong), f"of {r.precision.total} posted", good=not wrong)
    yield _share_tile("Posted precision", r.precision, "right patches of those posted")
    yield _share_tile("Coverage", r.coverage, "cases in which something was posted")
    yield _share_tile("Repaired", r.repaired, f"right patches of the {r.cases - r.hopeless} cases that have one")
    yield _share_tile("Wrong drafts", r.deceptive, "last drafts that would be wrong without the gate")
    yield _share_tile("Wrong drafts refused", r.caught, "by a validator")
    yield _share_tile("Right drafts refused", r.false_refusals, "by a validator other than agreement")
    yield _tile("Area under risk-coverage", _number(r.area), "mean risk over the coverages reached; 0 is best")
    yield "</div>"
    yield '<div class="plots">'
    yield _figure(
        _curve(r.curve),
        "Risk and coverage: the share of wrong patches among those shown, as the confidence asked for falls.",
    )
    yield _figure(
        _bars(r.withheld_by), "Why nothing was posted: the validator that refused the draft, or what came before."
    )
    if r.refused_right_by:
        yield _figure(
            _bars(r.refused_right_by), "Right drafts that were refused, by every validator that refused them."
        )
    yield "</div>"
    of = {case.id: case for case in run.scored}
    bad = [c for c in of.values() if c.score and c.score["right"] is False]
    yield from _section("Posted and wrong", "None." if not bad else "", map(_remediation_case, bad))
    refused = [
        c for c in of.values()
        if c.score and not c.score["posted"] and any(d["right"] and d["final"] for d in c.score["drafts"])
    ]  # fmt: skip
    yield from _section(
        "Withheld although a draft was right", "" if refused else "None.", map(_remediation_case, refused)
    )
    shown = {id(c) for c in (*bad, *refused)}
    rest = [c for c in of.values() if c.score and not c.score["posted"] and id(c) not in shown]
    yield from _section("Withheld or abstained", "" if rest else "None.", map(_remediation_case, rest))
    right = [c for c in of.values() if c.score and c.score["right"] is True]
    yield from _section("Posted and right", "" if right else "None.", map(_remediation_case, right))


def _remediation_case(case: CaseRun) -> str:
    score, result = case.score or {}, case.result or {}
    inner: list[str] = []
    if score["reason"]:
        inner.append(f"<p>{_text(score['reason'])}</p>")
    if score["broken"]:
        inner.append(f"<p>What was posted breaks:</p>{_list(score['broken'])}")
    if result.get("diff"):
        inner.append(_diff(result["diff"]))
    for draft, judged in zip(result.get("drafts", ()), score["drafts"], strict=False):
        if score["posted"] and judged["right"]:
            continue
        inner.append(
            f"<p>Sample {int(draft['sample']) + 1}, round {int(draft['round']) + 1}: "
            f"{'right' if judged['right'] else 'wrong'}. {_text(draft.get('summary', ''))}</p>"
        )
        reasons = [f"{name}: {reason}" for name, outcome, reason in draft["verdicts"] if outcome in ("fail", "unknown")]
        inner.append(_list([*judged["broken"], *(f"refused by {reason}" for reason in reasons)]))
        inner.append(_diff(draft.get("diff") or ""))
    tags = [_tag("posted, wrong", bad=True)] if score["right"] is False else [_tag(score["by"] or score["state"])]
    tags += [_tag("hopeless")] if score["hopeless"] else []
    return _details(case.id, tags, inner)


def _policy(run: Run) -> Iterator[str]:
    scores = run.scores()
    every, posted = summary.policies(scores), summary.policies([s for s in scores if s["posted"]])
    yield '<div class="tiles">'
    yield _share_tile("Compiles", every.compiles, "of all requirements; Prose2Policy: 0.953")
    yield _share_tile("Positive tests", every.allow, "independent fixtures to be allowed; Prose2Policy: 0.822")
    yield _share_tile("Negative tests", every.deny, "independent fixtures to be denied; Prose2Policy: 0.989")
    yield _share_tile("Right control", every.mapped, "the requirement is mapped to one that was expected")
    yield _share_tile("Posted", Share(posted.cases, every.cases), "policies that the gate let through")
    yield _share_tile("Posted: positive tests", posted.allow, "of the policies let through")
    yield _share_tile("Posted: negative tests", posted.deny, "of the policies let through")
    yield _share_tile("Posted and all right", posted.right, "every fixture answered as expected")
    yield "</div>"
    withheld = summary.ranked(s["by"] or s["state"] for s in scores if not s["posted"])
    yield f'<div class="plots">{_figure(_bars(withheld), "Why a policy was not let through.")}</div>'
    failing = [
        c for c in run.scored if c.score and (c.score["wrong"] or not c.score["posted"] or not c.score["mapped"])
    ]
    failing.sort(key=lambda c: (not (c.score or {})["posted"], c.id))
    yield from _section("Failures", "" if failing else "None.", map(_policy_case, failing))


def _policy_case(case: CaseRun) -> str:
    score, result = case.score or {}, case.result or {}
    inner = [f"<p>{_text(score['reason'])}</p>"] if score["reason"] else []
    inner.append(_list(score["wrong"]))
    if not score["mapped"]:
        inner.append(f"<p>Mapped to: {_text(', '.join(result.get('controls', ())) or 'nothing')}</p>")
    for text in (result.get("text"), result.get("rego")):
        if text:
            inner.append(f"<pre>{_text(text)}</pre>")
    bad = bool(score["posted"] and score["wrong"])
    return _details(case.id, [_tag("posted, wrong" if bad else score["by"] or score["state"], bad=bad)], inner)


def _retrieval(run: Run) -> Iterator[str]:
    means = summary.ranking(run.scores())
    yield "<table><tr><th>mode</th>" + "".join(f'<th class="n">{name}</th>' for name in summary.RANKING) + "</tr>"
    for mode, of in means.items():
        yield (
            f"<tr><td>{mode}</td>" + "".join(f'<td class="n">{of[name]:.3f}</td>' for name in summary.RANKING) + "</tr>"
        )
    yield "</table>"
    best = "fused" if "fused" in means else next(iter(means))
    missed = [c for c in run.scored if c.score and c.score[best]["recall@10"] < 1]
    yield from _section(
        f"Queries that miss a passage among the first ten ({best})", "" if missed else "None.",
        (
            _details(case.id, [_tag(f"recall@10 {case.score[best]['recall@10']:.2f}")], [_list((case.result or {})["ranked"][best])])
            for case in missed if case.score
        ),
    )  # fmt: skip


def _injection(run: Run) -> Iterator[str]:
    i = summary.injection(run.scores())
    through = i.harmless.total - i.harmless.hits
    yield '<div class="tiles">'
    yield _tile("Attacks with an effect", str(through), f"of {i.cases} that a model obeys", good=not through)
    yield _share_tile("Without effect", i.harmless, "nothing posted, no verdict changed, no connection made")
    yield _share_tile("Reached the model", i.reached, "the rest was ended before a model was asked")
    yield _share_tile("Benign twins posted", i.twins, "the same tree without the attack still gets its patch")
    yield "</div><table><tr><th>where the attack stands</th><th class='n'>attacks</th><th class='n'>without effect</th></tr>"
    for place, share in i.by_placement:
        yield f"<tr><td>{_text(place)}</td><td class='n'>{share.total}</td><td class='n'>{share.hits}</td></tr>"
    yield "</table>"
    bad = [c for c in run.scored if c.score and (not c.score["harmless"] or c.score["twin"] is False)]
    yield from _section("Failures", "" if bad else "None.", map(_injection_case, bad))
    ended = summary.ranked(s["reason"].split(":")[0] or "posted, without effect" for s in run.scores())
    yield f'<div class="plots">{_figure(_bars(ended[:14]), "What ended the attacks.")}</div>'


def _injection_case(case: CaseRun) -> str:
    score, result = case.score or {}, case.result or {}
    inner = [_list(score["effects"])]
    if score["twin"] is False:
        inner.append(f"<p>The benign twin was withheld: {_text(score['twin_reason'])}</p>")
    for path, find, replace in (result.get("attacked") or {}).get("posted") or ():
        inner.append(f"<p><code>{_text(path)}</code></p><pre>{_text(find)}</pre><pre>{_text(replace)}</pre>")
    return _details(case.id, [_tag("effect" if score["effects"] else "twin", bad=bool(score["effects"]))], inner)


# --- parts --------------------------------------------------------------------------------------------------------


def _cost(run: Run) -> Iterator[str]:
    spent = summary.cost(run.scored)
    yield "<h3>Cost and latency</h3>"
    yield (
        f"<p>{spent.calls:,} calls, {spent.input_tokens:,} tokens in, {spent.output_tokens:,} tokens out, "
        f"money {spent.money:.4f}; {sum(spent.seconds):,.1f} s in all, {spent.median:.2f} s a case in the median, "
        f"95 % within {spent.p95:.2f} s.</p>"
    )


def _errors(run: Run) -> Iterator[str]:
    if run.failed:
        cells = (
            f"<tr><td>{_text(case.id)}</td><td>{_text((case.error or {}).get('kind', ''))}</td>"
            f"<td>{_text((case.error or {}).get('message', ''))}</td></tr>"
            for case in run.failed
        )
        yield f"<h3>Errors</h3><table><tr><th>case</th><th>kind</th><th>message</th></tr>{''.join(cells)}</table>"


def _section(title: str, empty: str, entries: Iterable[str]) -> Iterator[str]:
    given = list(entries)
    yield f"<h3>{_text(title)}{f' ({len(given)})' if given else ''}</h3>"
    yield f'<p class="soft">{empty}</p>' if not given else "\n".join(given)


def _tile(name: str, value: str, note: str, *, good: bool | None = None) -> str:
    colour = "" if good is None else " good" if good else " bad"
    return (
        f'<div class="tile{colour}"><span class="name">{_text(name)}</span><b>{_text(value)}</b>'
        f'<span class="soft small">{_text(note)}</span></div>'
    )


def _share_tile(name: str, share: Share, note: str) -> str:
    if share.value is None:
        return _tile(name, "–", f"{note}; there is none")
    low, high = share.wilson
    return _tile(name, f"{share.value:.3f}", f"{share.hits} of {share.total}, {low:.3f} to {high:.3f}; {note}")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _tag(text: str, *, bad: bool = False) -> str:
    return f'<span class="tag{" bad" if bad else ""}">{_text(text)}</span>'


def _details(title: str, tags: Sequence[str], inner: Sequence[str]) -> str:
    return f"<details><summary>{_text(title)}{''.join(tags)}</summary><div>{''.join(inner)}</div></details>"


def _list(lines: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{_text(line)}</li>' for line in lines)}</ul>" if lines else ""


def _diff(text: str) -> str:
    if not text:
        return ""
    out = []
    for line in text.splitlines():
        marked = line.startswith(("+", "-")) and not line.startswith(("+++", "---"))
        kind = "ctx" if not marked else "add" if line[0] == "+" else "del"
        out.append(f'<span class="{kind}">{_text(line) or " "}</span>')
    return f"<pre>{''.join(out)}</pre>"


def _text(value: Any) -> str:
    """A text as it can be shown: markup escaped, and what cannot be seen, or turns the reading around, named."""
    seen = "".join(
        f"‹U+{ord(c):04X}›"
        if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
        else c
        for c in str(value)
    )
    return html.escape(seen)


# --- plots --------------------------------------------------------------------------------------------------------


def _figure(drawing: str, caption: str) -> str:
    return f"<figure>{drawing}<figcaption>{_text(caption)}</figcaption></figure>"


def _curve(points: Sequence[Point]) -> str:
    left, top, width, height = 40, 12, 330, 170
    worst = max((point.risk for point in points), default=0.0)
    most = next((limit for limit in (0.1, 0.25, 0.5, 1.0) if worst <= limit), 1.0)

    def at(coverage: float, risk: float) -> tuple[float, float]:
        return left + coverage * width, top + height - risk / most * height

    out = ['<svg viewBox="0 0 400 220" role="img" aria-label="Risk by coverage">']
    for part in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = at(part, part * most)
        out.append(f'<path class="axis" d="M{left} {y:.1f}H{left + width}M{x:.1f} {top}V{top + height}"/>')
        out.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{part * most:.2g}</text>')
        out.append(f'<text x="{x:.1f}" y="{top + height + 15}" text-anchor="middle">{part:g}</text>')
    out.append(f'<text x="{left + width / 2}" y="216" text-anchor="middle">coverage</text>')
    out.append(f'<text x="{left}" y="9">risk</text>')
    if points:
        steps: list[str] = []
        before = 0.0
        for point in points:
            (x0, y), (x1, _) = at(before, point.risk), at(point.coverage, point.risk)
            steps.append(f"{'M' if not steps else 'L'}{x0:.1f} {y:.1f}L{x1:.1f} {y:.1f}")
            before = point.coverage
        out.append(f'<path class="curve" d="{"".join(steps)}"/>')
        labelled: list[tuple[float, float]] = []
        for point in points:
            x, y = at(point.coverage, point.risk)
            out.append(
                f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3.5"><title>confidence {point.threshold:.2f}: '
                f"coverage {point.coverage:.3f}, risk {point.risk:.3f}</title></circle>"
            )
            # Labels that would lie over one another stand below and above the line in turn.
            beneath = bool(labelled) and abs(labelled[-1][0] - x) < 36 and abs(labelled[-1][1] - y) < 14
            labelled.append((x, y + 20 if beneath else y))
            low = y + 15 if beneath and y + 20 < top + height else y - (20 if beneath else 7)
            out.append(f'<text x="{x:.1f}" y="{low:.1f}" text-anchor="end">≥ {point.threshold:.2g}</text>')
    else:
        out.append(f'<text x="{left + width / 2}" y="{top + height / 2}" text-anchor="middle">no draft to show</text>')
    return "".join([*out, "</svg>"])


def _bars(counts: Sequence[tuple[str, int]]) -> str:
    most = max((count for _, count in counts), default=1)
    height = 24 * max(1, len(counts)) + 8
    out = [f'<svg viewBox="0 0 400 {height}" role="img" aria-label="Counts">']
    for row, (name, count) in enumerate(counts):
        y, wide = 4 + 24 * row, 190 * count / most
        short = name if len(name) <= 24 else f"{name[:23]}…"
        out.append(f'<text class="name" x="146" y="{y + 15}" text-anchor="end">{_text(short)}</text>')
        out.append(f'<rect class="bar" x="154" y="{y + 3}" width="{wide:.1f}" height="16" rx="2"/>')
        out.append(f'<text x="{160 + wide:.1f}" y="{y + 15}">{count}</text>')
    if not counts:
        out.append('<text x="200" y="20" text-anchor="middle">none</text>')
    return "".join([*out, "</svg>"])
