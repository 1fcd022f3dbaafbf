"""In-memory mail outboxes and a mail service that fail where the test says; subscribers and alerts to try them with."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from fraudshield.errors import NotFound
from fraudshield.notification.alert import Alert, Severity
from fraudshield.notification.content import MailContent, MailTemplates
from fraudshield.notification.dispatcher import Dispatcher
from fraudshield.notification.link import Links
from fraudshield.notification.mail import Mail
from fraudshield.notification.port import MailOutbox, MailUnavailable, OutboxTaken, Unreadable
from fraudshield.notification.schedule import MOST_ALERTS, Waiting
from fraudshield.notification.subscriber import QuietHours, Subscriber, SubscriberStatus

START = datetime(2026, 11, 24, 10, tzinfo=UTC)
LINKS = Links(b"k" * 32, "https://fraud.example")


class Killed(BaseException):
    """Stands for the end of the process: nobody catches it."""


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, step: timedelta) -> None:
        self.now += step


@dataclass
class FakeMailOutboxes:
    """The `MailOutboxes` port in dicts. `before` is called with the name of every write, and may raise."""

    people: dict[str, Subscriber] = field(default_factory=dict)
    boxes: dict[str, MailOutbox] = field(default_factory=dict)
    mails: dict[str, tuple[Mail, tuple[Alert, ...]]] = field(default_factory=dict)
    queued: dict[str, dict[str, Alert]] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)
    before: Callable[[str], None] = lambda _: None

    def add(self, subscriber: Subscriber, *alerts: Alert) -> None:
        self.people[subscriber.subscriber_id] = subscriber
        self.queued.setdefault(subscriber.subscriber_id, {}).update({one.alert_id: one for one in alerts})

    def subscribers(self) -> list[Subscriber]:
        return list(self.people.values())

    def outbox(self, subscriber_id: str) -> MailOutbox:
        if subscriber_id in self.damaged:
            raise Unreadable(subscriber_id)
        return self.boxes.get(subscriber_id, MailOutbox(subscriber_id))

    def waiting(self, subscriber_id: str) -> Waiting:
        alerts = sorted(self.queued.get(subscriber_id, {}).values(), key=lambda one: (one.raised_at, one.alert_id))
        return Waiting(tuple(alerts[:MOST_ALERTS]))

    def open(self, outbox: MailOutbox, mail: Mail, alerts: Sequence[Alert]) -> None:
        self.before("open")
        self._write(replace(outbox, open_mail=mail.mail_id))
        self.mails[mail.mail_id] = (mail, tuple(alerts))

    def mail(self, mail_id: str) -> tuple[Mail, tuple[Alert, ...]]:
        if mail_id not in self.mails:
            raise NotFound(mail_id)
        return self.mails[mail_id]

    def keep(self, outbox: MailOutbox, mail: Mail | None = None) -> None:
        self.before("keep")
        self._write(outbox)
        if mail is not None and self.mails[mail.mail_id][0].is_open:
            self.mails[mail.mail_id] = (mail, self.mails[mail.mail_id][1])

    def drop(self, subscriber_id: str, alerts: Sequence[Alert]) -> None:
        self.before("drop")
        for alert in alerts:
            self.queued[subscriber_id].pop(alert.alert_id, None)

    def forget(self, subscriber_id: str) -> None:
        self.before("forget")
        for kept in (self.people, self.queued, self.boxes):
            kept.pop(subscriber_id, None)

    def _write(self, outbox: MailOutbox) -> None:
        if self.outbox(outbox.subscriber_id).version != outbox.version:
            raise OutboxTaken(outbox.subscriber_id)
        self.boxes[outbox.subscriber_id] = replace(outbox, version=outbox.version + 1)


@dataclass
class FakeSender:
    """A sender that keeps its mails. `fault` says for each attempt what goes wrong, and may raise `Killed` itself."""

    clock: Clock
    taken: list[tuple[datetime, str, str, MailContent]] = field(default_factory=list)  # when, mail, address, content
    fault: Callable[[], str] = lambda: ""
    attempts: int = 0

    def send(self, address: str, mail_id: str, content: MailContent) -> None:
        self.attempts += 1
        fault = self.fault()
        if fault == "refused":
            raise MailUnavailable("Throttling")
        self.taken.append((self.clock.now, mail_id, address, content))
        if fault == "lost":
            raise MailUnavailable("ReadTimeoutError", unknown=True)
        if fault == "killed":
            raise Killed

    @property
    def repeats(self) -> Counter[str]:
        """How often each mail went out beyond once."""
        return Counter(mail_id for _, mail_id, _, _ in self.taken) - Counter({one for _, one, _, _ in self.taken})


@dataclass
class Dispatching:
    """A dispatcher with its clock, its mail outboxes and its mail service."""

    mails_per_hour: int = 12
    clock: Clock = field(default_factory=Clock)
    outboxes: FakeMailOutboxes = field(default_factory=FakeMailOutboxes)
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.sender = FakeSender(self.clock)

    def run(self) -> None:
        """One run of a new dispatcher, as after a start of the process."""
        templates = MailTemplates(LINKS)
        dispatcher = Dispatcher(self.outboxes, self.sender, templates, self.mails_per_hour, self.clock, self.done)
        dispatcher.run(lambda: True)

    def runs(self, number: int, every: timedelta = timedelta(minutes=1)) -> None:
        """Several runs, with the clock moved between them."""
        for _ in range(number):
            self.run()
            self.clock.forward(every)

    def mail(self) -> list[Mail]:
        """All mails, oldest first."""
        return [mail for mail, _ in self.outboxes.mails.values()]


def alert(number: int = 1, severity: Severity = Severity.HIGH, at: datetime = START, **changes: object) -> Alert:
    """The alert of a transaction."""
    told = Alert(
        alert_id=f"transaction#t-{number}",
        kind="fraud",
        severity=severity,
        raised_at=at,
        about=f"t-{number}",
        title=f"TRANSFER of {number:,}.00, risk 97.3 %, blocked",
        why=("The amount is 99.9 % of the sender's balance", "The receiver is not a merchant"),
        path=f"/#/transactions/t-{number}",
    )
    return replace(told, **changes)  # type: ignore[arg-type]


def subscriber(
    name: str = "anna", status: SubscriberStatus = SubscriberStatus.CONFIRMED, quiet_hours: QuietHours | None = None
) -> Subscriber:
    """Somebody who wants every fraud alert."""
    return Subscriber(
        subscriber_id=f"{name}-id",
        notification_type="high_risk_alerts",
        name=name.title(),
        email=f"{name}@example.org",
        severity=Severity.WARNING,
        quiet_hours=quiet_hours,
        status=status,
        created_at=START,
        confirmed_at=START,
    )
