//! The parameters of a list: each must be known, given once and well-formed.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use lambda_http::aws_lambda_events::query_map::QueryMap;
use shared::address::NumberingPlan;
use shared::entity::{Category, Entity};
use shared::failure::FailureClass;
use shared::key::EventId;
use shared::name::Family;
use shared::store::{Cursor, Listing};

/// Elements of a page, unless the request says otherwise.
const PAGE: usize = 50;
/// The most elements of a page.
const MAX_PAGE: usize = 100;

/// The parameters of a call.
pub(crate) const CURSOR: [&str; 1] = ["cursor"];
/// The parameters of every list.
pub(crate) const PAGING: [&str; 2] = ["cursor", "limit"];
/// The parameters of lists of events.
pub(crate) const LISTING: [&str; 8] = ["entity", "plan", "category", "day", "family", "failure", "cursor", "limit"];

/// A fault of the parameters, in words for the client.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ParameterError(String);

impl ParameterError {
    /// A cursor of another call, or of an event that has expired since.
    pub(crate) fn not_of_the_call() -> Self {
        Self("cursor: not an event of this call".to_owned())
    }
}

pub(crate) struct Parameters(QueryMap);

impl Parameters {
    /// The parameters of a request that takes only those: a misspelt filter would silently match too much.
    pub(crate) fn new(query: QueryMap, known: &[&str]) -> Result<Self, ParameterError> {
        match query.iter().map(|(name, _)| name).find(|name| !known.contains(name)) {
            Some(name) => Err(ParameterError(format!("unknown parameter {name}; known are {}", known.join(", ")))),
            None => Ok(Self(query)),
        }
    }

    fn text(&self, name: &'static str) -> Result<Option<String>, ParameterError> {
        match self.0.all(name).unwrap_or_default().as_slice() {
            [] => Ok(None),
            [text] => Ok(Some((*text).to_owned())),
            _ => Err(ParameterError(format!("{name} is given more than once"))),
        }
    }

    fn parsed<T: FromStr<Err: fmt::Display>>(&self, name: &'static str) -> Result<Option<T>, ParameterError> {
        let text = self.text(name)?;
        text.map(|text| text.parse().map_err(|error| ParameterError(format!("{name}: {error}")))).transpose()
    }

    /// What the list is of: `entity` (with `category`), `day` (with `family`) or `failure`.
    pub(crate) fn listing(&self) -> Result<Listing, ParameterError> {
        let entity = self.entity()?;
        let category: Option<Category> = self.parsed("category")?;
        let day = self.text("day")?.map(|text| text.parse::<Date>());
        let day = day.transpose().map_err(|_| ParameterError("day: not a date such as 2026-01-31".to_owned()))?;
        let family: Option<Family> = self.parsed("family")?;
        let failure: Option<FailureClass> = self.parsed("failure")?;
        match (entity, day, failure) {
            (Some(entity), None, None) if family.is_none() => Ok(Listing::Entity(entity, category)),
            (None, Some(day), None) if category.is_none() => Ok(Listing::Day(day, family)),
            (None, None, Some(class)) if family.is_none() && category.is_none() => Ok(Listing::Failure(class)),
            _ => Err(ParameterError(
                "give one of entity (with or without category), day (with or without family) and failure".to_owned(),
            )),
        }
    }

    /// The entity, its number written as in North America where the `plan` says so.
    fn entity(&self) -> Result<Option<Entity>, ParameterError> {
        match self.text("plan")?.as_deref() {
            None => self.parsed("entity"),
            Some("nanp") => {
                let text = self.text("entity")?.unwrap_or_default();
                let number = Entity::national(&text, NumberingPlan::NorthAmerican);
                number.map(Some).map_err(|error| ParameterError(format!("entity, with plan=nanp: {error}")))
            }
            Some(_) => Err(ParameterError("plan: not one that is known; known is nanp".to_owned())),
        }
    }

    /// The event of a call behind which its page begins (`cursor`).
    pub(crate) fn after(&self) -> Result<Option<EventId>, ParameterError> {
        let after = self.text("cursor")?.map(|text| text.parse());
        after.transpose().map_err(|_| ParameterError::not_of_the_call())
    }

    /// Where the page begins (`cursor`) and how many elements it may have (`limit`).
    pub(crate) fn page(&self) -> Result<(Option<Cursor>, usize), ParameterError> {
        let after = self.text("cursor")?.map(|text| text.parse::<Cursor>());
        let after = after.transpose().map_err(|_| ParameterError("cursor: not one of this API's".to_owned()))?;
        let limit = self.text("limit")?.map_or(Some(PAGE), |text| text.parse().ok());
        let limit = limit.filter(|limit| (1..=MAX_PAGE).contains(limit));
        Ok((after, limit.ok_or_else(|| ParameterError(format!("limit: not a number from 1 to {MAX_PAGE}")))?))
    }
}
