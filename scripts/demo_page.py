"""The page of a pull request as a person would see it, drawn from what the GitHub double holds and from nothing else.

Everything that is shown was written by somebody: a text is escaped, or is Markdown whose HTML is cut down to what folds.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from tests.github_app.double import Double, Pull

BOT = "ccopilot[bot]"
EMOJI = {
    "+1": "👍",
    "-1": "👎",
    "eyes": "👀",
    "rocket": "🚀",
    "confused": "😕",
    "heart": "❤️",
    "hooray": "🎉",
    "laugh": "😄",
}
_TAG = re.compile(r"<!--.*?-->|</?(?:details|summary)>|<br\s*/?>", re.S)
_HEADER = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)")


# --- Markdown ------------------------------------------------------------------------------------------------------


def _html(text: str) -> str:
    """HTML of a comment: tags that fold stay, without arguments; comments go; all else is text."""
    out, at = [], 0
    for found in _TAG.finditer(text):
        out.append(escape(text[at : found.start()]))
        out.append("" if found[0].startswith("<!--") else found[0])
        at = found.end()
    return "".join([*out, escape(text[at:])])


@dataclass(frozen=True)
class Suggested:
    """The lines that a suggestion replaces, and the comment that makes it; `refusal` is why it cannot be committed."""

    comment: int
    old: tuple[str, ...]
    refusal: str


def _parser() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).disable(["image"])
    rules = made.renderer.rules

    def raw(tokens: Any, at: int, _options: Any, _env: Any) -> str:
        return _html(tokens[at].content)

    def fence(tokens: Any, at: int, _options: Any, env: Any) -> str:
        name, text = tokens[at].info.strip(), tokens[at].content
        if name == "suggestion" and env.get("suggested") is not None:
            return _suggestion(text.removesuffix("\n").split("\n"), env["suggested"])
        if name == "diff":
            return f'<pre class="code">{"".join(_diff_lines(text))}</pre>'
        return f'<pre class="code">{escape(text)}</pre>'

    rules["html_block"] = rules["html_inline"] = raw
    rules["fence"] = rules["code_block"] = fence
    return made


_MARKDOWN = _parser()


def markdown(text: str, suggested: Suggested | None = None) -> str:
    """A comment's text as HTML that can neither load, run nor imitate anything."""
    return str(_MARKDOWN.render(text, {"suggested": suggested}))


def _diff_lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        kind = {"+": "add", "-": "remove", "@": "hunk"}.get(line[:1], "same")
        if line.startswith(("+++", "---")):
            kind = "file"
        yield f'<span class="{kind}">{escape(line) or " "}</span>'


def _suggestion(new: list[str], about: Suggested) -> str:
    rows = "".join(
        f'<tr class="{kind}"><td class="sign">{sign}</td><td>{text}</td></tr>'
        for kind, sign, text in _pairs(about.old, new)
    )
    can = (
        f'<button data-do="commit" data-comment="{about.comment}" class="primary">Commit suggestion</button>'
        if not about.refusal
        else f'<button disabled title="{escape(about.refusal)}">Commit suggestion</button>'
    )
    return (
        '<div class="suggestion"><div class="bar">Suggested change</div>'
        f'<table class="lines">{rows}</table><div class="foot">{can}</div></div>'
    )


def _pairs(old: tuple[str, ...], new: list[str]) -> Iterator[tuple[str, str, str]]:
    """Lines taken away and lines put in their place, with what differs within a line marked."""
    for kind, a, b, c, d in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from (("same", "", escape(line)) for line in old[a:b])
            continue
        before, after = [escape(x) for x in old[a:b]], [escape(x) for x in new[c:d]]
        if b - a == d - c:
            before, after = map(
                list, zip(*(_within(x, y) for x, y in zip(old[a:b], new[c:d], strict=True)), strict=True)
            )
        yield from (("remove", "−", line) for line in before)
        yield from (("add", "+", line) for line in after)


def _within(old: str, new: str) -> tuple[str, str]:
    """Two lines, with the words marked that only one of them has; lines that have little in common stay unmarked."""
    a, b = re.findall(r"\w+|\W", old), re.findall(r"\w+|\W", new)
    matcher = difflib.SequenceMatcher(a=a, b=b, autojunk=False)
    if matcher.ratio() < 0.5:
        return escape(old), escape(new)
    left, right = [], []
    for kind, from_a, to_a, from_b, to_b in matcher.get_opcodes():
        for out, words in ((left, a[from_a:to_a]), (right, b[from_b:to_b])):
            text = escape("".join(words))
            out.append(f"<mark>{text}</mark>" if text and kind != "equal" else text)
    return "".join(left), "".join(right)


