"""Archives, as several programs write them."""

from __future__ import annotations

import io
import zipfile

from tests.handlers.inspectors.corpus import made_by, of_shell, sample, stored

GIVEN = {"d/a.txt": b"a" * 1000, "d/b.txt": b"b" * 24}
ZIP = "application/zip"
GZIP = "application/gzip"
TAR = "application/x-tar"
TWO = {"Entries": "2", "Unpacked": "1.0 KB, as stated"}
HELD = {"Entries": "3", "Unpacked": "1.0 KB"}


def _of_shell(
    name: str, kind: str, producer: str, content_type: str, script: str, facts: dict[str, str] | None = None
) -> None:
    @sample(name, kind, producer, content_type, facts)
    def make() -> bytes:
        return of_shell(script, "out", GIVEN)


_of_shell(
    "plain.zip", "ZIP archive", "Info-ZIP 3.0", ZIP, "cd d && zip -q ../o.zip a.txt b.txt && mv ../o.zip ../out", TWO
)
_of_shell(
    "piped.zip",
    "ZIP archive written to a pipe",
    "Info-ZIP 3.0",
    ZIP,
    "cd d && zip -q - a.txt b.txt | cat > ../out",
    TWO,
)
_of_shell(
    "zip64.zip",
    "ZIP archive of the newer form",
    "Info-ZIP 3.0",
    ZIP,
    "cd d && zip -q -fz- - a.txt b.txt | cat > ../out",
    TWO,
)
_of_shell(
    "comment.zip",
    "ZIP archive with a comment",
    "Info-ZIP 3.0",
    ZIP,
    "cd d && zip -q ../o.zip a.txt b.txt && echo hello | zip -qz ../o.zip && mv ../o.zip ../out",
    TWO,
)
_of_shell(
    "locked.zip",
    "ZIP archive with a password",
    "Info-ZIP 3.0",
    ZIP,
    "cd d && zip -q -P secret ../o.zip a.txt b.txt && mv ../o.zip ../out",
    {**TWO, "Encrypted": "all entries"},
)
_of_shell(
    "7z.zip",
    "ZIP archive",
    "7-Zip 26.02",
    ZIP,
    "cd d && 7zz a -tzip ../out.zip a.txt b.txt && mv ../out.zip ../out",
    TWO,
)
_of_shell(
    "aes.zip",
    "ZIP archive with a password",
    "7-Zip 26.02",
    ZIP,
    "cd d && 7zz a -tzip -psecret -mem=AES256 ../out.zip a.txt b.txt && mv ../out.zip ../out",
    {**TWO, "Encrypted": "all entries"},
)
_of_shell("plain.7z", "7z archive", "7-Zip 26.02", "application/x-7z-compressed", "7zz a out.7z d && mv out.7z out")
_of_shell("v7.tar", "tar archive of the oldest form", "GNU tar 1.34", TAR, "tar --format=v7 -cf out d", HELD)
_of_shell("ustar.tar", "tar archive", "GNU tar 1.34", TAR, "tar --format=ustar -cf out d", HELD)
_of_shell("gnu.tar", "tar archive", "GNU tar 1.34", TAR, "tar --format=gnu -cf out d", HELD)
_of_shell("pax.tar", "tar archive", "GNU tar 1.34", TAR, "tar --format=pax -cf out d", HELD)
_of_shell(
    "sparse.tar",
    "tar archive of a file with holes",
    "GNU tar 1.34",
    TAR,
    "rm -r d && mkdir d && truncate -s 1M d/a && echo x >> d/a && tar --format=pax --sparse -cf out d",
    {"Entries": "2"},
)
_of_shell("cpio.tar", "tar archive", "GNU cpio 2.13", TAR, "find d | cpio -o -H ustar > out", HELD)
_of_shell(
    "plain.tar.gz", "tar archive, packed", "GNU tar 1.34 and gzip 1.12", GZIP, "tar -czf out d", {"Unpacked": "10 KB"}
)
_of_shell(
    "plain.tgz", "tar archive, packed", "GNU tar 1.34 and gzip 1.12", GZIP, "tar -czf out d", {"Unpacked": "10 KB"}
)
_of_shell(
    "notes.txt.gz",
    "Packed text",
    "gzip 1.12",
    GZIP,
    "gzip -c d/a.txt > out",
    {"Packed from": "a.txt", "Unpacked": "1.0 KB"},
)
_of_shell(
    "days.log.gz",
    "Packed texts, one behind the other",
    "gzip 1.12, twice",
    GZIP,
    "(gzip -nc d/a.txt; gzip -nc d/b.txt) > out",
    {"Unpacked": "1.0 KB"},
)
_of_shell(
    "padded.gz",
    "Packed text on a tape",
    "gzip 1.12, filled up with zeros",
    GZIP,
    "gzip -nc d/a.txt > out && truncate -s 1024 out",
    {"Unpacked": "1.0 KB"},
)
_of_shell("plain.txt.bz2", "Packed text", "bzip2 1.0", "application/x-bzip2", "bzip2 -c d/a.txt > out")
_of_shell("plain.txt.xz", "Packed text", "xz 5.4", "application/x-xz", "xz -c d/a.txt > out")
_of_shell("plain.txt.lzma", "Packed text", "xz 5.4", "application/octet-stream", "xz -c --format=lzma d/a.txt > out")
_of_shell("plain.txt.zst", "Packed text", "zstd 1.5", "application/zstd", "zstd -q -c d/a.txt > out")
_of_shell("plain.txt.lz4", "Packed text", "lz4 1.9", "application/x-lz4", "lz4 -q -c d/a.txt > out")
_of_shell("plain.txt.Z", "Packed text", "ncompress 4.2", "application/x-compress", "compress -f -c d/a.txt > out")
_of_shell("plain.cpio", "cpio archive", "GNU cpio 2.13", "application/x-cpio", "find d | cpio -o -H newc > out")
_of_shell("odd.cpio", "cpio archive", "GNU cpio 2.13", "application/x-cpio", "find d | cpio -o -H odc > out")


@sample(
    "empty.zip", "ZIP archive of nothing", "Python's zipfile", ZIP, {"Entries": "0", "Unpacked": "0 bytes, as stated"}
)
def nothing() -> bytes:
    target = io.BytesIO()
    zipfile.ZipFile(target, "w").close()
    return target.getvalue()


@sample("disc.iso", "Disc image", "genisoimage 1.1", "application/x-iso9660-image")
def iso() -> bytes:
    image = made_by("genisoimage", "-quiet", "-o", "a.iso", "d", result="a.iso", given=GIVEN)
    return image.rstrip(b"\0").ljust(22 * 2048, b"\0")


@sample("drawing.svgz", "Packed SVG image", "gzip 1.12", GZIP, {"Unpacked": "49 bytes"})
def svgz() -> bytes:
    return of_shell("gzip -nc a.svg > out", "out", {"a.svg": b'<svg xmlns="http://www.w3.org/2000/svg"></svg>   '})


stored(
    "three-days.log.gz",
    "Packed logs of three days, one behind the other",
    "gzip, three times",
    GZIP,
    {"Unpacked": "164 KB"},
)
