"""Photos of a delivery: checked by what they are, kept without the place where they were taken."""

import hashlib
import struct
from collections.abc import Iterator

from sqlmodel import Session

from cantine.errors import CantineError, NotFoundError
from cantine.menus.versions import Stamp
from cantine.orders.models import Attachment

MOST = 8 * 1024 * 1024
JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
NOT_A_PHOTO = "Ce fichier n'est pas une photo JPEG ou PNG. Reprenez la photo avec l'appareil du téléphone."
TOO_HEAVY = "La photo dépasse 8 Mo. Choisissez une qualité plus légère."
START_OF_SCAN, END, APP0, APP15, COMMENT = 0xDA, 0xD9, 0xE0, 0xEF, 0xFE
EXIF, ORIENTATION = b"Exif\0\0", 0x0112
PRIVATE = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}


def keep_photo(session: Session, kitchen: str, data: bytes, who: Stamp) -> int:
    """Keep a photo; return its key. Never commits.

    Raises:
        CantineError: it is too heavy, or no photo.
    """
    media_type, content = clean(data)
    row = Attachment(
        kitchen=kitchen,
        name=f"reception-{who.today.isoformat()}.{media_type.partition('/')[2]}",
        media_type=media_type,
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        created_at=who.now,
        created_by=who.user_id,
    )
    session.add(row)
    session.flush()
    return row.id or 0


def get_photo(session: Session, kitchen: str, number: int) -> Attachment:
    """A photo of this kitchen.

    Raises:
        NotFoundError: none such.
    """
    row = session.get(Attachment, number)
    if row is None or row.kitchen != kitchen or not row.media_type.startswith("image/"):
        raise NotFoundError("Cette photo n'existe pas, ou plus.")
    return row


def clean(data: bytes) -> tuple[str, bytes]:
    """Type and bytes of a photo without its metadata (place, time, device); which side is up is kept.

    Raises:
        CantineError: it is too heavy, or no photo.
    """
    if len(data) > MOST:
        raise CantineError(TOO_HEAVY)
    try:
        if data.startswith(JPEG):
            return "image/jpeg", b"".join(_jpeg(data))
        if data.startswith(PNG):
            return "image/png", PNG + b"".join(_png(data))
    except (struct.error, IndexError) as error:
        raise CantineError(NOT_A_PHOTO) from error
    raise CantineError(NOT_A_PHOTO)


def _jpeg(data: bytes) -> Iterator[bytes]:
    """Segments but those of applications and comments; the turn of the picture is written anew."""
    yield data[:2]
    turned, at = 1, 2
    parts = []
    while data[at + 1] != START_OF_SCAN:
        if data[at] != 0xFF or data[at + 1] == END:  # noqa: PLR2004 -- every marker begins so
            raise CantineError(NOT_A_PHOTO)
        marker, (size,) = data[at + 1], struct.unpack_from(">H", data, at + 2)
        segment = data[at : at + 2 + size]
        if segment[4:].startswith(EXIF):
            turned = _orientation(segment[10:])
        elif marker == APP0 or not (APP0 < marker <= APP15 or marker == COMMENT):
            parts.append(segment)
        at += 2 + size
    if turned != 1:
        yield _turn(turned)
    yield from parts
    yield data[at:]


def _orientation(tiff: bytes) -> int:
    """Which side of the picture is up (1 to 8); 1 where nothing is told."""
    order = "<" if tiff[:2] == b"II" else ">"
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, first)
    for number in range(count):
        tag, _kind, _count, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * number)
        if tag == ORIENTATION and 1 <= value <= 8:  # noqa: PLR2004 -- the eight of the standard
            return int(value)
    return 1


def _turn(value: int) -> bytes:
    """A segment that tells the turn of the picture and nothing else."""
    tiff = b"MM\0\x2a" + struct.pack(">IHHHIHHI", 8, 1, ORIENTATION, 3, 1, value, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", len(EXIF) + len(tiff) + 2) + EXIF + tiff


def _png(data: bytes) -> Iterator[bytes]:
    at = len(PNG)
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind not in PRIVATE:
            yield data[at : at + size + 12]
        at += size + 12
