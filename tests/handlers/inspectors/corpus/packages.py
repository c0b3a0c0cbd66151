"""Programs and packages, many of which are ZIP archives inside or at their end."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tests.handlers.inspectors.corpus import made_by, of_shell, sample

_MAIN = b"public class Main { public static void main(String[] a) { System.out.println(1); } }"
ZIP = "application/zip"
JAR = "application/java-archive"
BEHIND = {"Archive": "a ZIP archive behind a program", "Entries": "1"}


def zipfile_of(entries: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in entries.items():
            archive.writestr(path, content)
    return target.getvalue()


@sample("app.jar", "Java archive", "jar of JDK 17", JAR)
def jar() -> bytes:
    return of_shell("javac Main.java && jar cfe app.jar Main Main.class", "app.jar", {"Main.java": _MAIN})


@sample(
    "service.jar",
    "Java archive that starts by itself",
    "jar of JDK 17 behind a shell script, as Spring Boot makes them",
    JAR,
)
def executable_jar() -> bytes:
    return b'#!/bin/sh\nexec java -jar "$0" "$@"\nexit 1\n' + jar()


@sample("shop.war", "Java web archive", "jar of JDK 17", JAR)
def war() -> bytes:
    given = {"WEB-INF/web.xml": b"<web-app/>", "index.html": b"<html></html>"}
    return made_by("jar", "cf", "shop.war", "WEB-INF", "index.html", result="shop.war", given=given)


@sample("Main.class", "Java class", "javac of JDK 17", "application/java-vm")
def java_class() -> bytes:
    return made_by("javac", "Main.java", result="Main.class", given={"Main.java": _MAIN})


@sample("demo-1.0-py3-none-any.whl", "Python wheel", "pip", ZIP)
def wheel() -> bytes:
    given = {
        "setup.py": b"from setuptools import setup\nsetup(name='demo', version='1.0', py_modules=['demo'])",
        "demo.py": b"x = 1\n",
    }
    return of_shell("pip wheel -q --no-deps -w out .", "out/demo-1.0-py3-none-any.whl", given)


@sample("tool.pyz", "Python program in a ZIP archive", "python -m zipapp", ZIP)
def zipapp() -> bytes:
    given = {"app/__main__.py": b"print(1)\n"}
    return made_by(
        "python3", "-m", "zipapp", "app", "-p", "/usr/bin/env python3", "-o", "t.pyz", result="t.pyz", given=given
    )


@sample(
    "tool.exe",
    "Windows program with a ZIP archive at its end",
    "pip's launcher (distlib 0.4, PSF licence)",
    "application/x-msdownload",
    BEHIND,
)
def launcher() -> bytes:
    import pip

    stub = Path(pip.__file__).parent / "_vendor" / "distlib" / "w32.exe"
    return stub.read_bytes() + b"#!C:\\Python\\python.exe\r\n" + zipfile_of({"__main__.py": b"import tool\n"})


@sample("program", "Linux program", "gcc 12", "application/x-executable")
def elf() -> bytes:
    return of_shell(
        "gcc -nostdlib -static -s -o p m.c -Wl,--build-id=none", "p", {"m.c": b"void _start(void) { for (;;); }"}
    )


@sample(
    "sfx",
    "Linux program with a ZIP archive at its end",
    "Info-ZIP's zip -A behind a program of gcc 12",
    "application/x-executable",
    BEHIND,
)
def self_extracting() -> bytes:
    return of_shell("zip -q a.zip a.txt && cat p a.zip > s && zip -q -A s", "s", {"p": elf(), "a.txt": b"a" * 1000})


@sample("libdemo.so", "Linux library", "gcc 12", "application/x-executable")
def library() -> bytes:
    return of_shell(
        "gcc -shared -nostdlib -s -o p m.c -Wl,--build-id=none", "p", {"m.c": b"int one(void) { return 1; }"}
    )


@sample("demo.deb", "Debian package", "dpkg-deb 1.21", "application/vnd.debian.binary-package")
def deb() -> bytes:
    given = {
        "d/DEBIAN/control": b"Package: demo\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b.c>\nDescription: x\n"
    }
    return made_by("dpkg-deb", "-b", "d", "a.deb", result="a.deb", given=given)


@sample("libdemo.a", "Library of objects", "ar of binutils 2.40", "application/x-unix-archive")
def ar() -> bytes:
    return made_by("ar", "rcs", "l.a", "a.txt", result="l.a", given={"a.txt": b"hello\n"})


@sample("trip.kmz", "Google Earth archive", "simplekml 1.3", ZIP)
def kmz() -> bytes:
    import simplekml

    kml = simplekml.Kml()
    kml.newpoint(name="Huế", coords=[(107.6, 16.5)])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.kmz"
        kml.savekmz(str(path))
        return path.read_bytes()


def _zipped(name: str, kind: str, content_type: str, entries: dict[str, bytes]) -> None:
    @sample(name, kind, "Python's zipfile, with the parts of the format", content_type)
    def make() -> bytes:
        return zipfile_of(entries)


_CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{}</Types>'
)
_zipped("comic.cbz", "Comic book", ZIP, {"01.jpg": b"\xff\xd8", "02.jpg": b"\xff\xd8"})
_zipped(
    "app.apk",
    "Android program",
    "application/vnd.android.package-archive",
    {"META-INF/MANIFEST.MF": b"", "AndroidManifest.xml": b"\3\0\x08\0", "classes.dex": b"dex\n035\0"},
)
_zipped(
    "part.3mf",
    "3D print",
    "model/3mf",
    {
        "3D/3dmodel.model": b"<model/>",
        "_rels/.rels": b"<Relationships/>",
        "[Content_Types].xml": _CONTENT_TYPES.format(
            '<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>'
        ).encode(),
    },
)
_zipped(
    "lib.nupkg",
    "NuGet package",
    ZIP,
    {
        "lib.nuspec": b"<package/>",
        "[Content_Types].xml": _CONTENT_TYPES.format(
            '<Default Extension="nuspec" ContentType="application/octet"/>'
        ).encode(),
    },
)


@sample("sheet.numbers", "Apple Numbers spreadsheet", "numbers-parser 4.22", ZIP)
def numbers() -> bytes:
    from numbers_parser import Document

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.numbers"
        Document().save(path)
        return path.read_bytes()
