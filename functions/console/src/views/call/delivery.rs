//! A delivery as a person reads it.

use shared::json::Json;
use shared::text::cut;

/// The most bytes of a delivery that the page shows; the API has it whole.
const MAX_SHOWN: usize = 64 * 1024;
/// The most steps that a line of it is indented by.
const MAX_DEPTH: usize = 16;

/// A delivery as text, JSON in lines.
pub(super) fn readable(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let shown = cut(&text, MAX_SHOWN);
    let rest = text.len() - shown.len();
    match Json::read(&text) {
        _ if rest > 0 => format!("{shown}\n\u{2026} and {rest} bytes more"),
        Ok(_) => laid_out(&text),
        Err(_) => text.into_owned(),
    }
}

/// JSON in lines, each token as it was written.
fn laid_out(json: &str) -> String {
    let (mut out, mut depth, mut quoted, mut escaped) = (String::new(), 0_usize, false, false);
    let line = |out: &mut String, depth: usize| *out += &format!("\n{}", "  ".repeat(depth.min(MAX_DEPTH)));
    for c in json.chars() {
        match c {
            _ if quoted => {
                out.push(c);
                quoted = c != '"' || escaped;
                escaped = c == '\\' && !escaped;
            }
            '{' | '[' => {
                out.push(c);
                depth += 1;
                line(&mut out, depth);
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out += ": ",
            c if c.is_ascii_whitespace() => (),
            c => {
                quoted = c == '"';
                out.push(c);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_set_out_in_lines_with_each_token_as_it_was_written() {
        let body = br#"{"a":[1.50,{"b":"x, {\"y\"}: z"}],"c":-0e2}"#;
        let lines =
            "{\n  \"a\": [\n    1.50,\n    {\n      \"b\": \"x, {\\\"y\\\"}: z\"\n    }\n  ],\n  \"c\": -0e2\n}";
        assert_eq!(readable(body), lines);
    }

    #[test]
    fn what_is_no_json_stands_as_it_came_and_what_is_long_is_cut() {
        assert_eq!(readable(b"{a: 1}"), "{a: 1}");
        assert_eq!(readable(b"\xff"), "\u{fffd}");
        let long = readable(&vec![b'x'; MAX_SHOWN + 5]);
        assert!(long.ends_with("x\n\u{2026} and 5 bytes more"));
    }
}
