"""Microsoft Office's documents, new and old, locked and not, as several programs write them."""

from __future__ import annotations

import io
from collections.abc import Mapping

from tests.handlers.inspectors.corpus import by_office, of_shell, sample, stored

_OOXML = "application/vnd.openxmlformats-officedocument."
DOCX = f"{_OOXML}wordprocessingml.document"
XLSX = f"{_OOXML}spreadsheetml.sheet"
PPTX = f"{_OOXML}presentationml.presentation"
DOC = "application/msword"
XLS = "application/vnd.ms-excel"
PPT = "application/vnd.ms-powerpoint"
OLE = "application/x-ole-storage"
LOCKED = {"Encrypted": "opens with a password"}
MACROS = {"Macros": "contains a program"}
WRITER = "LibreOffice Writer 7.4"
CALC = "LibreOffice Calc 7.4"
IMPRESS = "LibreOffice Impress 7.4"


@sample("letter.docx", "Word document", "python-docx 1.2", DOCX)
def letter() -> bytes:
    import docx

    document, target = docx.Document(), io.BytesIO()
    document.add_paragraph("Xin chào")
    document.save(target)
    return target.getvalue()


@sample("table.xlsx", "Excel workbook", "openpyxl 3.1", XLSX)
def table() -> bytes:
    import openpyxl

    book, target = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["apple", 1.2])
    book.save(target)
    return target.getvalue()


@sample("table.xltx", "Excel template", "openpyxl 3.1", f"{_OOXML}spreadsheetml.template")
def table_template() -> bytes:
    import openpyxl

    book, target = openpyxl.Workbook(), io.BytesIO()
    book.template = True
    book.save(target)
    return target.getvalue()


@sample("slides.pptx", "PowerPoint presentation", "python-pptx 1.0", PPTX)
def slides() -> bytes:
    import pptx

    show, target = pptx.Presentation(), io.BytesIO()
    show.slides.add_slide(show.slide_layouts[6])
    show.save(target)
    return target.getvalue()


@sample("report.xlsx", "Excel workbook", "XlsxWriter 3.3", XLSX)
def report() -> bytes:
    import xlsxwriter

    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        book.add_worksheet().write(0, 0, "apple")
    return target.getvalue()


@sample(
    "macros.xlsm",
    "Excel workbook with macros",
    "XlsxWriter 3.3",
    "application/vnd.ms-excel.sheet.macroEnabled.12",
    MACROS,
)
def macros() -> bytes:
    import xlsxwriter

    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        book.add_worksheet().write(0, 0, "apple")
        book.add_vba_project(io.BytesIO(old_table()), is_stream=True)
    return target.getvalue()


@sample("old.xls", "Excel 97 workbook", "xlwt 1.3", XLS)
def old_table() -> bytes:
    import xlwt

    book, target = xlwt.Workbook(), io.BytesIO()
    book.add_sheet("fruit").write(0, 0, "apple")
    book.save(target)
    return target.getvalue()


def show() -> bytes:
    """A small one: what python-pptx makes has all the pictures of its masters."""
    from odf.opendocument import OpenDocumentPresentation

    target = io.BytesIO()
    OpenDocumentPresentation().write(target)
    return target.getvalue()


def _converted(name: str, kind: str, content_type: str, program: str, filter_name: str) -> None:
    suffix = {WRITER: "docx", CALC: "xlsx", IMPRESS: "odp"}[program]
    source = {WRITER: letter, CALC: table, IMPRESS: show}[program]

    @sample(name, kind, program, content_type)
    def make() -> bytes:
        return by_office(source(), suffix, name.rpartition(".")[2], filter_name)


