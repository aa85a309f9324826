//! The frame of every page: its head, the search, the views, and who is signed in.

use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};
use maud::{DOCTYPE, Markup, html};
use shared::version::VERSION;

use crate::answer;
use crate::assets::{self, SCRIPT, STYLE};
use crate::route::Route;
use crate::visit::Visit;
use crate::words;

/// The views that the frame leads to.
const VIEWS: [(&str, Route<'static>); 7] = [
    ("Overview", Route::Overview),
    ("Calls", Route::Calls),
    ("Events", Route::Events),
    ("Failures", Route::Failures),
    ("Alerts", Route::Alerts),
    ("Menus", Route::Menus),
    ("Quarantine", Route::Quarantine),
];

/// What a view shows within the frame.
pub(crate) struct Page {
    title: String,
    main: Markup,
    status: StatusCode,
    /// After how many seconds it is shown anew, where no script does that.
    refresh: Option<u32>,
}

impl Page {
    /// A page of that title; `main` is all of it below the frame, its heading too.
    pub(crate) fn new(title: impl Into<String>, main: Markup) -> Self {
        Self { title: title.into(), main, status: StatusCode::OK, refresh: None }
    }

    /// It with another status.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// It shown anew after so many seconds.
    pub(crate) fn refreshed(self, seconds: u32) -> Self {
        Self { refresh: Some(seconds), ..self }
    }

    /// The whole page.
    pub(crate) fn shown(self, visit: &Visit<'_>) -> Response<Body> {
        let body = html! {
            a.skip href="#main" { "Skip to the content" }
            (top(visit))
            (views(visit))
            main #main tabindex="-1" data-refresh=[self.refresh] data-live[visit.filters.get("live").is_some()] { (self.main) }
            footer.foot { "Trunkline " (VERSION) }
        };
        // Where a script runs, it refreshes without a flicker.
        let head = html! {
            @if let Some(seconds) = self.refresh {
                noscript { meta http-equiv="refresh" content=(seconds); }
            }
        };
        answer::page(self.status, document(&visit.route.up(), &self.title, &head, &body))
    }
}

/// A page without the frame.
pub(crate) fn bare(up: &str, title: &str, body: Markup) -> Markup {
    document(up, title, &html! {}, &body)
}

/// Where no page is: in the console's look, with where to go.
pub(crate) fn unknown(path: &str) -> Response<Body> {
    let up = "../".repeat(path.trim_start_matches('/').matches('/').count());
    let body = html! {
        main.sign-in {
            h1 { "There is no such page" }
            p { "The console has nothing at this address. It may be misspelt, or cut off." }
            ul.places {
                @for (name, route) in VIEWS { li { a href=(format!("{up}{}", route.address())) { (name) } } }
                li { a href=(format!("{up}{}", Route::Help.address())) { "Help" } }
            }
        }
    };
    answer::page(StatusCode::NOT_FOUND, bare(&up, "No such page", body))
}

fn document(up: &str, title: &str, head: &Markup, body: &Markup) -> Markup {
    let asset = |name| format!("{up}{}", assets::route(name).address());
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Trunkline" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href=(asset(STYLE));
                script src=(asset(SCRIPT)) defer {}
                (head)
            }
            body { (body) }
        }
    }
}

fn top(visit: &Visit<'_>) -> Markup {
    html! {
        header.top {
            a.brand href=(visit.to(Route::Overview)) { "Trunkline" }
            form.search role="search" action=(visit.to(Route::Search)) {
                input type="search" name="q" aria-label="Search" placeholder="Number, user, domain, name or id" value=[visit.filters.get("q").map(words::plain)];
            }
            p.zone { "Times: " b data-zone { "UTC" } " " button.scripted type="button" data-turn hidden { "Local time" } }
            a href=(visit.to(Route::Help)) data-help { "Help" }
            form.out method="post" action=(visit.to(Route::SignOut)) {
                span { (visit.by.name()) }
                button { "Sign out" }
            }
        }
    }
}

fn views(visit: &Visit<'_>) -> Markup {
    let current = |route: Route<'_>| visit.route.is_within(route).then_some("page");
    html! {
        nav.views aria-label="Views" {
            @for (name, route) in VIEWS {
                @if visit.may_see(route) {
                    a href=(visit.to(route)) aria-current=[current(route)] { (name) }
                }
            }
        }
    }
}
