//! Which handler a path belongs to. Methods play no part: a known path reaches its handler, which answers 405 itself.

use std::collections::BTreeMap;

/// A known path, as the function sees it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MatchedRoute {
    /// The resource in API Gateway, with its parameters in braces.
    pub(crate) resource: String,
    /// The parameters' values, decoded.
    pub(crate) parameters: BTreeMap<String, String>,
}

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// One of the four ingest functions: they share one handler.
    Ingest(MatchedRoute),
    /// The reading function.
    Query(MatchedRoute),
    /// The console.
    Console(MatchedRoute),
    /// The local stack's own list of what was published.
    Published,
    /// The environment of the local stack's `notify`.
    Notify,
    /// No resource of the API.
    Unknown,
}

impl Target {
    /// Finds the handler for a path as it was sent.
    pub(crate) fn of(path: &str) -> Self {
        match path {
            "/local/published" => return Self::Published,
            "/local/notify" => return Self::Notify,
            _ => {}
        }
        let ingest = shared::ingest::ROUTES.iter().find_map(|route| matched(route.path, path));
        let query = || query::ROUTES.iter().find_map(|route| matched(route.resource(), path));
        // API Gateway passes over a slash at the end of a path.
        let of_console = if path == "/console/" { "/console" } else { path };
        let console = || console::RESOURCES.iter().find_map(|resource| matched(resource, of_console));
        match ingest {
            Some(route) => Self::Ingest(route),
            None => query().map(Self::Query).or_else(|| console().map(Self::Console)).unwrap_or(Self::Unknown),
        }
    }
}

/// Matches a path with a template, `{name}` standing for one segment that is not empty, and `{name+}` at the end for all that is left.
fn matched(template: &str, path: &str) -> Option<MatchedRoute> {
    let mut parameters = BTreeMap::new();
    if let Some((before, name)) = template.strip_suffix("+}").and_then(|template| template.split_once('{')) {
        let rest = path.strip_prefix(before).filter(|rest| !rest.is_empty())?;
        parameters.insert(name.to_owned(), decoded(rest));
        return Some(MatchedRoute { resource: template.to_owned(), parameters });
    }
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => {
                return Some(MatchedRoute { resource: template.to_owned(), parameters });
            }
            (Some(wanted), Some(given)) => match parameter(wanted) {
                Some(name) if !given.is_empty() => {
                    parameters.insert(name.to_owned(), decoded(given));
                }
                None if wanted == given => {}
                _ => return None,
            },
            _ => return None,
        }
    }
}

fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

fn decoded(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_one_decoded_segment() {
        let route = matched("/events/{id}", "/events/a%7Eb").unwrap();
        assert_eq!(route.resource, "/events/{id}");
        assert_eq!(route.parameters.get("id").map(String::as_str), Some("a~b"));
        let nested = matched("/events/{id}/body", "/events/x/body").unwrap();
        assert_eq!(nested.parameters.get("id").map(String::as_str), Some("x"));
        for path in ["/events", "/events/", "/events/x/", "/events/x/y", "/event/x"] {
            assert_eq!(matched("/events/{id}", path), None, "{path}");
        }
    }

    #[test]
    fn a_greedy_parameter_is_all_that_is_left() {
        let route = matched("/console/{proxy+}", "/console/calls/a%7Eb").unwrap();
        assert_eq!(route.parameters.get("proxy").map(String::as_str), Some("calls/a~b"));
        for path in ["/console", "/console/", "/consoles/x"] {
            assert_eq!(matched("/console/{proxy+}", path), None, "{path}");
        }
    }

    #[test]
    fn every_route_reaches_its_handler_and_no_other_path_does() {
        for route in shared::ingest::ROUTES {
            assert!(matches!(Target::of(route.path), Target::Ingest(_)), "{route:?}");
        }
        for route in query::ROUTES {
            assert!(matches!(Target::of(&route.resource().replace("{id}", "x")), Target::Query(_)), "{route:?}");
        }
        for path in ["/console", "/console/", "/console/calls", "/console/calls/x"] {
            assert!(matches!(Target::of(path), Target::Console(_)), "{path}");
        }
        for path in ["/", "", "*", "/webhooks", "/webhooks/onsip", "/webhooks/onsip/call/", "/local", "/favicon.ico"] {
            assert_eq!(Target::of(path), Target::Unknown, "{path}");
        }
    }
}
