//! Names: an operator gives them to entities, and they are shown beside these.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use lambda_http::Request;
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::access::KnownToken;
use shared::call::Call;
use shared::entity::{Entity, Pair};
use shared::event::{Event, Own, Party};
use shared::store::names::{Name, Names};

use crate::csv::{Column, Mark, Rows};
use crate::lists::PAGE;
use crate::parameters::{ParameterError, Parameters};
use crate::{Answer, Paged, Query, QueryError, Views, shown};

/// The parameters of the list.
pub(crate) const PARAMETERS: [&str; 3] = ["contains", "limit", "cursor"];
/// The most names of one request that gives some.
const MOST: usize = 500;
/// So many names are read at a time where some are looked for,
const READ: usize = 5_000;
/// and so often for one page.
const READS: usize = 20;

/// The most entities of an answer whose names are looked up; of a page of 50 events those are some 60.
const LOOKED_UP: usize = 300;

/// For so long nobody asks again whether there are names, where there were none. An answer without names is then one read less.
const NAMELESS: Duration = Duration::from_secs(5);

/// What is said of a name that no entity has.
const NOBODY: &str = "no entity has it as a whole; /names?contains= lists the names that have a part";
/// What is said where not all names were looked at: one more entity could have it.
const TOO_MANY: &str = "there are more names than one request looks through; give entity, which /names?contains= finds";
/// As many entities of one name are told.
const TOLD: usize = 5;

/// Whether there are names to look up, as far as this function knows.
#[derive(Debug, Default)]
pub(crate) struct AnyNames(Mutex<Known>);

#[derive(Debug, Default, Clone, Copy)]
enum Known {
    #[default]
    Nothing,
    NoneAt(Instant),
    Some,
}

impl AnyNames {
    /// None where it has to be asked.
    fn known(&self) -> Option<bool> {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Known::NoneAt(seen) if seen.elapsed() < NAMELESS => Some(false),
            Known::Some => Some(true),
            Known::NoneAt(_) | Known::Nothing => None,
        }
    }

    fn set(&self, known: Known) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }
}

/// Which part of the list of names is asked for.
#[derive(Debug)]
pub struct NameQuery {
    /// What stands in each of them, in lower case.
    part: Option<String>,
    after: Option<Entity>,
    limit: usize,
}

impl NameQuery {
    /// Reads it.
    ///
    /// # Errors
    /// When a parameter is wrong.
    pub fn read(parameters: &Parameters) -> Result<Self, ParameterError> {
        let after = parameters.read("cursor", "one of this API's: take it from next", |text| text.parse().ok())?;
        let part = parameters.text("contains")?.map(|part| part.to_lowercase());
        Ok(Self { part, after, limit: parameters.limit()?.unwrap_or(PAGE) })
    }

    fn includes(&self, name: &Name) -> bool {
        self.part.as_ref().is_none_or(|part| name.as_str().to_lowercase().contains(part))
    }

    /// So many are read at a time.
    fn together(&self) -> i32 {
        let together = if self.part.is_some() { READ } else { self.limit };
        i32::try_from(together).unwrap_or(i32::MAX)
    }
}

/// An entity with its name.
#[derive(Debug, Serialize)]
pub struct Named {
    /// The entity.
    pub entity: Entity,
    /// Its name.
    pub name: Name,
}

/// A page of names, in the order of their entities.
#[derive(Debug, Serialize)]
pub struct NameList {
    /// Its elements.
    pub items: Vec<Named>,
    /// The cursor of the next page.
    pub next: Option<Entity>,
}

impl Paged for NameList {
    fn next(&self) -> Option<String> {
        self.next.as_ref().map(ToString::to_string)
    }
}

impl Rows for NameList {
    type Row = Named;

    fn columns(&self) -> &'static [Column] {
        &[("entity", "/entity"), ("name", "/name")]
    }

    fn rows(&self) -> &[Named] {
        &self.items
    }

    fn marks(&self) -> Vec<Mark> {
        Vec::new()
    }
}

impl Views {
    /// A page of names.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn names(&self, asked: &NameQuery) -> Result<NameList, QueryError> {
        let (mut items, mut next) = (Vec::new(), asked.after.clone());
        for _ in 0..READS {
            let (names, behind) = self.store.names_behind(next.as_ref(), asked.together()).await?;
            let found = names.into_iter().filter(|(_, name)| asked.includes(name));
            items.extend(found.map(|(entity, name)| Named { entity, name }));
            next = behind;
            if next.is_none() || items.len() >= asked.limit {
                break;
            }
        }
        if items.len() > asked.limit {
            items.truncate(asked.limit);
            next = items.last().map(|last| last.entity.clone());
        }
        Ok(NameList { items, next })
    }

    /// The parameters, with the entity that their `name` is that of, whatever its letters' case.
    ///
    /// # Errors
    /// When no entity has that name, or several have, or an entity is given too; and when the table does not answer.
    pub async fn with_entity(&self, parameters: Parameters) -> Result<Parameters, QueryError> {
        let Some(name) = parameters.sought()? else { return Ok(parameters) };
        let all = self.names(&NameQuery { part: Some(name.clone()), after: None, limit: usize::MAX }).await?;
        if all.next.is_some() {
            return Err(ParameterError::of("name", TOO_MANY).into());
        }
        let named = all.items.into_iter().filter(|named| named.name.as_str().to_lowercase() == name);
        let mut entities: Vec<_> = named.map(|named| named.entity).collect();
        match (entities.pop(), entities.as_slice()) {
            (Some(entity), []) => Ok(parameters.about(entity)),
            (None, _) => Err(ParameterError::of("name", NOBODY).into()),
            (Some(last), others) => {
                let told: Vec<_> = others.iter().chain([&last]).take(TOLD).map(ToString::to_string).collect();
                let wrong =
                    format!("{} entities have it; give entity, such as {}", others.len() + 1, told.join(" or "));
                Err(ParameterError::of("name", wrong).into())
            }
        }
    }

    /// Whether any entity has a name. Where none had, nobody asks again for some seconds.
    pub(crate) async fn has_names(&self) -> Result<bool, QueryError> {
        if let Some(any) = self.any_names.known() {
            return Ok(any);
        }
        let any = self.store.has_names().await?;
        self.any_names.set(if any { Known::Some } else { Known::NoneAt(Instant::now()) });
        Ok(any)
    }

    /// The names of those entities that have one. The first ones count, where they are many.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn names_beside(&self, entities: impl IntoIterator<Item = Entity>) -> Result<Names, QueryError> {
        let mut shown = BTreeSet::new();
        for entity in entities {
            shown.insert(entity);
            if shown.len() == LOOKED_UP {
                break;
            }
        }
        if shown.is_empty() || !self.has_names().await? {
            return Ok(Names::new());
        }
        Ok(self.store.names_of(&shown).await?)
    }
}

