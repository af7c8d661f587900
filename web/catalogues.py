"""The catalogues of words: `python -m web.catalogues` compiles them after a change; a test notices the forgotten."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FOLDER = Path(__file__).parent / "translations"


def sources() -> list[Path]:
    return sorted(FOLDER.glob("*/LC_MESSAGES/messages.po"))


def compiled(source: Path) -> bytes:
    """A catalogue as gettext reads it. Raises ValueError for a doubtful entry."""
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parts[-3], abort_invalid=True)
    fuzzy = [message.id for message in catalogue if message.fuzzy and message.id]
    if fuzzy:
        raise ValueError(f"{source.name}: not settled yet: {fuzzy}")
    # Babel would write the present moment into the file, and no two would be alike.
    catalogue.creation_date = catalogue.revision_date = EPOCH
    target = BytesIO()
    write_mo(target, catalogue)
    return target.getvalue()


def main() -> None:
    for source in sources():
        source.with_suffix(".mo").write_bytes(compiled(source))


if __name__ == "__main__":
    main()
