"""Who the people of a roster are here: by the registrar's id, else by their address, never by their name."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from ..accounts.models import Account
from ..accounts.rules import email_key
from .identities import names_of, rows_called, rows_in
from .reports import Remark
from .roster_sources import Wanted, WantedPerson


@dataclass(frozen=True, slots=True)
class Asker:
    """Who imports, and what they may do by it."""

    account_id: int | None
    changes_accounts: bool
    gives_instructor: bool


@dataclass(slots=True)
class PersonPlan:
    """A person of the file: the account that they have or get, and what changes in it."""

    wanted: WantedPerson
    account: Account | None = None
    name: str | None = None
    email: str | None = None
    refused: Remark | None = None
    remarks: list[Remark] = field(default_factory=list)
    account_id: int = 0


def people_of(session: Session, wanted: Wanted, asker: Asker) -> list[PersonPlan]:
    """The people of a file, each with the account that they have or would get."""
    keys = [person.key for person in wanted.people if person.key]
    by_key = rows_called(session, wanted.source, "account", keys)
    emails = {email_key(person.email) for person in wanted.people if person.email}
    accounts = rows_in(session, Account, Account.email_key, sorted(emails))
    accounts += rows_in(
        session, Account, Account.id, sorted(set(by_key.values()) - {one.id for one in accounts})
    )
    by_id = {account.id: account for account in accounts}
    by_email = {account.email_key: account for account in accounts if account.email_key}
    while missing := {one.joined_into_id for one in by_id.values() if one.joined_into_id} - by_id.keys():
        by_id.update((one.id, one) for one in rows_in(session, Account, Account.id, sorted(missing)))
    other_names = names_of(session, wanted.source, "account", by_id)
    plans: list[PersonPlan] = []
    taken: dict[int, PersonPlan] = {}
    for person in wanted.people:
        plan = _person(person, by_key, by_id, by_email, other_names, asker)
        if plan.account is not None and plan.refused is None:
            first = taken.setdefault(plan.account.id, plan)
            if first is not plan:
                plan.refused = Remark("same_person_twice", {"first": first.wanted.line})
        plans.append(plan)
    _refuse_addresses_twice(plans)
    return plans


def _person(
    person: WantedPerson,
    by_key: dict[str, int],
    by_id: dict[int, Account],
    by_email: dict[str, Account],
    other_names: dict[int, str],
    asker: Asker,
) -> PersonPlan:
    plan = PersonPlan(person, remarks=list(person.remarks))
    named = _goes_on(by_id, by_id.get(by_key.get(person.key, 0))) if person.key else None
    mailed = _goes_on(by_id, by_email.get(email_key(person.email))) if person.email else None
    if named is not None and mailed is not None and named.id != mailed.id:
        plan.refused = Remark("address_of_another", {"email": person.email, "name": mailed.name})
    account = plan.account = named or mailed
    if account is None:
        if person.known:
            plan.refused = Remark("person_not_known", {"key": person.key})
        elif not person.email:
            plan.remarks.append(Remark("no_address"))
        if not person.name and not person.known:
            plan.name = person.email.partition("@")[0]
        return plan
    if account.erased_at is not None:
        plan.refused = Remark("erased")
    known_as = other_names.get(account.id)
    if named is None and person.key and known_as is not None and known_as != person.key:
        plan.refused = Remark("other_id", {"id": person.key, "known_as": known_as})
    if plan.refused is None and not person.known:
        _compare(plan, account, asker)
    return plan


def _goes_on(by_id: dict[int, Account], account: Account | None) -> Account | None:
    while account is not None and account.joined_into_id is not None:
        account = by_id.get(account.joined_into_id)
    return account


def _compare(plan: PersonPlan, account: Account, asker: Asker) -> None:
    """What the file says of name and address that the account does not."""
    person = plan.wanted
    if person.email and email_key(person.email) != account.email_key:
        if asker.changes_accounts and not account.is_administrator:
            plan.email = person.email
            plan.remarks.append(Remark("email_changes", {"was": account.email or "", "is": person.email}))
        else:
            plan.remarks.append(Remark("email_stays", {"was": account.email or "", "is": person.email}))
    if person.name and person.name != account.name:
        owned = account.first_signed_in_at is not None or account.is_administrator
        if asker.changes_accounts and not owned:
            plan.name = person.name
            plan.remarks.append(Remark("name_changes", {"was": account.name, "is": person.name}))
        else:
            plan.remarks.append(Remark("name_stays", {"was": account.name, "is": person.name}))


def _refuse_addresses_twice(plans: list[PersonPlan]) -> None:
    """Two people of one file can't end up with one address."""
    first: dict[str, PersonPlan] = {}
    for plan in plans:
        if plan.refused is not None or not plan.wanted.email or plan.wanted.known:
            continue
        if plan.account is not None and plan.email is None:
            continue
        before = first.setdefault(email_key(plan.wanted.email), plan)
        if before is not plan:
            plan.refused = Remark(
                "same_address_twice", {"first": before.wanted.line, "email": plan.wanted.email}
            )
