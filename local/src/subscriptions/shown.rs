//! A subscription as it is shown: without anything that may be a token.

use std::fmt;

use hyper::Uri;
use renew::reply::Subscription;
use renew::secret::Secret;

/// `300  trunkline  https://example.com/v1/webhooks/onsip/call`
pub(super) struct Shown<'a>(pub(super) &'a Subscription);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Subscription { id, target, name } = self.0;
        let place =
            target.as_ref().map(|target| place(target).unwrap_or_else(|| "(a target that is no URL)".to_owned()));
        let place = place.unwrap_or_else(|| "(target not told)".to_owned());
        write!(f, "{id}  {}  {place}", name.as_deref().unwrap_or("(name not told)"))
    }
}

/// The URL that a target is without its query string and without a user.
pub(super) fn place(target: &Secret) -> Option<String> {
    let uri: Uri = target.expose().parse().ok()?;
    let authority = uri.authority()?.as_str().rsplit('@').next()?;
    Some(format!("{}://{authority}{}", uri.scheme_str()?, uri.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_may_be_secret_is_shown() {
        for (target, shown) in [
            ("https://example.com/v1/call?token=secret", Some("https://example.com/v1/call")),
            ("https://user:secret@example.com:8443?secret", Some("https://example.com:8443/")),
            ("https://example.com/a#secret", Some("https://example.com/a")),
            ("secret", None),
            ("/secret?a", None),
            ("", None),
        ] {
            assert_eq!(place(&Secret::new(target)).as_deref(), shown, "{target}");
            let subscription = Subscription { id: "300".to_owned(), target: Some(Secret::new(target)), name: None };
            assert!(!Shown(&subscription).to_string().contains("secret"), "{target}");
        }
    }
}
