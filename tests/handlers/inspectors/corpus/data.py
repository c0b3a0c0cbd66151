"""Databases, fonts, keys and what else programs leave for programs."""

from __future__ import annotations

import io
import plistlib
import tempfile
from pathlib import Path

from tests.handlers.inspectors.corpus import made_by, of_shell, sample, stored

BINARY = "application/octet-stream"


@sample("fruit.sqlite", "SQLite database", "SQLite of Python 3.11", "application/x-sqlite3")
def sqlite() -> bytes:
    import sqlite3

    database = sqlite3.connect(":memory:")
    database.execute("PRAGMA page_size = 512")
    database.execute("CREATE TABLE fruit (name)")
    return database.serialize()


@sample("fruit.avro", "Avro table", "fastavro 1.13", "application/avro")
def avro() -> bytes:
    import fastavro

    target = io.BytesIO()
    schema = {"type": "record", "name": "fruit", "fields": [{"name": "name", "type": "string"}]}
    fastavro.writer(target, schema, [{"name": "apple"}])
    return target.getvalue()


@sample("fruit.parquet", "Parquet table", "pyarrow 26.0", "application/vnd.apache.parquet")
def parquet() -> bytes:
    import pyarrow as pa
    from pyarrow import parquet as writer

    target = io.BytesIO()
    writer.write_table(pa.table({"name": ["apple"]}), target)
    return target.getvalue()


@sample("shape.shp", "Shapefile", "pyshp 3.1", BINARY)
def shape() -> bytes:
    import shapefile

    target = io.BytesIO()
    with shapefile.Writer(shp=target, shx=io.BytesIO(), dbf=io.BytesIO()) as writer:
        writer.field("name", "C")
        writer.point(107.6, 16.5)
        writer.record("Hue")
        writer.close()
        return target.getvalue()


@sample("settings.plist", "Binary property list", "Python's plistlib", "application/x-bplist")
def plist() -> bytes:
    return plistlib.dumps({"name": "apple"}, fmt=plistlib.FMT_BINARY)


@sample("array.npy", "NumPy array", "NumPy", "application/x-npy")
def array() -> bytes:
    import numpy as np

    target = io.BytesIO()
    np.save(target, np.arange(3))
    return target.getvalue()


@sample("secrets.kdbx", "KeePass database", "pykeepass 4.2", "application/x-keepass2")
def keepass() -> bytes:
    import pykeepass

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.kdbx"
        pykeepass.create_database(str(path), password="secret")
        return path.read_bytes()


def _font(flavour: str | None) -> bytes:
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef"])
    builder.setupCharacterMap({})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph()})
    builder.setupHorizontalMetrics({".notdef": (500, 0)})
    builder.setupHorizontalHeader()
    builder.setupNameTable({"familyName": "Demo"})
    builder.setupOS2()
    builder.setupPost()
    builder.font.flavor = flavour
    target = io.BytesIO()
    builder.save(target)
    return target.getvalue()


sample("demo.ttf", "TrueType font", "fontTools 4.68", "font/ttf")(lambda: _font(None))
sample("demo.woff", "Web font", "fontTools 4.68", "font/woff")(lambda: _font("woff"))
sample("demo.woff2", "Web font", "fontTools 4.68", "font/woff2")(lambda: _font("woff2"))


@sample("key.der", "Private key", "OpenSSL 3.0", BINARY)
def der() -> bytes:
    return made_by("openssl", "genpkey", "-algorithm", "ed25519", "-outform", "DER", "-out", "k", result="k")


@sample("letter.gpg", "Encrypted message", "GnuPG 2.2", BINARY)
def gpg() -> bytes:
    script = "chmod 700 . && GNUPGHOME=$PWD gpg --batch --passphrase secret --pinentry-mode loopback -c -o out a.txt"
    return of_shell(script, "out", {"a.txt": b"hello\n"})


@sample("module.wasm", "WebAssembly", "by hand: an empty module", "application/wasm")
def wasm() -> bytes:
    return b"\0asm\1\0\0\0"


@sample("demo.pyc", "Compiled Python", "Python 3.11", BINARY)
def compiled() -> bytes:
    return of_shell("python3 -c \"import py_compile; py_compile.compile('a.py', 'out')\"", "out", {"a.py": b"x = 1\n"})


def _report(**options: object) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    target = io.BytesIO()
    canvas = Canvas(target, invariant=True, **options)
    canvas.drawString(50, 50, "hello")
    canvas.save()
    return target.getvalue()


PDF = "application/pdf"
sample("report.pdf", "PDF", "reportlab 5.1", PDF)(_report)


@sample("locked.pdf", "PDF with a password", "reportlab 5.1", PDF)
def locked_pdf() -> bytes:
    return _report(encrypt="secret")


@sample("picture.pdf", "PDF", "Pillow 13.0", PDF)
def picture_pdf() -> bytes:
    from tests.handlers.inspectors.corpus.images import picture

    target = io.BytesIO()
    picture().save(target, "PDF")
    return target.getvalue()


@sample("printed.pdf", "PDF behind a printer's commands", "reportlab 5.1", PDF)
def printed() -> bytes:
    return b"\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PDF\r\n" + _report()


@sample("drawing.ai", "Illustrator drawing", "reportlab 5.1: Illustrator keeps a PDF", PDF)
def illustrator() -> bytes:
    return _report()


stored("bytes-first.pdf", "PDF behind four bytes of something else", "by hand, as some scanners' drivers", PDF)
stored("newline-first.pdf", "PDF behind an empty line", "by hand, as some web programs", PDF)
