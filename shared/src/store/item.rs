//! Between events and items. The names of attributes and indexes are those of `template.yaml`.
//!
//! An item holds each fact once: it does not repeat what its keys say, and entities with their categories follow from
//! the parties. So a usual event with its body fits into one write unit (1 KB).

mod form;

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use self::form::WRITTEN;
pub(super) use self::form::{FORM, check_form};
use crate::access::{Content, MAX_BODY};
use crate::address::{Host, SipUri};
use crate::entity::{Entity, EntityKind, Pair};
use crate::event::{Details, Event, Leg, Own, Party, Side};
use crate::failure::Failure;
use crate::key::EventId;
use crate::store::shards::unsharded;
use crate::store::{Retention, Seen, Shards};
use crate::time;

/// An item, as the SDK has it.
pub type Item = HashMap<String, AttributeValue>;

/// The table's TTL attribute: seconds since 1970, as DynamoDB demands.
pub const EXPIRES: &str = "expires";

/// The indexes, each named as the attribute that is its partition key; all are sorted by [`SEEN`].
pub const INDEXES: [&str; 6] = ["from_party", "to_party", "from_domain", "to_domain", "day", "failure"];

/// A position in the order of receipt: a [`Seen`].
pub const SEEN: &str = "seen";

/// The attribute (a map) that holds what a list shows and no key says.
pub(super) const SUMMARY: &str = "summary";

/// What every index projects: everything that [`event`] reads, without the body.
pub const PROJECTED: [&str; 7] = [SUMMARY, EXPIRES, "from_party", "to_party", "from_domain", "to_domain", "failure"];

/// Why an item is not what this code writes.
#[derive(Debug, thiserror::Error)]
#[error("attribute {0} is missing, malformed, or of a later version")]
pub struct ItemError(pub(super) &'static str);

/// The keys of an item.
#[must_use]
pub fn keys(id: &EventId) -> Item {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(id.partition().to_string())),
        ("sk".to_owned(), AttributeValue::S(id.sort())),
    ])
}

/// The keys of an item that is no event.
pub(super) fn keys_of(pk: &str, sk: &str) -> Item {
    [("pk", pk), ("sk", sk)].map(|(name, key)| (name.to_owned(), AttributeValue::S(key.to_owned()))).into()
}

/// Builds an item, leaving out attributes without a value.
pub(super) struct Build(pub(super) Item);

impl Build {
    pub(super) fn text(mut self, name: &str, value: Option<impl Into<String>>) -> Self {
        if let Some(value) = value.map(Into::into).filter(|value: &String| !value.is_empty()) {
            self.0.insert(name.to_owned(), AttributeValue::S(value));
        }
        self
    }

    /// A text as it came, also one that is empty: that says something, too.
    fn verbatim(mut self, name: &str, value: Option<&str>) -> Self {
        self.0.extend(value.map(|value| (name.to_owned(), AttributeValue::S(value.to_owned()))));
        self
    }

    /// A value of another item's.
    pub(super) fn value(mut self, name: &str, value: Option<&AttributeValue>) -> Self {
        self.0.extend(value.map(|value| (name.to_owned(), value.clone())));
        self
    }

    pub(super) fn texts(mut self, name: &str, values: Vec<String>) -> Self {
        if !values.is_empty() {
            let values = values.into_iter().map(AttributeValue::S).collect();
            self.0.insert(name.to_owned(), AttributeValue::L(values));
        }
        self
    }

    pub(super) fn map(mut self, name: &str, Build(members): Build) -> Self {
        self.0.insert(name.to_owned(), AttributeValue::M(members));
        self
    }

    /// Says in which form it is.
    pub(super) fn formed(self) -> Self {
        self.text(FORM, Some(WRITTEN))
    }

    pub(super) fn expires(mut self, received_at: Timestamp, retention: Retention) -> Self {
        if let Retention::Days(days) = retention {
            let end = received_at.as_second() + i64::from(days) * 86_400;
            self.0.insert(EXPIRES.to_owned(), AttributeValue::N(end.to_string()));
        }
        self
    }
}

