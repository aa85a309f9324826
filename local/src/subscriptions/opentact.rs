//! What Opentact is told, as text: its URLs do not expire, so nothing has to be done again, and nothing is sent from here.

use serde_json::{Value, json};

use crate::client::ApiUrl;

/// The REST API, as clients of about 2021 use it.
const REST: &str = "https://api.opentact.org/rest";

/// Seconds that Opentact waits for an answer: as long as a receiver may run.
const TIMEOUT: u64 = 10;

/// Where each URL of that stack is entered, and what the REST API would be sent.
pub(crate) fn opentact(stack: &ApiUrl) -> String {
    let url = |family| format!("{stack}/webhooks/opentact/{family}?token=TOKEN");
    let app = json!({ "webhook_url": url("call"), "webhook_method": "POST", "webhook_request_timeout": TIMEOUT });
    let profile = json!({ "callback_url": url("sms") });
    let places = [
        ("calls: webhook_url of the SIP Control App, with POST", url("call")),
        ("messages: callback_url of the messaging profile", url("sms")),
        ("orders and the balance: in the portal", url("account")),
    ];
    let requests = [
        ("GET", "/auth", "Authorization: Basic …", None),
        ("GET", "/sip/app", "X-Auth-Token: the answer's JWT", None),
        ("PATCH", "/sip/app/{uuid}", "X-Auth-Token", Some(&app)),
        ("GET", "/profile/messaging", "X-Auth-Token", None),
        ("PATCH", "/profile/messaging/{uuid}", "X-Auth-Token", Some(&profile)),
    ];
    let places: String = places.into_iter().map(|(what, url)| format!("  {what}\n    {url}\n")).collect();
    let requests: String =
        requests.into_iter().map(|(verb, path, header, body)| request(verb, path, header, body)).collect();
    format!(
        "Enter at Opentact, with your token for TOKEN:\n{places}\n\
         The REST API at {REST} would be sent (as of about 2021; nothing is sent now):\n{requests}\n\
         A message that is sent with custom_callback_url reports there, and never to callback_url."
    )
}

fn request(verb: &str, path: &str, header: &str, body: Option<&Value>) -> String {
    let body = body.map(|body| format!("\n        {body}")).unwrap_or_default();
    format!("  {verb:5} {path}   ({header}){body}\n")
}
