"""The words of the pages: complete in both languages, compiled, used, and nowhere else."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from web import catalogues
from web.icons import NAMES
from web.sentences import PICTURES
from workflow.core.directory import BUSINESS_ROLES
from workflow.core.step import KINDS

WEB = Path(catalogues.__file__).parent
USED = re.compile(r"""\b(?:t|tn|gettext|ngettext|known)\(\s*f?["']([a-z_0-9.]+)""")
WORD = re.compile(r"""["']([a-z]+\.[a-z_0-9]+(?:\.[a-z]+)?)["']""")
MADE = (
    "role.", "tier.", "stage.", "kind.", "clock.", "theme.", "error.", "followed.", "masked.",
    "record.", "nav.", "data.", "incident.", "delivery.",
)  # fmt: skip
"""Keys put together while the page is made; tests below and the pages' own hold what they are made of."""


def catalogue(language: str) -> Catalog:
    with (catalogues.FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def keys(language: str) -> set[str]:
    return {m.id if isinstance(m.id, str) else m.id[0] for m in catalogue(language) if m.id}


def sources() -> dict[Path, str]:
    return {path: path.read_text() for path in WEB.rglob("*") if path.suffix in (".py", ".html")}


def test_the_compiled_catalogues_are_those_of_the_sources() -> None:
    assert [path.parts[-3] for path in catalogues.sources()] == ["en", "zh"]
    for source in catalogues.sources():
        assert source.with_suffix(".mo").read_bytes() == catalogues.compiled(source), "run python -m web.catalogues"


def test_both_languages_say_everything() -> None:
    assert keys("zh") == keys("en")
    for language in ("zh", "en"):
        for message in catalogue(language):
            said = [message.string] if isinstance(message.string, str) else list(message.string)
            assert all(said), (language, message.id)


def test_both_languages_name_the_same_facts() -> None:
    facts = re.compile(r"%\((\w+)\)")
    zh, en = catalogue("zh"), catalogue("en")
    for message in zh:
        if message.id:
            other = en.get(message.id if isinstance(message.id, str) else message.id[0])
            assert set(facts.findall(str(message.string))) == set(facts.findall(str(other.string))), message.id


def test_every_word_a_page_asks_for_is_there() -> None:
    known = keys("zh")
    for path, text in sources().items():
        for key in USED.findall(text):
            assert key in known or key.endswith((".", "_")) or key + "." in MADE, (path.name, key)


def test_no_word_is_kept_that_no_page_asks_for() -> None:
    asked = {key for text in sources().values() for key in (*USED.findall(text), *WORD.findall(text))}
    begun = tuple(key for key in asked if key.endswith(("_", "."))) + MADE
    assert [key for key in sorted(keys("zh")) if key not in asked and not key.startswith(begun)] == []


def test_templates_hold_no_words_of_their_own() -> None:
    code = re.compile(r"{% block wide %}wide|{#.*?#}|{%.*?%}|{{.*?}}|<svg.*?</svg>|<kbd>.*?</kbd>", re.DOTALL)
    for path, text in sources().items():
        if path.suffix == ".html":
            shown = re.sub(r"<[^>]*>|aria-[a-z]+=\"[^\"]*\"", " ", code.sub(" ", text))
            shown = re.sub("中文|English", "", shown)
            assert not re.search(r"[A-Za-z㐀-鿿]", shown), (path.name, shown.strip())


def test_python_holds_no_chinese() -> None:
    for path, text in sources().items():
        if path.suffix == ".py" and path.name != "language.py":
            assert not re.search(r"[㐀-鿿]", re.sub(r'"""(?s:.*?)"""', "", text)), path.name


@pytest.mark.parametrize("role", BUSINESS_ROLES)
def test_every_role_has_a_name(role: str) -> None:
    assert f"role.{role}" in keys("zh")


def test_every_kind_of_step_has_a_picture() -> None:
    assert set(KINDS) <= set(PICTURES)
    assert all(picture in NAMES for picture, _ in PICTURES.values())
