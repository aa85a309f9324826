//! The deliveries that could not be read. Whoever has an operator's token has them read again, by the API and not by the console.

use maud::{Markup, html};
use query::{List, Views, page_of_quarantine};
use shared::store::quarantine::Quarantined;

use crate::page::Page;
use crate::route::Route;
use crate::visit::Visit;
use crate::{Answer, range, states, words};

/// The list.
pub(crate) async fn show(views: &Views, visit: &Visit<'_>) -> Answer {
    let parameters = range::as_given(&visit.filters, query::Route::Quarantine.parameters())?;
    let list = views.quarantine(&page_of_quarantine(&parameters)?, visit.now).await?;
    let main = html! {
        div.head { h1 { "Quarantine" } }
        p.note { "Deliveries that were verified and could not be read as an event. After an update that reads them, have them read again: they move to the events." }
        @if list.items.is_empty() {
            (states::state("Nothing is in quarantine", html! { p { "Every delivery could be read." } }))
        } @else {
            (again(visit, &list))
            (table(visit, &list))
        }
        @if let Some(next) = &list.next { p.end { a.next rel="next" href=(visit.filters.with("cursor", next).href()) { "Go on" } } }
    };
    Ok(Page::new("Quarantine", main).shown(visit))
}

/// What a browser without a script can't do for the reader, and the dialog for one with it.
fn again(visit: &Visit<'_>, list: &List<Quarantined>) -> Markup {
    let number = list.items.len();
    html! {
        noscript {
            p { "To have one read again:" }
            pre { code { "curl -X POST -H \"Authorization: Bearer $TRUNKLINE_OPERATOR_TOKEN\" API_URL/quarantine/ID/retry" } }
        }
        button.scripted data-retry-all hidden { "Read all again (" (number) ")" }
        dialog #operator aria-labelledby="operator-title" data-api=(visit.route.up()) {
            form method="dialog" {
                h2 #operator-title { "Read again" }
                p { span data-count {} " will be read again. What can be read moves to the events." }
                label { "Operator's token" input type="password" required autocomplete="off" spellcheck="false"; }
                p.note { "It is sent to the API and not kept." }
                div.buttons { button.primary value="go" { "Read again" } " " button value="" formnovalidate { "Cancel" } }
            }
        }
    }
}

fn table(visit: &Visit<'_>, list: &List<Quarantined>) -> Markup {
    html! {
        table.rows {
            thead { tr { th { "Received" } th { "Provider" } th { "Why" } th.n { "Bytes" } th { "Path" } th { span.hidden { "To do" } } } }
            tbody {
                @for delivery in &list.items {
                    @let id = delivery.id.to_string();
                    tr data-id=(id) {
                        td { a.row href=(visit.to(Route::Quarantined(&id))) title="As it came" { (words::time(delivery.received_at, visit.now)) } }
                        td { (delivery.provider) }
                        td.why { (words::short(&delivery.reason)) }
                        td.n data-label="bytes" { (delivery.size) }
                        td { (words::short(&delivery.path)) }
                        td.act { button.scripted data-retry=(id) hidden { "Read again" } }
                    }
                }
            }
        }
    }
}
