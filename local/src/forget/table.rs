//! A table that is read from its beginning to its end, and each item in it that names somebody changed by itself.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use shared::aws::ServiceError;
use shared::store::item::Item;

use super::item::Fate;
use super::written::Written;
use super::{Doing, ForgetError};

/// A table, and what becomes of its items.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) client: Client,
    pub(super) name: String,
    /// The attributes of its key.
    pub(super) keys: &'static [&'static str],
    pub(super) fate: fn(&Written, &Item, Timestamp) -> Option<Fate>,
}

/// What was done to a table's items, or is to be done.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Items that stay without the name.
    pub rewritten: usize,
    /// Items that went.
    pub deleted: usize,
    /// Items that somebody changed meanwhile: the next pass finds them as they are then.
    pub missed: usize,
}

impl Tally {
    /// How many items named somebody.
    #[must_use]
    pub fn found(&self) -> usize {
        self.rewritten + self.deleted + self.missed
    }

    pub(super) fn add(&mut self, other: Self) {
        self.rewritten += other.rewritten;
        self.deleted += other.deleted;
        self.missed += other.missed;
    }
}

impl Table {
    /// Reads all of it, and changes what names somebody.
    pub(super) async fn pass(&self, written: &Written, doing: Doing, now: Timestamp) -> Result<Tally, ForgetError> {
        let (mut tally, asked) = (Tally::default(), self.client.scan().table_name(&self.name).consistent_read(true));
        let mut items = asked.into_paginator().items().send();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| self.error("reading", error))?;
            match ((self.fate)(written, &item, now), doing) {
                (None, _) => {}
                (Some(Fate::Rewritten(left)), Doing::Erase) if !self.rewrite(&item, &left).await? => tally.missed += 1,
                (Some(Fate::Rewritten(_)), _) => tally.rewritten += 1,
                (Some(Fate::Deleted), _) => {
                    if doing == Doing::Erase {
                        self.delete(&item).await?;
                    }
                    tally.deleted += 1;
                }
            }
        }
        Ok(tally)
    }

    /// Changes the attributes that differ, unless somebody else has changed them since they were read. Whether it was done.
    async fn rewrite(&self, item: &Item, left: &Item) -> Result<bool, ForgetError> {
        let Change { update, condition, names, values } = Change::between(item, left);
        let request = self.client.update_item().table_name(&self.name).set_key(Some(self.key(item)));
        let request = request
            .update_expression(update)
            .condition_expression(condition)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values));
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(self.error("changing", error)),
        }
    }

    async fn delete(&self, item: &Item) -> Result<(), ForgetError> {
        let asked = self.client.delete_item().table_name(&self.name).set_key(Some(self.key(item)));
        asked.send().await.map(|_| ()).map_err(|error| self.error("deleting from", error))
    }

    fn key(&self, item: &Item) -> Item {
        let part = |name: &&str| Some(((*name).to_owned(), AttributeValue::S(item.get(*name)?.as_s().ok()?.clone())));
        self.keys.iter().filter_map(part).collect()
    }

    fn error(&self, doing: &'static str, error: impl Into<ServiceError>) -> ForgetError {
        ForgetError { doing, table: self.name.clone(), source: Box::new(error.into().with_message()) }
    }
}

/// What makes one item of another, on condition that what changes is as it was.
struct Change {
    update: String,
    condition: String,
    names: HashMap<String, String>,
    values: Item,
}

impl Change {
    fn between(item: &Item, left: &Item) -> Self {
        let all: BTreeSet<_> = item.keys().chain(left.keys()).collect();
        let changed = || all.iter().copied().filter(|name| item.get(*name) != left.get(*name)).enumerate();
        let value =
            |of: &Item, kind: &str, at: usize, name: &String| Some((format!(":{kind}{at}"), of.get(name)?.clone()));
        let sets = changed().filter(|(_, name)| left.contains_key(*name)).map(|(at, _)| format!("#n{at} = :new{at}"));
        let removes = changed().filter(|(_, name)| !left.contains_key(*name)).map(|(at, _)| format!("#n{at}"));
        let conditions = changed().map(|(at, name)| match item.contains_key(name) {
            true => format!("#n{at} = :old{at}"),
            false => format!("attribute_not_exists(#n{at})"),
        });
        let clause = |verb: &str, parts: Vec<String>| match parts.is_empty() {
            true => String::new(),
            false => format!("{verb} {} ", parts.join(", ")),
        };
        Self {
            update: clause("SET", sets.collect()) + &clause("REMOVE", removes.collect()),
            condition: conditions.collect::<Vec<_>>().join(" AND "),
            names: changed().map(|(at, name)| (format!("#n{at}"), name.clone())).collect(),
            values: changed()
                .flat_map(|(at, name)| [value(item, "old", at, name), value(left, "new", at, name)])
                .flatten()
                .collect(),
        }
    }
}
