"""What archives hold decides whether they are equal; where and when they were made does not."""

import io
import os
import zipfile

import pulumi
import pytest

from local.emulator.engine.contents import Content, UnreadableAssetError, plain


def archive(folder, **files: str) -> pulumi.AssetArchive:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return pulumi.AssetArchive({f"code/{name}": pulumi.FileAsset(folder / name) for name in files})


def test_an_archive_is_a_zip_of_its_files(tmp_path):
    packed = plain(pulumi.AssetArchive({"a.py": pulumi.StringAsset("é"), "b": archive(tmp_path, c="c")}))

    archived = zipfile.ZipFile(io.BytesIO(packed.data))

    assert {name: archived.read(name).decode() for name in archived.namelist()} == {"a.py": "é", "b/code/c": "c"}


def test_equal_files_elsewhere_and_later_make_an_equal_archive(tmp_path):
    here = archive(tmp_path / "here", a="1", b="2")
    elsewhere = archive(tmp_path / "elsewhere", b="2", a="1")
    os.utime(tmp_path / "elsewhere" / "a", (0, 0))

    assert plain(here) == plain(elsewhere)


def test_a_changed_file_makes_another_archive(tmp_path):
    before = plain(archive(tmp_path, a="1"))

    assert plain(archive(tmp_path, a="2")) != before


def test_a_folder_archive_has_every_file(tmp_path):
    archive(tmp_path / "deep", a="1")

    packed = plain(pulumi.FileArchive(str(tmp_path)))

    assert zipfile.ZipFile(io.BytesIO(packed.data)).namelist() == ["deep/a"]


def test_an_archive_file_stays_as_it_is(tmp_path):
    (tmp_path / "code.zip").write_bytes(b"PK...")

    assert plain(pulumi.FileArchive(str(tmp_path / "code.zip"))) == Content.of(b"PK...")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UnreadableAssetError, match=r"cannot read .*absent\.py: No such file"):
        plain(pulumi.AssetArchive({"a": pulumi.FileAsset(tmp_path / "absent.py")}))


def test_an_asset_from_the_network_is_refused():
    with pytest.raises(UnreadableAssetError, match="RemoteAsset is not read locally"):
        plain(pulumi.RemoteAsset("https://example.com/code.py"))


def test_numbers_are_whole_and_nothing_is_left_out_but_none():
    assert repr(plain({"a": 3.0, "b": [1.5, None], "c": None, "d": False})) == "{'a': 3, 'b': [1.5, None], 'd': False}"
