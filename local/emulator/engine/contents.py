"""What a program's assets and archives hold, read at once: by the time of the upload the files may have changed."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi

from local.emulator.errors import LocalError

# The oldest time a zip can say. Archives must not change with the clock or the checkout.
_TIMESTAMP = (1980, 1, 1, 0, 0, 0)


class UnreadableAssetError(LocalError):
    """An asset's file is missing, or it is of a kind that is not read here; the text says which."""


@dataclass(frozen=True)
class Content:
    """Bytes that compare by their hash: two archives with the same files are equal wherever they came from."""

    sha256: str
    data: bytes = field(repr=False, compare=False)

    @classmethod
    def of(cls, data: bytes) -> Content:
        return cls(hashlib.sha256(data).hexdigest(), data)


def plain(value: Any) -> Any:
    """A Pulumi input as the resources take it: whole numbers as int, None left out, assets and archives as Content.

    Raises UnreadableAssetError.
    """
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, pulumi.Asset):
        return Content.of(_asset(value))
    if isinstance(value, pulumi.Archive):
        return Content.of(_archive(value))
    return value


def _asset(asset: pulumi.Asset) -> bytes:
    if isinstance(asset, pulumi.StringAsset):
        return asset.text.encode()
    if isinstance(asset, pulumi.FileAsset):
        return _read(Path(asset.path))
    raise UnreadableAssetError(f"{type(asset).__name__} is not read locally; use a FileAsset or a StringAsset")


def _archive(archive: pulumi.Archive) -> bytes:
    if isinstance(archive, pulumi.FileArchive) and Path(archive.path).is_file():
        return _read(Path(archive.path))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for name, data in sorted(_files(archive, "")):
            entry = zipfile.ZipInfo(name, _TIMESTAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, data)
    return buffer.getvalue()


def _files(archive: pulumi.Archive, prefix: str) -> list[tuple[str, bytes]]:
    if isinstance(archive, pulumi.AssetArchive):
        files: list[tuple[str, bytes]] = []
        for name, item in archive.assets.items():
            if isinstance(item, pulumi.Archive):
                files += _files(item, f"{prefix}{name}/")
            else:
                files.append((prefix + name, _asset(item)))
        return files
    if isinstance(archive, pulumi.FileArchive):
        root = Path(archive.path)
        if not root.is_dir():
            raise UnreadableAssetError(f"{root} is neither a folder nor a file")
        return [(prefix + path.relative_to(root).as_posix(), _read(path)) for path in root.rglob("*") if path.is_file()]
    raise UnreadableAssetError(f"{type(archive).__name__} is not read locally; use an AssetArchive or a FileArchive")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableAssetError(f"cannot read {path}: {error.strerror}") from error
