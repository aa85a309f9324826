//! What people were told: the incidents that are open, the mutes in force, and each message with what became of it by each way.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use query::{AlertView, List, QueryError, Views, page_of_alerts};
use shared::failure::FailureClass;
use shared::outbox::Transport;
use shared::time::ago;
use shared::told::{Delivery, DeliveryState};

use super::list::times;
use super::mutes;
use crate::filters::Filters;
use crate::page::Page;
use crate::route::Route;
use crate::visit::Visit;
use crate::{Answer, range, states, words};

/// So many pages of messages are read at most, and no further one after that time.
const PAGES: usize = 30;
const TIME: Duration = Duration::from_secs(3);
/// As long ago an incident can have been told of and stand among the open ones.
const OPEN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The list.
pub(crate) async fn show(views: &Views, visit: &Visit<'_>) -> Answer {
    let (list, recent, muted) =
        tokio::try_join!(of_time(views, visit, &visit.filters), lately(views, visit), views.mutes(visit.now))?;
    let main = html! {
        div.head { h1 { "Alerts" } (times(&visit.filters, visit.now)) }
        (open(visit, &recent))
        (mutes::section(visit, muted.all(), &mutes::Proposed::default()))
        section aria-labelledby="told" {
            h2 #told { "What was told" }
            @if list.items.is_empty() { (nothing(visit)) } @else { (table(visit, &list.items)) }
            @if let Some(next) = &list.next {
                p.end { a.next rel="next" href=(range::pinned(&visit.filters, visit.now)?.with("cursor", next).href()) { "Go on" } }
            }
        }
    };
    Ok(Page::new("Alerts", main).shown(visit))
}

/// The messages that may tell of an incident that is open.
async fn lately(views: &Views, visit: &Visit<'_>) -> Result<Read, QueryError> {
    all_of_time(views, visit, &since(visit.now, OPEN)).await
}

/// The incidents that are open, if any are: what whoever is woken came for.
pub(super) async fn standing(views: &Views, visit: &Visit<'_>) -> Result<Option<Markup>, QueryError> {
    let recent = lately(views, visit).await?;
    let is_open = recent.messages.iter().any(|message| message.over == Some(false));
    Ok((is_open || recent.read_to.is_some()).then(|| open(visit, &recent)))
}

/// Messages, the last first.
pub(super) struct Read {
    pub(super) messages: Vec<AlertView>,
    /// How far back they were read; None where that is all of the time.
    read_to: Option<Timestamp>,
}

/// All messages of a time, as far as they can be read while somebody waits.
pub(super) async fn all_of_time(views: &Views, visit: &Visit<'_>, filters: &Filters) -> Result<Read, QueryError> {
    let (mut messages, until) = (Vec::new(), Instant::now() + TIME);
    let mut page = filters.with("limit", "100");
    for _ in 0..PAGES {
        let List { items, next, read_to, .. } = of_time(views, visit, &page).await?;
        messages.extend(items);
        let Some(cursor) = next else { return Ok(Read { messages, read_to: None }) };
        if Instant::now() > until {
            return Ok(Read { messages, read_to });
        }
        page = page.with("cursor", &cursor);
    }
    let read_to = messages.last().map(|last: &AlertView| last.recorded_at);
    Ok(Read { messages, read_to })
}

/// The messages of a time.
pub(super) async fn of_time(
    views: &Views,
    visit: &Visit<'_>,
    filters: &Filters,
) -> Result<List<AlertView>, QueryError> {
    let parameters = range::parameters(filters, query::Route::Alerts.parameters(), visit.now)?;
    views.alerts(&page_of_alerts(&parameters, visit.now)?, visit.now).await
}

/// The filters of a time that ends now.
fn since(now: Timestamp, length: SignedDuration) -> Filters {
    let from = now.checked_sub(length).unwrap_or(Timestamp::UNIX_EPOCH);
    Filters::default().with("from", &format!("{from:.0}"))
}

fn nothing(visit: &Visit<'_>) -> Markup {
    let week = range::of_last(&visit.filters, "7d").href();
    states::nothing_matches(
        html! { p { "Nobody was told of anything in that time. " a href=(week) { "Look at the last 7 days" } } },
    )
}

