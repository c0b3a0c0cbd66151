"""OpenDocument, EPUB and the flat forms."""

from __future__ import annotations

import io

from tests.handlers.inspectors.corpus import by_office, of_shell, sample, stored
from tests.handlers.inspectors.corpus.office import CALC, IMPRESS, WRITER, letter, show, table

_ODF = "application/vnd.oasis.opendocument."
EPUB = "application/epub+zip"


def _of_odfpy(name: str, kind: str, content_type: str, maker: str) -> None:
    @sample(name, kind, "odfpy 1.4", content_type)
    def make() -> bytes:
        from odf import opendocument

        target = io.BytesIO()
        getattr(opendocument, maker)().write(target)
        return target.getvalue()


_of_odfpy("text.odt", "OpenDocument text", f"{_ODF}text", "OpenDocumentText")
_of_odfpy("table.ods", "OpenDocument spreadsheet", f"{_ODF}spreadsheet", "OpenDocumentSpreadsheet")
_of_odfpy("slides.odp", "OpenDocument presentation", f"{_ODF}presentation", "OpenDocumentPresentation")
_of_odfpy("drawing.odg", "OpenDocument drawing", f"{_ODF}graphics", "OpenDocumentDrawing")
_of_odfpy("chart.odc", "OpenDocument chart", f"{_ODF}chart", "OpenDocumentChart")


def _of_libreoffice(name: str, kind: str, content_type: str, program: str, filter_name: str) -> None:
    suffix, source = {WRITER: ("docx", letter), CALC: ("xlsx", table), IMPRESS: ("odp", show)}[program]

    @sample(name, kind, program, content_type)
    def make() -> bytes:
        return by_office(source(), suffix, name.rpartition(".")[2], filter_name)


_of_libreoffice("writer.odt", "OpenDocument text", f"{_ODF}text", WRITER, "writer8")
_of_libreoffice("writer.ott", "OpenDocument text template", f"{_ODF}text-template", WRITER, "writer8_template")
_of_libreoffice("calc.ods", "OpenDocument spreadsheet", f"{_ODF}spreadsheet", CALC, "calc8")
_of_libreoffice("calc.ots", "OpenDocument spreadsheet template", f"{_ODF}spreadsheet-template", CALC, "calc8_template")
_of_libreoffice(
    "impress.otp", "OpenDocument presentation template", f"{_ODF}presentation-template", IMPRESS, "impress8_template"
)


def _packed_again(name: str, kind: str, content_type: str, suffix: str, source: str) -> None:
    @sample(name, kind, f"{source}, packed again by Info-ZIP 3.0: its mimetype late and packed", content_type)
    def make() -> bytes:
        script = f"mkdir d && cd d && unzip -q ../a.{suffix} && zip -q -r -9 ../b.zip [A-Z]* && zip -q -r ../b.zip ."
        content = by_office(letter(), "docx", suffix) if suffix == "odt" else book()
        return of_shell(script, "b.zip", {f"a.{suffix}": content})


@sample("book.epub", "EPUB book", "EbookLib 0.20", EPUB)
def book() -> bytes:
    from ebooklib import epub

    volume = epub.EpubBook()
    volume.set_identifier("id")
    volume.set_title("Truyện Kiều")
    volume.set_language("vi")
    chapter = epub.EpubHtml(title="Một", file_name="1.xhtml")
    chapter.content = "<p>Trăm năm trong cõi người ta</p>"
    volume.add_item(chapter)
    volume.toc, volume.spine = [chapter], ["nav", chapter]
    volume.add_item(epub.EpubNcx())
    volume.add_item(epub.EpubNav())
    target = io.BytesIO()
    epub.write_epub(target, volume)
    return target.getvalue()


_packed_again("unzipped.odt", "OpenDocument text", f"{_ODF}text", "odt", WRITER)
_packed_again("unzipped.epub", "EPUB book", EPUB, "epub", "EbookLib 0.20")
_of_libreoffice("writer.epub", "EPUB book", EPUB, WRITER, "EPUB")
stored("extra-field.epub", "EPUB book", "by hand, as Info-ZIP: an extra field before its mimetype", EPUB)
