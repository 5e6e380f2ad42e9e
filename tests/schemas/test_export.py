"""The generated files say what the structs say."""

import json
import re
from pathlib import Path

from schemas import export
from schemas.errors import ERRORS


def test_the_generated_files_are_current() -> None:
    assert export.drifted({"messages.d.ts": export.messages(), "asyncapi.json": export.asyncapi()}) == []


def test_drift_is_noticed_and_mended(tmp_path: Path) -> None:
    wanted = export.files({"openapi.json": "{}\n"})
    assert export.drifted(wanted, tmp_path) == ["messages.d.ts", "asyncapi.json", "openapi.json"]
    export.write(wanted, tmp_path)
    assert export.drifted(wanted, tmp_path) == []
    (tmp_path / "messages.d.ts").write_text("export {};\n")
    assert export.drifted(wanted, tmp_path) == ["messages.d.ts"]


def test_what_a_client_sends_may_omit_defaults_and_what_it_gets_has_every_field() -> None:
    text = export.messages()
    assert "position?: Position | null;" in text
    assert re.search(r"interface Subscribed \{[^}]*publications: Publication\[\];", text)
    assert 'op: "subscribed";' in text
    assert 'muted: ("audio" | "video")[];' in text
    assert re.search(r"export type ServerFrame =\n  \| Connected\n", text)


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = json.loads(export.asyncapi())

    def resolve(reference: str) -> object:
        node = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        return node

    references = re.findall(r'"\$ref": "(#[^"]+)"', export.asyncapi())
    assert len(references) > 100
    assert all(resolve(reference) for reference in references)
    assert len(document["x-errors"]) == len(ERRORS)