/// The item of an event, with its body.
#[must_use]
pub fn of_event(event: &Event, content: &Content, shards: Shards, retention: Retention) -> Item {
    let id = event.id.to_string();
    let entity = |party: &Option<Party>| party.as_ref()?.entity.as_ref().map(ToString::to_string);
    let domain = |party: &Option<Party>| party.as_ref()?.domain.as_ref().map(|host| host.as_str().to_owned());
    let from_domain = domain(&event.from);
    let to_domain = domain(&event.to).filter(|to| from_domain.as_ref() != Some(to));
    let shard = |base: String| shards.key(&base, &id);
    let day = format!("{}/{}", time::day(event.received_at), event.family);
    let item = Build(keys(&event.id))
        .text(SEEN, Some(Seen::new(event.received_at, &id)))
        .text("from_party", entity(&event.from))
        .text("to_party", entity(&event.to))
        .text("from_domain", from_domain.map(shard))
        .text("to_domain", to_domain.map(shard))
        .text("day", Some(shard(day)))
        .text("failure", event.failure.as_ref().map(|f| shard(f.class.as_str().to_owned())))
        .text("digest", event.content.as_deref())
        .map(SUMMARY, summary(event))
        .expires(event.received_at, retention);
    with_body(item, content)
}

fn summary(event: &Event) -> Build {
    Build(HashMap::new())
        .formed()
        .text("provider_id", event.provider_id.as_deref())
        .text("reached_at", event.reached_at.map(|time| time.to_string()))
        .text("answered_at", event.answered_at.map(|time| time.to_string()))
        .text("family", Some(event.family.as_str()))
        .text("type", Some(event.kind.as_str()))
        .text("status", Some(event.status.as_str()))
        .verbatim("from", event.from.as_ref().map(|party| party.raw.as_str()))
        .verbatim("to", event.to.as_ref().map(|party| party.raw.as_str()))
        .text("leg", event.leg.as_ref().map(|leg| leg.id.as_str()))
        .text("thread", event.thread.as_ref().map(ToString::to_string))
        .text("direction", event.leg.as_ref().and_then(|leg| leg.direction).map(|d| d.as_str()))
        .text("reason", event.failure.as_ref().and_then(|f| f.reason.as_deref()))
        .text("code", event.failure.as_ref().and_then(|f| f.code).map(|code| code.to_string()))
        .text("cause", event.cause.map(|cause| cause.to_string()))
        .text("details", event.details.as_ref().and_then(Details::stored))
        .texts("warnings", event.warnings.clone())
        .texts("children", event.children.iter().map(ToString::to_string).collect())
        .texts("others", event.others.iter().map(ToString::to_string).collect())
        .texts("own", event.own.iter().map(|own| own_text(own, event.on(own.side))).collect())
        .text("account", unnamed_account(event).map(Entity::value))
}

/// An own entity: its side, and who it is where it is not the party there.
pub(super) fn own_text(own: &Own, party: Option<&Entity>) -> String {
    if party == Some(&own.entity) { own.side.to_string() } else { format!("{}/{}", own.side, own.entity) }
}

pub(super) fn own<'e>(text: &str, party: impl Fn(Side) -> Option<&'e Entity>) -> Option<Own> {
    match text.split_once('/') {
        None => text.parse().ok().and_then(|side| Some(Own { entity: party(side)?.clone(), side })),
        Some((side, entity)) => Some(Own { side: side.parse().ok()?, entity: entity.parse().ok()? }),
    }
}

/// The account, where the further entities do not name it.
fn unnamed_account(event: &Event) -> Option<&Entity> {
    event.account.as_ref().filter(|account| named_account(&event.others) != Some(account))
}

/// The account among the further entities.
fn named_account(others: &[Pair]) -> Option<&Entity> {
    others.iter().map(|pair| &pair.entity).find(|entity| entity.kind() == EntityKind::Account)
}

/// The body itself. An item without it had one that was erased.
pub(super) const BYTES: &str = "body";
/// The usual content type is not written out: every byte of an item counts.
const JSON: &str = "application/json";
/// What a write unit holds, in bytes.
const UNIT: usize = 1024;
/// How hard a body is compressed: the level at which speed still counts.
const LEVEL: i32 = 3;

