//! The filters of a list as a form, and what is wrong with one in the words of that form: whoever reads them did not write the address.

use maud::{Markup, html};
use query::ParameterError;
use shared::failure::FailureClass;

use crate::filters::Filters;
use crate::route::Route;
use crate::visit::Visit;
use crate::words;

/// What each filter is called.
const CALLED: [(&str, &str); 24] = [
    ("entity", "Concerns"),
    ("name", "Concerns, by name"),
    ("ends", "Number ends in"),
    ("own", "Yours"),
    ("category", "In the role"),
    ("outcome", "Outcome"),
    ("class", "Failure"),
    ("family", "Family"),
    ("status", "Status"),
    ("provider", "Provider"),
    ("type", "Type"),
    ("minTalk", "Talked at least"),
    ("maxTalk", "Talked at most"),
    ("minRing", "Rang at least"),
    ("at", "Time is when Trunkline"),
    ("from", "From (UTC)"),
    ("to", "To (UTC)"),
    ("endedFrom", "Ended from (UTC)"),
    ("endedTo", "Ended to (UTC)"),
    ("day", "Day (UTC)"),
    ("last", "Time"),
    ("order", "Order"),
    ("limit", "Rows"),
    ("cursor", "Page"),
];
/// What the API says of its parameters, and the same of fields.
const REWORDED: [(&str, &str); 7] = [
    ("give entity", "fill in \u{201c}Concerns\u{201d}"),
    ("more than maxTalk", "more than \u{201c}Talked at most\u{201d}"),
    ("not before to;", "not before \u{201c}To\u{201d};"),
    ("not before endedTo;", "not before \u{201c}Ended to\u{201d};"),
    ("before to or now", "before \u{201c}To\u{201d} or now"),
    ("before endedTo or now", "before \u{201c}Ended to\u{201d} or now"),
    ("give either from and to, or endedFrom and endedTo", "give a time of the beginning or one of the end"),
];

/// A filter as a field: its name in the address, and what it takes.
pub(crate) struct Field(pub(crate) &'static str, pub(crate) Takes);

/// What a field takes.
pub(crate) enum Takes {
    /// One of those.
    OneOf(Vec<&'static str>),
    /// A text such as that.
    Text(&'static str),
    /// A number of seconds.
    Seconds,
    /// A time.
    Time,
}

/// The classes of failures that a list can be filtered by.
pub(crate) fn classes() -> Vec<&'static str> {
    ["any"].into_iter().chain(FailureClass::ALL.iter().map(|class| class.as_str())).collect()
}

/// What a filter is called.
pub(crate) fn called(name: &str) -> &str {
    CALLED.iter().find(|(other, _)| *other == name).map_or(name, |(_, called)| called)
}

/// The form with what the address says; where that is wrong, open and with a message.
pub(crate) fn form(visit: &Visit<'_>, fields: &[Field], error: Option<&ParameterError>) -> Markup {
    let value = |name| visit.filters.get(name);
    // A time that is wrong is not kept behind the form's back.
    let kept = ["last", "live"].into_iter().filter(|name| !is_about(error, name));
    let kept = kept.filter_map(|name| Some((name, value(name)?)));
    let times = [Field("from", Takes::Time), Field("to", Takes::Time)];
    html! {
        details.filters open[error.is_some()] {
            summary { "Filter" }
            form method="get" {
                @if let Some(error) = error { p.wrong #wrong role="alert" { (wrong(visit, error)) } }
                @for (name, value) in kept { input type="hidden" name=(name) value=(value); }
                @for field in fields.iter().chain(&times) { (field.shown(value(field.0), error)) }
                div.buttons { button.primary { "Show" } " " a href="?" { "Clear" } }
            }
        }
    }
}

fn is_about(error: Option<&ParameterError>, name: &str) -> bool {
    matches!(error, Some(ParameterError::Value { name: other, .. }) if other == name)
}

impl Field {
    fn shown(&self, value: Option<&str>, error: Option<&ParameterError>) -> Markup {
        let Self(name, takes) = self;
        let is_wrong = is_about(error, name);
        let value = value.map(words::plain);
        let value = value.as_deref();
        let (invalid, why) = (is_wrong.then_some("true"), is_wrong.then_some("wrong"));
        let text = |kind: &str, value: Option<&str>, such_as: &str| {
            html! {
                input type=(kind) name=(name) value=[value] placeholder=(such_as) inputmode=[matches!(takes, Takes::Seconds).then_some("decimal")]
                    step=[(kind == "datetime-local").then_some("1")] spellcheck="false" autocomplete="off" aria-invalid=[invalid] aria-describedby=[why];
            }
        };
        html! {
            label {
                (called(name))
                @match takes {
                    Takes::OneOf(all) => select name=(name) aria-invalid=[invalid] aria-describedby=[why] {
                        option value="" { @if *name == "at" { "first heard of them" } @else { "any" } }
                        // What is none of them can be seen and is not sent again.
                        @if let Some(other) = value.filter(|value| is_wrong && !all.contains(value)) { option value="" selected { (other) } }
                        @for one in all {
                            option value=(one) selected[value == Some(one)] { @if *name == "at" { "heard of their end" } @else { (words::name(one)) } }
                        }
                    },
                    Takes::Text(such_as) => (text("text", value, such_as)),
                    Takes::Seconds => (text("text", value, "seconds")),
                    // The browser's own field would show nothing in place of what is no time.
                    Takes::Time if is_wrong => (text("text", value, "2026-01-31T17:00")),
                    Takes::Time => (text("datetime-local", value.and_then(|time| time.get(..19).or(Some(time))), "")),
                }
            }
        }
    }
}

/// What is wrong with a filter, and what would work.
pub(crate) fn wrong(visit: &Visit<'_>, error: &ParameterError) -> Markup {
    match error {
        ParameterError::Unknown { name, .. } => html! {
            "There is no filter " q { (words::short(name)) } " here. " a href=(visit.filters.without(&[name, "cursor"]).href()) { "Leave it out" }
        },
        ParameterError::Value { name, wrong } => html! {
            b { (called(name)) } ": "
            @if let Some(value) = visit.filters.get(name) { q { (words::short(value)) } " is " }
            (in_words(visit, name, wrong))
        },
    }
}

fn in_words(visit: &Visit<'_>, name: &str, wrong: &str) -> Markup {
    let value = visit.filters.get(name).unwrap_or_default();
    let search = visit.to_filtered(Route::Search, &Filters::default().with("q", value));
    match name {
        "entity" | "own" => html! {
            "none of these: a user (alice@example.com), a number (+1 202 555 0144), a domain, an address or an account (account:9af21132)."
        },
        "name" if wrong.contains("/names") => html! {
            "nobody\u{2019}s whole name, as far as names were looked through. " a href=(search) { "Search for a part of it" }
            ", or type a user (alice@example.com), a number or a domain under \u{201c}Concerns\u{201d}."
        },
        "outcome" | "class" | "family" | "status" | "provider" | "category" if wrong.contains("known are") => {
            html! { "not one that there is: choose one of the list." }
        }
        "from" | "to" | "endedFrom" | "endedTo" if wrong.starts_with("not a time") => {
            html! { "not a time: write one as 2026-01-31T17:00." }
        }
        _ => {
            let reworded = REWORDED.iter().fold(wrong.to_owned(), |text, (api, own)| text.replace(api, own));
            html! { (words::plain(&reworded)) "." }
        }
    }
}
