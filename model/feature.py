"""What the model is trained on: the features of the event type, and the ranks of its categories."""

from fraudshield.event_type.environment import environment
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.predictor.feature import FeatureEntry, ModelFeatures, read_feature

TYPE_RANK = {"PAYMENT": 0.0, "CASH_IN": 1.0, "DEBIT": 2.0, "CASH_OUT": 3.0, "TRANSFER": 4.0}
RANKS = {"type": TYPE_RANK}  # by feature
ENTRIES = tuple(
    FeatureEntry(**one.model_dump(), name=name, ranks=RANKS.get(name, {})) for name, one in BUILT_IN.features.items()
)
_NAMES = environment(BUILT_IN.document, BUILT_IN.all_fields)
FEATURES = ModelFeatures([read_feature(entry, _NAMES) for entry in ENTRIES])
