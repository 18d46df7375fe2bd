"""Receipts: what one states comes back as it was, and no byte of a token, no field of a row, no link can change unseen."""

import json
import random
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OctKey

from forum.receipts import tokens
from forum.receipts.queries import checked
from forum.receipts.rules import (
    SEGMENT,
    KeptPost,
    KeptText,
    Link,
    Malformed,
    Result,
    Statement,
    breaks_in,
    claims_of,
    class_of_refusal,
    owner_digest,
    statement_from,
    text_hash,
    token_hash,
    verdict_of,
    words_digest,
)

AT = datetime(2026, 11, 26, 22, 40, 12, 123456, tzinfo=UTC)
LIMIT = datetime(2026, 11, 26, 23, 5, tzinfo=UTC)
KEY = ECKey.generate_key("P-256", private=True)
ID = KEY.thumbprint()
KEYS = {ID: ECKey.import_key(KEY.as_dict(private=False))}
SALT = "00112233445566778899aabbccddeeff"
WORDS = "The bridge keeper wrote twice — “in time”.\n"
MUTATIONS = 10_000


def stated(**changed: Any) -> Statement:
    told: dict[str, Any] = {
        "receipt": "rcpt234567", "kind": "accepted", "course": "course2345", "place": "thread:thread2345",
        "previous": "ab" * 32, "arrived_at": AT, "issued_at": AT + timedelta(seconds=30),
        "issuer": "https://forum.example.org", "post": "post234567", "revision": 1,
        "owner": owner_digest(SALT, "account234"), "words": words_digest(SALT, WORDS),
        "due_at": LIMIT - timedelta(minutes=5), "limit_at": LIMIT, "verdict": "on_time",
    }  # fmt: skip
    return Statement(**{**told, **changed})


def link_of(statement: Statement, token: str, **changed: Any) -> Link:
    told: dict[str, Any] = {
        each.name: getattr(statement, each.name) for each in fields(Link) if hasattr(statement, each.name)
    }
    told |= {"token": token, "hash": token_hash(token), "account": "account234", "salt": SALT,
             "post_id": 7 if statement.post else None}  # fmt: skip
    return Link(**{**told, **changed})


POST = KeptPost("post234567", "account234", AT, {1: KeptText(AT, text_hash(WORDS))})
TOKEN = tokens.sign(stated(), KEY, ID)
LINK = link_of(stated(), TOKEN)


def result_of(link: Link, kept: KeptPost | None = POST) -> Result:
    return checked(link, KEYS, kept)[0]


# --- what it states ---------------------------------------------------------------------------------------------------

INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
NAMES = st.text(min_size=1, max_size=20)


