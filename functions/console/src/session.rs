//! Who is signed in: a cookie holds the token that was given, and each page verifies it as the API does. Nothing of a session is stored.
//!
//! The cookie has no path of its own, so that it is sent below the console and never to the API.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lambda_http::Request;
use lambda_http::http::{HeaderMap, header};
use shared::access::{KnownToken, TokenDigests};

use crate::settings::Days;

/// The cookie's name.
const COOKIE: &str = "trunkline";

/// The token of whoever is signed in, if it is accepted still.
pub(crate) fn signed_in<'t>(request: &Request, readers: &'t TokenDigests) -> Option<&'t KnownToken> {
    let headers = request.headers().get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let named = headers.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let held = named.filter(|(name, _)| *name == COOKIE).filter_map(|(_, value)| token_of(value));
    readers.admit(&held.collect::<Vec<_>>())
}

fn token_of(value: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(value).ok()?).ok()
}

/// The header that signs a browser in.
pub(crate) fn cookie(headers: &HeaderMap, token: &str, lasts: Days) -> String {
    written(headers, &URL_SAFE_NO_PAD.encode(token), lasts.in_seconds())
}

/// The header that makes it forget.
pub(crate) fn forgotten(headers: &HeaderMap) -> String {
    written(headers, "", 0)
}

fn written(headers: &HeaderMap, value: &str, seconds: u32) -> String {
    // Without TLS a browser keeps no secure cookie; that is so on one's own machine alone.
    let secure = if is_loopback(headers) { "" } else { "; Secure" };
    format!("{COOKIE}={value}; Max-Age={seconds}; HttpOnly{secure}; SameSite=Lax")
}

fn is_loopback(headers: &HeaderMap) -> bool {
    let host = host(headers).unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    matches!(name.map_or(host, |(name, _)| name), "localhost" | "127.0.0.1" | "[::1]")
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

/// Whether a post comes from a page of the console's own origin, and no other site's.
pub(crate) fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => {
            let origin = text("origin").and_then(|origin| origin.split_once("://"));
            origin.is_some_and(|(_, origin)| host(headers) == Some(origin))
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use lambda_http::Body;
    use lambda_http::http::Request as HttpRequest;
    use shared::access::TokenDigest;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn the_cookie_that_signs_in_is_read_back_beside_others() {
        let token = "a token; with = and é";
        let set = cookie(&headers(&[("host", "example.com")]), token, Days::default());
        let pair = set.split(';').next().unwrap();
        let readers = TokenDigests::new(vec![TokenDigest::of(token)]);
        let asked = |cookie: &str| {
            let request = HttpRequest::builder().header(header::COOKIE, cookie).body(Body::Empty).unwrap();
            signed_in(&request, &readers).is_some()
        };
        assert!(asked(pair) && asked(&format!("a=b; {pair}; c")) && asked(&format!("{COOKIE}=YQ; {pair}")));
        for wrong in ["", "trunkline=", "trunkline=YQ", "trunkline=%%", &pair.replace(COOKIE, "other")] {
            assert!(!asked(wrong), "{wrong}");
        }
    }

    #[test]
    fn no_script_reads_the_cookie_and_tls_alone_carries_it_but_on_loopback() {
        for (host, secure) in [
            ("example.com", true),
            ("127.0.0.1.example.com", true),
            ("localhost.example.com:3000", true),
            ("127.0.0.1:3000", false),
            ("localhost", false),
            ("[::1]:3000", false),
        ] {
            let headers = headers(&[("host", host)]);
            let (set, gone) = (cookie(&headers, "t", Days::default()), forgotten(&headers));
            for header in [&set, &gone] {
                assert_eq!(header.contains("; Secure"), secure, "{host}: {header}");
                assert!(header.contains("; HttpOnly") && header.contains("; SameSite=Lax"), "{header}");
                assert!(!header.contains("Path"), "{header}");
            }
            assert!(set.contains("Max-Age=2592000") && gone.starts_with("trunkline=; Max-Age=0"));
        }
    }

    #[test]
    fn only_a_page_of_this_origin_may_post() {
        let host = ("host", "example.com");
        for from_here in [
            headers(&[host, ("sec-fetch-site", "same-origin")]),
            headers(&[host, ("origin", "https://example.com")]),
            headers(&[("host", "127.0.0.1:3000"), ("origin", "http://127.0.0.1:3000")]),
        ] {
            assert!(is_from_here(&from_here), "{from_here:?}");
        }
        for other in [
            headers(&[host]),
            headers(&[host, ("origin", "null")]),
            headers(&[host, ("origin", "https://example.com.evil.example")]),
            headers(&[host, ("origin", "https://example.com:444")]),
            headers(&[host, ("sec-fetch-site", "same-site"), ("origin", "https://example.com")]),
            headers(&[host, ("sec-fetch-site", "cross-site")]),
            headers(&[host, ("sec-fetch-site", "none")]),
        ] {
            assert!(!is_from_here(&other), "{other:?}");
        }
    }
}
