//! One event, with all that was read from its delivery.

use maud::{Markup, html};
use query::{NamedEvent, Views};
use shared::event::{Details, Event, Party};

use crate::filters::{Filters, Links};
use crate::page::Page;
use crate::route::Route;
use crate::visit::Visit;
use crate::{Answer, words};

/// The event.
pub(crate) async fn show(views: &Views, visit: &Visit<'_>, id: &str) -> Answer {
    let NamedEvent { event, names } = views.event(id, visit.now).await?;
    let links = Links::to(visit.may_see(Route::Entity).then(|| visit.to(Route::Entity)), Filters::default());
    let title = format!("{} {}", words::name(event.status.as_str()), words::plain(&event.kind));
    let main = html! {
        div.head {
            h1 { span class={"o " (event.status)} { (words::name(event.status.as_str())) } " " (words::short(&event.kind)) }
            div.actions {
                @if let Some(call) = event.call().map(|call| call.to_string()) {
                    a href=(visit.to_filtered(Route::Call(&call), &Filters::default().with("event", id))) { "Its call" }
                }
                @if visit.may_see(Route::Body(id)) { a href=(visit.to(Route::Body(id))) { "As it came" } }
            }
        }
        section.panel { (facts(&links.named(Some(&names)), &event)) }
        @if let Some(details) = &event.details { section.panel { h2 { "Details" } (shown(details)) } }
    };
    Ok(Page::new(title, main).shown(visit))
}

fn facts(links: &Links, event: &Event) -> Markup {
    html! {
        dl.facts {
            @if let Some(failure) = &event.failure {
                (fact("Failure", html! { (failure.class.phrase()) ". To do: " (failure.advice()) }))
                @if let Some(reason) = &failure.reason { (fact("The provider's words", words::long(reason))) }
            }
            @if let Some(cause) = event.cause {
                (fact("Code", html! { (cause) @if let Some(name) = cause.name() { " " (name) } }))
            }
            (fact("Received", html! { (words::exact(event.received_at)) }))
            @if let Some(at) = event.occurred_at() { (fact("Occurred", html! { (words::exact(at)) })) }
            (fact("From", party(links, event.from.as_ref())))
            (fact("To", party(links, event.to.as_ref())))
            (fact("Concerns", html! {
                @for pair in event.pairs() { (words::linked_entity(links, &pair.entity)) " " span.note { (words::name(pair.category.as_str())) } br; }
            }))
            @if !event.own.is_empty() {
                (fact("Yours", html! { @for own in &event.own { (words::linked_entity(links, &own.entity)) " " } }))
            }
            @if let Some(account) = &event.account { (fact("Account", words::linked_entity(links, account))) }
            @if let Some(leg) = &event.leg {
                (fact("Leg", html! { (words::short(&leg.id)) @if let Some(direction) = leg.direction { " " (direction) } }))
            }
            (fact("Provider", html! { (event.provider()) @if let Some(id) = &event.provider_id { " " (words::short(id)) } }))
            (fact("Family", html! { (event.family) }))
            (fact("Id", html! { code data-copy { (event.id) } }))
            @if !event.warnings.is_empty() {
                (fact("Warnings", html! { @for warning in &event.warnings { (words::long(warning)) br; } }))
            }
        }
    }
}

fn fact(name: &str, value: Markup) -> Markup {
    html! { dt { (name) } dd { (value) } }
}

fn party(links: &Links, party: Option<&Party>) -> Markup {
    let Some(party) = party else { return html! { "–" } };
    html! { (words::linked_party(links, Some(party))) " " span.note { (words::short(&party.raw)) } }
}

fn shown(details: &Details) -> Markup {
    let text = |name: &str, value: &Option<String>| {
        html! {
            @if let Some(value) = value { (fact(name, words::long(value))) }
        }
    };
    html! {
        dl.facts {
            @match details {
                Details::Message(message) => {
                    (text("Text", &message.text))
                    @if let Some(parts) = message.parts { (fact("Parts", html! { (parts) })) }
                    @for media in &message.media {
                        (fact("Media", html! { (words::long(&media.url)) @if let Some(kind) = &media.content_type { " " (words::short(kind)) } }))
                    }
                },
                Details::Menu(menu) => { (text("Entered", &menu.entry)) (text("Sent on to", &menu.refer_to)) },
                Details::Order(order) => {
                    (fact("Accepted", html! { @for number in &order.accepted { (words::short(number)) br; } }))
                    (fact("Rejected", html! {
                        @for rejected in &order.rejected {
                            @for said in [&rejected.number, &rejected.reason, &rejected.description].into_iter().flatten() { (words::short(said)) " " }
                            br;
                        }
                    }))
                },
                Details::Balance(balance) => { (text("Amount", &balance.amount)) (text("Caused by", &balance.caused_by)) },
                Details::Recording(recording) => {
                    (text("Kept at", &recording.url))
                    (text("Duration", &recording.duration))
                    (text("Service", &recording.service))
                    (text("Bucket", &recording.bucket))
                    (text("Key", &recording.key))
                },
            }
        }
    }
}
