//! What a newcomer reads first: where the stack is, its tokens, and commands that work as they stand.

use jiff::Timestamp;
use serde_json::json;
use shared::renewal::Renewal;
use shared::time::readable;

use crate::random;
use crate::stack::Tokens;

/// The ready line, and what to try.
pub(crate) fn ready(url: &str, tokens: &Tokens) -> String {
    let now = Timestamp::now();
    let Tokens { provider, read, operator } = tokens;
    let commands = [
        ("deliver the start of a call", deliver(url, "onsip/call", provider, &started(now))),
        (
            "deliver a call that failed: watch the alert appear below",
            deliver(url, "opentact/call", provider, &failed(now)),
        ),
        (
            "read back the events of a SIP user",
            get(&format!("{url}/events?entity=sip_user:alice@example.com"), Some(read)),
        ),
        (
            "read back the events of today (UTC)",
            get(&format!("{url}/events?day={}", now.strftime("%Y-%m-%d")), Some(read)),
        ),
        ("see what was published", get(&format!("{url}/local/published"), None)),
    ];
    let commands = commands.map(|(what, command)| format!("# {what}\n{command}\n")).join("\n");
    format!(
        "ready {url}\n\nproviders' token  {provider}\nreaders' token    {read}\noperators' token  {operator}\n\n{commands}"
    )
}

/// A `curl` that reads, with the token of those who may.
pub(crate) fn get(url: &str, token: Option<&str>) -> String {
    let bearer = token.map(|token| format!("-H {} ", quoted(&format!("Authorization: Bearer {token}"))));
    format!("curl {}{}", bearer.unwrap_or_default(), quoted(url))
}

/// What `renew` keeps alive.
pub(crate) fn subscription(known: &Renewal) -> Option<String> {
    let (id, dead) = (&known.subscription.as_ref()?.id, known.dead_at?);
    let dead = readable(dead);
    Some(format!(
        "# renew has subscribed the stack at a stand-in for OnSIP's API: subscription {id}, dead {dead} unless renewed\n"
    ))
}

fn deliver(url: &str, route: &str, token: &str, body: &str) -> String {
    let token: String = form_urlencoded::byte_serialize(token.as_bytes()).collect();
    format!("curl {} -d {}", quoted(&format!("{url}/webhooks/{route}?token={token}")), quoted(body))
}

fn started(now: Timestamp) -> String {
    json!({
        "id": random::uuid().replace('-', ""), "streamId": random::uuid(), "subscriptionId": "300",
        "type": "call.dialog.created", "createdAt": format!("{now:.6}"),
        "payload": { "callId": "1", "fromUri": "sip:alice@example.com", "toUri": "sip:bob@example.com" },
    })
    .to_string()
}

fn failed(now: Timestamp) -> String {
    let call = random::uuid();
    json!({
        "uuid": random::uuid(), "created_on": format!("{now:.3}"), "type": "call_state",
        "call": {
            "uuid": call, "direction": "in", "state": "failed", "from": "+12025550111", "to": "12025550144",
            "reason": "Insufficient account balance",
        },
        "ref_id": call,
    })
    .to_string()
}

/// The text as one word of a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_url_and_shell() {
        let command = deliver("http://x", "onsip/call", "it's & a+token", "{}");
        assert_eq!(command, "curl 'http://x/webhooks/onsip/call?token=it%27s+%26+a%2Btoken' -d '{}'");
        assert_eq!(get("http://x/y", Some("it's")), r"curl -H 'Authorization: Bearer it'\''s' 'http://x/y'");
    }
}
