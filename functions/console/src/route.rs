//! The console's routes: each one's address below `/console`, its method, and the right that its view takes.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use shared::access::Right;

use self::Access::{Open, Reader, SignedIn};

/// The resources as API Gateway writes them: the console itself, and all that is below it.
pub const RESOURCES: [&str; 2] = ["/console", "/console/{proxy+}"];

/// What a segment of a path keeps unencoded.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A page, a file or an action of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route<'r> {
    /// How things stand.
    Overview,
    /// A list of calls.
    Calls,
    /// The same as a file.
    CallsCsv,
    /// One call.
    Call(&'r str),
    /// Signs a browser in.
    SignIn,
    /// Forgets that it was.
    SignOut,
    /// A file that pages use, under the digest of all of them.
    Asset(&'r str, &'r str),
}

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

impl<'r> Route<'r> {
    /// The route of a decoded path.
    pub(crate) fn parse(path: &'r str) -> Option<Self> {
        let mut segments = path.strip_prefix('/')?.split('/');
        segments.next().filter(|first| *first == "console")?;
        Self::below(&segments.collect::<Vec<_>>())
    }

    /// The route of those segments below the console.
    fn below(segments: &[&'r str]) -> Option<Self> {
        match *segments {
            [] => Some(Self::Overview),
            ["calls"] => Some(Self::Calls),
            ["calls.csv"] => Some(Self::CallsCsv),
            ["calls", id] if is_id(id) => Some(Self::Call(id)),
            ["sign-in"] => Some(Self::SignIn),
            ["sign-out"] => Some(Self::SignOut),
            ["assets", digest, name] => Some(Self::Asset(digest, name)),
            _ => None,
        }
    }

    /// The segments of its path below the console.
    fn segments(self) -> Vec<&'r str> {
        match self {
            Self::Overview => vec![],
            Self::Calls => vec!["calls"],
            Self::CallsCsv => vec!["calls.csv"],
            Self::Call(id) => vec!["calls", id],
            Self::SignIn => vec!["sign-in"],
            Self::SignOut => vec!["sign-out"],
            Self::Asset(digest, name) => vec!["assets", digest, name],
        }
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

    /// Who may use it.
    pub(crate) const fn access(self) -> Access {
        match self {
            Self::SignIn | Self::SignOut | Self::Asset(..) => Open,
            Self::Overview => SignedIn,
            Self::Calls | Self::CallsCsv | Self::Call(_) => Reader(Right::Calls),
        }
    }

    /// The only method that it answers.
    pub(crate) const fn method(self) -> &'static str {
        match self {
            Self::SignIn | Self::SignOut => "POST",
            _ => "GET",
        }
    }

    /// Its name in logs, without an id.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Calls => "calls",
            Self::CallsCsv => "calls.csv",
            Self::Call(_) => "call",
            Self::SignIn => "sign-in",
            Self::SignOut => "sign-out",
            Self::Asset(..) => "asset",
        }
    }
}

/// What a browser would take for a step up or for none is no id.
fn is_id(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..")
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
