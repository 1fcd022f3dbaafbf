"""Paths in this repository that the commands read and write."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
ENV_FILE = ROOT / ".env"
TEMPLATE = ROOT / "template.yaml"
MODEL_DIR = ROOT / "model" / "artifact" / "model"
TRANSACTIONS = ROOT / "events" / "transactions.csv"
SCORE_EVENT = ROOT / "events" / "model_api_score.json"
HOME = ROOT / ".local"
PYTHON_PATH = (ROOT / "layers" / "fraudshield",)  # what the functions import beside the repository's own folder
DEMO_LOG = HOME / "demo.log"
PICTURE = ROOT / "docs" / "demo.svg"
BUILT = ROOT / ".aws-sam/build/template.yaml"
SAM = ROOT / ".venv/bin/sam"
SAM_SETTINGS = ROOT / "samconfig.toml"
