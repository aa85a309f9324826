//! What the stack answered, and how that is shown.

use std::fmt;

use hyper::StatusCode;
use hyper::body::Bytes;
use serde_json::Value;

/// Characters of an answer's words that are shown.
const SHOWN: usize = 120;

/// One answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) content_type: String,
    pub(crate) link: String,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Result<Value, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    /// A text of the JSON object that the body is.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.json().ok()?.get(name)?.as_str().map(str::to_owned)
    }

    /// Whether it is this status, and the body's member `status` is this word.
    pub(crate) fn says(&self, status: StatusCode, word: &str) -> bool {
        self.status == status && self.text("status").as_deref() == Some(word)
    }

    /// The cursor of the next page, which the link leads to.
    pub(crate) fn next(&self) -> Option<String> {
        let query = self.link.strip_prefix("<?")?.strip_suffix(">; rel=\"next\"")?;
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(name, _)| name == "cursor").map(|(_, cursor)| cursor.into_owned())
    }

    /// Whether it is a problem document (RFC 9457), which is how all of the API tells errors.
    pub(crate) fn is_problem(&self) -> bool {
        self.content_type.starts_with("application/problem+json")
    }
}

/// `503 (the delivery could not be stored; send it again)`
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Where the API has words, and where API Gateway itself has them.
        let words = ["detail", "reason", "message", "status"].into_iter().find_map(|name| self.text(name));
        match words {
            None => write!(f, "{}", self.status.as_u16()),
            Some(words) => write!(f, "{} ({})", self.status.as_u16(), words.chars().take(SHOWN).collect::<String>()),
        }
    }
}
