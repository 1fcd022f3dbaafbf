"""The page for people as the gateway serves it: a document, and the files that it loads, under a digest of all."""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

INDEX = "index.html"
STYLES, STYLE = ("vendor/pico.css", "app.css"), "style.css"  # are served as one: a request less
PLACEHOLDER = "{assets}"  # in the index: where the files are, relative to it
IMPORT_MAP = re.compile(r'<script type="importmap">(.*?)</script>', re.DOTALL)
HTML = ".html"
MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    HTML: "text/html; charset=utf-8",
}
DIGEST_CHARACTERS = 16

# Our own files only, none of them inline but the import map. No text can become a script, wherever it came from.
POLICY = (
    "default-src 'none'; script-src 'self' 'sha256-{import_map}'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'{uploads}; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file that the page loads. `tag` is its ETag."""

    content: bytes
    media_type: str
    tag: str


@dataclass(frozen=True, slots=True)
class WebPage:
    """The document with the policy that it is sent under; `files` by their path below `assets/{digest}/`."""

    document: PageFile
    policy: str
    digest: str
    files: Mapping[str, PageFile]


def page(folder: Path, uploads: str = "") -> WebPage:
    """The page whose files lie in `folder`; it may send files to the origin `uploads` too.

    Links between files are relative, so that the digest of all in the path names a set that goes together.
    """
    served = [path for path in sorted(folder.rglob("*")) if path.suffix in MEDIA_TYPES and path.suffix != HTML]
    files = {path.relative_to(folder).as_posix(): _file(path.suffix, path.read_bytes()) for path in served}
    style = b"\n".join(files.pop(name).content for name in STYLES if name in files)
    files[STYLE] = _file(Path(STYLE).suffix, style)
    digest = sha256("".join(f"{name} {file.tag}\n" for name, file in files.items()).encode()).hexdigest()
    short = digest[:DIGEST_CHARACTERS]
    document = (folder / INDEX).read_text(encoding="utf-8").replace(PLACEHOLDER, f"assets/{short}")
    [import_map] = IMPORT_MAP.findall(document)
    hashed = b64encode(sha256(import_map.encode()).digest()).decode()
    policy = POLICY.format(import_map=hashed, uploads=f" {uploads}" if uploads else "")
    return WebPage(_file(HTML, document.encode()), policy, short, files)


def _file(suffix: str, content: bytes) -> PageFile:
    tag = f'W/"{sha256(content).hexdigest()[:32]}"'  # weak: API Gateway may compress it on its way
    return PageFile(content, MEDIA_TYPES[suffix], tag)
