"""The library of rules for the command: a line or two for each, and a draft of one."""

from collections.abc import Iterator, Mapping
from typing import Any

from fraudshield.errors import InvalidInput, NotFound
from infra.cli.job_client import Answer
from infra.cli.policy.client import PolicyClient
from infra.cli.policy.document import CONTENT

Entry = Mapping[str, Any]


def lines(rules: list[Answer]) -> Iterator[str]:
    """Name, event type, outcome and cost of each rule, and below it its sentence."""
    width = max((len(one["rule"]["code"]) for one in rules), default=0)
    for one in rules:
        yield f"{one['rule']['code']:<{width}}  {one['event_type']:<12}  {one['rule']['outcome']:<7}  {cost(one)}"
        yield f"  {one['says']}"


def cost(entry: Entry) -> str:
    """What a payment costs in reads with it."""
    queries, look_ups = entry["reads"]["queries"], entry["reads"]["look_ups"]
    parts = [
        f"{queries} {'query' if queries == 1 else 'queries'}" if queries else "",
        f"{look_ups} look-up{'' if look_ups == 1 else 's'}" if look_ups else "",
    ]
    return " and ".join(filter(None, parts)) or "reads nothing"


def drafted(client: PolicyClient, name: str, event_type: str | None) -> tuple[Answer, str]:
    """A draft of what is in force with this rule, and the event type; nothing is decided by it.

    Raises NotFound: there is no such rule; InvalidInput: it stands there already, or what it needs is not there.
    """
    entry = next((one for one in client.library() if one["rule"]["code"] == name), None)
    if entry is None:
        raise NotFound(f"The library has no rule {name}; `fraudshield policy library` lists them")
    of_type = PolicyClient(client.url, client.key, event_type or entry["event_type"])
    before = of_type.in_force()
    content = {part: before[part] for part in CONTENT if before.get(part) is not None}
    if name in (rule["code"] for rule in content["rules"]):
        raise InvalidInput(f"Version {before['version']} of {of_type.event_type} has the rule {name} already")
    changed = {**content, "rules": [*content["rules"], entry["rule"]], "note": f"{name} of the library"}
    try:
        return of_type.draft(changed, before["version"]), of_type.event_type
    except InvalidInput as exc:
        raise InvalidInput(f"{exc}{_needs(entry)}") from exc


def _needs(entry: Entry) -> str:
    """What has to be there first, as commands and names."""
    lists = [f"`fraudshield lists put {name} --kind {kind}`" for name, kind in entry["lists"].items()]
    needed = [f"{name} among the aggregates of the event type" for name in entry["aggregates"]] + lists
    return f"; it needs {' and '.join(needed)}" if needed else ""