# --- the pull request ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pushed:
    """Commits that came to a pull request, by the double's running number at that moment."""

    pull: int
    at: int
    sha: str
    login: str
    message: str


class History:
    """The double's repository, as far as the page asks about it again and again."""

    def __init__(self, double: Double) -> None:
        self._double = double
        self._lines: dict[tuple[str, str], list[str] | None] = {}
        self._patches: dict[tuple[str, str], dict[str, str]] = {}

    def lines(self, commit: str, path: str) -> list[str] | None:
        """A file's lines in a commit; None where it has no such file."""
        if (commit, path) not in self._lines:
            found = subprocess.run(
                ["git", "-C", str(self._double.repository.folder), "cat-file", "blob", f"{commit}:{path}"],
                capture_output=True, check=False,
            )  # fmt: skip
            text = found.stdout.decode("utf-8", "replace")
            self._lines[commit, path] = text.split("\n") if found.returncode == 0 else None
        return self._lines[commit, path]

    def patch(self, pull: Pull, commit: str, path: str) -> str:
        """What a commit of a pull request changes in a file since it left its base."""
        start = pull.forked_at or self._double.tip(pull.base_ref)
        if (start, commit) not in self._patches:
            files = self._double.files(self._double.merge_base(start, commit), commit)
            self._patches[start, commit] = {each["filename"]: each.get("patch") or "" for each in files}
        return self._patches[start, commit].get(path, "")


