"""What the laptop cloud says in the terminal: the page at its start, and a line per request."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from infra.laptop.apigateway.access_log import ServedRequest
from infra.laptop.apigateway.api_key import AWS_LENGTH, ApiKey
from infra.laptop.process.dynamodb_engine import DynoxideEngine, Engine, ExternalEngine, MotoEngine
from infra.laptop.running import RunningCloud

STYLE = {2: "green", 3: "cyan", 4: "yellow", 5: "bold red"}  # by the status's first digit
METHOD_WIDTH, PATH_WIDTH = 7, 38  # with the longest key's name a line has 80 columns
CUT = "..."
PAGE_KEY = "ADMIN_API_KEY"


def page(running: RunningCloud) -> RenderableType:
    """All that somebody needs who just started it."""
    table = Table.grid(padding=(0, 2))
    table.add_row(Text("page", style="bold"), _sign_in(running))
    table.add_row(Text("gateway", style="bold"), Text(running.gateway))
    for service in running.listeners:
        table.add_row(Text(service.name), Text(f"{service.url}  (no key: acts as admin)"))
    for key in running.keys:
        table.add_row(Text(key.setting), _key(key))
    table.add_row(Text("mails"), Text(f"{running.outbox}  (no mail leaves this machine)"))
    table.add_row(Text("data"), _data(running.engine))
    table.add_row(Text("logs"), Text(running.logs))
    up = Text(f"FraudShield is up after {running.start_s:.1f} s; Ctrl-C ends it.", style="bold green")
    return Group(up, Text(), table, *(_warning(key) for key in running.keys if key.too_short_for_aws), Text())


def line(one: ServedRequest) -> Text:
    """A request: method, path, status, milliseconds, the key's name; below it what went wrong behind a 5xx."""
    said = Text(f"{_short(one.method, METHOD_WIDTH)} {_short(one.path, PATH_WIDTH)} ")
    said.append(str(one.status), style=STYLE[one.status // 100])
    said.append(f" {one.ms:8.1f} ms  {one.key or '-'}", style="dim")
    if one.note:
        said.append(f"\n  {one.note}", style="red")
    return said


def _short(text: str, width: int) -> str:
    """`text` in just `width` characters."""
    return f"{text:<{width}}" if len(text) <= width else text[: width - len(CUT)] + CUT


def _sign_in(running: RunningCloud) -> Text:
    """A link that signs in: the browser keeps what stands behind the # to itself, and the page takes it away."""
    key = next(one for one in running.keys if one.setting == PAGE_KEY)
    link = f"{running.page}/#key={key.value}" if key.made else f"{running.page}/  (sign in with {PAGE_KEY})"
    return Text(link, overflow="fold")


def _key(key: ApiKey) -> Text:
    """A key that people set is theirs to know; one made here must be shown to be of use."""
    return Text(f"{key.value}  (made here)") if key.made else Text("as you set it")


def _warning(key: ApiKey) -> Text:
    short = f"{key.setting} has {len(key.value)} characters: enough here, but AWS takes {AWS_LENGTH} and more."
    return Text(short, style="yellow")


def _data(engine: Engine) -> Text:
    match engine:
        case MotoEngine():
            return Text(f"{engine.name}, in memory only: it is gone when this ends", style="yellow")
        case DynoxideEngine(database=database):
            return Text(f"{engine.name}, in {database}: it survives a restart")
        case ExternalEngine(endpoint=endpoint):
            return Text(f"at {endpoint}, as {engine.name}")
