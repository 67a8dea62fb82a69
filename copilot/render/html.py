"""The report as one page of HTML: no script, nothing loaded from elsewhere; it prints, and follows dark and light.

A content security policy inside the page forbids what the page does not have, in case an escape is ever missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from copilot import __version__
from copilot.model import Abstained, Approved, Finding, Review, Withheld
from copilot.render import DEFAULT, Options
from copilot.render.escape import Redaction
from copilot.render.escape import html as escaped
from copilot.render.excerpts import diff_lines, excerpt
from copilot.render.story import (
    approved,
    baseline_line,
    chain,
    doubts,
    effect,
    evaluated_line,
    example,
    exempt,
    exemption,
    first_shown,
    gaps_by_kind,
    gaps_line,
    groups,
    many,
    no_remedy,
    older_line,
    origin,
    proof,
    requirements,
    safety,
    sections,
    subject_line,
    title_line,
    told,
    where_else,
)

_PLACES: Final = 3
_IN_FULL: Final = 40
"""Findings of a section, or checks of a scan, whose excerpt and suggestion are on the page; the rest are listed."""

_STYLE: Final = """
:root { color-scheme: light dark; --ground: #ffffff; --ink: #1c2128; --soft: #57606a; --line: #d0d7de; --panel: #f6f8fa;
  --critical: #a40e26; --high: #b4320a; --medium: #7d5200; --low: #0b5cad; --good: #116329; --mark: #fff1c2;
  --add: #dafbe1; --remove: #ffebe9; --link: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --ink: #e6edf3; --soft: #a3adb8; --line: #3d444d;
  --panel: #161b22; --critical: #ff8f87; --high: #ffa372; --medium: #e3b341; --low: #79c0ff; --good: #56d364;
  --mark: #4d3b00; --add: #0f3a1e; --remove: #4c1519; --link: #79c0ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 62rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; border-left: .4rem solid var(--state); padding-left: .8rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; }
h3 { font-size: 1.05rem; margin: 0; }
p { margin: .4rem 0; }
a { color: var(--link); }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: .85em; }
code { overflow-wrap: anywhere; }
.clean { --state: var(--good); } .findings { --state: var(--critical); }
.observed, .incomplete { --state: var(--medium); }
.soft, dt { color: var(--soft); }
.warning { color: var(--medium); font-weight: 600; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; padding: 0; margin: .8rem 0 0; }
article { border: 1px solid var(--line); border-left: .3rem solid var(--severity); border-radius: .4rem;
  margin: 1rem 0; padding: .8rem 1rem; }
.critical { --severity: var(--critical); } .high { --severity: var(--high); }
.medium { --severity: var(--medium); } .low { --severity: var(--low); }
.badge { display: inline-block; font-size: .75rem; font-weight: 700; text-transform: uppercase; letter-spacing: .04em;
  color: var(--severity); border: 1px solid var(--severity); border-radius: 1rem; padding: 0 .6em; margin-right: .5em;
  vertical-align: .1em; }
.effect { font-weight: 600; color: var(--severity); }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: .3rem; margin: .6rem 0; padding: .5rem .7rem;
  overflow-x: auto; line-height: 1.45; }
