//! Texts that are sent and never shown.

use std::fmt;

use serde::Deserialize;

/// A password, a token, a session's id.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// That text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, to be sent.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A text without it: as it is, and as a form or a URL has it.
    #[must_use]
    pub fn out_of(&self, text: &str) -> String {
        let encoded = self.encoded();
        let forms = [self.0.clone(), encoded.replace('+', "%20"), encoded];
        forms.iter().filter(|form| !form.is_empty()).fold(text.to_owned(), |text, form| text.replace(form, "…"))
    }

    /// It, as a form or a query has it.
    pub(crate) fn encoded(&self) -> String {
        form_urlencoded::byte_serialize(self.0.as_bytes()).collect()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}
