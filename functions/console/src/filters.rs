//! What a page's address says behind its path: the filters of a list, and whatever else a view can be asked for. Each view is its address, so
//! that is where all of it stands.

use std::collections::HashMap;

use lambda_http::aws_lambda_events::query_map::QueryMap;
use lambda_http::{Request, RequestExt as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use shared::store::names::Names;

/// What a value keeps unencoded: what an entity or a time has, so that addresses can be read.
const VALUE: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':').remove(b'@').remove(b',');

/// Pairs of names and values, sorted by name; none is empty, as the fields of a form are that nobody filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filters(Vec<(String, String)>);

impl Filters {
    /// Those of a request.
    pub(crate) fn of(request: &Request) -> Self {
        Self::from_pairs(request.query_string_parameters().iter())
    }

    /// Whether a request has more: the fields of a form that nobody filled in.
    pub(crate) fn leave_out_some_of(&self, request: &Request) -> bool {
        request.query_string_parameters().iter().count() > self.0.len()
    }

    /// Those of a query string.
    pub(crate) fn parse(query: &str) -> Self {
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        Self::from_pairs(pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref())))
    }

    fn from_pairs<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Self {
        let said = pairs.map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
        let mut said: Vec<_> = said.filter(|(_, value)| !value.is_empty()).collect();
        said.sort();
        Self(said)
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    /// Them with another value of that name. A list begins anew with it.
    #[must_use]
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut changed = self.without(&[name, "cursor"]);
        changed.0.push((name.to_owned(), value.to_owned()));
        changed.0.sort();
        changed
    }

    /// Them without those.
    #[must_use]
    pub(crate) fn without(&self, names: &[&str]) -> Self {
        Self(self.0.iter().filter(|(name, _)| !names.contains(&name.as_str())).cloned().collect())
    }

    /// Them as those of a request.
    pub(crate) fn into_query(self) -> QueryMap {
        let mut all = HashMap::<String, Vec<String>>::new();
        for (name, value) in self.0 {
            all.entry(name).or_default().push(value);
        }
        all.into()
    }

    /// The query string; that of none leads to the address without one, too.
    pub(crate) fn href(&self) -> String {
        let encoded = |text| utf8_percent_encode(text, VALUE);
        let pair = |(name, value)| format!("{}={}", encoded(name), encoded(value));
        format!("?{}", self.iter().map(pair).collect::<Vec<_>>().join("&"))
    }
}

/// Links to a list with one filter more: a click on a value filters by it.
#[derive(Debug, Clone)]
pub(crate) struct Links {
    /// None where whoever looks may not see it.
    list: Option<String>,
    filters: Filters,
    names: Names,
}

impl Links {
    /// Links to the list that is shown.
    pub(crate) fn here(filters: &Filters) -> Self {
        Self::to(Some(String::new()), filters.without(&["cursor"]))
    }

    /// Links to another list.
    pub(crate) fn to(list: Option<String>, filters: Filters) -> Self {
        Self { list, filters, names: Names::new() }
    }

    /// Them beside those names.
    #[must_use]
    pub(crate) fn named(self, names: Option<&Names>) -> Self {
        Self { names: names.cloned().unwrap_or_default(), ..self }
    }

    /// The names of entities.
    pub(crate) fn names(&self) -> &Names {
        &self.names
    }

    /// The one to the list without another filter.
    pub(crate) fn all(&self) -> Option<String> {
        Some(format!("{}{}", self.list.as_ref()?, self.filters.href()))
    }

    /// The one with that filter.
    pub(crate) fn with(&self, name: &str, value: &str) -> Option<String> {
        Some(format!("{}{}", self.list.as_ref()?, self.filters.with(name, value).href()))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn fields_that_nobody_filled_in_are_no_filters() {
        let filters = Filters::parse("outcome=&entity=+phone_number%3A12025550144+&class=busy");
        assert_eq!(filters.href(), "?class=busy&entity=phone_number:12025550144");
        assert_eq!(filters.get("outcome"), None);
    }

    #[test]
    fn another_filter_begins_the_list_anew() {
        let filters = Filters::parse("class=busy&cursor=x");
        assert_eq!(filters.with("class", "any").href(), "?class=any");
        assert_eq!(filters.without(&["class", "cursor"]).href(), "?");
    }

    #[test]
    fn an_address_holds_a_hostile_value_whole() {
        let value = "a&b=c#d\"><img>?/é";
        let href = Filters::default().with("q", value).href();
        assert!(href.bytes().all(|byte| byte.is_ascii_graphic()) && !href.contains(['"', '<', '>', '#']), "{href}");
        assert_eq!(Filters::parse(href.strip_prefix('?').unwrap()).get("q"), Some(value));
    }
}
