"""Patterns of texts, and what each asks for in words: a fault's text says the words."""

NO_CONTROLS = r"^[^\x00-\x1f\x7f]+$"
# Nor `.` or `..`, which mean places in a path: browsers and many clients take them out of an address before they ask.
ID = r"^([^\x00-\x1f\x7f.]|\.[^\x00-\x1f\x7f.]|\.\.[^\x00-\x1f\x7f])[^\x00-\x1f\x7f]*$"
LINES = r"^[^\x00-\x08\x0b-\x1f\x7f]+$"
ENTITY_VALUE = r"^[^\x00-\x1f\x7f:]+:[^\x00-\x1f\x7f]+$"
CODE = r"^[a-z][a-z0-9_]{0,62}$"
FIELD_NAME = r"^[A-Za-z][A-Za-z0-9_]{0,62}$"
MODEL_VERSION = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
DURATION = r"^[1-9][0-9]{0,5}[smhd]$"
CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
ADDRESS = r"^[^@\s]+@[^@\s]+$"
# What SES takes, and nothing that could end a header: printable ASCII without what quotes or lists addresses.
MAIL_ADDRESS = r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,188}[A-Za-z0-9])?$"

WORDS = {
    NO_CONTROLS: "a text without control characters",
    ID: "a text without control characters, and neither . nor .., which no address can end with",
    LINES: "a text without control characters but tabs and line breaks",
    ENTITY_VALUE: "an entity's name, a colon and a value, as device:d-1",
    CODE: "a small letter, then up to 62 small letters, digits or underscores",
    FIELD_NAME: "a letter, then up to 62 letters, digits or underscores",
    MODEL_VERSION: "a letter or digit, then up to 63 letters, digits, dots, dashes or underscores",
    DURATION: "a duration, such as 15m, 72h or 90d",
    CLOCK: "a time of day from 00:00 to 23:59",
    ADDRESS: "a mail address, as name@example.com",
    MAIL_ADDRESS: "a mail address of plain letters, as name@example.com",
}
