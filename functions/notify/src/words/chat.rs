//! An alert as Slack and Teams show it: a custom notification of Amazon Q Developer in chat applications, which drops whatever else comes
//! to its topic, alarms aside, without a word. `chat.schema.json` has its form.
//!
//! It is made of the e-mail's texts, in which what came from outside is one line and no link. A chat reads markdown in it besides: what
//! would mean something there is written as a character that looks like it.

use std::collections::BTreeMap;

use serde::Serialize;
use shared::outbox::{Alert, Part};

use super::parts::{Parts, within};

/// The most characters of a description. AWS takes longer ones; people do not.
const MOST: usize = 2_000;

#[derive(Serialize)]
struct Notification<'a> {
    version: &'static str,
    source: &'static str,
    id: &'a str,
    content: Content,
    metadata: Metadata<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    text_type: &'static str,
    title: String,
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    next_steps: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    /// The messages of an incident are one thread.
    #[serde(skip_serializing_if = "Option::is_none")]
    thread_id: Option<String>,
    summary: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_type: Option<&'a str>,
    additional_context: BTreeMap<&'static str, &'a str>,
}

/// What goes to the topic.
pub(crate) fn chat(alert: &Alert) -> String {
    let Parts { story, steps } = Parts::of(&alert.text);
    let title = plain(&alert.subject);
    let known = alert.attributes.words().into_iter().filter(|(_, value)| !value.is_empty());
    let notification = Notification {
        version: "1.0",
        source: "custom",
        id: &alert.id,
        content: Content {
            text_type: "client-markdown",
            title: title.clone(),
            description: within(&plain(&story), MOST),
            next_steps: steps.iter().map(|step| plain(step)).collect(),
        },
        metadata: Metadata {
            thread_id: alert.incident.as_ref().map(Part::id),
            summary: title,
            event_type: alert.attributes.class.as_deref(),
            additional_context: known.collect(),
        },
    };
    // Texts and maps of texts: nothing here can fail to be written.
    serde_json::to_string(&notification).unwrap_or_default()
}

/// The text without anything that Slack or Teams would make something of, but for the stack's own links.
fn plain(text: &str) -> String {
    let is_link = |word: &str| word.starts_with("https://") || word.starts_with("http://");
    let words = text.split_inclusive(char::is_whitespace);
    words.map(|word| if is_link(word) { word.to_owned() } else { literal(word) }).collect()
}

fn literal(word: &str) -> String {
    let chars: Vec<char> = word.chars().collect();
    let one = |at: usize, c: char| {
        let (before, after) = (chars.get(..at).unwrap_or_default(), chars.get(at + 1..).unwrap_or_default());
        let joins = before.last().is_some_and(|c| c.is_alphanumeric());
        match c {
            '*' => '∗',
            '~' => '∼',
            '`' => '´',
            '<' => '‹',
            '>' => '›',
            '&' => '＆',
            '#' => '＃',
            '\\' => '＼',
            '_' if !joins || !after.first().is_some_and(|c| c.is_alphanumeric()) => '＿',
            // It would end the text of a link.
            ']' if after.first().is_some_and(|c| matches!(c, '(' | '[' | ':')) => '］',
            // In an address it calls nobody.
            '@' if !joins || !is_domain(after) => '＠',
            c => c,
        }
    };
    chars.iter().enumerate().map(|(at, c)| one(at, *c)).collect()
}

/// Whether it begins with names that dots join, as only an address of ours has them.
fn is_domain(chars: &[char]) -> bool {
    let name = chars.iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '-').count();
    name > 0 && chars.get(name) == Some(&'.') && chars.get(name + 1).is_some_and(|c| c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_chat_would_make_something_of_is_shown_as_it_is_written() {
        for (text, shown) in [
            ("<!channel> <@U012> <https://x|y>", "‹!channel› ‹＠U012› ‹https://x|y›"),
            ("@here @channel a@here", "＠here ＠channel a＠here"),
            ("alice@example.com, b@evil(.)example", "alice@example.com, b＠evil(.)example"),
            ("*bold* _it_ ~no~ `code` a_b", "∗bold∗ ＿it＿ ∼no∼ ´code´ a_b"),
            ("[click](evil) [a][b] [prod]", "[click］(evil) [a］[b] [prod]"),
            ("&lt;!here&gt; #general \\*", "＆lt;!here＆gt; ＃general ＼∗"),
            ("+*******0145", "+∗∗∗∗∗∗∗0145"),
            ("see: https://api.example.com/v1/a_b~c?x=1&y=*", "see: https://api.example.com/v1/a_b~c?x=1&y=*"),
        ] {
            assert_eq!(plain(text), shown);
        }
    }
}