class Thread:
    """One pull request; to be used while nothing is written to the double."""

    def __init__(
        self, history: History, double: Double, number: int, pushed: list[Pushed],
        seen: Mapping[int, list[tuple[float, str]]],
    ) -> None:  # fmt: skip
        self.history = history
        self.double = double
        self.pull: Pull = double.pulls[number]
        self.number = number
        self.pushed = [each for each in pushed if each.pull == number]
        self.seen = seen
        self.over: dict[str, bytes] = {}
        """Files of the head as they will be, while several suggestions are committed together."""

    def parts(self) -> list[dict[str, str]]:
        """Everything on the page from top to bottom, each part with a name that stays and a digest of what it shows."""
        found = [("head", self.head()), ("checks", self.checks()), ("description", self.description())]
        found += self.timeline()
        return [
            {"id": name, "html": html, "digest": hashlib.sha256(html.encode()).hexdigest()[:16]}
            for name, html in found
            if html
        ]

    def head(self) -> str:
        pull = self.pull
        state = "merged" if pull.merged else pull.state if pull.state == "closed" else "open"
        count = len(self.pushed) or 1
        return (
            f'<h1>{escape(pull.title)} <span class="soft">#{pull.number}</span></h1>'
            f'<p class="sub"><span class="state {state}">{state.capitalize()}</span> '
            f"<span><b>{escape(pull.author)}</b> wants to merge {count} commit{'s' if count != 1 else ''} into "
            f"<code>{escape(pull.base_ref)}</code> from <code>{escape(pull.head_ref)}</code></span></p>"
        )

    def checks(self) -> str:
        mine = {each.sha for each in self.pushed} | {self.pull.head}
        runs = [c for c in self.double.checks if c["head_sha"] in mine]
        here = [c for c in runs if c["head_sha"] == self.pull.head]
        if not here:
            body = '<p class="check waiting"><i class="dot"></i><span><b>No check yet</b> for this commit</span></p>'
        else:
            body = "".join(map(self.check, here[-1:]))
        older = runs[:-1] if here else runs
        if older:
            listed = "".join(map(self.check, reversed(older)))
            body += f'<details class="older"><summary>{len(older)} earlier</summary>{listed}</details>'
        return f'<section class="card checks"><div class="bar">Checks on <code>{self.pull.head[:7]}</code></div>{body}</section>'

    def check(self, check: Mapping[str, Any]) -> str:
        state = check["conclusion"] or check["status"]
        said = SAID.get(state, str(state).replace("_", " ").capitalize())
        steps = self.seen.get(check["id"], [])
        times = "".join(
            f" → {SAID.get(what, what.replace('_', ' ')).lower()} <span>{at:.1f} s</span>" for at, what in steps
        )
        more = ""
        if check["conclusion"] and check.get("summary"):
            rows = "".join(
                f'<tr><td class="level {escape(a["annotation_level"])}">{escape(a["annotation_level"])}</td>'
                f"<td><code>{escape(a['path'])}:{a['start_line']}</code></td><td>{escape(a['message'])}</td></tr>"
                for a in check["annotations"]
            )
            table = (
                f'<h4>{len(check["annotations"])} annotations</h4><table class="annotations">{rows}</table>'
                if rows
                else ""
            )
            more = f'<details><summary>Details</summary><div class="body">{markdown(check["summary"])}{table}</div></details>'
        return (
            f'<div class="check {escape(state)}"><i class="dot"></i><div><p><b>{escape(check["name"])}</b> '
            f'<span class="said">{said}</span>{" — " + escape(check["title"]) if check.get("title") else ""}</p>'
            f'<p class="soft small"><code>{check["head_sha"][:7]}</code> webhook{times}</p>{more}</div></div>'
        )

    def description(self) -> str:
        return self.box(self.pull.author, "opened this pull request", markdown(self.pull.body or "*No description.*"))

    def timeline(self) -> list[tuple[str, str]]:
        items: list[tuple[int, str, str]] = []
        for each in self.pushed:
            items.append((each.at, f"push-{each.sha}", self.commit(each)))
        for review in self.double.reviews:
            if review["pull"] == self.number:
                items.append((review["id"], f"review-{review['id']}", self.review(review)))
        for comment in self.double.comments:
            if comment["pull"] == self.number:
                login = comment["user"]["login"]
                html = self.box(
                    login, "commented", markdown(comment["body"]), reactions=self.reactions("issues", comment)
                )
                items.append((comment["id"], f"comment-{comment['id']}", html))
        return [(name, html) for _, name, html in sorted(items)]

    def commit(self, each: Pushed) -> str:
        return (
            f'<div class="event"><span class="node"></span>{_avatar(each.login)}<span><b>{escape(each.login)}</b> pushed '
            f"<code>{each.sha[:7]}</code> {escape(each.message)}</span></div>"
        )

    def review(self, review: Mapping[str, Any]) -> str:
        login = review["user"]["login"]
        verb = {"APPROVED": "approved these changes", "CHANGES_REQUESTED": "requested changes"}.get(
            review["state"], "reviewed"
        )
        text = markdown(review["body"]) if review["body"] else ""
        top = (
            f'<div class="event"><span class="node"></span>{_avatar(login)}<span><b>{escape(login)}</b>{_label(login)} {verb} at '
            f"<code>{review['commit_id'][:7]}</code></span></div>"
        )
        body = f'<div class="note">{text}</div>' if text else ""
        above = [
            c for c in self.double.line_comments
            if c["pull_request_review_id"] == review["id"] and not c.get("in_reply_to_id")
        ]  # fmt: skip
        return top + body + "".join(map(self.line_comment, above))

    def line_comment(self, comment: Mapping[str, Any]) -> str:
        double = self.double
        replies = [c for c in double.line_comments if c.get("in_reply_to_id") == comment["id"]]
        old = self.lines(comment["commit_id"], comment["path"])
        start = comment["start_line"] or comment["line"]
        refusal = self.refusal(comment, old)
        suggested = Suggested(comment["id"], tuple((old or [])[start - 1 : comment["line"]]), refusal)
        folded = comment["node_id"] in double.minimised
        where = f"{start}–{comment['line']}" if start != comment["line"] else str(comment["line"])
        tags = '<span class="tag">Outdated</span>' if refusal == OUTDATED else ""
        tags += '<span class="tag done">Resolved</span>' if folded else ""
        bar = f'<code>{escape(comment["path"])}</code><span class="soft">line {where}</span>{tags}'
        inside = f'<table class="lines">{self.hunk(comment)}</table>'
        for each in (comment, *replies):
            text = markdown(each["body"], suggested if each is comment else None)
            login = each["user"]["login"]
            inside += (
                f'<div class="said-by">{_avatar(login)}<div><p class="by"><b>{escape(login)}</b>{_label(login)}</p>'
                f'<div class="body">{text}</div>{self.reactions("pulls", each)}</div></div>'
            )
        if self.pull.state == "open":
            inside += (
                f'<form data-do="reply" data-comment="{comment["id"]}" class="reply"><input name="body" '
                'aria-label="Reply" placeholder="Reply… for example /compliance explain" autocomplete="off">'
                "<button>Reply</button></form>"
            )
        if folded:
            first = escape(_plain(comment["body"]))
            return f'<details class="card thread folded"><summary><span class="bar">{bar}</span><span class="first">{first}</span></summary>{inside}</details>'
        return f'<section class="card thread"><div class="bar">{bar}</div>{inside}</section>'

    def refusal(self, comment: Mapping[str, Any], old: list[str] | None) -> str:
        """Why the suggestion of a comment cannot be committed now; "" when it can."""
        if self.pull.state != "open":
            return "the pull request is closed"
        if old is None:
            return OUTDATED
        start = comment["start_line"] or comment["line"]
        now = self.lines(self.pull.head, comment["path"])
        shift = _moved(old, now or [], start, comment["line"])
        return "" if now is not None and shift is not None else OUTDATED

    def hunk(self, comment: Mapping[str, Any]) -> str:
        """The diff above a comment: the commented lines, and up to three before them, as far as its hunk goes."""
        patch = self.history.patch(self.pull, comment["commit_id"], comment["path"])
        first = (comment["start_line"] or comment["line"]) - 3
        rows, left, right = [], 0, 0
        for line in patch.split("\n"):
            header = _HEADER.match(line)
            if header:
                left, right = int(header[1]), int(header[2])
                continue
            if line.startswith("\\"):
                continue
            kind = {"+": "add", "-": "remove"}.get(line[:1], "same")
            if first <= right <= comment["line"] and not (kind == "remove" and right > comment["line"]):
                old, new = ("" if kind == "add" else left), ("" if kind == "remove" else right)
                rows.append(
                    f'<tr class="{kind}"><td class="at">{old}</td><td class="at">{new}</td>'
                    f'<td class="sign">{line[:1].replace("-", "−").strip()}</td><td>{escape(line[1:])}</td></tr>'
                )
            left += kind != "add"
            right += kind != "remove"
        return "".join(rows)

    def lines(self, commit: str, path: str) -> list[str] | None:
        if commit == self.pull.head and path in self.over:
            return self.over[path].decode("utf-8", "replace").split("\n")
        return self.history.lines(commit, path)

    def reactions(self, kind: str, item: Mapping[str, Any]) -> str:
        ours = [content for k, id, content in sorted(self.double.reactions) if (k, id) == (kind, item["id"])]
        theirs = [content for k, id, content, _ in self.double.opinions if (k, id) == (kind, item["id"])]
        counted = {content: [*ours, *theirs].count(content) for content in [*ours, *theirs]}
        if not counted:
            return ""
        return f'<p class="reactions">{"".join(f"<span>{EMOJI.get(c, escape(c))} {n}</span>" for c, n in counted.items())}</p>'

    def box(self, login: str, verb: str, body: str, *, reactions: str = "") -> str:
        ours = " ours" if login == BOT else ""
        return (
            f'<section class="card comment{ours}"><div class="bar">{_avatar(login)}<span><b>{escape(login)}</b>{_label(login)} '
            f'<span class="soft">{verb}</span></span></div><div class="body">{body}{reactions}</div></section>'
        )


