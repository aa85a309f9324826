//! The console's routes: each one's address below `/console`, its method, and the right that its view takes.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use shared::access::Right;

use self::Access::{Open, Reader, SignedIn};

/// The resources as API Gateway writes them: the console itself, and all that is below it.
pub const RESOURCES: [&str; 2] = ["/console", "/console/{proxy+}"];

/// What a segment of a path keeps unencoded.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everybody.
    Open,
    /// Who is signed in, whatever their token opens.
    SignedIn,
    /// Who is signed in with a token that has that right.
    Reader(Right),
}

/// Says of each route its method, the segments of its path below the console, and who may use it. A name among the segments is an id's.
macro_rules! routes {
    ($($(#[$what:meta])* $route:ident $(($($id:ident),+))?: $method:literal [$($segment:tt),*], $access:expr);+ $(;)?) => {
        /// A page, a file or an action of the console.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Route<'r> {
            $($(#[$what])* $route $(($(routes!(@text 'r $id)),+))?),+
        }

        impl<'r> Route<'r> {
            /// The route of those segments.
            fn below(segments: &[&'r str]) -> Option<Self> {
                match *segments {
                    $([$($segment),*] if are_ids(&[$($($id),+)?]) => Some(Self::$route $(($($id),+))?),)+
                    _ => None,
                }
            }

            /// The segments of its path.
            fn segments(self) -> Vec<&'r str> {
                match self { $(Self::$route $(($($id),+))? => vec![$($segment),*]),+ }
            }

            /// Who may use it.
            pub(crate) const fn access(self) -> Access {
                match self { $(Self::$route { .. } => $access),+ }
            }

            /// The only method that it answers.
            pub(crate) const fn method(self) -> &'static str {
                match self { $(Self::$route { .. } => $method),+ }
            }

            /// Its name in logs, without an id.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$route { .. } => stringify!($route)),+ }
            }
        }
    };
    (@text $life:lifetime $id:ident) => { &$life str };
}

routes! {
    /// How things stand.
    Overview: "GET" [], SignedIn;
    /// A list of calls.
    Calls: "GET" ["calls"], Reader(Right::Calls);
    /// The same as a file.
    CallsCsv: "GET" ["calls.csv"], Reader(Right::Calls);
    /// One call.
    Call(id): "GET" ["calls", id], Reader(Right::Calls);
    /// A list of events.
    Events: "GET" ["events"], Reader(Right::Events);
    /// The same as a file.
    EventsCsv: "GET" ["events.csv"], Reader(Right::Events);
    /// One event.
    Event(id): "GET" ["events", id], Reader(Right::Events);
    /// The delivery that it was read from, as it came.
    Body(id): "GET" ["events", id, "body"], Reader(Right::Bodies);
    /// Failed calls by class and scope.
    Failures: "GET" ["failures"], Reader(Right::Stats);
    /// What people were told.
    Alerts: "GET" ["alerts"], Reader(Right::Alerts);
    /// One message, and the calls that it tells of.
    Alert(id): "GET" ["alerts", id], Reader(Right::Alerts);
    /// What became of callers in menus.
    Menus: "GET" ["menus"], Reader(Right::Events);
    /// The deliveries that could not be read.
    Quarantine: "GET" ["quarantine"], Reader(Right::Bodies);
    /// One of them, as it came.
    Quarantined(id): "GET" ["quarantine", id], Reader(Right::Bodies);
    /// A user, domain, number or address: what became of its calls.
    Entity: "GET" ["entity"], Reader(Right::Calls);
    /// Leads to what was typed.
    Search: "GET" ["search"], SignedIn;
    /// How to get around.
    Help: "GET" ["help"], SignedIn;
    /// Signs a browser in.
    SignIn: "POST" ["sign-in"], Open;
    /// Forgets that it was.
    SignOut: "POST" ["sign-out"], Open;
    /// A file that pages use, under the digest of all of them.
    Asset(digest, name): "GET" ["assets", digest, name], Open;
}

impl<'r> Route<'r> {
    /// The route of a decoded path.
    pub(crate) fn parse(path: &'r str) -> Option<Self> {
        let mut segments = path.strip_prefix('/')?.split('/');
        segments.next().filter(|first| *first == "console")?;
        Self::below(&segments.collect::<Vec<_>>())
    }

    /// Whether it is of the same part of the console: a call is of the calls.
    pub(crate) fn is_within(self, other: Route<'_>) -> bool {
        self.segments().first() == other.segments().first()
    }

    /// Its address as seen from the folder that the console is in: `console/calls/…`.
    pub(crate) fn address(self) -> String {
        let encoded = |segment| format!("/{}", utf8_percent_encode(segment, SEGMENT));
        let below: String = self.segments().into_iter().map(encoded).collect();
        format!("console{below}")
    }

    /// What leads from its own address to that folder: the console knows neither stage nor domain that it is under.
    pub(crate) fn up(self) -> String {
        "../".repeat(self.segments().len())
    }
}

/// What a browser would take for a step up or for none is no id.
fn are_ids(segments: &[&str]) -> bool {
    segments.iter().all(|segment| !matches!(*segment, "" | "." | ".."))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_parsed_from_its_own_address_and_leads_back_to_the_consoles_folder() {
        for (path, up) in [
            ("console", ""),
            ("console/calls", "../"),
            ("console/calls/onsip.call.a~b", "../../"),
            ("console/sign-in", "../"),
            ("console/assets/1234/style.css", "../../../"),
        ] {
            let absolute = format!("/{path}");
            let route = Route::parse(&absolute).unwrap();
            assert_eq!((route.address().as_str(), route.up().as_str()), (path, up));
        }
    }

    #[test]
    fn other_paths_are_no_routes() {
        for path in [
            "",
            "/",
            "/calls",
            "/consoles",
            "/console/",
            "/console/calls/",
            "/console/calls/a/b",
            "console",
            "/console/calls/..",
        ] {
            assert_eq!(Route::parse(path), None, "{path}");
        }
    }

    #[test]
    fn an_id_stays_one_segment() {
        assert_eq!(Route::Call("../a b?c=/d").address(), "console/calls/..%2Fa%20b%3Fc%3D%2Fd");
    }
}
