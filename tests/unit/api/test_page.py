"""The page as the gateway serves it: one document, and files under a digest of them all."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from fraudshield.api.page import WebPage, page

INDEX = '<link href="{assets}/style.css"><script type="importmap">{"imports": {"a": "./{assets}/a.js"}}</script>'
FILES = {"index.html": INDEX, "app.css": "b{}", "vendor/pico.css": "a{}", "screen/list.js": "1", "vendor/a.json": "{}"}


@pytest.fixture
def served(tmp_path: Path) -> Callable[..., WebPage]:
    def serve(**changes: str) -> WebPage:
        for name, content in (FILES | {name.replace("_", "."): text for name, text in changes.items()}).items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(content)
        return page(tmp_path)

    return serve


def test_the_document_leads_to_files_under_their_digest(served: Callable[..., WebPage]) -> None:
    found = served()
    assert f'href="assets/{found.digest}/style.css"' in found.document.content.decode()
    assert found.files.keys() == {"style.css", "screen/list.js"}
    assert found.files["screen/list.js"].media_type == "text/javascript; charset=utf-8"


def test_styles_are_one_file_with_ours_last(served: Callable[..., WebPage]) -> None:
    assert served().files["style.css"].content == b"a{}\nb{}"


def test_the_import_map_is_allowed_by_its_hash_and_nothing_else_inline(served: Callable[..., WebPage]) -> None:
    found = served()
    inline = found.document.content.decode().split('importmap">')[1].split("</script>")[0]
    hashed = b64encode(sha256(inline.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{hashed}';" in found.policy
    assert "unsafe" not in found.policy
    assert found.policy.startswith("default-src 'none';")


def test_another_file_is_another_digest_and_the_same_files_the_same(served: Callable[..., WebPage]) -> None:
    before = served()
    assert served().digest == before.digest
    assert served(app_css="c{}").digest != before.digest


def test_files_may_go_to_the_origin_of_presigned_links_and_nowhere_else(
    served: Callable[..., WebPage], tmp_path: Path
) -> None:
    assert "connect-src 'self';" in served().policy
    assert "connect-src 'self' https://a;" in page(tmp_path, "https://a").policy
