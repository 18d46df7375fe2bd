"""What counts as a word: docs/time.md, rule 17."""

import pytest

from forum.core.words import count_words


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", 0),
        ("  \n\n ", 0),
        ("The bell rang twice.", 4),
        ("¿Qué pasó aquél día, señor Núñez?", 6),
        ("我喜欢读书。", 5),
        ("ひらがな", 4),
        ("カタカナ", 1),
        ("한국어 단어", 2),
        ("السلام عليكم ورحمة الله", 4),
        ("Кто там?", 2),
        ("नमस्ते दुनिया", 2),
        # Thai writes no spaces; by the default rules each sign with its marks stands alone.
        ("ครับ", 3),
        ("👍🏽 yes 🇪🇸 👩‍👩‍👧", 1),
        ("well-known", 2),
        ("don't, won’t, l'été", 3),
        ("3.14 and 1,000", 3),
        ("snake_case", 1),
        ("-- ** ... ___ | $ ¶", 0),
    ],
)
def test_rule_17_words_end_at_unicode_word_boundaries(source: str, words: int) -> None:
    assert count_words(source) == words


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("> someone else's five words here\n\nmine alone", 2),
        ("> quoted\nmine right below", 3),
        ("- > quoted in a list\n- mine", 1),
        ("before `x = y + z` after", 2),
        ("a ``code ` with tick`` b", 2),
        ("an `unclosed tick counts", 4),
        ("`a\n\nb`", 2),
        ("```python\nx = one two\n```\nafter", 1),
        ("~~~\nx y\n~~~\nafter", 1),
        ("> ```\n> x y\n> ```\nafter", 1),
        ("```\nnever closed counts", 3),
        ("text\n\n    indented code here\n\n    and more\n\nend", 2),
        ("- item\n\n    its second paragraph", 4),
        ("see https://example.org/a/b?c=d#e now", 2),
        ("see www.example.org, now", 2),
        ("write to ana.b+c@mail.example.org today", 3),
        ("参见https://example.org/x的文章", 5),
        ("[the text](https://example.org/some/long/address) counts", 3),
        ("[the text](/a/path/of/this/site) counts", 3),
        ("[label]: https://example.org/x", 0),
        ("noted[^note]\n\n[^note]: two words", 3),
        ("**bold** and ~~struck~~ *words*", 4),
    ],
)
def test_quotations_code_and_addresses_count_nothing(source: str, words: int) -> None:
    assert count_words(source) == words


def test_windows_line_ends_count_the_same() -> None:
    source = "one\n\n> two\n\n```\nthree\n```\nfour"
    assert count_words(source.replace("\n", "\r\n")) == count_words(source) == 2


@pytest.mark.parametrize(
    "unit", ["`", "`a``b", "```\n", "> ", "- ", "[", "](", "a@", "a.b@", "www.", "    a\n", "a"]
)
def test_the_longest_draft_is_counted_without_hanging(unit: str) -> None:
    count_words((unit * 200_000)[:200_000])
