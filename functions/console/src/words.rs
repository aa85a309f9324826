//! How values are written for a person. What came from outside stays text: maud escapes it, and what would act on the text around it is shown
//! as what it is.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::Offset;
use maud::{Markup, html};
use shared::entity::{Entity, EntityKind};
use shared::event::Party;
use shared::failure::Failure;
use shared::store::names::Names;

use crate::filters::Links;

/// The most characters of a text from outside that a list shows.
const SHORT: usize = 80;
/// The most of one that stands by itself.
const LONG: usize = 4_000;

/// A text from outside, whole: control characters and those that turn the direction of what follows are shown, and do nothing.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let shown = |c: char| match c {
        '\n' | '\t' => c.to_string(),
        c if acts(c) => format!("[U+{:04X}]", u32::from(c)),
        c => c.to_string(),
    };
    Cow::Owned(text.chars().map(shown).collect())
}

fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A text from outside, as long as a list has room for.
pub(crate) fn short(text: &str) -> Markup {
    cut(text, SHORT)
}

/// A text from outside, whole unless it is longer than anybody reads.
pub(crate) fn long(text: &str) -> Markup {
    cut(text, LONG)
}

fn cut(text: &str, characters: usize) -> Markup {
    let shown = plain(text);
    match shown.char_indices().nth(characters) {
        Some((end, _)) => html! { bdi { (shown.get(..end).unwrap_or_default()) "…" } },
        None => html! { bdi { (shown) } },
    }
}

/// A text as a sentence.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// A name of ours, such as `no_answer`, in words.
pub(crate) fn name(name: &str) -> String {
    name.replace('_', " ")
}

/// A party, as short as it can be told from others.
pub(crate) fn party(party: &Party, names: &Names) -> Markup {
    match &party.entity {
        Some(of) => entity(of, names),
        None if party.is_withheld() => html! { i { "withheld" } },
        None => short(&party.raw),
    }
}

/// An entity: by its name, where it has one, and what it is.
pub(crate) fn entity(of: &Entity, names: &Names) -> Markup {
    let value = short(&entity_value(of));
    match names.get(of) {
        Some(name) => html! { (short(name.as_str())) " " span.note { (value) } },
        None => value,
    }
}

/// A party; clicking it filters by it.
pub(crate) fn linked_party(links: &Links, of: Option<&Party>) -> Markup {
    html! {
        @match of.map(|of| (of, &of.entity)) {
            Some((_, Some(entity))) => (linked_entity(links, entity)),
            Some((of, None)) => (party(of, links.names())),
            None => "",
        }
    }
}

/// An entity; clicking it filters by it.
pub(crate) fn linked_entity(links: &Links, of: &Entity) -> Markup {
    html! { a href=[links.with("entity", &of.to_string())] { (entity(of, links.names())) } }
}

/// Why something failed, with the provider's words; clicking the class filters by it.
pub(crate) fn why(links: &Links, failure: &Failure) -> Markup {
    html! {
        a href=[links.with("class", failure.class.as_str())] { (failure.class.phrase()) }
        @if let Some(reason) = &failure.reason { " " span.said { (short(reason)) } }
    }
}

/// An entity without its kind; a number with its plus.
pub(crate) fn entity_value(entity: &Entity) -> Cow<'_, str> {
    match entity.kind() {
        EntityKind::PhoneNumber => Cow::Owned(format!("+{}", entity.value())),
        _ => Cow::Borrowed(entity.value()),
    }
}

/// A scope of failures, which is an entity as it is written.
pub(crate) fn scope(text: &str) -> Markup {
    match text.parse::<Entity>() {
        Ok(entity) => short(&entity_value(&entity)),
        Err(_) => short(text),
    }
}

/// A time (UTC): of today without its date. The script adds the local one.
pub(crate) fn time(time: Timestamp, now: Timestamp) -> Markup {
    let (at, today) = (Offset::UTC.to_datetime(time), Offset::UTC.to_datetime(now));
    let clock = at.strftime("%H:%M:%S");
    let shown = match (at.date() == today.date(), at.year() == today.year()) {
        (true, _) => clock.to_string(),
        (false, true) => format!("{} {clock}", at.strftime("%-d %b")),
        (false, false) => format!("{} {clock}", at.strftime("%-d %b %Y")),
    };
    html! { time datetime=(format!("{time:.3}")) { (shown) } }
}

/// A time to the minute with its date (UTC), as a text.
pub(crate) fn clock(time: Timestamp) -> String {
    Offset::UTC.to_datetime(time).strftime("%-d %b %H:%M UTC").to_string()
}

/// A time to the millisecond (UTC).
pub(crate) fn exact(time: Timestamp) -> Markup {
    let shown = Offset::UTC.to_datetime(time).strftime("%-d %b %Y %H:%M:%S%.3f UTC").to_string();
    html! { time datetime=(format!("{time:.3}")) { (shown) } }
}

/// How many of something.
pub(crate) fn many(number: u64, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

/// A length of time, such as `2 min 5 s`.
pub(crate) fn seconds(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match (whole / 3_600, whole / 60 % 60, whole % 60) {
        _ if seconds < 9.95 => format!("{seconds:.1} s"),
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m}:{s:02}"),
        (h, m, s) => format!("{h}:{m:02}:{s:02}"),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_shown_and_does_nothing() {
        let shown = short("<img src=x onerror=alert(1)>\u{202e}gnp.\0\"'&").into_string();
        assert_eq!(shown, "<bdi>&lt;img src=x onerror=alert(1)&gt;[U+202E]gnp.[U+0000]&quot;'&amp;</bdi>");
        assert!(short(&"é".repeat(100_000)).into_string().chars().count() < 100);
    }

    #[test]
    fn a_time_of_another_day_has_its_date_and_one_of_another_year_its_year() {
        let now = "2026-11-03T02:00:00Z".parse().unwrap();
        for (at, shown) in [
            ("2026-11-03T00:00:01.5Z", "00:00:01"),
            ("2026-11-02T23:59:59Z", "2 Nov 23:59:59"),
            ("2025-11-03T00:00:00Z", "3 Nov 2025 00:00:00"),
        ] {
            let markup = time(at.parse().unwrap(), now).into_string();
            assert!(markup.ends_with(&format!(">{shown}</time>")), "{markup}");
        }
    }

    #[test]
    fn a_length_of_time_is_as_exact_as_one_can_tell() {
        let shown = [0.0, 2.25, 9.94, 9.96, 59.7, 125.0, 3_725.0].map(seconds);
        assert_eq!(shown, ["0.0 s", "2.2 s", "9.9 s", "10 s", "1:00", "2:05", "1:02:05"]);
    }
}
