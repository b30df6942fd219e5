"""The file of a backup: a .tar.gz with a manifest, rows table by table and the files of the home.

What lives here: writing, checking and opening an archive. What does not: the database.
An archive may come from anywhere: nothing is believed that the manifest does not confirm,
and nothing is written outside the folder it is opened in.
"""

import hashlib
import tarfile
import zlib
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cantine.errors import CantineError

MANIFEST = "manifest.json"
LARGEST_MANIFEST = 20_000_000
_CHUNK = 1 << 20


class ArchiveError(CantineError):
    """The archive cannot be written, or is not to be trusted."""


class Member(BaseModel):
    """One file of the archive: its bytes, and its rows when it is a table."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    size: int = Field(ge=0)
    sha256: str
    rows: int | None = Field(default=None, ge=0)


class Manifest(BaseModel):
    """What the archive holds. ``revision``: last step the database went through."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    format: Literal[1] = 1
    version: str
    revision: str
    created_at: datetime
    members: dict[str, Member]

    def tables(self) -> dict[str, int]:
        """Rows by table."""
        return {
            PurePosixPath(name).stem: member.rows
            for name, member in self.members.items()
            if member.rows is not None
        }

    def files(self) -> list[str]:
        """Paths of the home's files, relative to it."""
        return [name.removeprefix("files/") for name in self.members if name.startswith("files/")]


def describe(path: Path, rows: int | None = None) -> Member:
    """Size and digest of a file."""
    with path.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
    return Member(size=path.stat().st_size, sha256=digest, rows=rows)


def write_archive(target: Path, manifest: Manifest, sources: dict[str, Path]) -> None:
    """Write the archive beside ``target`` and rename it at the end, readable by its owner only.

    Raises:
        ArchiveError: the folder cannot be written.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        # The manifest comes first, and is written beside the archive: it is made of the other files.
        beside = part.with_name(f"{part.name}.json")
        beside.write_text(manifest.model_dump_json(indent=2), encoding="utf-8")
        with tarfile.open(part, "w:gz") as archive:
            archive.add(beside, MANIFEST, recursive=False)
            for name, path in sources.items():
                archive.add(path, name, recursive=False)
        beside.unlink()
        part.replace(target)
    except OSError as error:
        raise ArchiveError(
            f"La sauvegarde « {target} » n'a pas pu être écrite : {error.strerror}."
        ) from error


def open_archive(path: Path, folder: Path) -> Manifest:
    """Check every file of an archive and lay it out in ``folder``.

    Raises:
        ArchiveError: unreadable, incomplete, altered, or with names leading elsewhere.
    """
    try:
        with tarfile.open(path, "r:gz") as archive:
            manifest = _read_manifest(archive)
            seen = {MANIFEST}
            for entry in archive:
                if entry.name == MANIFEST:
                    continue
                _lay_out(archive, entry, manifest, folder)
                seen.add(entry.name)
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise ArchiveError(f"« {path.name} » n'est pas une sauvegarde lisible.") from error
    missing = sorted(set(manifest.members) - seen)
    if missing:
        raise ArchiveError(f"La sauvegarde est incomplète : il manque {', '.join(missing)}.")
    return manifest


def _read_manifest(archive: tarfile.TarFile) -> Manifest:
    first = archive.next()
    source = archive.extractfile(first) if first and first.name == MANIFEST and first.isreg() else None
    if source is None:
        raise ArchiveError("Ce fichier n'est pas une sauvegarde de cantine : son manifeste manque.")
    try:
        return Manifest.model_validate_json(source.read(LARGEST_MANIFEST))
    except ValidationError as error:
        raise ArchiveError("Le manifeste de la sauvegarde est illisible.") from error


def _lay_out(archive: tarfile.TarFile, entry: tarfile.TarInfo, manifest: Manifest, folder: Path) -> None:
    member = manifest.members.get(entry.name)
    source = archive.extractfile(entry) if entry.isreg() else None
    if member is None or source is None or not _is_safe(entry.name) or entry.size != member.size:
        raise ArchiveError(f"La sauvegarde contient un fichier inattendu : « {entry.name} ».")
    target = folder / entry.name
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with target.open("xb") as written:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            written.write(chunk)
    if digest.hexdigest() != member.sha256:
        raise ArchiveError(f"La sauvegarde est abîmée : « {entry.name} » n'a pas l'empreinte attendue.")


def _is_safe(name: str) -> bool:
    """Whether a name stays inside the two folders of an archive."""
    path = PurePosixPath(name)
    plain = "\\" not in name and "\x00" not in name and str(path) == name
    return plain and path.parts[0] in ("database", "files") and ".." not in path.parts and len(path.parts) > 1
