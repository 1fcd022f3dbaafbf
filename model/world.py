"""The parameters of the simulated world, each with its reason.

None was set by looking at how a model does on the rows to test on. `genuine_drains` alone was set a second time: it was
20, and by the rows to calibrate on nothing could be told safely enough to be blocked.
"""

from dataclasses import dataclass

from numpy.random import Generator

from fraudshield.predictor.columns import Booleans


@dataclass(frozen=True, slots=True)
class World:
    """Shares are in permille of what they are a share of, money is in units, sigmas are of logarithms."""

    rows_per_customer: int = 12  # three a week: a mobile-money account in use; PaySim has 1
    activity_sigma: float = 0.8  # the busiest tenth makes about a third of the transactions, as accounts do
    wealth_sigma: float = 0.5  # people's amounts differ by a factor, two thirds of them within 0.6 to 1.6
    balance_median: float = 60_000.0  # e^11: covers a median PAYMENT (9,500) well and a TRANSFER (480,000) seldom
    balance_sigma: float = 1.6  # spreads over the decades that PaySim's senders span
    empty_accounts: int = 100  # PaySim's 46 % of empty senders is for want of history; a tenth is people with no money
    ask_too_much: int = 150  # of the attempts above the balance these are sent anyway, and refused
    genuine_drains: int = 4  # closing an account, moving savings: an account in four years, yet oftener than fraud
    counters_per_1000_rows: int = 90  # shops, agents and banks that take money: 7.4 rows each, as PaySim's receivers
    counters_send: int = 100  # of rows are sent by those: they pay suppliers and wages from what they took
    to_people: int = 300  # of transfers go to other customers, the rest to shops, landlords and banks
    new_payees: int = 100  # genuine transfers to somebody new, so that a new account alone proves nothing
    opened_empty: int = 500  # half of the new accounts have been used elsewhere before: no telling 0
    passed_on: int = 250  # of genuine transfers the receiver takes some in cash within the day: money comes to be used
    passed_on_hours: int = 24
    takeover: int = 450  # of thefts: a stolen session or SIM sends money to a mule, who cashes it
    scam: int = 250  # the victim is talked into sending a part, by day, and the mule waits a little
    stolen_phone: int = 150  # with its PIN: cash at a counter, up to three times, and no mule
    chain: int = 150  # from mule to mule before it is cashed, to lose whoever follows
    lone_thefts: int = 400  # the others come in campaigns: a gang works one way for days, with the same mules
    campaign_thefts: int = 8  # usually; a gang that is left alone goes on
    campaign_days: int = 3  # until accounts are closed
    thefts_per_mule: int = 3  # a mule's account lasts for so many
    partial_frauds: int = 300  # thieves under a limit or in doubt leave something; PaySim's hardly ever do
    new_mules: int = 700  # most stolen money goes to fresh accounts, some to hijacked ones; PaySim: all fresh
    cash_out_hours: int = 4  # a mule cashes within this many hours; PaySim: within the hour
    report_median_hours: float = 30.0  # until the victim looks at the balance and calls
    report_sigma: float = 1.0  # one in six within half a day, one in six after more than three days
    scam_waits: int = 3  # times as long until somebody sees that it was a scam
    never_reported: int = 40  # of thefts nobody reports these, so they are in no label

    def shares(self) -> dict[str, int]:
        """Of thefts, by kind."""
        return {kind: getattr(self, kind) for kind in ("takeover", "scam", "stolen_phone", "chain")}


WEEK = (100, 104, 108, 112, 115, 108, 96)  # per cent by day: money moves before the week-end


def chance(rng: Generator, permille: int, size: int) -> Booleans:
    """True that often."""
    return rng.integers(0, 1000, size) < permille
