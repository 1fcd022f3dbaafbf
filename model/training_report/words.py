"""What a report calls its figures."""

MEASURES = {
    "auprc": "area under precision and recall",
    "recall_at_0_1_percent": "recall, 0.1 % alerted",
    "recall_at_0_5_percent": "recall, 0.5 % alerted",
    "recall_at_precision_90": "recall at precision 0.9",
    "amount_caught_at_0_5_percent": "money caught, 0.5 % alerted",
    "brier": "Brier score, 0 is best",
    "ece": "calibration error",
}
SCORES = {
    "model": "model",
    "without_history": "without history",
    "logistic_regression": "logistic regression",
    "amount_alone": "dearest first",
    "one_line_rule": "one-line rule",
    "ceiling": "ceiling",
}
DAILY = {
    "payments": "payments_a_day",
    "to review": "reviews_a_day",
    "blocked unseen": "blocks_a_day",
    "of those genuine": "wrong_blocks_a_day",
    "frauds": "frauds_a_day",
    "frauds that go through": "frauds_missed_a_day",
    "money saved": "money_saved_a_day",
    "money lost": "money_lost_a_day",
    "what it costs": "cost_a_day",
    "what doing nothing costs": "cost_a_day_of_nothing",
}
SHARES = {
    "of frauds caught": "recall",
    "of their money": "value_recall",
    "of what is flagged, fraud": "precision",
    "of reviews, fraud": "review_precision",
    "of blocks, fraud": "block_precision",
    "of payments reviewed": "review_share",
    "of payments blocked": "block_share",
}
