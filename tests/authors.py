"""Who makes the changes of a test."""

from fraudshield.audit.audit import Author

ADA = Author(key_id="key-id", plan="admin", actor="ada", address="192.0.2.7", request_id="a-request")
