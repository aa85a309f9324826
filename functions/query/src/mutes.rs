//! Mutes: an operator sets and ends them, readers see which are in force. `notify` holds back what they name.

use jiff::Timestamp;
use lambda_http::Request;
use serde_json::{Map, Value, json};
use shared::access::KnownToken;
use shared::entity::{Entity, EntityKind};
use shared::failure::FailureClass;
use shared::mute::{LONGEST, MOST, Mute, Setting, Target};
use shared::text::{cut, is_unseen};

use crate::parameters::ParameterError;
use crate::{Answer, Query, QueryError, shown};

/// The members of a request.
const MEMBERS: [&str; 5] = ["class", "provider", "scope", "until", "reason"];
/// What ends a mute, in place of a time.
const NOW: &str = "now";
/// The most characters of a reason.
const REASON: usize = 200;

/// What an operator asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    /// To mute.
    Mute(Mute),
    /// To end the mute of that target.
    End(Target),
}

impl Query {
    /// Sets a mute, changes the end of one, or ends one.
    pub(crate) async fn mute(&self, request: &Request, by: &KnownToken, now: Timestamp) -> Answer {
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let (status, mute) = match Asked::read(request.body(), now)? {
            Asked::Mute(mute) => match self.views.mutes.set_mute(&mute, now).await? {
                Setting::Set => ("muted", mute),
                Setting::Full => {
                    let wrong = format!("{MOST} mutes are in force already; end one, or mute a whole provider instead");
                    return Err(ParameterError::of("scope", wrong).into());
                }
            },
            Asked::End(target) => {
                let ended = self.views.mutes.end_mute(&target, now).await?.ok_or(QueryError::NotFound("mute"))?;
                ("ended", Mute { until: now, ..ended })
            }
        };
        log(by, status, &mute);
        shown(&json!({ "status": status, "mute": mute }))
    }
}

/// Who did what. A scope and a reason may hold a number.
fn log(by: &KnownToken, status: &'static str, Mute { target, until, .. }: &Mute) {
    tracing::info!(
        by = by.name(),
        class = target.class.map_or("any", FailureClass::as_str),
        provider = target.provider.map_or("any", |provider| provider.as_str()),
        scope = target.scope.as_ref().map_or("any", |scope| scope.kind().as_str()),
        %until,
        "alerts: {status}"
    );
}

impl Asked {
    fn read(body: &[u8], now: Timestamp) -> Result<Self, ParameterError> {
        let form = "not a JSON object such as {\"class\": \"congestion\", \"until\": \"2026-01-31T17:00:00Z\", \"reason\": \"…\"}";
        let members: Map<String, Value> =
            serde_json::from_slice(body).map_err(|_| ParameterError::of("the body", form))?;
        if let Some(name) = members.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            let known = MEMBERS.join(", ");
            return Err(ParameterError::of(cut(name, 40), format!("not a member of a mute; known are {known}")));
        }
        let target = target(&members)?;
        let until = text(&members, "until")?.unwrap_or_default();
        if until == NOW {
            return Ok(Self::End(target));
        }
        let (until, reason) = (until_of(until, now)?, reason(&members)?);
        Ok(Self::Mute(Mute { target, until, reason, set_at: now }))
    }
}

/// A member that is a text; None where it is missing or null.
fn text<'m>(members: &'m Map<String, Value>, name: &str) -> Result<Option<&'m str>, ParameterError> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim())),
        Some(_) => Err(ParameterError::of(name, "not a text in quotes")),
    }
}

fn named<T: std::str::FromStr<Err: std::fmt::Display>>(
    members: &Map<String, Value>,
    name: &str,
) -> Result<Option<T>, ParameterError> {
    text(members, name)?.map(|text| text.parse().map_err(|error| ParameterError::of(name, error))).transpose()
}

fn target(members: &Map<String, Value>) -> Result<Target, ParameterError> {
    let scope: Option<Entity> = named(members, "scope")?;
    let target = Target { class: named(members, "class")?, provider: named(members, "provider")?, scope };
    if target == Target::default() {
        return Err(ParameterError::of(
            "class",
            "what is muted is missing; give a class, a provider or a scope, or several",
        ));
    }
    let Some(scope) = &target.scope else { return Ok(target) };
    if matches!(target.class, Some(FailureClass::Congestion | FailureClass::Rejected)) {
        let wrong =
            "congestion and rejections by networks are told of a whole provider; leave scope out, or give a provider";
        return Err(ParameterError::of("scope", wrong));
    }
    match (scope.kind(), scope.domain()) {
        (EntityKind::SipDomain | EntityKind::PhoneNumber | EntityKind::Account, _) | (EntityKind::SipUser, None) => {
            Ok(target)
        }
        (_, Some(domain)) => {
            let wrong = format!("an incident is of a whole domain; give {}", Entity::sip_domain(&domain));
            Err(ParameterError::of("scope", wrong))
        }
        (_, None) => {
            let wrong = "no incident is of that; give a sip_domain:, a phone_number: or an account:";
            Err(ParameterError::of("scope", wrong))
        }
    }
}

