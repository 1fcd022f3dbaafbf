"""How the tests run a folder's makefile, as `sam build` does."""

import os
import subprocess
import sys
from pathlib import Path

from tests.contract.expanded import ROOT


def make(folder: str | Path, *arguments: str, compileall: str = "") -> subprocess.CompletedProcess[str]:
    """`compileall` is the command that compiles a layer; without one it holds sources only."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {"PATH": path, "HOME": os.environ["HOME"], "COMPILEALL": compileall}
    return subprocess.run(["make", *arguments], cwd=ROOT / folder, env=env, capture_output=True, text=True, check=False)
