//! A token that is sent.

use hyper::header::{HeaderValue, InvalidHeaderValue};

/// A token. It is sent and never shown: not `Debug`, not `Display`.
pub(crate) struct Token {
    text: String,
    bearer: HeaderValue,
}

impl Token {
    /// A token of that text, if a header can hold it.
    pub(crate) fn new(text: String) -> Result<Self, InvalidHeaderValue> {
        let mut bearer = HeaderValue::from_str(&format!("Bearer {text}"))?;
        bearer.set_sensitive(true);
        Ok(Self { text, bearer })
    }

    /// The value of `Authorization`.
    pub(super) fn bearer(&self) -> HeaderValue {
        self.bearer.clone()
    }

    /// The query string of a provider's URL.
    pub(crate) fn query(&self) -> String {
        let encoded: String = form_urlencoded::byte_serialize(self.text.as_bytes()).collect();
        format!("token={encoded}")
    }
}