/// The incidents that are open, each by its last message.
fn open(visit: &Visit<'_>, Read { messages, read_to }: &Read) -> Markup {
    let mut incidents = BTreeMap::<&str, Vec<&AlertView>>::new();
    for message in messages.iter().filter(|message| message.over == Some(false)) {
        incidents.entry(message.incident.as_deref().unwrap_or(&message.id)).or_default().push(message);
    }
    let mut incidents: Vec<_> = incidents.into_values().collect();
    incidents.sort_by_key(|messages| std::cmp::Reverse(messages.first().map(|last| last.recorded_at)));
    html! {
        section aria-labelledby="open" {
            h2 #open { "Open incidents" }
            @if incidents.is_empty() { p.note { "None is open." } }
            @if let Some(read_to) = read_to {
                p.notice { "Only the last " (messages.len()) " messages were read, back to " (words::time(*read_to, visit.now)) ": an older incident may be open, too." }
            }
            ul.incidents { @for messages in &incidents { @if let [last, ..] = messages.as_slice() { (incident(visit, last, messages)) } } }
        }
    }
}

/// An open incident: what its last message says, since when it is open, and how many failed as far as was told.
fn incident(visit: &Visit<'_>, last: &AlertView, messages: &[&AlertView]) -> Markup {
    let first = messages.iter().map(|message| message.recorded_at).min().unwrap_or(last.recorded_at);
    let failures: u64 = messages.iter().filter_map(|message| message.failures).sum();
    html! {
        li.incident {
            (severity(last))
            a href=(visit.to(Route::Alert(&last.id))) { (words::plain(&last.subject)) }
            p.note {
                "Told " (ago(first, visit.now))
                @if failures > 0 { ", " (words::many(failures, "failure", "failures")) " so far" }
            }
        }
    }
}

/// Messages as rows.
pub(super) fn table(visit: &Visit<'_>, messages: &[AlertView]) -> Markup {
    html! {
        table.rows {
            thead { tr { th { "Told" } th { "What" } th { "Severity" } th { "Incident" } th.n { "Failures" } th { "By" } } }
            tbody {
                @for message in messages {
                    tr data-id=(message.id) {
                        td { (words::time(message.recorded_at, visit.now)) }
                        td.subject { a.row href=(visit.to(Route::Alert(&message.id))) { (words::plain(&message.subject)) } }
                        td { (severity(message)) }
                        td { (state(message)) }
                        td.n data-label="failures" { @if let Some(failures) = message.failures { (failures) } }
                        td { (ways(visit, &message.transports)) }
                    }
                }
            }
        }
    }
}

pub(super) fn severity(message: &AlertView) -> Markup {
    html! { @if let Some(severity) = message.severity { span class={"o " (severity.as_str())} { (severity.as_str()) } } }
}

/// Where in its incident a message stands, and whether that is over.
pub(super) fn state(message: &AlertView) -> Markup {
    html! {
        // What is of no incident, such as a low balance, is told once and stands in none.
        @if let (Some(state), Some(_)) = (message.state, message.over) { (state.as_str()) }
        @match message.over {
            Some(true) if message.state.is_none_or(|state| state.as_str() != "over") => span.note { " (over by now)" },
            _ => "",
        }
    }
}

/// What became of a message by each way.
pub(super) fn ways(visit: &Visit<'_>, deliveries: &[Delivery]) -> Markup {
    html! {
        @for (nth, delivery) in deliveries.iter().enumerate() {
            @if nth > 0 { ", " }
            (way(delivery.transport)) " "
            @match (delivery.state, delivery.at) {
                (DeliveryState::Sent, Some(at)) => (words::time(at, visit.now)),
                (DeliveryState::HeldBack, _) if delivery.transport == Transport::Sms => span.bad { "held back: too many" },
                (DeliveryState::HeldBack, _) => "held back: over by then",
                (state, _) => (words::name(state.as_str())),
            }
        }
    }
}

fn way(transport: Transport) -> &'static str {
    match transport {
        Transport::Email => "e-mail",
        Transport::Sms => "SMS",
        Transport::Chat => "chat",
        Transport::Pages => "on-call tool",
    }
}

/// The class of failures that a message tells of, in words.
pub(super) fn class(name: &str) -> String {
    name.parse().map_or_else(|_| words::name(name), |class: FailureClass| class.phrase().to_owned())
}
