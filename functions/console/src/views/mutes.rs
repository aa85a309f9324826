//! The mutes in force, and the form that sets one. It goes from the browser to the API with an operator's token, which is asked for each
//! time; without a script the page shows the command line.

use maud::{Markup, html};
use query::AlertView;
use shared::failure::FailureClass;
use shared::mute::{Mute, Target};
use shared::name::Provider;

use crate::visit::Visit;
use crate::words;

/// How long one can mute, in minutes.
const LENGTHS: [(u32, &str); 5] =
    [(60, "1 hour"), (240, "4 hours"), (720, "12 hours"), (1_440, "1 day"), (10_080, "7 days")];

/// What the form proposes to mute.
#[derive(Default)]
pub(super) struct Proposed {
    class: Option<FailureClass>,
    provider: Option<Provider>,
}

impl Proposed {
    /// What a message is about.
    pub(super) fn of(alert: &AlertView) -> Self {
        Self { class: alert.class.as_deref().and_then(|class| class.parse().ok()), provider: alert.provider }
    }
}

/// The mutes in force, and the form.
pub(super) fn section(visit: &Visit<'_>, mutes: &[Mute], proposed: &Proposed) -> Markup {
    html! {
        section aria-labelledby="mutes" {
            h2 #mutes { "Muted" }
            @if mutes.is_empty() { p.note { "Nothing is muted." } } @else { (table(visit, mutes)) }
            details.filters { summary { "Mute alerts" } (form(visit, proposed)) }
        }
    }
}

fn table(visit: &Visit<'_>, mutes: &[Mute]) -> Markup {
    html! {
        table.rows {
            thead { tr { th { "What" } th { "Until" } th { "Why" } th { "" } } }
            tbody {
                @for mute in mutes {
                    tr {
                        td { (what(&mute.target)) }
                        td data-label="until" { (words::time(mute.until, visit.now)) }
                        td.why { (words::short(&mute.reason)) }
                        td { (end(visit, mute)) }
                    }
                }
            }
        }
    }
}

fn what(target: &Target) -> Markup {
    let class = target.class.map(|class| class.phrase().to_owned());
    let provider = target.provider.map(|provider| provider.as_str().to_owned());
    let scope = target.scope.as_ref().map(|scope| words::entity_value(scope).into_owned());
    let named: Vec<_> = [class, provider, scope].into_iter().flatten().collect();
    html! { (words::plain(&named.join(", "))) }
}

/// The form that ends a mute.
fn end(visit: &Visit<'_>, mute: &Mute) -> Markup {
    let Target { class, provider, scope } = &mute.target;
    let named = [
        ("class", class.map(|class| class.as_str().to_owned())),
        ("provider", provider.map(|provider| provider.as_str().to_owned())),
        ("scope", scope.as_ref().map(ToString::to_string)),
    ];
    html! {
        form.scripted.mute hidden data-mute=(api(visit)) {
            @for (name, value) in named { @if let Some(value) = value { input type="hidden" name=(name) value=(value); } }
            input type="hidden" name="reason" value=(mute.reason);
            input type="hidden" name="minutes" value="0";
            (token())
            button { "End it" }
            span role="status" {}
        }
    }
}

fn form(visit: &Visit<'_>, proposed: &Proposed) -> Markup {
    html! {
        noscript {
            p { "By the command line, with an operator's token:" }
            pre { code {
                "trunkline mute --url API_URL"
                @if let Some(class) = proposed.class { " --class " (class) } @else { " --class CLASS" }
                @if let Some(provider) = proposed.provider { " --provider " (provider) }
                " --until 2h --reason 'carrier works'"
            } }
        }
        form.scripted.mute hidden data-mute=(api(visit)) {
            label { "Class" select name="class" {
                option value="" { "any but an empty balance" }
                @for class in FailureClass::ALL { option value=(class) selected[proposed.class == Some(*class)] { (class.phrase()) } }
            } }
            label { "Provider" select name="provider" {
                option value="" { "any" }
                @for provider in Provider::ALL { option value=(provider) selected[proposed.provider == Some(*provider)] { (provider) } }
            } }
            label { "Scope" input type="text" name="scope" placeholder="sip_domain:example.com" spellcheck="false" autocomplete="off"; }
            label { "For" select name="minutes" { @for (minutes, named) in LENGTHS { option value=(minutes) { (named) } } } }
            label { "Why" input type="text" name="reason" maxlength="200" placeholder="carrier works, ticket 17"; }
            label { "Operator's token" (token()) }
            div.buttons { button.primary { "Mute" } span role="status" {} }
            p.note { "The token is sent to the API and not kept. One e-mail tells at the end what was held back." }
        }
    }
}

fn token() -> Markup {
    html! { input type="password" name="token" required autocomplete="off" spellcheck="false" aria-label="Operator's token" placeholder="operator's token"; }
}

/// The API's own route.
fn api(visit: &Visit<'_>) -> String {
    format!("{}alerts/mute", visit.route.up())
}