fn until_of(text: &str, now: Timestamp) -> Result<Timestamp, ParameterError> {
    let wrong = |wrong: String| ParameterError::of("until", wrong);
    let latest = now.checked_add(LONGEST).unwrap_or(now);
    let form =
        || wrong("not a time with its zone, such as 2026-01-31T17:00:00Z, nor \"now\", which ends a mute".to_owned());
    match text.parse::<Timestamp>().map_err(|_| form())? {
        past if past <= now => Err(wrong(format!("{past} is over; give a later time, or \"now\" to end a mute"))),
        late if late > latest => Err(wrong(format!("more than 7 days ahead; give {latest:.0} at the latest"))),
        until => Ok(until),
    }
}

fn reason(members: &Map<String, Value>) -> Result<String, ParameterError> {
    let reason = text(members, "reason")?.unwrap_or_default();
    if reason.is_empty() || reason.chars().count() > REASON {
        let wrong =
            format!("missing or too long; say why in up to {REASON} characters, for who reads it when the mute ends");
        return Err(ParameterError::of("reason", wrong));
    }
    // It is told in a mail.
    match reason.chars().find(|c| c.is_control() || is_unseen(*c)) {
        Some(unseen) => {
            let wrong = format!("with a character that nobody sees, U+{:04X}: leave it out", u32::from(unseen));
            Err(ParameterError::of("reason", wrong))
        }
        None => Ok(reason.to_owned()),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Asked, String> {
        Asked::read(body.as_bytes(), "2026-11-03T02:00:00Z".parse().unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_mute_names_what_until_when_and_why() {
        let asked = read(
            r#"{"class": "not_permitted", "scope": "phone_number:+1 202 555 0144", "provider": null,
               "until": "2026-11-03T00:00:00-05:00", "reason": " new numbers "}"#,
        );
        let Ok(Asked::Mute(mute)) = asked else { unreachable!("{asked:?}") };
        let shown = serde_json::to_value(&mute).unwrap();
        let expected = json!({"class": "not_permitted", "provider": null, "scope": "phone_number:12025550144",
            "until": "2026-11-03T05:00:00Z", "reason": "new numbers", "setAt": "2026-11-03T02:00:00Z"});
        assert_eq!(shown, expected);
        assert_eq!(
            read(r#"{"class": "not_permitted", "scope": "phone_number:12025550144", "until": "now"}"#),
            Ok(Asked::End(mute.target))
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_what_would_work() {
        let with = |member: &str, value: &str| {
            let mut body = json!({"class": "not_permitted", "until": "2026-11-03T04:00:00Z", "reason": "works"});
            body.as_object_mut().unwrap().insert(member.to_owned(), serde_json::from_str(value).unwrap());
            read(&body.to_string()).unwrap_err()
        };
        for (member, value, told) in [
            ("class", "\"congested\"", "congestion"),
            ("class", "7", "text"),
            ("class", "null", "a provider or a scope"),
            ("provider", "\"acme\"", "onsip, opentact"),
            ("scope", "\"alice\"", "sip_domain"),
            ("scope", "\"sip_user:alice@example.com\"", "give sip_domain:example.com"),
            ("scope", "\"auth_ip:192.0.2.1\"", "phone_number:"),
            ("until", "\"tomorrow\"", "2026-01-31T17:00:00Z"),
            ("until", "\"2026-11-03T04:00:00\"", "zone"),
            ("until", "\"2026-11-03T01:59:59Z\"", "\"now\""),
            ("until", "\"2026-11-10T02:00:01Z\"", "2026-11-10T02:00:00Z"),
            ("until", "null", "2026-01-31T17:00:00Z"),
            ("reason", "\" \"", "200 characters"),
            ("reason", &format!("{:?}", "x".repeat(201)), "200 characters"),
            ("reason", "\"a\\u202eb\"", "U+202E"),
            ("reason", "\"a\\nb\"", "U+000A"),
            ("untill", "\"now\"", "class, provider, scope, until, reason"),
        ] {
            let error = with(member, value);
            assert!(error.starts_with(&format!("{member}: ")) && error.contains(told), "{member} {value}: {error}");
        }
        assert!(read("[]").unwrap_err().starts_with("the body: "));
        let both = read(r#"{"class": "congestion", "scope": "sip_domain:example.com", "until": "now"}"#);
        assert!(both.unwrap_err().contains("leave scope out"));
    }
}