@settings(
    derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # its first text is slow to come
@given(INSTANTS, st.none() | INSTANTS, st.none() | NAMES, st.none() | st.integers(1, 10**6), NAMES)
def test_what_is_stated_is_read_again(
    at: datetime, due: datetime | None, post: str | None, revision: int | None, place: str
) -> None:
    statement = stated(arrived_at=at, due_at=due, post=post, revision=revision, place=place)
    assert statement_from(json.loads(json.dumps(claims_of(statement)))) == statement


def test_rule_24_a_token_states_no_reason_and_no_number() -> None:
    claims = claims_of(stated())
    assert list(claims) == ["iss", "jti", "kind", "course", "place", "post", "revision", "owner", "words", "arrived",
                            "due", "limit", "appears", "verdict", "detail", "issued", "prev"]  # fmt: skip
    assert claims["arrived"] == "2026-11-26T22:40:12.123456Z"


@pytest.mark.parametrize("change", [
    {"more": 1}, {"kind": "gift"}, {"arrived": "2026-11-26"}, {"arrived": None}, {"revision": True},
    {"arrived": "2026-13-26T22:40:12.123456Z"}, {"place": 4}, {"due": 5},
])  # fmt: skip
def test_claims_that_are_none_of_ours_are_no_receipt(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        statement_from(claims_of(stated()) | change)


def test_any_jose_library_reads_it() -> None:
    assert json.loads(jws.deserialize_compact(TOKEN, KEYS[ID]).payload) == claims_of(stated())
    assert tokens.read(TOKEN, KEYS) == tokens.Reading(Result.VALID, stated(), ID)


# --- verdicts and digests -----------------------------------------------------------------------------------------------


def test_on_time_means_before_the_limit() -> None:
    micro = timedelta(microseconds=1)
    assert [verdict_of(at, LIMIT) for at in (LIMIT - micro, LIMIT, LIMIT + micro)] == [
        "on_time",
        "late",
        "late",
    ]
    assert verdict_of(LIMIT, None) == "on_time"


def test_of_a_refusal_only_its_class_is_told() -> None:
    codes = (
        "cutoff_passed",
        "closed_by_hand",
        "course_ended",
        "thread_closed",
        "thread_removed",
        "not_yet_open",
    )
    assert {class_of_refusal(code) for code in codes} == {"closed"}
    assert {class_of_refusal(code) for code in ("has_thread", "parent_removed", "anything")} == {"other"}


def test_line_ends_of_browsers_change_no_digest_and_every_sign_does() -> None:
    assert words_digest(SALT, "a\r\nb") == words_digest(SALT, "a\nb") != words_digest(SALT, "a\nb ")
    assert words_digest(SALT, "a", ["f1", "f2"]) != words_digest(SALT, "a", ["f2", "f1"])
    assert words_digest(SALT, "a") != words_digest(SALT[::-1], "a")


# --- changes of a token -------------------------------------------------------------------------------------------------


def mutated(token: str, chance: random.Random) -> str:
    """The token with one byte, or a few, changed, put in or taken out."""
    chars = list(token)
    for _number in range(chance.choice((1, 1, 1, 2, 3))):
        at = chance.randrange(len(chars))
        match chance.randrange(4):
            case 0:
                chars[at] = chance.choice("ABCXYZabcxyz0189-_.")
            case 1:
                chars[at] = chr(ord(chars[at]) ^ (1 << chance.randrange(7)))
            case 2:
                del chars[at]
            case _:
                chars.insert(at, chance.choice("ABab01-_.= \n"))
    return "".join(chars)


def test_ten_thousand_changes_of_a_token_are_found() -> None:
    chance, found = random.Random(20261126), dict.fromkeys(Result, 0)
    done = 0
    while done < MUTATIONS:
        token = mutated(TOKEN, chance)
        if token == TOKEN:
            continue
        done += 1
        result = tokens.read(token, KEYS).result
        found[result] += 1
        assert result is not Result.VALID, token
    assert found[Result.CHANGED] > 1_000
    assert found[Result.UNKNOWN_KEY] > 100
    assert tokens.read(TOKEN, KEYS).result is Result.VALID


def test_every_single_byte_counts_the_bits_too_that_base64_leaves_over() -> None:
    for at in range(len(TOKEN)):
        for sign in "AQgw_-9":
            token = TOKEN[:at] + sign + TOKEN[at + 1 :]
            assert token == TOKEN or tokens.read(token, KEYS).result is not Result.VALID, at


def test_another_spelling_of_the_same_signature_is_found() -> None:
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twins = [TOKEN[:-1] + digits[digits.index(TOKEN[-1]) ^ bits] for bits in range(1, 16)]
    assert [tokens.read(token, KEYS).result for token in twins] == [Result.CHANGED] * 15


def test_the_mirrored_signature_is_found_where_a_library_takes_it() -> None:
    signed, _dot, signature = TOKEN.rpartition(".")
    raw = urlsafe_b64decode(signature + "==")
    other = (tokens._ORDER - int.from_bytes(raw[32:])).to_bytes(32)
    token = f"{signed}.{urlsafe_b64encode(raw[:32] + other).decode().rstrip('=')}"
    jws.deserialize_compact(token, KEYS[ID])
    assert tokens.read(token, KEYS).result is Result.CHANGED


def part(told: Any) -> str:
    return urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def test_no_other_algorithm_and_no_other_key_is_taken() -> None:
    claims, head = claims_of(stated()), {"typ": "receipt", "kid": ID}
    secret = OctKey.import_key(json.dumps(KEY.as_dict(private=False)))
    hmac = jws.serialize_compact({**head, "alg": "HS256"}, json.dumps(claims), secret, algorithms=["HS256"])
    for token in (f"{part({**head, 'alg': 'none'})}.{part(claims)}.", hmac):
        assert tokens.read(token, KEYS).result is Result.NOT_A_RECEIPT
    mallory = ECKey.generate_key("P-256", private=True)
    assert tokens.read(tokens.sign(stated(), mallory, ID), KEYS).result is Result.CHANGED
    assert (
        tokens.read(tokens.sign(stated(), mallory, mallory.thumbprint()), KEYS).result is Result.UNKNOWN_KEY
    )
    assert tokens.read(TOKEN, {}).result is Result.UNKNOWN_KEY
    carried = {**head, "alg": "ES256", "kid": "x", "jwk": mallory.as_dict(private=False)}
    assert (
        tokens.read(jws.serialize_compact(carried, json.dumps(claims), mallory), KEYS).result
        is Result.UNKNOWN_KEY
    )


@pytest.mark.parametrize(
    "asked", [{"crit": ["b64"], "b64": False}, {"crit": 7}, {"b64": 5}, {"zip": "DEF"}, {"kid": {}}]
)
def test_whatever_a_header_asks_for_is_answered(asked: dict[str, Any]) -> None:
    head = {"alg": "ES256", "typ": "receipt", "kid": ID, **asked}
    assert tokens.read(f"{part(head)}.{part(claims_of(stated()))}.{'A' * 86}", KEYS).statement is None


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda raw: raw.decode("latin-1")))
def test_anything_else_is_no_receipt(text: str) -> None:
    assert tokens.read(text, KEYS).result is Result.NOT_A_RECEIPT
    assert tokens.read(f"{text}.{text}.{'A' * 86}", KEYS).statement is None


