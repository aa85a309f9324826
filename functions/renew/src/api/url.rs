//! Where the API is.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;
use http::uri::Scheme;

/// Where the API is published.
const PUBLISHED: &str = "https://api.onsip.com/api";

/// The URL of the API: `https`, or `http` on loopback, since passwords go there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiUrl(Uri);

/// Why a text is no such URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a URL such as {PUBLISHED}; http is only for a loopback address such as 127.0.0.1")]
pub struct ApiUrlError;

impl Default for ApiUrl {
    fn default() -> Self {
        Self(Uri::from_static(PUBLISHED))
    }
}

impl FromStr for ApiUrl {
    type Err = ApiUrlError;

    fn from_str(text: &str) -> Result<Self, ApiUrlError> {
        let url: Uri = text.parse().map_err(|_| ApiUrlError)?;
        let plain = url.query().is_none() && url.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        let safe = match url.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => url.host().is_some_and(is_loopback),
            _ => false,
        };
        if plain && safe { Ok(Self(url)) } else { Err(ApiUrlError) }
    }
}

/// By address only: a name can come to resolve elsewhere.
fn is_loopback(host: &str) -> bool {
    host.trim_matches(['[', ']']).parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

impl ApiUrl {
    pub(super) fn uri(&self) -> &Uri {
        &self.0
    }
}

impl fmt::Display for ApiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_goes_over_tls_or_stays_on_the_machine() {
        for good in [PUBLISHED, "https://example.com:8443/api", "http://127.0.0.1:3000/api", "http://[::1]:1/"] {
            assert_eq!(good.parse::<ApiUrl>().map(|url| url.to_string()).as_deref(), Ok(good));
        }
        for bad in [
            "",
            "api.onsip.com",
            "/api",
            "http://api.onsip.com/api",
            "http://localhost/api",
            "http://127.0.0.1.example.com/api",
            "http://127.0.0.1@example.com/api",
            "https://user:password@api.onsip.com/api",
            "https://api.onsip.com/api?Output=json",
            "ftp://127.0.0.1/api",
        ] {
            assert_eq!(bad.parse::<ApiUrl>(), Err(ApiUrlError), "{bad}");
        }
    }
}