/// Puts the body in, compressed (zstd, RFC 8878) only where that saves a write unit: most events fit into one as they
/// are, and cost no time then.
pub(super) fn with_body(build: Build, content: &Content) -> Item {
    let Build(mut item) = build.text("content_type", content.content_type.as_deref().filter(|kind| *kind != JSON));
    let rest = size(&item) + BYTES.len();
    let room = UNIT * (rest + content.body.len()).div_ceil(UNIT);
    let compressed = if room > UNIT { zstd::bulk::compress(&content.body, LEVEL).ok() } else { None };
    let smaller = compressed.filter(|body| rest + ENCODING.len() + ZSTD.len() + body.len() <= room - UNIT);
    if smaller.is_some() {
        item.insert(ENCODING.to_owned(), AttributeValue::S(ZSTD.to_owned()));
    }
    let body = smaller.unwrap_or_else(|| content.body.clone());
    item.insert(BYTES.to_owned(), AttributeValue::B(Blob::new(body)));
    item
}

/// The attributes that [`body`] reads, and when it expires.
pub(super) const BODY: [&str; 4] = [BYTES, "content_type", ENCODING, EXPIRES];

/// The attribute that says how the body is encoded, and its one value.
pub(super) const ENCODING: &str = "encoding";
const ZSTD: &str = "zstd";

/// The bytes of an item as DynamoDB counts them: names and values.
#[must_use]
pub fn size(item: &Item) -> usize {
    let value = |value: &AttributeValue| match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.len(),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::L(values) => 3 + values.iter().map(|v| 1 + v.as_s().map_or(0, String::len)).sum::<usize>(),
        AttributeValue::M(members) => 3 + members.len() + size(members),
        _ => 0,
    };
    item.iter().map(|(name, v)| name.len() + value(v)).sum()
}

pub(crate) fn string<'i>(item: &'i Item, name: &str) -> Option<&'i str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// Reads an optional attribute that, if it is there, must have its form.
pub(super) fn parsed<T: FromStr>(item: &Item, name: &'static str) -> Result<Option<T>, ItemError> {
    item.get(name).map(|_| string(item, name).and_then(|text| text.parse().ok()).ok_or(ItemError(name))).transpose()
}

pub(super) fn required<T: FromStr>(item: &Item, name: &'static str) -> Result<T, ItemError> {
    parsed(item, name)?.ok_or(ItemError(name))
}

pub(super) fn texts<T: FromStr>(item: &Item, name: &'static str) -> Result<Vec<T>, ItemError> {
    let Some(value) = item.get(name) else {
        return Ok(Vec::new());
    };
    let values = value.as_l().map_err(|_| ItemError(name))?;
    values.iter().map(|v| v.as_s().ok().and_then(|text| text.parse().ok()).ok_or(ItemError(name))).collect()
}

pub(super) fn map<'i>(item: &'i Item, name: &'static str) -> Result<&'i Item, ItemError> {
    item.get(name).and_then(|value| value.as_m().ok()).ok_or(ItemError(name))
}

/// The id of the item.
///
/// # Errors
/// [`ItemError`] when this code did not write its keys.
pub fn id(item: &Item) -> Result<EventId, ItemError> {
    let (pk, sk) = (string(item, "pk").ok_or(ItemError("pk"))?, string(item, "sk").ok_or(ItemError("sk"))?);
    EventId::from_keys(pk, sk).map_err(|_| ItemError("pk"))
}

/// The digest of an event's content, where the identity does not cover the content.
#[must_use]
pub fn digest(item: &Item) -> Option<&str> {
    string(item, "digest")
}

/// When the item was received.
///
/// # Errors
/// [`ItemError`] when the time is missing or malformed.
pub fn received_at(item: &Item) -> Result<Timestamp, ItemError> {
    let stamp = string(item, SEEN).and_then(|seen| seen.split_once('~')).and_then(|(stamp, _)| time::from_stamp(stamp));
    stamp.flatten().ok_or(ItemError(SEEN))
}

/// When the item expires, in seconds since 1970; None where it never does.
#[must_use]
pub fn expiry(item: &Item) -> Option<i64> {
    item.get(EXPIRES).and_then(|value| value.as_n().ok()).and_then(|n| n.parse().ok())
}

/// Whether the item has expired; DynamoDB deletes it some time after.
#[must_use]
pub fn is_expired(item: &Item, now: Timestamp) -> bool {
    expiry(item).is_some_and(|end| end <= now.as_second())
}

