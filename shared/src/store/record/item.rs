//! Between records and items. As in an event's item, each fact is said once and short, so that a usual record fits into
//! one write unit (1 KB).

use super::{CALL, ENDED, ENTITY, EXPIRES, RECORD, SEEN, SUMMARY, Span, VERSION, number};
use crate::address::Host;
use crate::entity::{Entity, EntityKind};
use crate::event::{Own, Party, Side};
use crate::failure::Failure;
use crate::key::{Partition, Subject};
use crate::record::{Disposition, Record};
use crate::store::Shards;
use crate::store::item::{
    Build, Item, ItemError, check_form, map, own, own_text, parsed, received_at, required, string, texts,
};
use crate::store::pointer::{self, Place};

/// The rows of a record.
#[derive(Debug, Clone)]
pub struct Rows {
    /// The record where it began.
    pub call: Item,
    /// The record where it ended; None while it is not over.
    pub ended: Option<Item>,
    /// The rows by which it is found under further entities. They follow from the record and are the same in every version that
    /// names them.
    pub entities: Vec<Item>,
}

/// The rows of a record whose events span that much.
#[must_use]
pub fn rows(record: &Record, span: &Span, shards: Shards) -> Rows {
    let id = record.id.to_string();
    let lists = Lists { name: record.id.subject().as_str(), id: &id, shards };
    let whole = |row: Build| versioned(row, record.version).value(EXPIRES, span.expires().as_ref()).0;
    let ended = row(&record.id, ENDED)
        .text(SEEN, Some(span.last.clone()))
        .text("day", Some(lists.sharded(&ended_key(record.id.subject(), &span.last.day()))))
        .map(SUMMARY, summary(record).text("received_at", Some(record.received_at.to_string())));
    Rows {
        call: whole(begun(record, span, &lists)),
        ended: record.is_over().then(|| whole(ended)),
        entities: entities(record, span, &lists),
    }
}

/// What takes the place of a call's record, where it began and where it ended, when the call is joined to another: it is in
/// no list.
#[must_use]
pub fn joined(call: &Partition, to: &Partition, version: u32, span: &Span) -> [Item; 2] {
    [CALL, ENDED].map(|sort| {
        let summary = Build(Item::new()).text("joined", Some(to.to_string()));
        versioned(row(call, sort), version).map(SUMMARY, summary).value(EXPIRES, span.expires().as_ref()).0
    })
}

fn versioned(Build(mut row): Build, version: u32) -> Build {
    row.insert(VERSION.to_owned(), number(version));
    Build(row)
}

/// The lists of one kind of record: their keys are those of the events' lists with the kind before them.
struct Lists<'r> {
    name: &'static str,
    id: &'r str,
    shards: Shards,
}

impl Lists<'_> {
    fn key(&self, of: impl std::fmt::Display) -> String {
        format!("{}/{of}", self.name)
    }

    fn sharded(&self, key: &str) -> String {
        self.shards.key(key, self.id)
    }
}

/// The list of what began on a day.
pub(in crate::store) fn begun_key(subject: Subject, day: &str) -> String {
    format!("{subject}/{day}")
}

/// The list of what ended on a day.
pub(in crate::store) fn ended_key(subject: Subject, day: &str) -> String {
    format!("ended-{subject}/{day}")
}

fn row(id: &Partition, sort: &str) -> Build {
    Build(Item::new()).text("pk", Some(format!("{RECORD}{id}"))).text("sk", Some(sort))
}

fn begun(record: &Record, span: &Span, lists: &Lists<'_>) -> Build {
    let party = |party: &Option<Party>| party.as_ref()?.entity.as_ref().map(|entity| lists.key(entity));
    let domain = |party: &Option<Party>| Some(lists.key(party.as_ref()?.domain.as_ref()?.as_str()));
    let from_domain = domain(&record.from);
    let to_domain = domain(&record.to).filter(|to| from_domain.as_ref() != Some(to));
    let class = record.failure.as_ref().map(|failure| lists.key(failure.class));
    row(&record.id, CALL)
        .text(SEEN, Some(span.first.clone()))
        .text("from_party", party(&record.from))
        .text("to_party", party(&record.to))
        .text("from_domain", from_domain.map(|key| lists.sharded(&key)))
        .text("to_domain", to_domain.map(|key| lists.sharded(&key)))
        .text("day", Some(lists.sharded(&begun_key(record.id.subject(), &span.first.day()))))
        .text("failure", class.map(|key| lists.sharded(&key)))
        .map(SUMMARY, summary(record))
}

fn entities(record: &Record, span: &Span, lists: &Lists<'_>) -> Vec<Item> {
    let further = pointer::further(&record.entities, [&record.from, &record.to]);
    let found = |place: Place<'_>| {
        row(&record.id, &format!("{ENTITY}{}", place.digest()))
            .text(SEEN, Some(span.first.clone()))
            .text(place.index, Some(place.key(&format!("{}/", lists.name), lists.shards, lists.id)))
            .value(EXPIRES, span.expires().as_ref())
            .0
    };
    further.map(found).collect()
}