mark { background: var(--mark); color: inherit; border-radius: .15rem; }
ins, del { display: inline-block; min-width: 100%; text-decoration: none; }
ins { background: var(--add); } del { background: var(--remove); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .6rem 0; font-size: .92rem; }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
summary { cursor: pointer; color: var(--link); }
footer { margin-top: 3rem; padding-bottom: 2rem; color: var(--soft); font-size: .85rem; }
.skip { position: absolute; left: -100vw; } .skip:focus { left: 1rem; top: 1rem; background: var(--ground); padding: .5rem; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .3rem; } }
@media print { nav, .skip { display: none; } body { font-size: 11pt; } article, pre { break-inside: avoid; }
  pre { white-space: pre-wrap; } details::details-content { content-visibility: visible; height: auto; }
  mark, ins, del, .badge { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""


def render(review: Review, options: Options = DEFAULT) -> str:
    """The review as a page of its own; ends with a line break."""
    return "\n".join(_Page(review, options).lines()) + "\n"


class _Page:
    """The lines of one page; `text` and `code` are safe for any text."""

    def __init__(self, review: Review, options: Options) -> None:
        self.review = review
        self.all = options.verbose
        self.hidden = Redaction.of(review)

    def text(self, text: str) -> str:
        return escaped(self.hidden(text))

    def code(self, text: object) -> str:
        return f"<code>{escaped(self.hidden(str(text)))}</code>"

    def lines(self) -> Iterator[str]:
        review = self.review
        parts = list(self.review_parts() if review.kind == "review" else self.scan_parts())
        parts += self.other_parts()
        title = self.text(title_line(review))
        yield "<!doctype html>"
        yield '<html lang="en">'
        yield "<head>"
        yield '<meta charset="utf-8">'
        yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
        yield f"<title>{title}</title>"
        yield f"<style>{_STYLE}</style>"
        yield "</head>"
        yield f'<body class="{review.conclusion.state}">'
        yield '<a class="skip" href="#report">Skip to the report</a>'
        yield "<header>"
        yield f"<h1>{title}</h1>"
        if gaps := gaps_line(review):
            yield f'<p class="warning">{self.text(gaps)}</p>'
        line = subject_line(review)
        yield f'<p class="soft">{self.text(line[:1].upper() + line[1:])}</p>'
        if review.roots:
            yield f'<p class="soft">{self.text(evaluated_line(review))}</p>'
        if parts:
            yield '<nav aria-label="Sections"><ul>'
            yield from (f'<li><a href="#{id}">{heading}</a></li>' for id, heading, _ in parts)
            yield "</ul></nav>"
        yield "</header>"
        yield '<main id="report">'
        for id, heading, body in parts:
            yield f'<section aria-labelledby="{id}">'
            yield f'<h2 id="{id}">{heading}</h2>'
            yield from body
            yield "</section>"
        for sentence in (older_line(review) if review.kind == "review" else "", baseline_line(review)):
            if sentence:
                yield f'<p class="soft">{sentence}</p>'
        yield from self.roots()
        yield "</main>"
        yield f"<footer><p>compliance-copilot {__version__}. <code>ccopilot explain FINDING</code> says why a finding is one; "
        yield "<code>ccopilot waiver request CHECK ADDRESS</code> asks to accept a risk for a time.</p></footer>"
        yield "</body>"
        yield "</html>"

    # --- sections: an id, a heading, lines ---

    def review_parts(self) -> Iterator[tuple[str, str, list[str]]]:
        first = first_shown(self.review, told(self.review))
        explained: set[str] = set()
        for section in sections(self.review):
            body = [f'<p class="soft">{section.intro}</p>'] if section.intro else []
            room = len(section.findings) if self.all else _IN_FULL
            for finding in section.findings[:room]:
                explain = finding.check not in explained
                explained.add(finding.check)
                body += self.article(finding, explain=explain, first=first.get(finding.fingerprint))
            if rest := section.findings[room:]:
                body += self.places(f"{len(rest):,} more", rest)
            yield section.name, f"{section.title} ({len(section.findings):,})", body

    def scan_parts(self) -> Iterator[tuple[str, str, list[str]]]:
        gathered = groups(self.review, told(self.review))
        if not gathered:
            return
        overview = [
            '<table><thead><tr><th scope="col">Severity</th><th scope="col">Check</th><th scope="col">What is wrong</th>'
            '<th scope="col" class="number">Places</th><th scope="col" class="number">Proved fixes</th></tr></thead><tbody>'
        ]
        for at, group in enumerate(gathered):
            fixes = len(list(approved(self.review, group.findings)))
            overview.append(
                f'<tr class="{group.severity}"><td><span class="badge">{group.severity}</span></td>'
                f'<td><a href="#check-{at}">{self.code(group.check.id)}</a></td><td>{self.text(group.findings[0].message)}</td>'
                f'<td class="number">{len(group.findings):,}</td><td class="number">{fixes:,}</td></tr>'
            )
        yield "overview", f"Overview ({many(len(gathered), 'check')})", [*overview, "</tbody></table>"]
        body: list[str] = []
        for at, group in enumerate(gathered):
            finding, others = example(self.review, group)
            body.append(f'<div id="check-{at}">')
            if at < _IN_FULL or self.all:
                body += self.article(finding, explain=True, first=None, others=others)
            else:
                body += self.places(
                    f"{self.code(group.check.id)}: {many(len(group.findings), 'place')}", group.findings
                )
            body.append("</div>")
        yield "checks", f"Findings ({sum(len(group.findings) for group in gathered):,})", body

    def other_parts(self) -> Iterator[tuple[str, str, list[str]]]:
        if found := doubts(self.review):
            items = (
                f"{self.code(doubt.check)}: {self.text(doubt.reason)} ({self.listed([str(f.place) for f in doubt.findings])})"
                for doubt in found
            )
            yield "undecided", f"Undecided ({sum(len(doubt.findings) for doubt in found):,})", _items(items)
        if exceptions := exempt(self.review):
            items = (
                f"{self.code(each.check)} on {self.code(each.address)} at {self.code(each.place)}: {self.text(exemption(each))}"
                for each in exceptions
            )
            yield "exceptions", f"Exceptions ({len(exceptions):,})", _items(items)
        if notes := self.review.notes:
            yield "notes", f"Exceptions that do not count ({len(notes):,})", _items(map(self.text, notes))
        for at, (title, count, members) in enumerate(gaps_by_kind(self.review)):
            items = (
                ": ".join(filter(None, (self.listed(gap.places), self.text(f"{gap.reason}; {gap.remedy}" if gap.remedy else gap.reason))))
                for gap in members
            )  # fmt: skip
            yield f"gaps-{at}", f"{title} ({count:,})", _items(items)

    def roots(self) -> Iterator[str]:
        if not self.review.roots:
            return
        columns = ("Files", "Resources", "Passed", "Failed", "Undecided", "Not applicable")
        yield '<section aria-labelledby="roots"><h2 id="roots">What was evaluated</h2>'
        yield '<table><thead><tr><th scope="col">Root</th><th scope="col">Environment</th>'
        yield "".join(f'<th scope="col" class="number">{column}</th>' for column in columns) + "</tr></thead><tbody>"
        for root in self.review.roots:
            counts = (root.files, root.resources, root.passed, root.failed, root.undecided, root.not_applicable)
            cells = "".join(f'<td class="number">{count:,}</td>' for count in counts)
            yield f"<tr><td>{self.code(root.name)}</td><td>{self.text(root.environment)}</td>{cells}</tr>"
        yield "</tbody></table></section>"

    # --- one finding ---

    def article(
        self, finding: Finding, *, explain: bool, first: str | None, others: Sequence[Finding] = ()
    ) -> Iterator[str]:
        """One finding in full; `first` is the fingerprint under which its suggestion stands already."""
        said = effect(self.review, finding)
        yield f'<article class="{finding.severity}" id="finding-{escaped(finding.fingerprint)}">'
        yield f'<h3><span class="badge">{finding.severity}</span>{self.text(finding.message)}</h3>'
        yield f"<p>{self.code(finding.address)} at {self.code(finding.place)}" + (
            f' <span class="effect">{self.text(said)}</span></p>' if said else "</p>"
        )
        yield from self.excerpt(finding)
        yield "<dl>"
        for label, text in (*self.facts(finding), *(self.about(finding) if explain else ())):
            yield f"<dt>{label}</dt><dd>{text}</dd>"
        yield "</dl>"
        yield from self.remedy(finding, first)
        if others:
            fixes = len(list(approved(self.review, others)))
            proved = f", {fixes:,} with a proved fix" if fixes else ""
            yield from self.places(f"{len(others):,} like it{proved}", others)
        yield "</article>"

    def excerpt(self, finding: Finding) -> Iterator[str]:
        shown = excerpt(self.review.sources, finding.place)
        if not shown.lines:
            return
        width = len(str(shown.lines[-1].number))
        rows = []
        for line in shown.lines:
            parts = (line.text[: line.start], line.text[line.start : line.end], line.text[line.end :])
            if self.hidden.hides(line.text):
                body = escaped(self.hidden(line.text), tabs=True)
            else:
                before, meant, after = (escaped(part, tabs=True) for part in parts)
                body = f"{before}<mark>{meant}</mark>{after}" if meant else before + after
            rows.append(f'<span class="soft">{line.number:>{width}} </span>{body}')
        if shown.more:
            rows.append(f'<span class="soft">{many(shown.more, "more line")}</span>')
        yield f'<pre aria-label="Source">{chr(10).join(rows)}</pre>'

    def facts(self, finding: Finding) -> Iterator[tuple[str, str]]:
        if steps := chain(finding):
            yield "Value", ", ".join(f"{step.verb} {self.code(step.place)}" for step in steps)
        if finding.callers:
            yield "Called at", self.listed([str(place) for place in finding.callers])
        if where := where_else(finding):
            yield "In", self.text(where)
        if finding.reason:
            yield "Because", self.text(finding.reason)
        if finding.requested:
            yield "Exception", self.text(exemption(finding))
        yield "Check", f"{self.code(finding.check)}, finding {self.code(finding.fingerprint)}"

    def about(self, finding: Finding) -> Iterator[tuple[str, str]]:
        check = self.review.checks[finding.check]
        yield "Control", f"{self.text(check.control_title)} ({self.code(check.control)})"
        if mapped := requirements(check):
            yield "Maps to", self.text("; ".join(map(str, mapped)))
        if check.rationale:
            yield "Why", self.text(check.rationale)

    def remedy(self, finding: Finding, first: str | None) -> Iterator[str]:
        match self.review.remedies.get(finding.fingerprint):
            case Approved() if first:
                yield f'<p>Settled by <a href="#finding-{escaped(first)}">the suggestion for {self.code(first)}</a>.</p>'
            case Approved() as remedy:
                yield f"<p><strong>Suggestion:</strong> {self.text(remedy.draft.summary)} ({self.text(origin(remedy.draft))})</p>"
                yield f'<pre aria-label="Suggested change">{"".join(self.diff(remedy.diff))}</pre>'
                tone = "" if remedy.draft.safety == "safe" and not remedy.replaces else ' class="warning"'
                yield f"<dl><dt>Effect</dt><dd{tone}>{self.text(safety(remedy))}</dd>"
                yield f"<dt>Proved</dt><dd>{self.text(proof(remedy))}</dd></dl>"
            case (Withheld() | Abstained()) as remedy:
                yield f"<p><strong>No suggestion:</strong> {self.text(no_remedy(remedy))}</p>"

    def diff(self, diff: str) -> Iterator[str]:
        """The lines of a diff; what is added and removed says so to those who do not see colours, too."""
        for line in diff_lines(self.hidden(diff)):
            text = escaped(line.marked, tabs=True)
            match line.kind:
                case "add":
                    yield f"<ins>{text}</ins>\n"
                case "remove":
                    yield f"<del>{text}</del>\n"
                case "same":
                    yield f"{text}\n"
                case "file":
                    yield f"<strong>{text}</strong>\n"
                case _:
                    yield f'<span class="soft">{text}</span>\n'

    # --- lists ---

    def places(self, summary: str, findings: Sequence[Finding]) -> Iterator[str]:
        """Findings as a list of places that opens; short lists are open."""
        yield f"<details{' open' if len(findings) <= _PLACES else ''}><summary>{summary}</summary><ul>"
        yield from (f"<li>{self.code(each.place)} {self.code(each.address)}</li>" for each in findings)
        yield "</ul></details>"

    def listed(self, places: Sequence[str]) -> str:
        shown = places if self.all else places[: 3 * _PLACES]
        more = f" and {len(places) - len(shown):,} more" if len(places) > len(shown) else ""
        return ", ".join(map(self.code, shown)) + more


def _items(items: Iterable[str]) -> list[str]:
    return ["<ul>", *(f"<li>{item}</li>" for item in items), "</ul>"]