SAID = {"queued": "Queued", "in_progress": "In progress", "success": "Successful", "failure": "Failing",
        "action_required": "Action required"}  # fmt: skip
OUTDATED = "these lines have changed since"


def _moved(old: list[str], new: list[str], start: int, end: int) -> int | None:
    """By how many lines a range moved between two versions of a file; None when it changed."""
    for block in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_matching_blocks():
        if block.a <= start - 1 and end <= block.a + block.size:
            return block.b - block.a
    return None


def committed(thread: Thread, comment: Mapping[str, Any]) -> tuple[str, bytes] | None:
    """Path and new content of the file that a comment's suggestion changes, as GitHub's button would write it now."""
    found = re.search(r"^(`{3,})suggestion\n(.*?)^\1\s*$", comment["body"], re.S | re.M)
    old = thread.lines(comment["commit_id"], comment["path"])
    if found is None or thread.refusal(comment, old):
        return None
    now = thread.lines(thread.pull.head, comment["path"]) or []
    start = comment["start_line"] or comment["line"]
    by = _moved(old or [], now, start, comment["line"]) or 0
    text = found[2].removesuffix("\n").split("\n")
    return comment["path"], "\n".join([*now[: start - 1 + by], *text, *now[comment["line"] + by :]]).encode()


def _plain(body: str) -> str:
    """The first words of a comment."""
    text = re.sub(r"<!--.*?-->|[*`#]", "", body, flags=re.S)
    return next((line.strip() for line in text.splitlines() if line.strip()), "")[:110]


