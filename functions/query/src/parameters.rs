//! The parameters of a request: each must be known, given once and well-formed. What is wrong with one is said with its name
//! and with what would work.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use lambda_http::aws_lambda_events::query_map::QueryMap;
use lambda_http::{Request, RequestExt as _};
use shared::address::NumberingPlan;
use shared::entity::Entity;
use shared::text::cut;

/// A fault of the parameters, in words for the client.
#[derive(Debug, thiserror::Error)]
pub enum ParameterError {
    /// One that is known has a value that it does not take.
    #[error("{name}: {wrong}")]
    Value {
        /// Its name.
        name: String,
        /// What is wrong, and what would work.
        wrong: String,
    },
    /// There is none of that name.
    #[error("unknown parameter {name}; {known}")]
    Unknown {
        /// The name.
        name: String,
        /// Those that are known.
        known: String,
    },
}

impl ParameterError {
    /// What is wrong with a parameter.
    #[must_use]
    pub fn of(name: &str, wrong: impl fmt::Display) -> Self {
        Self::Value { name: name.to_owned(), wrong: wrong.to_string() }
    }
}

/// The parameters of a request.
#[derive(Debug)]
pub struct Parameters {
    query: QueryMap,
    /// The entity that `name` is that of.
    named: Option<Entity>,
}

impl Parameters {
    /// The parameters of a request that takes only those: a misspelt filter would silently match too much.
    ///
    /// # Errors
    /// When there is another.
    pub fn of(request: &Request, known: &[&str]) -> Result<Self, ParameterError> {
        Self::given(request.query_string_parameters(), known)
    }

    /// Those of a query string that takes only the known ones.
    ///
    /// # Errors
    /// When there is another.
    pub fn given(query: QueryMap, known: &[&str]) -> Result<Self, ParameterError> {
        let unknown = query.iter().map(|(name, _)| cut(name, 40)).find(|name| !known.contains(name));
        let Some(name) = unknown else { return Ok(Self { query, named: None }) };
        let known =
            if known.is_empty() { "there is none here".to_owned() } else { format!("known are {}", known.join(", ")) };
        Err(ParameterError::Unknown { name: name.to_owned(), known })
    }

    /// A parameter as it is written.
    pub(crate) fn text(&self, name: &'static str) -> Result<Option<String>, ParameterError> {
        match self.query.all(name).unwrap_or_default().as_slice() {
            [] => Ok(None),
            [text] => Ok(Some((*text).to_owned())),
            _ => Err(ParameterError::of(name, "given more than once; give it once")),
        }
    }

    /// A parameter of a form that says itself what is wrong with a text.
    pub(crate) fn parsed<T: FromStr<Err: fmt::Display>>(
        &self,
        name: &'static str,
    ) -> Result<Option<T>, ParameterError> {
        let text = self.text(name)?;
        text.map(|text| text.parse().map_err(|error| ParameterError::of(name, error))).transpose()
    }

    /// A parameter that is read so; `what` it should be.
    pub(crate) fn read<T>(
        &self,
        name: &'static str,
        what: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ParameterError> {
        let text = self.text(name)?;
        let wrong = || ParameterError::of(name, format_args!("not {what}"));
        text.map(|text| read(&text).ok_or_else(wrong)).transpose()
    }

    /// A time (RFC 3339).
    pub(crate) fn time(&self, name: &'static str) -> Result<Option<Timestamp>, ParameterError> {
        // A plus that is not escaped comes as a blank.
        let read = |text: &str| text.parse().or_else(|_| text.replace(' ', "+").parse()).ok();
        let known = |text: &str| read(text).filter(|time| *time >= Timestamp::UNIX_EPOCH);
        self.read(name, "a time from 1970 on with its zone, such as 2026-01-31T17:00:00Z", known)
    }

    /// A number of seconds.
    pub(crate) fn seconds(&self, name: &'static str) -> Result<Option<f64>, ParameterError> {
        let known = |text: &str| text.parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0);
        self.read(name, "a number of seconds, such as 2.5", known)
    }

    /// The `name` in lower case, by which an entity is looked up.
    pub(crate) fn sought(&self) -> Result<Option<String>, ParameterError> {
        let Some(name) = self.text("name")? else { return Ok(None) };
        for other in ["entity", "plan"] {
            if self.text(other)?.is_some() {
                return Err(ParameterError::of("name", format_args!("that of an entity: give either it or {other}")));
            }
        }
        match name.trim() {
            "" => Err(ParameterError::of("name", "empty; give the whole name of an entity")),
            name => Ok(Some(name.to_lowercase())),
        }
    }

    /// The same, where the `name` is that of an entity.
    pub(crate) fn about(self, named: Entity) -> Self {
        Self { named: Some(named), ..self }
    }

    /// The entity, its number written as in North America where the `plan` says so.
    pub(crate) fn entity(&self) -> Result<Option<Entity>, ParameterError> {
        match self.text("plan")?.as_deref() {
            None if self.named.is_some() => Ok(self.named.clone()),
            // Never all of a list in place of an entity's.
            None if self.text("name")?.is_some() => Err(ParameterError::of("name", "not looked up here; give entity")),
            None => self.parsed("entity"),
            Some("nanp") => {
                let missing = || ParameterError::of("plan", "how an entity's number is written; give entity, too");
                let text = self.text("entity")?.ok_or_else(missing)?;
                let number = Entity::national(&text, NumberingPlan::NorthAmerican);
                number.map(Some).map_err(|error| ParameterError::of("entity", format_args!("with plan=nanp: {error}")))
            }
            Some(_) => Err(ParameterError::of("plan", "not one that is known; known is nanp")),
        }
    }
}
