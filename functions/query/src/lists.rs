//! What all lists have in common: which part is asked for, and what an answer says beside its elements.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use shared::store::list::{Order, Place};
use shared::store::names::Names;
use shared::store::{Page, PageRequest};

use crate::Paged;
use crate::csv::{Column, Mark, Rows};
use crate::parameters::{ParameterError, Parameters};

/// Elements of a page, unless the request says otherwise.
pub(crate) const PAGE: usize = 50;
/// The most elements of a page.
const MAX_PAGE: usize = 100;
/// How long a time a list takes at most that goes by days.
const MAX_DAYS: i64 = 31;
/// How much longer it may be, since it was reckoned by another clock, and before the request was here.
pub(crate) const LEEWAY: SignedDuration = SignedDuration::from_mins(10);

/// A part of a list.
#[derive(Debug)]
pub struct ListQuery<F> {
    /// What the list is of.
    pub filter: F,
    /// Which part.
    pub page: PageRequest,
}

/// A part of a list, as the API shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct List<T> {
    /// Its elements.
    pub items: Vec<T>,
    /// The cursor of the next part.
    pub next: Option<String>,
    /// How far was read; None where that was to the list's end, and it has none in time.
    pub read_to: Option<Timestamp>,
    /// The names of the entities in it; None where it shows none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names: Option<Names>,
}

impl<T> List<T> {
    /// The page, each element as it is shown.
    pub(crate) fn of<E>(page: Page<E>, shown: impl FnMut(E) -> T) -> Self {
        let next = page.next.map(|cursor| cursor.to_string());
        Self { items: page.items.into_iter().map(shown).collect(), next, read_to: page.read_to, names: None }
    }
}

impl<T: Serialize> Paged for List<T> {
    fn next(&self) -> Option<String> {
        self.next.clone()
    }
}

/// The element of a list that is shown as a row, too.
pub trait Element: Serialize {
    /// Its columns.
    const COLUMNS: &'static [Column];
}

impl<T: Element> Rows for List<T> {
    type Row = T;

    fn columns(&self) -> &'static [Column] {
        T::COLUMNS
    }

    fn rows(&self) -> &[T] {
        &self.items
    }

    fn marks(&self) -> Vec<Mark> {
        vec![("trunkline-read-to", self.read_to)]
    }

    fn names(&self) -> Option<&Names> {
        self.names.as_ref()
    }
}

/// The names of the parameters that say which time a list is of.
pub(crate) type RangeNames = [&'static str; 2];

impl Parameters {
    /// The time that a list is of.
    pub(crate) fn range(&self, [from, to]: RangeNames) -> Result<[Option<Timestamp>; 2], ParameterError> {
        let range = [self.time(from)?, self.time(to)?];
        match range {
            [Some(begin), Some(end)] if begin >= end => {
                Err(ParameterError::of(from, format_args!("not before {to}; give an earlier one")))
            }
            _ => Ok(range),
        }
    }

    /// Which part of a list is asked for: `order`, `limit` and `cursor`.
    pub(crate) fn page(&self, [from, to]: [Option<Timestamp>; 2]) -> Result<PageRequest, ParameterError> {
        let after = self.read("cursor", "one of this API's: take it from next", |text| text.parse().ok())?;
        let limit = self.limit()?.unwrap_or(PAGE);
        let order = self.parsed("order")?.unwrap_or(Order::Descending);
        Ok(PageRequest { from, to, order, after, limit })
    }

    /// The most elements that are asked for.
    pub(crate) fn limit(&self) -> Result<Option<usize>, ParameterError> {
        let sized = |text: &str| text.parse().ok().filter(|limit| (1..=MAX_PAGE).contains(limit));
        self.read("limit", &format!("a number from 1 to {MAX_PAGE}"), sized)
    }
}

/// A list from its oldest end must say where that is.
pub(crate) fn ordered(page: PageRequest, from: &str) -> Result<PageRequest, ParameterError> {
    match page.order == Order::Ascending && page.from.is_none() {
        true => Err(ParameterError::of("order", format_args!("asc needs {from}; give it, too"))),
        false => Ok(page),
    }
}

/// Whether the store takes the request: it is [`ordered`], and a list that goes by days must not go over too many.
pub(crate) fn bounded(
    page: PageRequest,
    (place, [from, to]): (&Place, RangeNames),
    now: Timestamp,
) -> Result<PageRequest, ParameterError> {
    let page = ordered(page, from)?;
    let until = page.to.map_or(now, |to| to.min(now));
    let most = SignedDuration::from_hours(24 * MAX_DAYS) + LEEWAY;
    match (place, page.from) {
        (Place::Days(..), Some(since)) if until.duration_since(since) > most => Err(ParameterError::of(
            from,
            format_args!(
                "more than {MAX_DAYS} days before {to} or now, the most of a list that goes by days: give a later one"
            ),
        )),
        _ => Ok(page),
    }
}