def _avatar(login: str) -> str:
    if login == BOT:
        return '<span class="avatar bot" aria-hidden="true">cc</span>'
    hue = sum(map(ord, login)) * 47 % 360
    return f'<span class="avatar h{hue // 60}" aria-hidden="true">{escape(login[:1].upper())}</span>'


def _label(login: str) -> str:
    return ' <span class="tag">bot</span>' if login.endswith("[bot]") else ""


# --- around it -----------------------------------------------------------------------------------------------------


def side(double: Double, deliveries: list[tuple[str, str, str]], number: int, facts: list[str]) -> str:
    """What happened on the wire, and what other pull requests there are."""
    others = "".join(
        f'<li><a href="/pull/{p.number}">#{p.number} {escape(p.title)}</a> <span class="soft">{"merged" if p.merged else p.state}</span></li>'
        for p in double.pulls.values()
        if p.number != number
    )
    rows = "".join(
        f'<li class="sent"><span class="soft">{escape(at)}</span> <code>{escape(name)}</code> '
        f'<span class="{"good" if answer.startswith("2") else "bad"}">{escape(answer)}</span></li>'
        for at, name, answer in reversed(deliveries[-8:])
    )
    reads = sum(1 for entry in double.log if entry[0] == "GET")
    listed = "".join(f"<li>{escape(fact)}</li>" for fact in facts)
    return (
        (f"<h2>Other pull requests</h2><ul>{others}</ul>" if others else "")
        + f"<h2>Webhooks sent</h2><ul>{rows or '<li>none yet</li>'}</ul>"
        + f"<h2>What the App asked of GitHub</h2><p>{reads} reads, {len(double.log) - reads} writes</p>"
        + f"<h2>Processes</h2><ul>{listed}</ul>"
    )


