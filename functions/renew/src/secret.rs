//! Texts that are sent and never shown.

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

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

    /// It, as a form or a query has it.
    pub(crate) fn encoded(&self) -> String {
        form_urlencoded::byte_serialize(self.0.as_bytes()).collect()
    }

    /// It in each form in which an answer may repeat it: as it is, and as a form, a URL, JSON and XML have it.
    fn forms(&self) -> Vec<String> {
        let form = self.encoded();
        let url = form.replace('+', "%20");
        let (form_lower, url_lower) = (lower_hex(&form), lower_hex(&url));
        let json = json(&self.0);
        let slashed = json.replace('/', "\\/");
        let ascii = [ascii(&json), ascii(&slashed)];
        let text = xml(&self.0, &XML_TEXT);
        let xml = [xml(&text, &XML_NAMED), xml(&text, &XML_NUMBERED), xml(&text, &XML_HEX)];
        let all = [self.0.clone(), form, url, form_lower, url_lower, json, slashed, text];
        all.into_iter().chain(ascii).chain(xml).filter(|form| !form.is_empty()).collect()
    }
}

/// A text without those secrets, in whatever form. The longest goes first: another may be a part of it.
pub(crate) fn hide(text: &str, secrets: &[&Secret]) -> String {
    let mut forms: Vec<_> = secrets.iter().flat_map(|secret| secret.forms()).collect();
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms.iter().fold(text.to_owned(), |text, form| text.replace(form, "…"))
}

/// What XML escapes everywhere, and three ways to write quotation marks.
const XML_TEXT: [(char, &str); 3] = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;")];
const XML_NAMED: [(char, &str); 2] = [('"', "&quot;"), ('\'', "&apos;")];
const XML_NUMBERED: [(char, &str); 2] = [('"', "&quot;"), ('\'', "&#39;")];
const XML_HEX: [(char, &str); 2] = [('"', "&#34;"), ('\'', "&#x27;")];

fn xml(text: &str, escapes: &[(char, &str)]) -> String {
    escapes.iter().fold(text.to_owned(), |text, (char, escape)| text.replace(*char, escape))
}

/// Without the quotation marks around it.
fn json(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(&quoted).to_owned()
}

/// As JSON has it that is ASCII only.
fn ascii(json: &str) -> String {
    let escape = |c: char| c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect();
    json.chars().map(|c| if c.is_ascii() { c.to_string() } else { escape(c) }).collect()
}

/// A percent-encoded text, with its hexadecimal digits in lower case.
fn lower_hex(encoded: &str) -> String {
    let mut digits = 0;
    let lower = |c: char| {
        let shown = if digits > 0 { c.to_ascii_lowercase() } else { c };
        digits = if c == '%' { 2 } else { i32::max(digits - 1, 0) };
        shown
    };
    encoded.chars().map(lower).collect()
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_in_each_form_that_an_answer_may_have() {
        let secret = Secret::new("Pä s/\"'<&");
        for written in [
            "Pä s/\"'<&",
            "P%C3%A4+s%2F%22%27%3C%26",
            "P%c3%a4%20s%2f%22%27%3c%26",
            "Pä s/&quot;&apos;&lt;&amp;",
            "Pä s/&quot;&#39;&lt;&amp;",
            "Pä s/\"'&lt;&amp;",
            r#"Pä s/\"'<&"#,
            r#"P\u00e4 s\/\"'<&"#,
        ] {
            assert_eq!(hide(&format!("a {written} b"), &[&secret]), "a … b", "{written}");
        }
    }

    #[test]
    fn a_secret_that_is_part_of_another_leaves_nothing_of_it() {
        let (short, long) = (Secret::new("alice"), Secret::new("alice@example.com"));
        assert_eq!(hide("alice@example.com, alice", &[&short, &long]), "…, …");
        assert_eq!(hide("alice%40example.com", &[&short, &long]), "…");
    }
}
