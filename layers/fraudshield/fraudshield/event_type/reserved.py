"""Names that no field of an event type may have: answers, lists and stored items use them otherwise."""


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


# A field with such a role is shown, listed and sorted under this name, in every type.
BY_ROLE = {"id": "transaction_id", "time": "occurred_at", "amount": "amount"}
# Columns of lists that show sender and receiver, in every type.
SIDES = {"nameOrig": "sender", "nameDest": "receiver"}
OF_LISTS = words(
    """
    limit cursor offset start_date end_date account entity type event_type outcome labelled source sort label
    from to min_amount max_amount min_risk max_risk reason rule model_version policy_version job_id date days format
    """
)
OF_ANSWERS = words(
    """
    risk prediction confidence decision reasons reasons_pending decision_source degraded quality velocity decided_at
    amount_currency reported_amount reporting_currency rates_version
    aggregates persisted error errors received_at event_type_version event_type_digest first_decision predictions labels
    kept expected_loss review links rules decided_by test transaction features fields shown line lines name version
    digest claim claimed_until reason_codes
    """
)
OF_ITEMS = words(
    """
    record content_hash day_shard expires_at review_queue batch_row label_revision labelled_at label_source answered
    """
)
OF_RULES = words("has in true false null lists abs min max size hour weekday duration timestamp and or not")
RESERVED = OF_LISTS | OF_ANSWERS | OF_ITEMS | OF_RULES
RESERVED_TYPES = frozenset({"payment"})  # what is built in


def is_reserved(name: str, role: str | None) -> bool:
    """Whether a field of this role may not have this name."""
    if name in SIDES:
        return SIDES[name] != role
    return name in RESERVED or (name in BY_ROLE.values() and BY_ROLE.get(role or "") != name)