fn summary(record: &Record) -> Build {
    let time = |time: Option<jiff::Timestamp>| time.map(|time| time.to_string());
    let counted = |number: usize| Some(number).filter(|number| *number > 0).map(|number| number.to_string());
    let failure = record.failure.as_ref();
    Build(Item::new())
        .formed()
        .text("version", Some(record.version.to_string()))
        .text("outcome", Some(record.outcome.as_str()))
        .text("direction", record.direction.map(|direction| direction.as_str()))
        .texts("own", record.own.iter().map(|own| own_text(own, on(record, own.side))).collect())
        .texts("from", record.from.as_ref().map_or_else(Vec::new, party_texts))
        .texts("to", record.to.as_ref().map_or_else(Vec::new, party_texts))
        .text("started_at", time(record.started_at))
        .text("answered_at", time(record.answered_at))
        .text("ended_at", time(record.ended_at))
        .text("ring", record.ring_seconds.map(|seconds| seconds.to_string()))
        .text("talk", record.talk_seconds.map(|seconds| seconds.to_string()))
        .text("class", failure.map(|failure| failure.class.as_str()))
        .text("reason", failure.and_then(|failure| failure.reason.as_deref()))
        .text("code", failure.and_then(|failure| failure.code).map(|code| code.to_string()))
        .text("attempts", counted(record.attempts))
        .texts("steps", record.menu_steps.clone())
        .text("recordings", counted(record.recordings))
        .text("events", counted(record.events))
        .text("account", record.account.as_ref().map(Entity::value))
        .texts("entities", record.entities.iter().map(ToString::to_string).collect())
}

/// The entity of the party on that side.
fn on(record: &Record, side: Side) -> Option<&Entity> {
    let party = match side {
        Side::From => &record.from,
        Side::To => &record.to,
        Side::Via => &None,
    };
    party.as_ref()?.entity.as_ref()
}

/// A party: how it was written, who it is, and its domain, as far as there is one.
fn party_texts(party: &Party) -> Vec<String> {
    let entity = party.entity.as_ref().map(ToString::to_string);
    let domain = party.domain.as_ref().map(|host| host.as_str().to_owned());
    vec![party.raw.clone(), entity.unwrap_or_default(), domain.unwrap_or_default()]
}

fn party(summary: &Item, name: &'static str) -> Result<Option<Party>, ItemError> {
    let mut texts = texts::<String>(summary, name)?.into_iter();
    let Some(raw) = texts.next() else { return Ok(None) };
    let mut said = || texts.next().filter(|text| !text.is_empty());
    let entity = said().map(|text| text.parse().map_err(|_| ItemError(name))).transpose()?;
    let domain = said().map(|text| Host::parse(&text).ok_or(ItemError(name))).transpose()?;
    Ok(Some(Party { raw, entity, domain }))
}

/// The record of a row, also of one that an index projects.
///
/// # Errors
/// [`ItemError`] names the attribute that is not as this code writes it.
pub fn of_item(item: &Item) -> Result<Record, ItemError> {
    let (id, summary) = (partition(item).ok_or(ItemError("pk"))?, map(item, SUMMARY)?);
    check_form(summary)?;
    let outcome = string(summary, "outcome").and_then(|name| Disposition::read(id.subject(), name).ok());
    let account = string(summary, "account").map(|value| Entity::new(EntityKind::Account, value)).transpose();
    let mut record = Record {
        version: required(summary, "version")?,
        outcome: outcome.ok_or(ItemError("outcome"))?,
        direction: parsed(summary, "direction")?,
        own: Vec::new(),
        from: party(summary, "from")?,
        to: party(summary, "to")?,
        started_at: parsed(summary, "started_at")?,
        answered_at: parsed(summary, "answered_at")?,
        ended_at: parsed(summary, "ended_at")?,
        ring_seconds: parsed(summary, "ring")?,
        talk_seconds: parsed(summary, "talk")?,
        failure: failure(summary)?,
        attempts: parsed(summary, "attempts")?.unwrap_or_default(),
        menu_steps: texts(summary, "steps")?,
        recordings: parsed(summary, "recordings")?.unwrap_or_default(),
        events: parsed(summary, "events")?.unwrap_or_default(),
        account: account.map_err(|_| ItemError("account"))?,
        entities: texts(summary, "entities")?,
        received_at: parsed(summary, "received_at")?.map_or_else(|| received_at(item), Ok)?,
        id,
    };
    let owned: Vec<String> = texts(summary, "own")?;
    let own = |text: &String| own(text, |side| on(&record, side)).ok_or(ItemError("own"));
    record.own = owned.iter().map(own).collect::<Result<Vec<Own>, _>>()?;
    Ok(record)
}

fn failure(summary: &Item) -> Result<Option<Failure>, ItemError> {
    let Some(class) = parsed(summary, "class")? else { return Ok(None) };
    let reason = string(summary, "reason").map(str::to_owned);
    Ok(Some(Failure { class, reason, code: parsed(summary, "code")? }))
}

/// The call or message that a row is about; None if it is no row of a record.
pub(super) fn partition(item: &Item) -> Option<Partition> {
    string(item, "pk")?.strip_prefix(RECORD)?.parse().ok()
}

/// The call or message whose record a row leads to; None if it is the record itself, or no row of one.
#[must_use]
pub fn pointed(item: &Item) -> Option<Partition> {
    string(item, "sk")?.starts_with(ENTITY).then(|| partition(item))?
}

/// Whether the row of a further entity is one that the record has. Another version may have left it: by then the entity is a
/// party, and leads to the record itself, or it stands in the other index.
pub(in crate::store) fn leads_to(row: &Item, record: &Record) -> bool {
    let digest = string(row, "sk").and_then(|sort| sort.strip_prefix(ENTITY));
    let mut further = pointer::further(&record.entities, [&record.from, &record.to]);
    digest.is_some_and(|digest| further.any(|place| place.digest() == digest))
}

/// The call that the row's own was joined to.
pub(super) fn joined_to(item: &Item) -> Result<Option<Partition>, ItemError> {
    parsed(map(item, SUMMARY)?, "joined")
}

/// Which version of the row it is.
pub(super) fn version(item: &Item) -> Result<u32, ItemError> {
    let number = item.get(VERSION).and_then(|value| value.as_n().ok()).and_then(|number| number.parse().ok());
    number.ok_or(ItemError(VERSION))
}
