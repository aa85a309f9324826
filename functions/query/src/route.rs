//! The API's routes: each one's path, its method, and whose token it takes, with which right.

use shared::access::Right;

/// A resource of the API, with the id in its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route<'r> {
    /// Whether the API answers.
    Health,
    /// Events: the last ones, or those that filters leave.
    Events,
    /// One event.
    Event(&'r str),
    /// The delivery of one event, as it came.
    Body(&'r str),
    /// Calls: the last ones, or those that filters leave.
    Calls,
    /// One call, folded from its events.
    Call(&'r str),
    /// The deliveries that could not be read as events.
    Quarantine,
    /// One of them, as it came.
    Quarantined(&'r str),
    /// One of them read again.
    Retry(&'r str),
    /// Alerts: the last ones, or those of a time.
    Alerts,
    /// One alert, and the calls that it tells of.
    Alert(&'r str),
    /// How many calls and messages ended, and how many events came.
    Stats,
    /// Whose calls fail most.
    Top,
    /// A test alert.
    TestAlert,
    /// A mute of alerts, its end changed or come.
    Mute,
    /// The mutes that are in force.
    Mutes,
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, without a token and from every address.
    Open,
    /// Who has a reader's token with that right.
    Reader(Right),
    /// Who has an operator's token with that right, to send a test alert, mute alerts or retry the quarantine.
    Operator(Right),
}

/// What stands for an id in a resource.
const ID: &str = "{id}";

/// Says of each route its method, who may use it, and its resource, as API Gateway writes it. A route that is left out does not
/// compile.
macro_rules! routes {
    ($($route:ident $(($id:ident))?: $method:literal $access:ident $(($right:ident))? $resource:literal),+ $(,)?) => {
        /// All routes.
        pub const ROUTES: &[Route<'static>] = &[$(Route::$route $(($id))?),+];

        impl Route<'_> {
            /// The resource as API Gateway writes it: with `{id}` for the id.
            #[must_use]
            pub const fn resource(self) -> &'static str {
                match self { $(Self::$route { .. } => $resource),+ }
            }

            /// The only method that it answers.
            #[must_use]
            pub const fn method(self) -> &'static str {
                match self { $(Self::$route { .. } => $method),+ }
            }

            /// Who may use it.
            #[must_use]
            pub const fn access(self) -> Access {
                match self { $(Self::$route { .. } => Access::$access $((Right::$right))?),+ }
            }
        }
    };
}

routes! {
    Health: "GET" Open "/healthz",
    Events: "GET" Reader(Events) "/events",
    Event(ID): "GET" Reader(Events) "/events/{id}",
    Body(ID): "GET" Reader(Bodies) "/events/{id}/body",
    Calls: "GET" Reader(Calls) "/calls",
    Call(ID): "GET" Reader(Calls) "/calls/{id}",
    Quarantine: "GET" Reader(Bodies) "/quarantine",
    Quarantined(ID): "GET" Reader(Bodies) "/quarantine/{id}",
    Retry(ID): "POST" Operator(Bodies) "/quarantine/{id}/retry",
    Alerts: "GET" Reader(Alerts) "/alerts",
    Stats: "GET" Reader(Stats) "/stats",
    Top: "GET" Reader(Stats) "/stats/top",
    TestAlert: "POST" Operator(Alerts) "/alerts/test",
    Mute: "POST" Operator(Alerts) "/alerts/mute",
    Mutes: "GET" Reader(Alerts) "/alerts/mutes",
    // Behind those, which are no ids.
    Alert(ID): "GET" Reader(Alerts) "/alerts/{id}",
}

impl<'r> Route<'r> {
    /// The route of a decoded path.
    #[must_use]
    pub fn parse(path: &'r str) -> Option<Self> {
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        match *segments.as_slice() {
            ["healthz"] => Some(Self::Health),
            ["events"] => Some(Self::Events),
            ["events", id] => Some(Self::Event(id)),
            ["events", id, "body"] => Some(Self::Body(id)),
            ["calls"] => Some(Self::Calls),
            ["calls", id] => Some(Self::Call(id)),
            ["quarantine"] => Some(Self::Quarantine),
            ["quarantine", id] => Some(Self::Quarantined(id)),
            ["quarantine", id, "retry"] => Some(Self::Retry(id)),
            ["stats"] => Some(Self::Stats),
            ["stats", "top"] => Some(Self::Top),
            ["alerts"] => Some(Self::Alerts),
            ["alerts", "test"] => Some(Self::TestAlert),
            ["alerts", "mute"] => Some(Self::Mute),
            ["alerts", "mutes"] => Some(Self::Mutes),
            ["alerts", id] => Some(Self::Alert(id)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_route_is_parsed_from_its_own_resource() {
        for &route in ROUTES {
            assert_eq!(Route::parse(route.resource()), Some(route));
        }
    }

    #[test]
    fn a_path_names_the_id_and_no_other_path_is_a_route() {
        assert_eq!(Route::parse("/events/a~b/body"), Some(Route::Body("a~b")));
        assert_eq!(Route::parse("/quarantine/a/retry/"), Some(Route::Retry("a")));
        assert_eq!(Route::parse("/alerts/tests"), Some(Route::Alert("tests")));
        for path in
            ["", "/", "/calls/a/b", "/events/a/b", "/quarantine/a/body", "/quarantine/a/retry/b", "/alerts/a/calls"]
        {
            assert_eq!(Route::parse(path), None, "{path}");
        }
    }

    #[test]
    fn what_sets_something_off_takes_an_operators_token() {
        for &route in ROUTES {
            assert_eq!(route.method() == "POST", matches!(route.access(), Access::Operator(_)), "{route:?}");
        }
    }
}
