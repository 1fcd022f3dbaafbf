"""The parameters of the simulated card payments, each with its reason: none was set by looking at a model's score."""

from dataclasses import dataclass

CHANNELS = ("web", "shop", "phone")
COUNTRIES = ("IT", "DE", "FR", "ES", "RO", "GB", "US", "NG")
HOME = (0.55, 0.15, 0.12, 0.10, 0.04, 0.02, 0.01, 0.01)  # where cards are from: an Italian issuer's neighbours mostly


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of merchant: its share of payments, its usual amount, and how many of its payments come by the web."""

    share: float
    median: float
    web: float
    resold: float  # how much thieves like it: what can be sold on or is delivered at once


CATEGORIES = {
    "grocery": Category(0.34, 28.0, 0.08, 0.2),
    "fuel": Category(0.12, 45.0, 0.0, 0.3),
    "restaurant": Category(0.16, 24.0, 0.05, 0.2),
    "fashion": Category(0.12, 55.0, 0.6, 1.0),
    "electronics": Category(0.05, 140.0, 0.7, 4.0),
    "travel": Category(0.05, 210.0, 0.9, 2.0),
    "digital": Category(0.11, 12.0, 1.0, 2.0),
    "gaming": Category(0.05, 18.0, 1.0, 2.5),
}


@dataclass(frozen=True, slots=True)
class World:
    """Shares are of what they are a share of, sigmas of logarithms, times as their names say."""

    days: int = 180
    payments_per_card: float = 30.0  # one in six days: a card in use, not the first one of its bearer
    activity_sigma: float = 0.7  # the busiest tenth makes about a third of the payments
    payments_per_merchant: float = 400.0  # two a day: most merchants are small
    popularity_sigma: float = 1.2  # and a few are chains
    level_sigma: float = 0.35  # people and merchants are dearer or cheaper by a third or so
    amount_sigma: float = 0.7  # what one buys at one place varies by a factor of two
    favourites: int = 5  # merchants that one goes to again
    loyalty: float = 0.6  # of payments are at those
    new_device: float = 0.03  # of genuine web payments come from a device not seen with the card: phones are replaced
    shared_device: float = 0.15  # of cards use the device of another: households
    abroad: float = 0.04  # of genuine web payments come through an address in another country
    big_buys: float = 0.01  # of genuine payments are five times as dear as usual: a fridge, a holiday
    bursts: float = 0.004  # of genuine payments begin a shopping day of four more within hours
    dearer_per_month: float = 0.005  # prices rise
    web_per_month: float = 0.02  # and shops lose to the web
    fraud_rate: float = 0.006  # of payments; issuers see 0.1 %, and pay for it with files a hundred times as long
    # Shares of thefts, each a card that falls into somebody's hands once.
    stolen_number: float = 0.40  # numbers sold in lots after a breach: tested with little money, then used by the web
    lost_card: float = 0.15  # used in shops nearby until it is blocked
    takeover: float = 0.20  # somebody else's session: a new device, and otherwise all as usual
    bust_out: float = 0.10  # a merchant of the thieves takes payments by phone for days, and vanishes
    friendly: float = 0.15  # the bearer disputes what the bearer bought: nothing in the payment tells
    lot: int = 12  # cards in a lot of stolen numbers
    lot_devices: int = 3  # that the buyer of a lot uses
    tests: int = 2  # small payments before the first large one
    hidden_abroad: float = 0.5  # of lots come through an address in the card's own country
    patience_hours: float = 30.0  # over which a stolen card is used
    label_median_days: float = 6.0  # until the bearer reads the statement
    label_sigma: float = 0.7
    never_reported: float = 0.03  # small sums that nobody notices
    drifted_web: float = 0.5  # after a planted drift so much of what was bought in shops is bought by the web
    drifted_dearer: float = 1.6  # and amounts are so many times as high


SPENT = {"stolen_number": 2.2, "lost_card": 1.8, "takeover": 3.0, "bust_out": 2.5}  # times the category's median
PAYMENTS = {"stolen_number": 4, "lost_card": 4, "takeover": 2, "bust_out": 2, "friendly": 1}  # of one theft, usually
