"""Counters of busy entities: what a change of a transaction moves in the hours that aggregates are asked of."""

from fraudshield.aggregate.counter import CountedPayment, bucket_of, series_of
from fraudshield.analytics.counted_transaction import CountedTransaction, TransactionChange
from fraudshield.analytics.series import ONE, Counts, Sums


def busy_delta(change: TransactionChange, part: int) -> Counts:
    """What a change moves, in one part of each hour: only what is not zero."""
    sums = Sums()
    if change.after is not None:
        sums.add(_counters(change.after, part))
    if change.before is not None:
        sums.add(_counters(change.before, part), -ONE)
    return sums.counts()


def _counters(one: CountedTransaction, part: int) -> Counts:
    found = {}
    for entity in one.busy:
        payment = CountedPayment(one.occurred_at, entity.decided_at, one.money if one.priced else None, entity.fraud_at)
        found[series_of(entity.key), bucket_of(payment.hour, part)] = payment.counters()
    return found
