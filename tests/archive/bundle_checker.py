"""A strict reader of WACZ files, by the letter of WACZ 1.1.1, which shares no code with the writer."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator


class Wacz:
    """One WACZ, read as its readers do: through the zip's directory, then by offset."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.zip = zipfile.ZipFile(path)
        self.names = self.zip.namelist()

    def check(self) -> None:
        """Hold the file to the specification; AssertionError names what is wrong."""
        assert self.zip.testzip() is None
        assert {one.compress_type for one in self.zip.infolist()} == {zipfile.ZIP_STORED}
        assert len(self.names) == len(set(self.names))
        for name in self.names:
            assert name == str(Path(name)), name
            assert not name.startswith(("/", "..")), name
            assert "/../" not in name
        self._check_package()
        assert [path for path in self.names if path.startswith("archive/") and path.endswith(".warc.gz")]
        head, *pages = self.pages
        assert head["format"] == "json-pages-1.0"
        assert len({page["id"] for page in pages}) == len(pages)
        assert all(page["url"] and page["ts"].endswith("Z") for page in pages)

    def _check_package(self) -> None:
        package = self.package
        assert (package["profile"], package["wacz_version"]) == ("data-package", "1.1.1")
        listed = {one["path"]: one for one in package["resources"]}
        assert set(self.names) == {*listed, "datapackage.json", "datapackage-digest.json"}
        for path, one in listed.items():
            content = self.zip.read(path)
            assert one["bytes"] == len(content), path
            assert one["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}", path
            # Data Package 1, "name": what `wacz validate` refuses anything else by.
            assert re.fullmatch(r"[-a-z0-9._/]+", one["name"]), path
        assert len({one["name"] for one in package["resources"]}) == len(listed)
        digest = f"sha256:{hashlib.sha256(self.zip.read('datapackage.json')).hexdigest()}"
        assert self.document("datapackage-digest.json") == {"path": "datapackage.json", "hash": digest}

    def document(self, name: str) -> Any:
        """Read a member that is JSON."""
        return json.loads(self.zip.read(name))

    @property
    def package(self) -> Any:
        """The manifest."""
        return self.document("datapackage.json")

    @property
    def pages(self) -> list[Any]:
        """The lines of pages.jsonl, the header first."""
        return [json.loads(line) for line in self.zip.read("pages/pages.jsonl").splitlines()]

    @property
    def lines(self) -> list[str]:
        """The lines of the index, found by the small index as a replay does: each member alone."""
        packed = self.zip.read("indexes/index.cdx.gz")
        head, *members = self.zip.read("indexes/index.idx").decode().splitlines()
        assert json.loads(head.split(" ", 2)[2]) == {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}
        read: list[str] = []
        end = 0
        for line in members:
            place = json.loads(line.split(" ", 2)[2])
            assert place["offset"] == end
            end += place["length"]
            read += gzip.decompress(packed[place["offset"] : end]).decode().splitlines()
        assert end == len(packed)
        assert read == sorted(read, key=str.encode)
        return read

    def record(self, fields: dict[str, str]) -> tuple[Any, bytes]:
        """Read the record at which an index line points, with warcio, from its place in the file itself.

        Returns the record and its payload.
        """
        info = self.zip.getinfo(f"archive/{fields['filename']}")
        with self.path.open("rb") as file:
            file.seek(info.header_offset + 26)  # APPNOTE.TXT, 4.3.7: the lengths of name and extra field
            name, extra = (int.from_bytes(file.read(2), "little") for _ in range(2))
            file.seek(info.header_offset + 30 + name + extra + int(fields["offset"]))
            member = file.read(int(fields["length"]))
        assert gzip.decompress(member).startswith(b"WARC/1.1\r\n")
        record = next(iter(ArchiveIterator(io.BytesIO(member), no_record_parse=False)))
        return record, record.raw_stream.read()