# --- changes of a row ---------------------------------------------------------------------------------------------------


def other_value(value: Any, chance: random.Random) -> Any:
    """Another value of the same kind, near it where that can be."""
    if value is None:
        return chance.choice(["x", "restore", SALT]) if chance.random() < 0.5 else AT
    if isinstance(value, datetime):
        return value + chance.choice([-1, 1]) * timedelta(
            microseconds=chance.choice([1, 10**6, 3600 * 10**6, 10**12])
        )
    if isinstance(value, int):
        return value + chance.choice([-1, 1, 10])
    if chance.random() < 0.1 and value:
        return None if value in (SALT, "account234") else value[:-1]
    at = chance.randrange(len(value) + 1)
    return value[:at] + chance.choice("abcdef0123456789") + value[at + chance.randrange(2) :]


def test_ten_thousand_changes_of_a_row_are_found() -> None:
    chance, done = random.Random(1783), 0
    names = [each.name for each in fields(Link) if each.name != "post_id"]  # which post it is, its post says
    found = dict.fromkeys(names, 0)
    while done < MUTATIONS:
        name = chance.choice(names)
        value = other_value(getattr(LINK, name), chance)
        if value == getattr(LINK, name):
            continue
        done += 1
        assert not result_of(replace(LINK, **{name: value})).is_good, (name, value)
        found[name] += 1
    assert min(found.values()) > 300
    assert result_of(LINK) is Result.VALID


def changes_of_post() -> Iterator[KeptPost | None]:
    text = POST.texts[1]
    second = timedelta(seconds=1)
    yield None
    yield replace(POST, post="other23456")
    yield replace(POST, author="other23456")
    yield replace(POST, arrived_at=AT - second)
    yield replace(POST, texts={})
    yield replace(POST, texts={1: replace(text, arrived_at=AT - second)})
    yield replace(POST, texts={1: replace(text, hash=text_hash(WORDS + " "))})
    yield replace(POST, texts={1: replace(text, files=("f" * 64,))})


@pytest.mark.parametrize("kept", list(changes_of_post()))
def test_a_post_that_is_not_kept_as_it_arrived_is_found(kept: KeptPost | None) -> None:
    assert result_of(LINK, kept) is Result.POST_DIFFERS


def test_an_erased_link_is_erased_and_half_an_erasure_is_a_change() -> None:
    assert result_of(replace(LINK, salt=None, account=None)) is Result.ERASED
    assert result_of(replace(LINK, salt=None)) is Result.ROW_DIFFERS
    assert result_of(replace(LINK, account=None)) is Result.ROW_DIFFERS


def test_a_segment_belongs_to_nobody() -> None:
    told = stated(kind=SEGMENT, post=None, revision=None, owner=None, words=None, due_at=None, limit_at=None,
                  verdict=None, detail="restore", place="", issued_at=AT)  # fmt: skip
    link = link_of(told, tokens.sign(told, KEY, ID), account=None, salt=None)
    assert result_of(link, None) is Result.VALID
    assert result_of(replace(link, account="account234"), None) is Result.ROW_DIFFERS
    assert result_of(replace(link, detail=""), None) is Result.ROW_DIFFERS


# --- the chain ----------------------------------------------------------------------------------------------------------


def chain(length: int) -> list[tuple[str, str, str]]:
    return [(f"r{number}", f"h{number}", f"h{number - 1}" if number else "") for number in range(length)]


@given(st.integers(1, 12), st.data())
def test_taking_out_putting_in_and_moving_a_link_shows(length: int, data: st.DataObject) -> None:
    whole = chain(length)
    head = whole[-1][1]
    at = data.draw(st.integers(0, length - 1))
    assert breaks_in(whole, head) == []
    assert breaks_in(whole[:at] + whole[at + 1 :], head)
    assert breaks_in([*whole[:at], ("x", "hx", whole[at][2]), *whole[at:]], head)
    assert breaks_in([*whole[:at], (whole[at][0], "hx", whole[at][2]), *whole[at + 1 :]], head)
    other = data.draw(st.integers(0, length - 1))
    if other != at:
        moved = list(whole)
        moved[at], moved[other] = moved[other], moved[at]
        assert breaks_in(moved, head)
    assert breaks_in(whole, "another") == ["head"]
    assert breaks_in([], "") == []
