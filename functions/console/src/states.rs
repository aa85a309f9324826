//! What a page says where it has nothing to show: each state in words of its own, with what to do.

use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};
use maud::{Markup, html};
use query::QueryError;
use shared::access::Right;

use crate::page::Page;
use crate::views::form;
use crate::visit::Visit;
use crate::words;

/// A state: what is so, and what to do.
pub(crate) fn state(title: &str, what_to_do: Markup) -> Markup {
    html! { section.state { h2 { (title) } (what_to_do) } }
}

/// Nothing has ever come, as far as the page can see.
pub(crate) fn nothing_yet() -> Markup {
    state(
        "Nothing has come yet",
        html! {
            p { "Once a provider delivers to this stack, it stands here within seconds. To see how that looks, deliver a sample:" }
            pre { code data-copy { "trunkline play menu --url API_URL" } }
            p.note { "API_URL is the stack's output " code { "ApiUrl" } ". The provider's token is read from " code { "TRUNKLINE_ONSIP_TOKEN" } "." }
        },
    )
}

/// The filters leave nothing.
pub(crate) fn nothing_matches(what_to_do: Markup) -> Markup {
    state("Nothing matches", what_to_do)
}

/// Why a view can't be shown.
pub(crate) fn failed(visit: &Visit<'_>, error: &QueryError) -> Response<Body> {
    let (status, told) = (error.status(), words::plain(&error.told()).into_owned());
    let (title, what_to_do) = match (status, error) {
        (_, QueryError::NoRight(right)) => ("This token may not see that", lacking(*right)),
        (StatusCode::NOT_FOUND, _) => (
            "There is no such thing here",
            html! {
                p { (words::sentence(&told)) " It may have expired, or not have come yet." }
            },
        ),
        (_, QueryError::Parameter(error)) => (
            "That can't be asked",
            html! {
                p { (form::wrong(visit, error)) }
                p { a href="?" { "Ask without filters" } }
            },
        ),
        _ => (
            "It could not be loaded",
            html! {
                p { (words::sentence(&told)) }
                p { a href=(visit.filters.href()) { "Load it again" } }
            },
        ),
    };
    Page::new(title, html! { h1 { (title) } div.state { (what_to_do) } }).with_status(status).shown(visit)
}

fn lacking(right: Right) -> Markup {
    html! {
        p { "The token that this browser is signed in with lacks the right " code { (right.as_str()) } "." }
        p { "Sign in with one that has it. " code { "trunkline tokens --add" } " makes a token with rights." }
    }
}
