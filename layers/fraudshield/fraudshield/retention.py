"""Where data lies, and what becomes of an account's there when it is erased: a line for each store in the template."""

from dataclasses import dataclass
from typing import Literal

Fate = Literal["erased", "dropped_on_arrival", "ages_out", "holds_none"]


@dataclass(frozen=True, slots=True)
class Retention:
    """What an erasure means for one store; `days` are those after which nothing from before it is there."""

    fate: Fate
    why: str
    days: int = 0


BACK_UP_DAYS = 35  # DynamoDB's point-in-time recovery; it cannot be set lower by us
QUEUE_DAYS = 14
STREAM_DAYS = 1
MAIL_DAYS = 30  # an alert in a mail; the mail's own line stays longer and names nothing but a masked address
DESTINATION_DAYS = 400  # a year of trends, and the month that they are held against
MARK_DAYS = 90  # longer than anything that came before an erasure can come back: a queue, its redrive, a back-up
# By logical id in template.yaml; a contract test holds the two equal.
STORES = {
    "TransactionsTable": Retention(
        "erased",
        "The account's payments are deleted with all records under their ids; others' to it get a pseudonym",
    ),
    "ListsTable": Retention(
        "erased", "Entries of the account are deleted, those that it has left too; a note should say why and not who"
    ),
    "ErasuresTable": Retention(
        "ages_out",
        "A keyed hash of the name and when it was erased, so that what is still on its way is not kept",
        MARK_DAYS,
    ),
    "AggregatesTable": Retention(
        "ages_out",
        "Sums and counts over all accounts; of a day's dearest flagged destinations a keyed hash and a payment's id",
        DESTINATION_DAYS,
    ),
    "MonitoringTable": Retention("holds_none", "Health checks and alarms of the services"),
    "LogsTable": Retention("holds_none", "Warnings and errors of the functions, and counts of calls by route"),
    "NotificationsTable": Retention(
        "ages_out",
        "Names and addresses of subscribers only; alerts have a transaction's id, amount and reasons, no account",
        MAIL_DAYS,
    ),
    "JobsTable": Retention("holds_none", "Names of files, numbers of rows and times; a reason names no account"),
    "JobsBucket": Retention(
        "erased",
        "Files and results are rewritten without the account's rows, with a pseudonym in others', and old versions of "
        "them deleted; a version that its sender had replaced goes after a week",
    ),
    "FileErasuresQueue": Retention("holds_none", "Says only that there is something to do"),
    "FileErasuresDeadLetters": Retention("holds_none", "As FileErasuresQueue"),
    "JobsQueue": Retention("holds_none", "Names of files that came in"),
    "JobsDeadLetters": Retention("holds_none", "As JobsQueue"),
    "PoliciesTable": Retention(
        "holds_none",
        "Rules that administrators write; one that names an account has to be changed by them. No entry of the audit "
        "log names one",
    ),
    "AggregatesRetryQueue": Retention(
        "ages_out", "Holds a changed item only where it could not be counted; nothing is stored from it", QUEUE_DAYS
    ),
    "AggregatesDeadLetters": Retention("ages_out", "As AggregatesRetryQueue", QUEUE_DAYS),
    "AlertsRetryQueue": Retention(
        "ages_out",
        "Holds a changed item only where nobody could be told of it; no account is named from it",
        QUEUE_DAYS,
    ),
    "AlertsDeadLetters": Retention("ages_out", "As AlertsRetryQueue", QUEUE_DAYS),
    "MailQueue": Retention("holds_none", "Says that there may be mail, and nothing else"),
    "MailDeadLetters": Retention("holds_none", "As MailQueue"),
    "UnpersistedQueue": Retention(
        "dropped_on_arrival", "What waits there is dropped, or gets the pseudonym, before it is stored", QUEUE_DAYS
    ),
    "UnpersistedDeadLetters": Retention(
        "dropped_on_arrival", "As UnpersistedQueue, when it is sent there again", QUEUE_DAYS
    ),
    "IngestQueue": Retention(
        "dropped_on_arrival", "What waits there is dropped, or gets the pseudonym, before it is scored", QUEUE_DAYS
    ),
    "IngestDeadLetters": Retention("dropped_on_arrival", "As IngestQueue, when it is sent there again", QUEUE_DAYS),
    "AlarmsDeadLetters": Retention("holds_none", "Alarms of the services"),
    "NoticesDeadLetters": Retention("holds_none", "Alarms of the services, and names of files whose job has ended"),
    "FeedbackDeadLetters": Retention(
        "ages_out", "What became of mails, with addresses of subscribers; no account is in it", QUEUE_DAYS
    ),
    "ChecksDeadLetters": Retention("holds_none", "Names of checks by the clock"),
    "LogsDeadLetters": Retention("holds_none", "Lines of the functions' logs, which name no account"),
    "SigningSecret": Retention("holds_none", "A random text"),
}
# Beside the stores that the template names.
COPIES = {
    "back-ups of TransactionsTable": Retention(
        "ages_out", "Point-in-time recovery; after a restore the erasures since then are to be repeated", BACK_UP_DAYS
    ),
    "back-ups of ListsTable": Retention("ages_out", "As those of TransactionsTable", BACK_UP_DAYS),
    "stream of TransactionsTable": Retention("ages_out", "Consumers count from it and keep no name", STREAM_DAYS),
    "logs": Retention("holds_none", "No line has a name, a balance or a key in it"),
}
