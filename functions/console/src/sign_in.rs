//! Signing in and out. Who comes with a link is taken there once the token is given; a link elsewhere leads to the overview.

use std::borrow::Cow;

use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Request, Response};
use maud::{Markup, html};
use percent_encoding::percent_decode_str;
use shared::request;

use crate::filters::Filters;
use crate::route::{Access, Route};
use crate::{Console, answer, page, session};

/// The most bytes of a form: a token and an address.
const MAX_FORM: usize = 16 * 1024;

impl Console {
    /// Takes the token of the form. A wrong one and none look alike.
    pub(crate) fn sign_in(&self, request: &Request) -> Response<Body> {
        if !session::is_from_here(request.headers()) {
            return answer::plain(StatusCode::FORBIDDEN, "Sign in by the console's own form.");
        }
        let form = Form::read(request.body());
        let by = self.settings.readers.admit(&[form.token.trim()]);
        let request_id = request::id(request);
        let Some(by) = by else {
            tracing::info!(request_id, "sign-in refused");
            return answer::page(StatusCode::OK, form_page(Route::SignIn, &form.destination, Refused::Yes));
        };
        tracing::info!(by = by.name(), request_id, "signed in");
        let cookie = session::cookie(request.headers(), form.token.trim(), self.settings.signed_in);
        to(&format!("../{}", form.destination), &cookie)
    }

    /// Makes the browser forget the token.
    pub(crate) fn sign_out(&self, request: &Request) -> Response<Body> {
        if !session::is_from_here(request.headers()) {
            return answer::plain(StatusCode::FORBIDDEN, "Sign out by the console's own button.");
        }
        to(&format!("../{}", Route::Overview.address()), &session::forgotten(request.headers()))
    }
}

fn to(address: &str, cookie: &str) -> Response<Body> {
    let mut answered = answer::redirect(address);
    answered.headers_mut().extend(HeaderValue::try_from(cookie).ok().map(|cookie| (header::SET_COOKIE, cookie)));
    answered
}

/// What the form says.
struct Form {
    token: String,
    destination: String,
}

impl Form {
    fn read(body: &[u8]) -> Self {
        let body = body.get(..MAX_FORM).unwrap_or(body);
        let field = |name: &str| {
            let value = form_urlencoded::parse(body).find(|(other, _)| other == name);
            value.map_or(Cow::Borrowed(""), |(_, value)| value).into_owned()
        };
        Self { token: field("token"), destination: destination(&field("to")) }
    }
}

/// Where a text leads within the console, else to the overview. The address is written anew from the route that it names, so that no
/// other place can stand in it.
fn destination(text: &str) -> String {
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    let path = format!("/{}", percent_decode_str(path).decode_utf8_lossy());
    let route = Route::parse(&path).filter(|route| route.access() != Access::Open);
    route.map_or_else(|| Route::Overview.address(), |route| address(route, &Filters::parse(query)))
}

fn address(route: Route<'_>, filters: &Filters) -> String {
    if *filters == Filters::default() { route.address() } else { format!("{}{}", route.address(), filters.href()) }
}

/// The form in place of a page, which leads back there.
pub(crate) fn form(route: Route<'_>, filters: &Filters) -> Response<Body> {
    answer::page(StatusCode::OK, form_page(route, &address(route, filters), Refused::No))
}

/// Whether a token was refused.
#[derive(PartialEq, Eq)]
enum Refused {
    Yes,
    No,
}

fn form_page(route: Route<'_>, destination: &str, refused: Refused) -> Markup {
    let up = route.up();
    page::bare(
        &up,
        "Sign in",
        html! {
            main.sign-in {
                h1 { "Trunkline" }
                p { "See what happened to a call." }
                @if refused == Refused::Yes {
                    p.wrong role="alert" { "That token may not read here. Check that it is whole, and that it is a read token." }
                }
                form method="post" action=(format!("{up}{}", Route::SignIn.address())) {
                    input type="hidden" name="to" value=(destination);
                    label for="token" { "Read token" }
                    input #token type="password" name="token" required autocomplete="current-password" autofocus spellcheck="false";
                    button.primary { "Sign in" }
                }
                p.note {
                    "The read token was printed by " code { "trunkline tokens" } " when the stack was set up; the local stack prints its own when it starts. "
                    "This browser keeps it until you sign out."
                }
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_a_view_of_the_console_with_its_filters() {
        for (text, to) in [
            ("console/calls/onsip.call.a?event=b", "console/calls/onsip.call.a?event=b"),
            (
                "console/calls?class=busy&entity=sip_user:a%40example.com",
                "console/calls?class=busy&entity=sip_user:a@example.com",
            ),
            ("console", "console"),
        ] {
            assert_eq!(destination(text), to);
        }
    }

    #[test]
    fn whatever_else_a_destination_says_it_leads_to_the_overview() {
        for text in [
            "",
            "/",
            "//evil.example",
            "//evil.example/console",
            "https://evil.example/console",
            "https:console",
            "\\\\evil.example",
            "/\\evil.example",
            "console/../../evil",
            "console/..%2f..%2fevil",
            "console//evil.example",
            "console\\evil",
            "javascript:alert(1)",
            "console/sign-out",
            "console/assets/x/style.css",
            "evil.example",
            "console\r\nset-cookie: a=b",
        ] {
            assert_eq!(destination(text), "console", "{text:?}");
        }
    }

    #[test]
    fn an_id_of_a_destination_can_not_lead_out_of_it() {
        assert_eq!(destination("console/calls/%2e%2e%2f%2e%2e%2fevil"), "console");
        assert_eq!(destination("console/calls/\r\nx:y"), "console/calls/%0D%0Ax%3Ay");
        assert_eq!(destination("console/calls/%2e%2e"), "console");
    }
}
