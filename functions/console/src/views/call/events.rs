//! The events of a call, in the order in which they occurred. One of them may be open: its delivery stands below it, as it came.

use maud::{Markup, html};
use query::{CallView, EventOfCall, QueryError, Views};
use shared::access::Right;
use shared::call::LegView;
use shared::event::{Details, Event, Party};
use shared::key::EventId;
use shared::name::Status;

use super::delivery::readable;
use super::{EVENT, Shown};
use crate::route::Route;
use crate::visit::Visit;
use crate::words;

/// The event that is open.
pub(super) struct Opened {
    id: EventId,
    body: Body,
}

/// What there is of its delivery.
enum Body {
    Here(String),
    Erased,
    NotAllowed,
}

/// The event that the address names, if it is one of the page's.
pub(super) async fn opened(views: &Views, visit: &Visit<'_>, view: &CallView) -> Result<Option<Opened>, QueryError> {
    let named = visit.filters.get(EVENT).and_then(|id| id.parse::<EventId>().ok());
    let Some(id) = named.filter(|id| view.events.iter().any(|one| one.event.id == *id)) else { return Ok(None) };
    let body = match visit.may(Right::Bodies) {
        true => views.delivery(&id, visit.now).await?.map_or(Body::Erased, |(body, _)| Body::Here(readable(&body))),
        false => Body::NotAllowed,
    };
    Ok(Some(Opened { id, body }))
}

impl Shown<'_> {
    pub(super) fn events(&self, open: Option<&Opened>) -> Markup {
        let CallView { events, next, .. } = self.view;
        html! {
            section aria-labelledby="events" {
                h2 #events { "Events" }
                table.rows.events {
                    thead { tr { th { "At" } th { "Event" } th { "Leg" } th { "Says" } } }
                    tbody {
                        @for one in events {
                            @let opened = open.filter(|open| open.id == one.event.id);
                            (self.event(one, opened))
                            @if let Some(opened) = opened { (self.delivery(one, opened)) }
                        }
                    }
                }
                @if next.is_some() || self.further.before {
                    p.end #further {
                        @if self.further.before { a.next href=(self.first()) { "From the first event" } }
                        @if self.further.events > 0 { span { (words::many(self.further.events as u64, "event", "events")) " more" } }
                        @if let Some(next) = next { (self.further(&next.to_string())) }
                    }
                }
            }
        }
    }

    fn event(&self, EventOfCall { event, .. }: &EventOfCall, opened: Option<&Opened>) -> Markup {
        let is_open = opened.is_some();
        let address = if is_open { self.closed() } else { self.opening(&event.id) };
        html! {
            tr #{"e-" (event.id)} .open[is_open] {
                td { (self.at(event.occurred_at().or(Some(event.received_at)))) }
                td { a.row href=(address) aria-expanded=(is_open) { (words::short(&event.kind)) } }
                td data-label="Leg" { (self.leg_of(event)) }
                td.why { (says(event)) }
            }
        }
    }

    /// The address that opens an event of the page.
    pub(super) fn opening(&self, id: &EventId) -> String {
        let filters = self.visit.filters.without(&[EVENT]);
        let cursor = filters.get("cursor").map(str::to_owned);
        let opening = filters.with(EVENT, &id.to_string());
        let opening = cursor.map_or_else(|| opening.clone(), |cursor| opening.with("cursor", &cursor));
        format!("{}#e-{id}", opening.href())
    }

    /// The address of the first page.
    fn first(&self) -> String {
        format!("{}#events", self.visit.filters.without(&[EVENT, "cursor"]).href())
    }

    /// The address with none open.
    fn closed(&self) -> String {
        format!("{}#events", self.visit.filters.without(&[EVENT]).href())
    }

    /// The number of its leg in the table of legs.
    fn leg_of(&self, event: &Event) -> Markup {
        let raw = |party: &Option<Party>| party.as_ref().map(|party| party.raw.clone());
        let legs = || self.view.call.legs.iter();
        let of_id = |leg: &LegView| event.leg.as_ref().is_some_and(|of| of.id == leg.id);
        // Branches of a fork share their id: the party called tells them apart.
        let exact = legs().position(|leg| of_id(leg) && raw(&leg.to) == raw(&event.to));
        let number = exact.or_else(|| legs().position(of_id)).map(|nth| nth + 1);
        html! { @if let Some(number) = number { (number) } }
    }

    fn delivery(&self, of_call: &EventOfCall, opened: &Opened) -> Markup {
        let event = &of_call.event;
        html! {
            tr.delivery { td colspan="4" { div.opened {
                dl.facts {
                    dt { "Received" } dd { (words::time(event.received_at, self.visit.now)) }
                    dt { "From" } dd { (self.party(event.from.as_ref())) }
                    dt { "To" } dd { (self.party(event.to.as_ref())) }
                    dt { "Id" } dd { code.id data-copy="" { (words::plain(&event.id.to_string())) } }
                }
                @for warning in &event.warnings { p.notice { (words::plain(warning)) } }
                @match &opened.body {
                    Body::Here(body) => {
                        pre.body tabindex="0" aria-label="The delivery" { (words::plain(body)) }
                        p { a href=(self.visit.to(Route::Body(&event.id.to_string()))) { "As it came" } }
                    },
                    Body::Erased => p.note { "Its body was erased: it is kept for a shorter time, or somebody was forgotten." },
                    Body::NotAllowed => p.note { "Its body takes the right " code { (Right::Bodies.as_str()) } ", which this token lacks." },
                }
            } } }
        }
    }
}

/// What an event says: its status, its code in words, why it failed, what was entered.
fn says(event: &Event) -> Markup {
    let code = event.cause.or(event.failure.as_ref().and_then(|failure| failure.code));
    html! {
        @if event.status != Status::Info { (words::name(event.status.as_str())) }
        @if let Some(failure) = &event.failure { ": " (failure.class.phrase()) }
        @if let Some(code) = code { " \u{2013} " @if let Some(name) = code.name() { (name) " " } code { (code) } }
        @if let Some(reason) = event.failure.as_ref().and_then(|failure| failure.reason.as_ref()) {
            "; " q.said { (words::short(reason)) }
        }
        @if let Some(Details::Menu(menu)) = &event.details {
            @if let Some(entry) = &menu.entry { " entered " q { (words::short(entry)) } }
            @if let Some(to) = &menu.refer_to { " to " (words::short(to)) }
        }
    }
}
