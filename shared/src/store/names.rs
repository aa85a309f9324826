//! What people call entities: names that an operator gives, shown beside the entities. All stand in one partition, so that they can
//! be listed; they wake no reader of the stream and never expire.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, PutRequest, WriteRequest};
use serde::Serialize;

use super::item::{Build, Item, keys_of, string};
use super::{Store, StoreError};
use crate::aws::{batch_find, batch_write};
use crate::entity::Entity;
use crate::text::is_unseen;

/// The most characters of a name.
const LONGEST: usize = 80;
/// The partition key.
pub const PARTITION: &str = "names";
/// The attribute that has the name.
const NAME: &str = "name";

/// What people call an entity: a line of characters that are seen, in the order in which they stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Name(String);

/// Why a text is no name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// It has too many characters.
    #[error("longer than {LONGEST} characters")]
    Long,
    /// It has one that would break a line, turn it round, or hide in it.
    #[error("with a character that nobody sees, U+{:04X}: leave it out", u32::from(*.0))]
    Unseen(char),
}

impl Name {
    /// The name of a text; None where that is empty.
    ///
    /// # Errors
    /// [`NameError`] when it is too long, or has characters that nobody sees.
    pub fn of(text: &str) -> Result<Option<Self>, NameError> {
        if text.chars().nth(LONGEST).is_some() {
            return Err(NameError::Long);
        }
        let text = text.trim();
        match text.chars().find(|c| c.is_control() || is_unseen(*c)) {
            Some(unseen) => Err(NameError::Unseen(unseen)),
            None => Ok(Some(Self(text.to_owned())).filter(|_| !text.is_empty())),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Entities with their names.
pub type Names = BTreeMap<Entity, Name>;

impl Store {
    /// The names of those entities that have one.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn names_of(&self, entities: &BTreeSet<Entity>) -> Result<Names, StoreError> {
        let keys: Vec<_> = entities.iter().map(key).collect();
        let found = batch_find(&self.client, &self.table, &keys).await;
        let found = found.map_err(|error| StoreError::of("looking names up", error))?;
        Ok(found.iter().filter_map(named).collect())
    }

    /// Whether any entity has a name.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn has_names(&self) -> Result<bool, StoreError> {
        let (names, _) = self.names_behind(None, 1).await?;
        Ok(!names.is_empty())
    }

    /// At most so many names, in the order of their entities' texts, behind that one; and the entity to go on from.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn names_behind(
        &self,
        after: Option<&Entity>,
        most: i32,
    ) -> Result<(Vec<(Entity, Name)>, Option<Entity>), StoreError> {
        let asked = self.client.query().table_name(&self.table).limit(most);
        let asked = asked
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(PARTITION.to_owned()))
            .set_exclusive_start_key(after.map(key));
        let page = asked.send().await.map_err(|error| StoreError::of("listing names", error))?;
        let next = page.last_evaluated_key().and_then(|key| string(key, "sk")?.parse().ok());
        Ok((page.items().iter().filter_map(named).collect(), next))
    }

    /// Gives names, and takes the name away where there is none.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not take all of them: the same again is safe.
    pub async fn put_names(&self, names: &BTreeMap<Entity, Option<Name>>) -> Result<(), StoreError> {
        let doing = "writing names";
        let writes: Vec<_> = names.iter().filter_map(|(entity, name)| write(entity, name.as_ref())).collect();
        match batch_write(&self.client, &self.table, &writes).await.map_err(|error| StoreError::of(doing, error))? {
            0 => Ok(()),
            left => Err(StoreError::Undone { doing, left }),
        }
    }
}

fn key(entity: &Entity) -> Item {
    keys_of(PARTITION, &entity.to_string())
}

fn named(item: &Item) -> Option<(Entity, Name)> {
    Some((string(item, "sk")?.parse().ok()?, Name::of(string(item, NAME)?).ok()??))
}

/// None would be a request without a key.
fn write(entity: &Entity, name: Option<&Name>) -> Option<WriteRequest> {
    let write = WriteRequest::builder();
    let write = match name {
        None => write.delete_request(DeleteRequest::builder().set_key(Some(key(entity))).build().ok()?),
        Some(name) => {
            let item = Build(key(entity)).text(NAME, Some(name.as_str())).0;
            write.put_request(PutRequest::builder().set_item(Some(item)).build().ok()?)
        }
    };
    Some(write.build())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_line_that_is_seen_as_it_stands() {
        let longest = "é".repeat(LONGEST);
        for text in ["Front desk", "O'Neil, \"Al\"; <img onerror=1>", "=1+1", "日本 🏢", &longest] {
            assert_eq!(Name::of(text).unwrap().unwrap().as_str(), text);
        }
        assert_eq!(Name::of("\u{a0}a b\r\n").unwrap().unwrap().as_str(), "a b");
        for text in ["", " \t\n"] {
            assert_eq!(Name::of(text), Ok(None));
        }
        for c in ['\0', '\n', '\t', '\u{7f}', '\u{9b}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{2028}', '\u{feff}'] {
            assert_eq!(Name::of(&format!("a{c}b")), Err(NameError::Unseen(c)), "{c:?}");
        }
        for long in [format!("{longest}x"), "x".repeat(100_000)] {
            assert_eq!(Name::of(&long), Err(NameError::Long));
        }
    }

    #[test]
    fn a_name_is_read_as_it_was_written_and_an_item_without_one_is_none() {
        let (entity, name) = ("phone_number:12025550144".parse().unwrap(), Name::of("Front desk").unwrap());
        let written = write(&entity, name.as_ref()).unwrap().put_request.unwrap().item;
        assert_eq!(named(&written), Some((entity.clone(), name.unwrap())));
        assert_eq!(named(&key(&entity)), None);
        assert_eq!(write(&entity, None).unwrap().delete_request.unwrap().key, key(&entity));
    }
}
