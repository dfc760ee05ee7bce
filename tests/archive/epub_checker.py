"""A strict reader of EPUBs by the main rules of EPUB 3.3, as epubcheck has them; it shares no code with the writer."""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

_OPF = {
    "o": "http://www.idpf.org/2007/opf", "dc": "http://purl.org/dc/elements/1.1/", "x": "http://www.w3.org/1999/xhtml",
    "e": "http://www.idpf.org/2007/ops", "s": "http://www.w3.org/2000/svg",
    "c": "urn:oasis:names:tc:opendocument:xmlns:container",
}  # fmt: skip
_CORE = {"image/jpeg", "image/png", "image/gif", "image/webp", "image/svg+xml", "application/xhtml+xml", "text/css"}
_STARTS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG", "image/gif": b"GIF8", "image/webp": b"RIFF"}
# Of HTML what a chapter may consist of here; anything else (script, style, form …) would be new, and wants a look.
_ELEMENTS = set(
    "html head title link body section img h1 p a blockquote figure figcaption dl dt dd nav ol li".split()  # noqa: SIM905
)


class Epub:
    """One EPUB. items: id -> (path in the zip, media type, properties); spine: paths in reading order."""

    def __init__(self, path: Path) -> None:
        self.raw = path.read_bytes()
        self.zip = zipfile.ZipFile(path)
        container = etree.fromstring(self.zip.read("META-INF/container.xml"))
        self.package_path = container.xpath("//c:rootfile/@full-path", namespaces=_OPF)[0]
        self.package = etree.fromstring(self.zip.read(self.package_path))
        base = posixpath.dirname(self.package_path)
        self.items = {
            one.get("id"): (
                posixpath.join(base, unquote(one.get("href"))),
                one.get("media-type"),
                one.get("properties"),
            )
            for one in self.of("o:manifest/o:item")
        }
        self.spine = [self.items[one.get("idref")][0] for one in self.of("o:spine/o:itemref")]

    def of(self, path: str) -> list[etree._Element]:
        """Find in the package."""
        found: list[etree._Element] = self.package.xpath(path, namespaces=_OPF)
        return found

    def page(self, path: str) -> etree._Element:
        """Read a page, as XML and nothing more lenient."""
        return etree.fromstring(self.zip.read(path), etree.XMLParser(resolve_entities=False, no_network=True))

    def texts(self, path: str, xpath: str) -> list[str]:
        """Give the texts of elements of a page."""
        return ["".join(one.itertext()) for one in self.page(path).xpath(xpath, namespaces=_OPF)]

    def check(self) -> None:
        """Hold the file to the rules; AssertionError names what is wrong."""
        self._zip()
        self._metadata()
        self._manifest()
        for path, mime, _ in self.items.values():
            if mime == "application/xhtml+xml":
                self._page(path)
        self._navigation()

    def _zip(self) -> None:
        first = struct.unpack("<4sHHHHHIIIHH", self.raw[:30])
        assert (first[0], first[3], first[10]) == (b"PK\3\4", 0, 0), "mimetype: stored, without extra field"
        assert self.raw[30:58] == b"mimetypeapplication/epub+zip"
        assert self.zip.testzip() is None
        names = self.zip.namelist()
        assert len(names) == len({name.lower() for name in names})
        listed = {path for path, _, _ in self.items.values()}
        assert set(names) == listed | {"mimetype", "META-INF/container.xml", self.package_path}

    def _metadata(self) -> None:
        assert self.package.get("version") == "3.0"
        name = self.package.get("unique-identifier")
        assert len(self.of(f"o:metadata/dc:identifier[@id='{name}']")) == 1
        for one in ("title", "language"):
            assert "".join(self.of(f"o:metadata/dc:{one}")[0].itertext()).strip()
        modified = self.of("o:metadata/o:meta[@property='dcterms:modified']")
        assert len(modified) == 1
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", modified[0].text or "")

    def _manifest(self) -> None:
        ids = [one.get("id") for one in self.of("//*[@id]")]
        assert len(ids) == len(set(ids))
        assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", one) for one in ids)
        paths = [path for path, _, _ in self.items.values()]
        assert len(paths) == len(set(paths))
        assert {mime for _, mime, _ in self.items.values()} <= _CORE
        for path, mime, _ in self.items.values():
            content = self.zip.read(path)
            assert content.startswith(_STARTS.get(mime, b"")), path
            if mime == "image/svg+xml":
                assert etree.fromstring(content).tag == "{http://www.w3.org/2000/svg}svg"
        assert [one for one in self.items.values() if one[2] == "cover-image"] != []
        spine = [one.get("idref") for one in self.of("o:spine/o:itemref")]
        assert len(spine) == len(set(spine)) > 0

    def _page(self, path: str) -> None:
        page = self.page(path)
        assert page.tag == "{http://www.w3.org/1999/xhtml}html"
        assert page.get("lang") == page.get("{http://www.w3.org/XML/1998/namespace}lang")
        assert {etree.QName(one).localname for one in page.iter()} <= _ELEMENTS
        assert "".join(page.xpath("string(x:head/x:title)", namespaces=_OPF)).strip()
        assert all(one.get("alt") is not None for one in page.xpath("//x:img", namespaces=_OPF))
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        assert not [name for one in page.iter() for name in one.attrib if str(name).startswith("on")]
        paths = {one for one, _, _ in self.items.values()}
        for told in page.xpath("//@src | //x:link/@href", namespaces=_OPF):
            assert self._below(path, told) in paths, told
        for told in page.xpath("//x:a/@href", namespaces=_OPF):
            assert re.match(r"https?://", told) or self._below(path, told) in self.spine, told

    def _navigation(self) -> None:
        navs = [path for path, _, properties in self.items.values() if properties == "nav"]
        assert len(navs) == 1
        tables = self.page(navs[0]).xpath("//x:nav[@e:type='toc']", namespaces=_OPF)
        assert len(tables) == 1
        assert len(tables[0].xpath("x:ol", namespaces=_OPF)) == 1
        links = tables[0].xpath("x:ol/x:li/x:a", namespaces=_OPF)
        assert all("".join(one.itertext()).strip() for one in links)
        order = [self._below(navs[0], one.get("href")) for one in links]
        assert order == [path for path in self.spine if path in order], "the contents follow the reading order"

    def _below(self, path: str, told: str) -> str:
        return posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(told.partition("#")[0])))
