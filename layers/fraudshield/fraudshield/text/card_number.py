"""Card numbers, told from other digits: we never keep one, nor repeat it in a message or a log."""

import re

# Issuers' first digits: Visa; Maestro and Mastercard; Mastercard's newer range; American Express, Diners and JCB;
# Discover, UnionPay and Maestro.
ISSUED = re.compile(r"(?:4|5[0-9]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[04-9]|6)[0-9]*", re.ASCII)
SEPARATORS = str.maketrans("", "", " -.\t\u00a0\u2009\u202f")
DIGITS = range(13, 20)
NAMED = re.compile(r"card|(?:^|[_-])pan(?:$|[_-])", re.IGNORECASE)


def says_card(name: str) -> bool:
    """Whether a field's name says that a card stands in it."""
    return NAMED.search(name) is not None


def is_card_number(value: object) -> bool:
    """Whether a value is a card number: 13 to 19 digits, however grouped, an issuer's first ones, and Luhn's sum."""
    digits = str(value).translate(SEPARATORS)
    if len(digits) not in DIGITS or not digits.isascii() or not digits.isdigit():
        return False
    return ISSUED.fullmatch(digits) is not None and _luhn(digits) % 10 == 0


def _luhn(digits: str) -> int:
    last_first = [int(digit) for digit in reversed(digits)]
    return sum(last_first[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in last_first[1::2])
