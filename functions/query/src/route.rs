//! The API's routes: each one's path, its method, its parameters, and whose token it takes, with which right.

use shared::access::Right;

use self::Access::{Open, Operator, Reader};
use crate::{alerts, call, calls, events, names, quarantine, stats};

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
    /// Entities that have a name.
    Names,
    /// Names given to entities, or taken away.
    GiveNames,
    /// The description of all of them.
    Description,
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, without a token and from every address.
    Open,
    /// Who has a reader's token with that right.
    Reader(Right),
    /// Who has an operator's token with that right, to send a test alert, mute alerts, give names or retry the quarantine.
    Operator(Right),
}

/// What stands for an id in a resource.
const ID: &str = "{id}";

/// Says of each route its method, its resource, as API Gateway writes it, who may use it, and the parameters of its query string.
/// A route that is left out does not compile.
macro_rules! routes {
    ($($route:ident $(($id:ident))?: $method:literal $resource:literal, $access:expr, $parameters:expr);+ $(;)?) => {
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
                match self { $(Self::$route { .. } => $access),+ }
            }

            /// The parameters that its query string may have.
            #[must_use]
            pub const fn parameters(self) -> &'static [&'static str] {
                match self { $(Self::$route { .. } => $parameters),+ }
            }
        }
    };
}

routes! {
    Health: "GET" "/healthz", Open, &[];
    Events: "GET" "/events", Reader(Right::Events), &events::PARAMETERS;
    Event(ID): "GET" "/events/{id}", Reader(Right::Events), &[];
    Body(ID): "GET" "/events/{id}/body", Reader(Right::Bodies), &[];
    Calls: "GET" "/calls", Reader(Right::Calls), &calls::PARAMETERS;
    Call(ID): "GET" "/calls/{id}", Reader(Right::Calls), &call::PARAMETERS;
    Quarantine: "GET" "/quarantine", Reader(Right::Bodies), &quarantine::PARAMETERS;
    Quarantined(ID): "GET" "/quarantine/{id}", Reader(Right::Bodies), &[];
    Retry(ID): "POST" "/quarantine/{id}/retry", Operator(Right::Bodies), &[];
    Alerts: "GET" "/alerts", Reader(Right::Alerts), &alerts::PARAMETERS;
    Stats: "GET" "/stats", Reader(Right::Stats), &stats::PARAMETERS;
    Top: "GET" "/stats/top", Reader(Right::Stats), &stats::OF_TOP;
    TestAlert: "POST" "/alerts/test", Operator(Right::Alerts), &[];
    Mute: "POST" "/alerts/mute", Operator(Right::Alerts), &[];
    Mutes: "GET" "/alerts/mutes", Reader(Right::Alerts), &[];
    // Behind those, which are no ids.
    Alert(ID): "GET" "/alerts/{id}", Reader(Right::Alerts), &alerts::FAILED_PARAMETERS;
    Names: "GET" "/names", Reader(Right::Events), &names::PARAMETERS;
    GiveNames: "POST" "/names/import", Operator(Right::Events), &[];
    Description: "GET" "/openapi.json", Open, &[];
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
            ["names"] => Some(Self::Names),
            ["names", "import"] => Some(Self::GiveNames),
            ["openapi.json"] => Some(Self::Description),
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
            assert_eq!(route.method() == "POST", matches!(route.access(), Operator(_)), "{route:?}");
        }
    }
}