/// The event of an item or of an index's row.
///
/// # Errors
/// [`ItemError`] names the attribute that is not as this code writes it.
pub fn event(item: &Item) -> Result<Event, ItemError> {
    let summary = map(item, SUMMARY)?;
    check_form(summary)?;
    let leg = string(summary, "leg").map(str::to_owned);
    let direction = parsed(summary, "direction")?;
    let [from, to] = parties(item, summary)?;
    let others: Vec<Pair> = texts(summary, "others")?;
    let account = string(summary, "account").map(|value| Entity::new(EntityKind::Account, value)).transpose();
    let account = account.map_err(|_| ItemError("account"))?;
    let mut event = Event {
        id: id(item)?,
        content: parsed(item, "digest")?,
        provider_id: parsed(summary, "provider_id")?,
        family: required(summary, "family")?,
        kind: parsed(summary, "type")?.unwrap_or_default(),
        reached_at: parsed(summary, "reached_at")?,
        answered_at: parsed(summary, "answered_at")?,
        received_at: received_at(item)?,
        leg: leg.map(|id| Leg { id, direction }),
        thread: parsed(summary, "thread")?,
        children: texts(summary, "children")?,
        from,
        to,
        account: account.or_else(|| named_account(&others).cloned()),
        others,
        own: Vec::new(),
        status: required(summary, "status")?,
        failure: failure(item, summary)?,
        cause: parsed(summary, "cause")?,
        details: string(summary, "details").map(serde_json::from_str).transpose().map_err(|_| ItemError("details"))?,
        warnings: texts(summary, "warnings")?,
    };
    let owned: Vec<String> = texts(summary, "own")?;
    event.own =
        owned.iter().map(|text| own(text, |side| event.on(side)).ok_or(ItemError("own"))).collect::<Result<_, _>>()?;
    Ok(event)
}

fn failure(item: &Item, summary: &Item) -> Result<Option<Failure>, ItemError> {
    let Some(key) = parsed::<String>(item, "failure")? else { return Ok(None) };
    let class = unsharded(&key).parse().map_err(|_| ItemError("failure"))?;
    let reason = string(summary, "reason").map(str::to_owned);
    Ok(Some(Failure { class, reason, code: parsed(summary, "code")? }))
}

/// The calling and the called party.
fn parties(item: &Item, summary: &Item) -> Result<[Option<Party>; 2], ItemError> {
    let from_domain = domain(item, "from_domain")?;
    let from = party(item, summary, ("from_party", "from"), from_domain.clone())?;
    // The called party's domain is written only where it differs from the calling party's.
    let to_domain = domain(item, "to_domain")?;
    let mut to = party(item, summary, ("to_party", "to"), to_domain.clone())?;
    if let (Some(to), None, Some(domain)) = (&mut to, to_domain, from_domain) {
        to.domain = Some(domain).filter(|domain| is_of(to, domain));
    }
    Ok([from, to])
}

/// Whether a party is in that domain, by its entity or by its address.
fn is_of(party: &Party, domain: &Host) -> bool {
    let by_entity = party.entity.as_ref().and_then(Entity::domain);
    let by_uri = || SipUri::parse(&party.raw).map(|uri| uri.host().clone());
    by_entity.or_else(by_uri).as_ref() == Some(domain)
}

fn domain(item: &Item, name: &'static str) -> Result<Option<Host>, ItemError> {
    let key = parsed::<String>(item, name)?;
    key.map(|key| Host::parse(unsharded(&key)).ok_or(ItemError(name))).transpose()
}

/// A party: who it is stands in a key, how it was written in the summary.
fn party(
    item: &Item,
    summary: &Item,
    (key, name): (&'static str, &'static str),
    domain: Option<Host>,
) -> Result<Option<Party>, ItemError> {
    let entity = parsed(item, key)?;
    let raw = parsed::<String>(summary, name)?;
    Ok((entity.is_some() || raw.is_some()).then(|| Party { raw: raw.unwrap_or_default(), entity, domain }))
}

/// The body of an item, as it came, and its content type.
///
/// # Errors
/// [`ItemError`] when the item has none, or one that can't be decoded.
pub fn body(item: &Item) -> Result<(Vec<u8>, String), ItemError> {
    let stored = item.get(BYTES).and_then(|value| value.as_b().ok()).ok_or(ItemError(BYTES))?.as_ref();
    let body = match string(item, ENCODING) {
        None => stored.to_vec(),
        Some(ZSTD) => zstd::bulk::decompress(stored, MAX_BODY).map_err(|_| ItemError(BYTES))?,
        Some(_) => return Err(ItemError(ENCODING)),
    };
    Ok((body, string(item, "content_type").unwrap_or(JSON).to_owned()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]
mod tests;
