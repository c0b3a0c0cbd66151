"""Writes docs/file-types.md: `python -m tests.handlers.inspectors.corpus`, from the repository's root.

With `make`, and names or none for all, it makes the files anew first. That needs their producers, in an environment of
its own:

    pip install ebooklib fastavro feedgen fonttools icalendar mido msoffcrypto-tool numbers-parser numpy odfpy openpyxl
    pip install pillow psd-tools pyarrow pydicom pykeepass pyshp python-docx python-pptx reportlab simplekml svgwrite
    pip install xlsxwriter xlwt

from Debian: 7zip, cpio, default-jdk-headless, ffmpeg, gcc, genisoimage, gnupg, libheif-examples, libjxl-tools,
libreoffice-calc-nogui, -impress-nogui and -writer-nogui, lz4, msitools, ncompress, unzip, xz-utils, zip, zstd; the
jars of Apache POI (poi-ooxml, poi-scratchpad and what they need) in the folder $POI; and the unpacked source
distribution of pillow-heif 1.8.1 in $PILLOW_HEIF_SOURCE.
"""

from __future__ import annotations

import sys

from tests.handlers.inspectors.corpus import FILES, samples

if sys.argv[1:2] == ["make"]:
    for name in sys.argv[2:] or list(samples()):
        sample = samples()[name]
        if sample.make:
            content = sample.make()
            (FILES / name).write_bytes(content)
            print(f"{name}: {len(content):,} bytes")

from tests.handlers.inspectors.corpus.table import PAGE, as_page

PAGE.write_text(as_page())
print(f"wrote {PAGE}")
