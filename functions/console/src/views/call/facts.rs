//! The head of a call: its outcome, and what one wants to know first, a line each.

use jiff::Timestamp;
use maud::{Markup, html};
use query::CallView;
use query::timeline::lapse;
use shared::call::{EndedBy, LegView};
use shared::event::Party;
use shared::failure::Failure;
use shared::time::{ago, readable};

use super::{Shown, outcome, why};
use crate::route::Route;
use crate::words;

impl Shown<'_> {
    pub(super) fn facts(&self) -> Markup {
        let call = &self.view.call;
        let [from, to] = self.parties();
        html! {
            header.call {
                h1 { span class={"o " (call.outcome.as_str())} { (words::sentence(&outcome(call)).trim_end_matches('.')) } }
                p.who { (self.party(from)) " \u{2192} " (self.party(to)) }
                @if !call.is_over() {
                    p.going-on role="status" { "It goes on: this page follows it." }
                }
                dl.facts {
                    (row("Why", why(call).map(reasons)))
                    (row("What to do", why(call).map(what_to_do)))
                    (row("Alert", self.told()))
                }
                dl.facts.pairs {
                    (row("Began", call.started_at.map(|at| self.time(at))))
                    (row("Ended", call.ended_at.map(|at| self.since(at))))
                    (row("Answered", call.answered_at.map(|at| self.since(at))))
                    (row("Ended by", call.ended_by.map(by)))
                    (row("Rang", call.ring_seconds().map(|seconds| self.rang(seconds))))
                    (row("Talked", call.talk_seconds().map(long)))
                    (row("Tried", (call.attempts.number > 1).then(|| html! { (call.attempts.number) " legs towards somebody" })))
                    (row("Id", Some(html! { code.id data-copy="" { (words::plain(&call.id.to_string())) } })))
                }
            }
        }
    }

    /// Who called whom: on the first leg, else as the first event says.
    fn parties(&self) -> [Option<&Party>; 2] {
        let CallView { call, events, .. } = self.view;
        match (call.legs.first(), events.first()) {
            (Some(leg), _) => [leg.from.as_ref(), leg.to.as_ref()],
            (None, Some(first)) => [first.event.from.as_ref(), first.event.to.as_ref()],
            (None, None) => [None, None],
        }
    }

    /// A time in full, and how long ago that is.
    fn time(&self, at: Timestamp) -> Markup {
        html! { time datetime=(format!("{at:.3}")) { (readable(at)) } " " span.note { (ago(at, self.visit.now)) } }
    }

    /// A time in full, and how long that was after the beginning.
    fn since(&self, at: Timestamp) -> Markup {
        let since = self.view.call.started_at.map(|from| at.duration_since(from).as_secs_f64());
        let since = since.filter(|seconds| *seconds >= 0.0);
        html! {
            time datetime=(format!("{at:.3}")) { (readable(at)) }
            @if let Some(since) = since { " " span.note { "after " (lapse(since)) } }
        }
    }

    /// How long somebody was alerted. That of several legs is from the first of them on, and longer than each rang.
    fn rang(&self, seconds: f64) -> Markup {
        let rang = |leg: &LegView| leg.ring_seconds.is_some_and(|leg| lapse(leg) == lapse(seconds));
        html! {
            (lapse(seconds))
            @if !self.view.call.legs.iter().any(rang) { " " span.note { "from the first leg towards somebody to the answer or the end" } }
        }
    }

    /// The message that told of it.
    fn told(&self) -> Option<Markup> {
        let Some(alert) = &self.view.alert else {
            return why(&self.view.call).map(|_| html! { span.note { "nobody was told of it" } });
        };
        let subject = words::plain(&alert.subject);
        Some(html! {
            @if self.visit.may_see(Route::Alert(&alert.id)) { a href=(self.visit.to(Route::Alert(&alert.id))) { (subject) } } @else { (subject) }
            " " span.note { (ago(alert.recorded_at, self.visit.now)) }
        })
    }
}

fn row(name: &str, value: Option<Markup>) -> Markup {
    html! { @if let Some(value) = value { dt { (name) } dd { (value) } } }
}

fn by(ended_by: EndedBy) -> Markup {
    let who = match ended_by {
        EndedBy::Caller => "the caller",
        EndedBy::Callee => "the called party",
        EndedBy::Platform => "the platform: by command, at a limit, or since something broke",
    };
    html! { (who) }
}

fn long(seconds: f64) -> Markup {
    html! { (lapse(seconds)) }
}

fn what_to_do(failure: &Failure) -> Markup {
    html! { span.do { (words::sentence(failure.advice())) } }
}

/// The class, the code and the provider's words.
fn reasons(failure: &Failure) -> Markup {
    html! {
        (failure.class.phrase())
        @if let Some(code) = failure.code {
            " \u{2013} " @if let Some(name) = code.name() { (name) " " } code { (code) }
        }
        @if let Some(reason) = &failure.reason { "; the provider says " q.said { (words::plain(reason)) } }
    }
}
