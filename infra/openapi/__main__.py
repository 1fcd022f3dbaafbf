"""Writes the document where the gateway serves it: `python -m infra.openapi`."""

from infra.openapi.document import DOCUMENT, ROOT, document, text

if __name__ == "__main__":
    DOCUMENT.write_text(text(), encoding="utf-8")
    print(f"{DOCUMENT.relative_to(ROOT)}: {len(document()['paths'])} paths")  # noqa: T201 what the command says
