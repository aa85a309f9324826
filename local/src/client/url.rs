//! Where the stack's API is.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use hyper::Uri;

/// The base URL of a stack's API, without a slash at its end. In the clear only on this machine.
#[derive(Debug, Clone)]
pub(crate) struct ApiUrl {
    text: String,
    host: String,
    port: u16,
    scheme: Scheme,
}

/// How the API is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// In the clear.
    Http,
    /// Over TLS.
    Https,
}

/// Why a text is not such a URL. The text itself is not repeated: it may hold a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UrlError {
    /// Not a URL with a host.
    #[error("not a URL such as https://abcdefghij.execute-api.us-east-1.amazonaws.com/v1, the stack's output ApiUrl")]
    Form,
    /// With a query string, as a webhook's URL.
    #[error("give the stack's output ApiUrl, without ? and what follows; tokens come from the environment")]
    Query,
    /// Tokens would be readable on the way.
    #[error("tokens are not sent in the clear: give an https URL; http is for this machine only")]
    Clear,
}

impl ApiUrl {
    /// The URL of a stack that this process runs itself, on whatever address of the machine it listens.
    pub(crate) fn of_own(text: &str) -> Result<Self, UrlError> {
        let uri: Uri = text.parse().map_err(|_| UrlError::Form)?;
        let scheme = match uri.scheme_str() {
            Some("https") => Scheme::Https,
            Some("http") => Scheme::Http,
            _ => return Err(UrlError::Form),
        };
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or(UrlError::Form)?;
        if uri.query().is_some() {
            return Err(UrlError::Query);
        }
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let port = authority.port_u16().unwrap_or(if scheme == Scheme::Https { 443 } else { 80 });
        let text =
            format!("{}://{authority}{}", uri.scheme_str().unwrap_or_default(), uri.path().trim_end_matches('/'));
        Ok(Self { text, host, port, scheme })
    }

    /// The name or address, without the brackets of an IPv6 address.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn scheme(&self) -> Scheme {
        self.scheme
    }
}

impl fmt::Display for ApiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for ApiUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Self::of_own(text)?;
        let clear = url.scheme == Scheme::Http && !is_this_machine(&url.host);
        if clear { Err(UrlError::Clear) } else { Ok(url) }
    }
}

fn is_this_machine(host: &str) -> bool {
    let name = host == "localhost" || host.ends_with(".localhost");
    name || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_end_is_nothing() {
        for (text, url, host, port) in [
            ("https://api.example.com/v1/", "https://api.example.com/v1", "api.example.com", 443),
            ("https://api.example.com:8443", "https://api.example.com:8443", "api.example.com", 8443),
            ("http://127.0.0.1:3000/", "http://127.0.0.1:3000", "127.0.0.1", 3000),
            ("http://[::1]:3000", "http://[::1]:3000", "::1", 3000),
            ("http://a.localhost/v1", "http://a.localhost/v1", "a.localhost", 80),
        ] {
            let parsed: ApiUrl = text.parse().unwrap();
            assert_eq!((parsed.to_string().as_str(), parsed.host(), parsed.port()), (url, host, port), "{text}");
        }
    }

    #[test]
    fn what_is_no_url_or_would_show_a_token_is_refused() {
        for (text, error) in [
            ("", UrlError::Form),
            ("/v1", UrlError::Form),
            ("api.example.com", UrlError::Form),
            ("ftp://api.example.com", UrlError::Form),
            ("https://user:secret@api.example.com", UrlError::Form),
            ("https://api.example.com/v1?token=secret", UrlError::Query),
            ("http://api.example.com/v1", UrlError::Clear),
            ("http://192.0.2.1", UrlError::Clear),
        ] {
            assert_eq!(text.parse::<ApiUrl>().err(), Some(error), "{text}");
        }
    }

    #[test]
    fn an_own_stack_may_listen_on_every_address() {
        for (text, host) in [("http://0.0.0.0:3000", "0.0.0.0"), ("http://192.0.2.1:3000", "192.0.2.1")] {
            assert_eq!(ApiUrl::of_own(text).unwrap().host(), host);
        }
    }
}