def page(double: Double, number: int, shown: Mapping[str, Any], people: Mapping[str, str], nonce: str) -> str:
    """The page as it is now; its script asks again for what changes."""
    parts = "".join(f'<div id="{p["id"]}" data-digest="{p["digest"]}">{p["html"]}</div>' for p in shown["parts"])
    options = "".join(
        f'<option value="{escape(who)}">{escape(who)} ({escape(what)})</option>' for who, what in people.items()
    )
    chips = "".join(
        f'<button type="button" data-fill="/compliance {command}">{command.strip()}</button>'
        for command in ("help", "explain ", "fix ", "waive ", "rescan", "pause", "resume")
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>#{number} {escape(double.pulls[number].title)}</title>
<style nonce="{nonce}">{STYLE}</style></head>
<body data-pull="{number}">
<header class="top"><span class="mark">cc</span><a href="/">{escape(double.name)}</a>
<span class="soft">a GitHub double on this machine, and the real App</span><span id="live" role="status"></span></header>
<div class="page"><main id="parts">{parts}</main>
<aside>
<details class="box" open><summary>Do something</summary>
<label>as <select id="who">{options}</select></label>
<form data-do="comment"><textarea name="body" rows="2" aria-label="Comment" placeholder="/compliance help"></textarea>
<p class="chips">{chips}</p>
<button class="primary">Comment</button></form>
<p class="stack"><button data-do="all">Commit every suggestion</button>
<button data-do="problem">Push a commit with one more problem</button>
<button data-do="harmless">Push one that changes no infrastructure</button>
<button data-do="rerun">Re-run the check</button>
<span class="pair"><button data-do="approve">Approve</button><button data-do="merge">Merge</button></span></p>
<p id="answer" class="small" role="alert"></p></details>
<details class="box" open><summary>Behind it</summary><div id="side">{shown["side"]}</div></details>
</aside></div>
<script nonce="{nonce}">{SCRIPT}</script></body></html>
"""


STYLE = """
:root { color-scheme: light dark; --ground: #fff; --ink: #1f2328; --soft: #59636e; --line: #d1d9e0; --panel: #f6f8fa;
  --link: #0b5cad; --good: #116329; --bad: #b3131f; --wait: #8a5a00; --done: #6639ba; --primary: #1a7f37; --on: #fff;
  --add: #dafbe1; --add-mark: #9be9ae; --remove: #ffebe9; --remove-mark: #ffc1bc; --hunk: #eef4fb; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --ink: #e6edf3; --soft: #9aa4af; --line: #30363d; --panel: #151b23;
  --link: #79c0ff; --good: #56d364; --bad: #ff8f87; --wait: #e3b341; --done: #d2a8ff; --primary: #238636;
  --add: #10301b; --add-mark: #1f6a36; --remove: #3d1418; --remove-mark: #8a2a2f; --hunk: #121d2b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 14px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
code, pre, .lines { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 12px; }
code { background: var(--panel); border-radius: 4px; padding: .1em .35em; overflow-wrap: anywhere; }
a { color: var(--link); } .soft { color: var(--soft); } .small { font-size: 12px; } .good { color: var(--good); } .bad { color: var(--bad); }
.top { display: flex; gap: .6rem; align-items: center; padding: .6rem 1.25rem; border-bottom: 1px solid var(--line); background: var(--panel); flex-wrap: wrap; }
.top a { font-weight: 600; color: var(--ink); text-decoration: none; } #live { margin-left: auto; color: var(--soft); font-size: 12px; } #live.on { color: var(--good); } .top .soft { font-size: 13px; }
.mark, .avatar { display: inline-grid; place-items: center; flex: none; width: 1.7rem; height: 1.7rem; border-radius: 50%; font-size: 11px; font-weight: 700; color: #fff; background: #57606a; }
.mark, .avatar.bot { border-radius: 6px; background: #14532d; letter-spacing: -.03em; }
.h0 { background: #a4441c; } .h1 { background: #7a6200; } .h2 { background: #2d7a3a; } .h3 { background: #126a70; } .h4 { background: #2f57b5; } .h5 { background: #8e3a8c; }
.page { display: grid; grid-template-columns: minmax(0, 1fr) 17.5rem; gap: 2rem; max-width: 76rem; margin: 0 auto; padding: 1.25rem; align-items: start; }
h1 { font-size: 1.55rem; line-height: 1.25; font-weight: 500; margin: .2rem 0 .5rem; } h2 { font-size: .8rem; margin: 1.2rem 0 .3rem; }
.sub { margin: 0 0 1.1rem; display: flex; gap: .6rem; align-items: center; flex-wrap: wrap; color: var(--soft); } .sub b { color: var(--ink); }
.state { color: var(--on); background: var(--primary); border-radius: 2rem; padding: .25rem .8rem; font-weight: 600; } .state.merged { background: #6639ba; } .state.closed { background: #b3131f; }
.card { border: 1px solid var(--line); border-radius: 8px; margin: 0 0 1rem; overflow: clip; background: var(--ground); }
.bar { display: flex; gap: .55rem; align-items: center; flex-wrap: wrap; background: var(--panel); border-bottom: 1px solid var(--line); padding: .5rem .9rem; }
.comment.ours { border-color: color-mix(in srgb, var(--primary) 45%, var(--line)); }
.body { padding: .8rem .95rem; overflow-wrap: anywhere; } .body > :first-child { margin-top: 0; } .body > :last-child { margin-bottom: 0; }
.body h1, .body h2, .body h3, .body h4 { font-size: 1.05rem; font-weight: 600; margin: 1rem 0 .4rem; } .body h1 { font-size: 1.2rem; } .body p, .body ul { margin: .5rem 0; } .body ul { padding-left: 1.4rem; }
.body table { border-collapse: collapse; display: block; overflow-x: auto; font-size: 13px; } .body th, .body td { border: 1px solid var(--line); padding: .25rem .6rem; text-align: left; vertical-align: top; }
summary { cursor: pointer; color: var(--link); } summary:focus-visible, button:focus-visible, input:focus-visible, textarea:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
pre { overflow-x: auto; background: var(--panel); border-radius: 6px; padding: .6rem .8rem; margin: .6rem 0; } pre code { background: none; padding: 0; }
pre.code > span { display: block; min-width: max-content; } pre .add, tr.add td { background: var(--add); } pre .remove, tr.remove td { background: var(--remove); } pre .hunk, pre .file { color: var(--soft); }
.check { display: grid; grid-template-columns: auto 1fr; gap: .75rem; padding: .75rem .95rem; margin: 0; } .check + .check, .older .check { border-top: 1px solid var(--line); } .check p { margin: 0; } .check .body { padding: .6rem 0 0; }
.dot { width: .85rem; height: .85rem; margin-top: .28rem; border-radius: 50%; background: var(--soft); } .said { font-weight: 600; }
.success .dot { background: var(--good); } .success .said { color: var(--good); } .failure .dot { background: var(--bad); } .failure .said { color: var(--bad); }
.neutral .dot, .cancelled .dot { background: var(--soft); } .action_required .dot { background: var(--wait); } .action_required .said { color: var(--wait); }
.queued .dot, .in_progress .dot { background: none; border: 2px solid var(--wait); border-right-color: transparent; animation: turn 1s linear infinite; } .queued .said, .in_progress .said { color: var(--wait); }
.waiting .dot { background: none; border: 2px dashed var(--soft); } .check .older > summary, .older > summary { padding: .5rem .95rem; border-top: 1px solid var(--line); }
@keyframes turn { to { transform: rotate(1turn); } } @media (prefers-reduced-motion: reduce) { .dot { animation: none !important; } }
.annotations .level { text-transform: capitalize; } .level.failure { color: var(--bad); } .level.warning { color: var(--wait); }
.event { display: flex; gap: .6rem; align-items: center; margin: .2rem 0 1rem; padding-left: .35rem; } .event .node { width: .6rem; height: .6rem; border-radius: 50%; background: var(--line); flex: none; }
.note { margin: -.4rem 0 1rem 2rem; color: var(--soft); } .note p { margin: 0; } .thread { margin-left: 2rem; }
.tag { border: 1px solid var(--line); border-radius: 2rem; padding: 0 .5rem; font-size: 11px; font-weight: 500; color: var(--soft); } .tag.done { color: var(--done); border-color: var(--done); } .bar .soft { font-size: 12px; }
.lines { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; } .lines tbody { display: table; width: 100%; } .lines td { white-space: pre; padding: 1px .6rem 1px 0; width: 100%; } .lines td.at, .lines td.sign { width: 1%; min-width: 2.6rem; text-align: right; color: var(--soft); user-select: none; padding-right: .6rem; } .lines td.sign { min-width: 1.6rem; text-align: center; padding: 0; }
.thread > .lines { border-bottom: 1px solid var(--line); } mark { color: inherit; background: var(--add-mark); border-radius: 2px; } .remove mark { background: var(--remove-mark); }
.suggestion { border: 1px solid var(--line); border-radius: 6px; margin: .7rem 0; overflow: clip; } .suggestion .bar { font-size: 12px; padding: .3rem .7rem; } .suggestion .foot { padding: .5rem .7rem; border-top: 1px solid var(--line); text-align: right; background: var(--panel); } .body .suggestion table { font-size: 12px; } .body .suggestion td { border: 0; padding: 1px .6rem 1px 0; } .body .suggestion td.sign { padding: 1px 0; }
.said-by { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .7rem; padding: .8rem .95rem; } .said-by + .said-by { border-top: 1px solid var(--line); } .said-by .by { margin: .15rem 0 0; } .said-by .body { padding: .2rem 0 0; }
.reply { display: flex; gap: .5rem; padding: .6rem .95rem; border-top: 1px solid var(--line); background: var(--panel); } .reply input { flex: 1; min-width: 0; }
.folded > summary { list-style: none; color: var(--ink); } .folded > summary .bar { border: 0; } .folded > summary .first { display: block; padding: .4rem .95rem .5rem; color: var(--soft); background: var(--panel); font-size: 12px; } .folded[open] > summary .first { display: none; } .folded[open] > summary { border-bottom: 1px solid var(--line); }
.reactions { display: flex; gap: .4rem; margin: .6rem 0 0; } .reactions span { border: 1px solid var(--line); border-radius: 2rem; padding: .05rem .55rem; font-size: 12px; background: var(--panel); }
input, textarea, select, button { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: 6px; padding: .35rem .65rem; } textarea { width: 100%; resize: vertical; }
button { background: var(--panel); font-weight: 500; cursor: pointer; } button:hover:not(:disabled) { border-color: var(--soft); } button.primary { background: var(--primary); border-color: transparent; color: var(--on); } button:disabled { opacity: .55; cursor: not-allowed; }
aside { position: sticky; top: 1rem; max-height: calc(100vh - 2rem); overflow-y: auto; font-size: 13px; }
aside ul { list-style: none; margin: 0; padding: 0; } aside li { margin: .25rem 0; overflow-wrap: anywhere; } aside p { margin: .5rem 0; }
.box { border: 1px solid var(--line); border-radius: 8px; padding: .5rem .9rem; margin-bottom: 1rem; } .box > summary { font-weight: 600; color: var(--ink); } .box[open] > summary { margin-bottom: .6rem; } .box h2:first-child { margin-top: 0; }
.box label { display: block; margin-bottom: .5rem; } .stack { display: grid; gap: .35rem; } .stack button { text-align: left; } .pair { display: grid; grid-template-columns: 1fr 1fr; gap: .35rem; } .pair button { text-align: center; } .chips { display: flex; flex-wrap: wrap; gap: .3rem; } .chips button { font-size: 12px; padding: .05rem .55rem; border-radius: 2rem; }
.sent { display: flex; flex-wrap: wrap; gap: 0 .4rem; font-size: 12px; } #answer:empty { display: none; }
@media (max-width: 56rem) { .page { grid-template-columns: minmax(0, 1fr); gap: 1rem; padding: .9rem; } aside { position: static; max-height: none; order: -1; } .box { margin-bottom: .6rem; } .thread, .note { margin-left: 0; } h1 { font-size: 1.3rem; } }
"""

SCRIPT = """
const pull = document.body.dataset.pull, parts = document.getElementById("parts"), live = document.getElementById("live");
const who = document.getElementById("who"), answer = document.getElementById("answer"), side = document.getElementById("side");
let version = "";
if (matchMedia("(max-width: 56rem)").matches) for (const box of document.querySelectorAll(".box")) box.open = false;
async function refresh() {
  try {
    const state = await (await fetch(`/thread/${pull}?seen=${version}`)).json();
    live.textContent = "● live"; live.className = "on";
    if (state.same) return;
    let last = null, left = false;
    for (const part of state.parts) {
      let node = document.getElementById(part.id);
      if (!node || node.dataset.digest !== part.digest) {
        const busy = node && [...node.querySelectorAll("input")].some(input => input.value);
        left ||= busy;
        if (!busy) {
          const open = node ? [...node.querySelectorAll("details")].map(each => each.open) : [];
          const made = document.createElement("div");
          made.id = part.id; made.dataset.digest = part.digest; made.innerHTML = part.html;
          [...made.querySelectorAll("details")].forEach((each, at) => { if (open[at]) each.open = true; });
          if (node) node.replaceWith(made); else if (last) last.after(made); else { parts.replaceChildren(made); }
          node = made;
        }
      }
      last = node;
    }
    const known = new Set(state.parts.map(part => part.id));
    for (const node of [...parts.children]) if (!known.has(node.id)) node.remove();
    side.innerHTML = state.side;
    version = left ? "" : state.version;  // what is being typed in is drawn later
  } catch { live.textContent = "the demo has stopped"; live.className = ""; }
}
async function act(name, data) {
  answer.textContent = "";
  const sent = await fetch(`/do/${pull}/${name}`, { method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...data, who: who.value }) });
  answer.textContent = (await sent.json()).said;
  refresh();
}
document.addEventListener("click", event => {
  const button = event.target.closest("button[data-do], button[data-fill]");
  if (!button) return;
  if (button.dataset.fill) { const box = document.querySelector("form[data-do=comment] textarea"); box.value = button.dataset.fill; box.focus(); return; }
  act(button.dataset.do, { comment: Number(button.dataset.comment || 0) });
});
document.addEventListener("submit", event => {
  event.preventDefault();
  const form = event.target, field = form.elements.body, body = field.value;
  field.value = "";
  if (body.trim()) act(form.dataset.do, { body, comment: Number(form.dataset.comment || 0) });
});
(async function loop() { for (;;) { await refresh(); await new Promise(done => setTimeout(done, 700)); } })();
"""