impl Query {
    /// Gives names to entities, or takes them away.
    pub(crate) async fn give_names(&self, request: &Request, by: &KnownToken) -> Answer {
        let names = given(request.body())?;
        self.views.store.put_names(&names).await?;
        self.views.any_names.set(Known::Some);
        tracing::info!(by = by.name(), names = names.len(), "names given");
        shown(&json!({ "status": "given", "names": names.len() }))
    }
}

/// The entities that something shows, parties first.
pub(crate) fn entities(
    parties: [&Option<Party>; 2],
    own: &[Own],
    account: Option<&Entity>,
    pairs: Vec<Pair>,
) -> impl Iterator<Item = Entity> {
    let parties = parties.into_iter().flatten().filter_map(|party| party.entity.clone());
    let own: Vec<_> = own.iter().map(|own| own.entity.clone()).collect();
    parties.chain(own).chain(account.cloned()).chain(pairs.into_iter().map(|pair| pair.entity))
}

pub(crate) fn entities_of_event(event: &Event) -> impl Iterator<Item = Entity> {
    entities([&event.from, &event.to], &event.own, event.account.as_ref(), event.pairs())
}

/// Those of the legs, of the menus and of the events.
pub(crate) fn entities_of_call(call: &Call) -> impl Iterator<Item = Entity> {
    let legs = call.legs.iter().flat_map(|leg| entities([&leg.from, &leg.to], &[], None, Vec::new()));
    let menus = call.menu.iter().filter_map(|step| step.menu.clone());
    legs.chain(menus).chain(call.events.iter().flat_map(entities_of_event))
}

/// What an operator gives.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with items")]
struct Given {
    items: Vec<GivenName>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with entity and name")]
struct GivenName {
    entity: String,
    name: String,
}

/// All that a request gives, or the first thing that is wrong with it.
fn given(body: &[u8]) -> Result<BTreeMap<Entity, Option<Name>>, ParameterError> {
    let form = r#"not JSON such as {"items": [{"entity": "phone_number:12025550144", "name": "Front desk"}]}"#;
    let Given { items } = serde_json::from_slice(body)
        .map_err(|error| ParameterError::of("the body", format_args!("{form}: {error}")))?;
    if items.is_empty() || items.len() > MOST {
        return Err(ParameterError::of("items", format_args!("{} names; give 1 to {MOST} at a time", items.len())));
    }
    let mut names = BTreeMap::new();
    for (place, GivenName { entity, name }) in items.into_iter().enumerate() {
        let wrong =
            |what: &str, why: &dyn std::fmt::Display| ParameterError::of(&format!("items[{place}].{what}"), why);
        let entity: Entity = entity.parse().map_err(|error| wrong("entity", &error))?;
        let name = Name::of(&name).map_err(|error| wrong("name", &error))?;
        if names.insert(entity, name).is_some() {
            return Err(wrong("entity", &"given a name already; give it once"));
        }
    }
    Ok(names)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_every_spelling_of_their_entity() {
        let body = r#"{"items": [{"entity": "phone_number:+1 202 555 0144", "name": " Front desk "},
            {"entity": "sip_user:sip:alice@Example.com", "name": ""}]}"#;
        let names = given(body.as_bytes()).unwrap();
        let texts: Vec<_> =
            names.iter().map(|(entity, name)| (entity.to_string(), name.as_ref().map(Name::as_str))).collect();
        let expected = [("sip_user:alice@example.com", None), ("phone_number:12025550144", Some("Front desk"))];
        assert_eq!(texts, expected.map(|(entity, name)| (entity.to_owned(), name)));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let many = vec![r#"{"entity": "account:a", "name": "A"}"#; MOST + 1].join(",");
        for (items, told) in [
            ("", "items: 0 names"),
            (many.as_str(), "items: 501 names"),
            (r#"{"entity": "alice", "name": "A"}"#, "items[0].entity: "),
            (
                r#"{"entity": "phone_number:12025550144", "name": "A"}, {"entity": "phone_number:+1 202 555 0144", "name": ""}"#,
                "items[1].entity: given",
            ),
            (&format!(r#"{{"entity": "account:a", "name": "{}"}}"#, "x".repeat(81)), "items[0].name: longer than 80"),
            (r#"{"entity": "account:a", "name": "A\u0000"}"#, "items[0].name: with a character"),
            (r#"{"entity": "account:a", "nam": "A"}"#, "the body: "),
        ] {
            let error = given(format!(r#"{{"items": [{items}]}}"#).as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(told), "{error}");
        }
    }
}
