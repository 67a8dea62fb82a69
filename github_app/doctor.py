"""Whether the App can do its work on GitHub: what it was granted against what it needs, as lines of `ccopilot doctor`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from copilot.doctor import Line
from github_app import permissions
from github_app.permissions import Permission

if TYPE_CHECKING:
    from github_app.client import App, Hook, Installed
    from github_app.settings import AppSettings

PREFIX = "CCOPILOT_GITHUB_"


def examine(environment: Mapping[str, str]) -> Iterator[Line]:
    """What is set up and what GitHub says of it; one line where nothing is set up. No secret is in any line."""
    if not any(name.startswith(PREFIX) and value for name, value in environment.items()):
        yield Line("GitHub App", "off", "none is set up; `ccopilot setup` creates one")
        return
    if find_spec("github") is None:
        yield Line("GitHub App", "failed", "one is set up, and the extra app is not installed")
        return
    from github_app.client import App
    from github_app.settings import AppSettings, AppUnset

    try:
        settings = AppSettings.of(environment)
    except AppUnset as error:
        for said in str(error).splitlines()[1:]:
            yield Line("GitHub App", "failed", said.strip())
        return
    yield from _secrets(settings)
    yield from _app(settings, App(settings.app_id, settings.private_key, base_url=settings.api_url))


def _secrets(settings: AppSettings) -> Iterator[Line]:
    from github_app.settings import SHORT

    shortest = min(map(len, settings.webhook_secrets))
    if shortest < SHORT:
        yield Line(
            "webhook secret",
            "warns",
            f"it has {shortest} bytes, and can be guessed; take 32 from a generator of random ones",
        )
    else:
        several = len(settings.webhook_secrets)
        yield Line("webhook secret", "ok", f"{several} are set: end the change of secrets" if several > 1 else "is set")


def _app(settings: AppSettings, app: App) -> Iterator[Line]:
    from github_app.client import GitHubFailed, KeyUnusable, NotThere, Unauthorised

    named = f"App {settings.app_id} at {settings.api_url}"
    try:
        known = app.registration()
    except KeyUnusable as error:
        yield Line("GitHub App", "failed", f"{error}; {error.hint}")
        return
    except Unauthorised:
        yield Line(
            "GitHub App", "failed",
            f"{named}: GitHub does not accept the private key: it is another App's or was removed, or this clock is wrong",
        )  # fmt: skip
        return
    except NotThere:
        yield Line("GitHub App", "failed", f"{named}: GitHub knows none of this number; look at CCOPILOT_GITHUB_APP_ID")
        return
    except GitHubFailed as error:
        yield Line("GitHub App", "failed", f"{named}: {error}")
        return
    yield Line("GitHub App", "ok", f"{named} is {known.slug or known.page}")
    yield from _granted("permissions asked for", known.permissions, f"{known.page}/permissions")
    unheard = permissions.unheard(known.events)
    yield Line(
        "events", "failed" if unheard else "ok",
        "; ".join(f"{each.name} is not sent: {each.why}" for each in unheard) or f"{len(permissions.EVENTS)} are sent",
    )  # fmt: skip
    try:
        yield _hook(app.hook())
        installations = app.installations()
    except GitHubFailed as error:
        yield Line("installations", "failed", str(error))
        return
    if not installations:
        yield Line("installations", "warns", f"it is installed nowhere; {known.page}/installations/new")
    for each in installations:
        yield from _installation(each)


def _installation(each: Installed) -> Iterator[Line]:
    subject = f"installed for {each.account}"
    if each.suspended:
        yield Line(subject, "warns", "suspended: nothing is reviewed there")
        return
    yield from _granted(subject, each.permissions, f"an owner accepts new ones at {each.page}")


def _granted(subject: str, granted: Mapping[str, str], where: str) -> Iterator[Line]:
    lacking = permissions.missing(granted)
    needed = [each for each in lacking if not each.commits]
    if needed:
        yield Line(subject, "failed", f"{_lacks(needed)}; {where}")
    else:
        yield Line(subject, "ok", "everything that a review needs is granted")
    # What may not even be read need not be told a second time for writing.
    told = {each.name for each in needed}
    if wanted := [each for each in lacking if each.commits and each.name not in told]:
        yield Line(subject, "off", _lacks(wanted))
    if surplus := permissions.more(granted):
        yield Line(subject, "warns", f"more than is ever used: {', '.join(surplus)}; {where}")


def _lacks(several: Sequence[Permission]) -> str:
    return "; ".join(f"{each.name}: {each.access} is missing: {each.why}" for each in several)


def _hook(hook: Hook) -> Line:
    if not hook.url:
        return Line("webhook", "failed", "GitHub knows no address to send deliveries to")
    wrong = [
        said
        for fine, said in (
            (hook.signed, "it has no secret at GitHub: every delivery is refused"),
            (hook.json, "its content type is not application/json: every delivery is refused"),
        )
        if not fine
    ]
    if wrong:
        return Line("webhook", "failed", f"{hook.url}: {'; '.join(wrong)}")
    if not hook.verified or hook.url.startswith("http://"):
        return Line("webhook", "warns", f"{hook.url}: GitHub does not verify the certificate")
    return Line("webhook", "ok", f"GitHub sends to {hook.url}")