_converted("writer.docx", "Word document", DOCX, WRITER, "MS Word 2007 XML")
_converted(
    "writer.docm",
    "Word document for macros",
    "application/vnd.ms-word.document.macroEnabled.12",
    WRITER,
    "MS Word 2007 XML VBA",
)
_converted("writer.dotx", "Word template", f"{_OOXML}wordprocessingml.template", WRITER, "MS Word 2007 XML Template")
_converted("writer.doc", "Word 97 document", DOC, WRITER, "MS Word 97")
_converted("writer.dot", "Word 97 template", DOC, WRITER, "MS Word 97 Vorlage")
_converted("calc.xlsx", "Excel workbook", XLSX, CALC, "Calc MS Excel 2007 XML")
_converted(
    "calc.xlsm",
    "Excel workbook for macros",
    "application/vnd.ms-excel.sheet.macroEnabled.12",
    CALC,
    "Calc MS Excel 2007 VBA XML",
)
_converted("calc.xls", "Excel 97 workbook", XLS, CALC, "MS Excel 97")
_converted("calc.xlt", "Excel 97 template", XLS, CALC, "MS Excel 97 Vorlage/Template")
_converted("impress.pptx", "PowerPoint presentation", PPTX, IMPRESS, "Impress MS PowerPoint 2007 XML")
_converted(
    "impress.pptm",
    "PowerPoint presentation for macros",
    "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
    IMPRESS,
    "Impress MS PowerPoint 2007 XML VBA",
)
_converted("impress.ppsx", "PowerPoint show", PPTX, IMPRESS, "Impress MS PowerPoint 2007 XML AutoPlay")
_converted(
    "impress.potx",
    "PowerPoint template",
    f"{_OOXML}presentationml.template",
    IMPRESS,
    "Impress MS PowerPoint 2007 XML Template",
)
_POI = """import java.io.*; import org.apache.poi.hslf.usermodel.*; import org.apache.poi.hssf.usermodel.*;
import org.apache.poi.hssf.record.crypto.*; import org.apache.poi.xssf.usermodel.*;
import org.apache.poi.xwpf.usermodel.*;
public class Main { public static void main(String[] a) throws Exception {
  try (var m = new HSLFSlideShow(); var o = new FileOutputStream("out.ppt")) { m.createSlide(); m.write(o); }
  try (var m = new XSSFWorkbook(); var o = new FileOutputStream("out.xlsx")) { m.createSheet(); m.write(o); }
  try (var m = new XWPFDocument(); var o = new FileOutputStream("out.docx")) { m.write(o); }
  Biff8EncryptionKey.setCurrentUserPassword("secret");
  try (var m = new HSSFWorkbook(); var o = new FileOutputStream("out.xls")) { m.createSheet(); m.write(o); }
}}"""


def _of_poi(name: str, kind: str, content_type: str) -> None:
    @sample(name, kind, "Apache POI 5.2", content_type)
    def make() -> bytes:
        suffix = {"pps": "ppt", "pot": "ppt"}.get(name[-3:], name.rpartition(".")[2])
        return of_shell('java -cp "$POI/*" Main.java', f"out.{suffix}", {"Main.java": _POI.encode()})


_of_poi("poi.ppt", "PowerPoint 97 presentation", PPT)
_of_poi("poi.pps", "PowerPoint 97 show", PPT)
_of_poi("poi.pot", "PowerPoint 97 template", PPT)
_of_poi("poi.xlsx", "Excel workbook", XLSX)
_of_poi("poi.docx", "Word document", DOCX)
_of_poi("locked.xls", "Excel 97 workbook with a password", XLS)


def _locked(name: str, kind: str) -> None:
    @sample(name, kind, "msoffcrypto-tool 6.1", OLE, LOCKED)
    def make() -> bytes:
        from msoffcrypto.format.ooxml import OOXMLFile

        target = io.BytesIO()
        OOXMLFile(io.BytesIO(table())).encrypt("secret", target)
        return target.getvalue()


_locked("locked.docx", "Word document with a password")
_locked("locked.dotx", "Word template with a password")
_locked("locked.xlsx", "Excel workbook with a password")
_locked("locked.xltm", "Excel template for macros with a password")
_locked("locked.pptm", "PowerPoint presentation for macros with a password")
_locked("locked.ppsx", "PowerPoint show with a password")


@sample("sorted.docx", "Word document", "python-docx 1.2, packed again by Info-ZIP 3.0 in another order", DOCX)
def packed_again() -> bytes:
    script = "mkdir d && cd d && unzip -q ../a.docx && find . -type f | sort -r | zip -q ../b.zip -@"
    return of_shell(script, "b.zip", {"a.docx": letter()})


@sample("setup.msi", "Windows installer", "msitools 0.101", "application/x-msi")
def installer() -> bytes:
    return of_shell("msibuild a.msi -s Demo Example x64 {12345678-1234-1234-1234-123456789ABC}", "a.msi")


def given(name: str, kind: str, producer: str, content_type: str, facts: Mapping[str, str] | None = None) -> None:
    stored(name, kind, producer, content_type, facts)


given("word-online.docx", "Word document", "by hand, as Word on the web: other part names, a long part first", DOCX)
given("locked.xlsm", "Excel workbook for macros with a password", "by hand: what Excel's begin with", OLE, LOCKED)
