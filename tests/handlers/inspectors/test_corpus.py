"""What a file is, over real files of many kinds: type and facts are right, and no warning is wrong."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import pytest

from domain.file_types import extension_of
from tests.handlers.inspectors.corpus import FILES, samples
from tests.handlers.inspectors.corpus.table import NAMED_OTHERWISE, PAGE, as_page
from tests.handlers.inspectors.files import inspected

SAMPLES = samples()
COUNTED = {"Encoding", "Lines", "Longest line", "Entries", "Unpacked"}
"""Reported of every text and every archive: checked where it is in the answers, and below by other programs."""

TRUSTED = {
    "docx": "docm dotx dotm",
    "xlsx": "xlsm xlsb xlam xltx xltm",
    "pptx": "pptm ppsx ppsm potx potm ppam sldx",
    "doc": "dot",
    "xls": "xlt xla xlm xlw",
    "ppt": "pps pot ppa",
    "odt": "ott odm",
    "ods": "ots",
    "odp": "otp",
    "odg": "otg",
    "jpg": "jpeg jpe jfif",
    "tif": "tiff dng nef arw",
    "heic": "heif hif",
    "mp4": "m4v mov m4a 3gp",
    "mkv": "mka webm",
    "ogg": "oga ogv opus spx",
    "jar": "war ear aar apk xpi zip",
    "zip": "docx epub odt jar cbz kmz whl pages 3mf vsix nupkg xlsm ipa",
    "gz": "tgz svgz emz",
    "html": "htm php jsp xhtml vue md",
    "xml": "html svg xsd rss kml gpx fodt plist doc xls",
    "csv": "txt tsv pdf docx jpg json md exe",
    "json": "txt js ipynb geojson webmanifest",
}
"""Other names under which a file of this kind is no contradiction: its variants; for texts and ZIP archives, any."""


@pytest.mark.parametrize("name", sorted(SAMPLES))
@pytest.mark.parametrize("chunk", [1_048_576, 1_009])
def test_a_file_is_what_its_producer_made(name, chunk):
    sample = SAMPLES[name]
    result = inspected(sample.content, name, chunk)
    facts = dict(result.facts)

    assert result.broken is None
    assert result.content_type == sample.content_type
    assert {label: facts.get(label) for label in sample.facts} == sample.facts
    assert facts.keys() - sample.facts.keys() <= COUNTED, "nothing else is reported, and no warning"


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_another_name_for_the_same_kind_is_no_contradiction(name):
    sample = SAMPLES[name]
    for extension in TRUSTED.get(extension_of(name), "").split():
        assert "Extension" not in dict(inspected(sample.content, f"a.{extension}").facts), extension


@pytest.mark.parametrize(("name", "pretended", "warning"), NAMED_OTHERWISE)
def test_a_name_that_promises_another_kind_is_contradicted(name, pretended, warning):
    assert dict(inspected(SAMPLES[name].content, pretended).facts).get("Extension", "") == warning


@pytest.mark.parametrize("name", sorted(name for name in SAMPLES if zipfile.is_zipfile(FILES / name)))
def test_the_entries_of_an_archive_are_those_that_another_program_counts(name):
    facts = dict(inspected(SAMPLES[name].content, name).facts)

    assert facts["Entries"] == f"{len(zipfile.ZipFile(FILES / name).infolist()):,}"


@pytest.mark.parametrize("name", sorted(name for name in SAMPLES if name.endswith(".tar")))
def test_the_entries_of_a_tar_archive_are_those_that_another_program_counts(name):
    with tarfile.open(FILES / name) as archive:
        entries = archive.getmembers()

    assert dict(inspected(SAMPLES[name].content, name).facts)["Entries"] == f"{len(entries):,}"


@pytest.mark.parametrize("name", sorted(name for name in SAMPLES if SAMPLES[name].content_type == "application/gzip"))
def test_the_size_of_what_is_packed_is_the_one_that_another_program_finds(name):
    content = gzip.decompress(SAMPLES[name].content)
    reported = dict(inspected(SAMPLES[name].content, name).facts)["Unpacked"]

    assert dict(inspected(gzip.compress(content), "one.gz").facts)["Unpacked"] == reported


@pytest.mark.parametrize("name", sorted(name for name in SAMPLES if "Lines" in SAMPLES[name].facts))
def test_the_lines_of_a_text_are_those_that_another_program_counts(name):
    result = dict(inspected(SAMPLES[name].content, name).facts)
    encoding = {"UTF-16": "utf-16", "UTF-8": "utf-8", "UTF-8 with a byte order mark": "utf-8-sig"}.get(
        result["Encoding"], "latin-1"
    )
    if result["Encoding"] == "UTF-16 without a byte order mark":
        encoding = "utf-16-be" if name == "big-endian.csv" else "utf-16-le"
    lines = list(io.StringIO(SAMPLES[name].content.decode(encoding), newline=None))

    assert result["Lines"] == f"{len(lines):,}"


def test_every_kept_file_has_an_answer():
    assert {path.name for path in FILES.iterdir()} == SAMPLES.keys()


def test_the_corpus_is_large_enough_to_mean_something_and_small_enough_to_keep():
    assert len({sample.kind for sample in SAMPLES.values()}) >= 60
    assert sum(path.stat().st_size for path in FILES.iterdir()) < 1_500_000


def test_the_page_of_file_types_is_that_of_these_files():
    assert PAGE.read_text() == as_page(), "write it again: make file-types"
