"""What ships in the layers: its licences, its bill of materials, and whether its wheels fit the runtime."""

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

from infra.gates.finding import GateFinding, GateUnavailable
from infra.gates.scanner import ROOT

LOCKS = (ROOT / "layers/runtime/requirements.txt", ROOT / "layers/ml/requirements.txt")
BUILT = ROOT / ".aws-sam/build"
GLIBC = (2, 34)  # of Amazon Linux 2023, which python3.13 runs on
MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
PINNED = re.compile(r"(?m)^([A-Za-z0-9_.-]+)==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
TAG = re.compile(r"(?m)^Tag: \S+?-\S+?-(\S+)$")
MANYLINUX = re.compile(r"manylinux_(\d+)_(\d+)_(\w+)")
OLD = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
# What may be shipped with a product under MIT: each asks for its notice at most, or for its own files (MPL).
ALLOWED = ("MIT", "BSD", "Apache", "PSF", "Python Software Foundation", "ISC", "0BSD", "Zlib", "MPL-2.0", "Unlicense")
FORBIDDEN = re.compile(r"\b(A?GPL|SSPL|BUSL|Commons Clause)\b|GNU (Affero )?General Public", re.I)


def components(locks: Iterable[Path] = LOCKS) -> Iterator[tuple[str, str, list[str]]]:
    """Name, version and hashes of every package that a lock ships."""
    for lock in locks:
        for entry in re.split(r"(?m)^(?=[A-Za-z0-9])", lock.read_text(encoding="utf-8")):
            if pinned := PINNED.match(entry):
                yield pinned[1], pinned[2], HASH.findall(entry)


def licence(told: Mapping[str, Any]) -> str:
    """What a package's metadata say of its licence, the most exact first."""
    expression = str(told.get("License-Expression") or "")
    listed = [one.rpartition("::")[2].strip() for one in _all(told, "Classifier") if one.startswith("License ::")]
    text = str(told.get("License") or "").strip().partition("\n")[0]
    return expression or " AND ".join(listed) or text


def _all(told: Mapping[str, Any], name: str) -> list[str]:
    found: list[str] = getattr(told, "get_all", lambda _: told.get(name))(name) or []
    return found


def licence_faults(licences: Mapping[str, str]) -> list[GateFinding]:
    """The packages whose licence is not one that we may ship."""
    return [
        GateFinding("licences", "not-allowed", name, said or "says nothing of its licence")
        for name, said in licences.items()
        if FORBIDDEN.search(said) or not any(allowed.lower() in said.lower() for allowed in ALLOWED)
    ]


def licences(names: Iterable[str]) -> dict[str, str]:
    """By package, as it is installed here. Raises GateUnavailable: it is not."""
    found = {}
    for name in names:
        try:
            found[name] = licence(metadata(name))  # type: ignore[arg-type]  # a message reads as a mapping
        except PackageNotFoundError as exc:
            raise GateUnavailable(f"{name} is not installed here, so its licence is unknown: make .venv/.dev") from exc
    return found


def bill_of_materials(
    parts: Iterable[tuple[str, str, list[str]]], said: Mapping[str, str], version: str
) -> dict[str, Any]:
    """What ships, as CycloneDX 1.5 has it."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "fraudshield", "version": version}},
        "components": [
            {
                "type": "library",
                "name": name,
                "version": number,
                "purl": f"pkg:pypi/{name}@{number}",
                "licenses": [{"license": {"name": said.get(name) or "unknown"}}],
                "hashes": [{"alg": "SHA-256", "content": digest} for digest in sorted(hashes)],
            }
            for name, number, hashes in sorted(parts)
        ],
    }


def wheel_faults(built: Path, architecture: str) -> list[GateFinding]:
    """The packages in built layers whose wheels the runtime cannot load. Raises GateUnavailable: nothing is built."""
    wheels = sorted(built.glob("*Layer*/python/*.dist-info/WHEEL"))
    if not wheels:
        raise GateUnavailable(f"there are no built layers in {built}: make build")
    tags = {wheel.parent.name.removesuffix(".dist-info"): TAG.findall(wheel.read_text("utf-8")) for wheel in wheels}
    return [
        GateFinding("wheels", "does-not-fit", name, ", ".join(found))
        for name, found in tags.items()
        if not any(fits(tag, architecture) for tag in found)
    ]


def fits(tags: str, architecture: str) -> bool:
    """Whether the runtime loads a wheel with a platform tag, or with any of several joined by dots."""
    return any(_fits(tag, MACHINES[architecture]) for tag in tags.split("."))


def _fits(tag: str, machine: str) -> bool:
    if tag == "any":
        return True
    if found := MANYLINUX.fullmatch(tag):
        return (int(found[1]), int(found[2])) <= GLIBC and found[3] == machine
    old, _, of = tag.partition("_")
    return old in OLD and of == machine
