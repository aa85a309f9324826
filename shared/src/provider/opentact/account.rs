//! What concerns the account itself: its balance, and who signs in.
//!
//! A balance has no id and no account; several come for one call, in any order. The amount stays in the body.

use crate::entity::{Category, Entity, EntityKind, Pair};
use crate::event::Event;
use crate::json::Json;
use crate::key::EventId;
use crate::name::Family;
use crate::provider::opentact::Envelope;

/// The type of an event that tells a balance.
pub(super) const BALANCE: &str = "balance";

/// Whether the event tells a balance.
pub(in crate::provider) fn tells_balance(event: &Event) -> bool {
    event.kind == BALANCE
}

/// The amount that a balance's body tells: a number, or a text of one as JSON writes it.
pub(in crate::provider) fn balance<'j>(body: &'j Json<'_>) -> Option<&'j str> {
    match body.get("payload")? {
        Json::Number(amount) => Some(amount.written()),
        Json::String(amount) => {
            let amount = amount.trim();
            matches!(Json::read(amount), Ok(Json::Number(_))).then_some(amount)
        }
        _ => None,
    }
}

/// The account that a body names, wherever its shape has it.
pub(super) fn of(body: &Json<'_>) -> Option<Entity> {
    const PLACES: [&[&str]; 5] = [
        &["account"],
        &["call", "account"],
        &["payload", "account"],
        &["payload", "call", "account"],
        &["data", "payload", "account"],
    ];
    let uuid = |account: &Json<'_>| {
        let uuid = account.text("uuid").or_else(|| account.as_text())?;
        Entity::new(EntityKind::Account, uuid).ok()
    };
    PLACES.iter().filter_map(|path| body.at(path)).find_map(uuid)
}

pub(super) fn read(envelope: &Envelope<'_, '_>) -> Event {
    let identity = envelope.body.digest_without(&[]);
    let mut event =
        envelope.event(EventId::new(envelope.alone(&identity), envelope.made_at, &identity), Family::Account);
    if tells_balance(&event) && balance(envelope.body).is_none() {
        // What it is instead stays in the body: it may be a balance.
        event.warnings.push("the balance is no number".to_owned());
    }
    let category = if envelope.kind == BALANCE { Category::Balance } else { Category::Auth };
    event.others.extend(event.account.iter().cloned().map(|entity| Pair { entity, category }));
    event
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::store::{Shards, pointer};

    /// Calls and messages in each shape, with that account.
    fn bodies(account: &str) -> [String; 7] {
        [
            format!(r#"{{"uuid":"e","type":"call_state","account":{account},"call":{{"uuid":"l","state":"init"}}}}"#),
            format!(r#"{{"uuid":"e","type":"call_state","call":{{"uuid":"l","state":"init","account":{account}}}}}"#),
            format!(r#"{{"type":"call_state","payload":{{"uuid":"l","state":"init","account":{account}}}}}"#),
            format!(r#"{{"uuid":"l","from":"","to":"","state":"init","account":{account}}}"#),
            format!(r#"{{"type":"call_flow","payload":{{"call":{{"uuid":"l","account":{account}}}}}}}"#),
            format!(r#"{{"type":"sms","payload":{{"uuid":"m","state":"sent","account":{account}}}}}"#),
            format!(
                r#"{{"data":{{"event_type":"message.sent","id":"d","payload":{{"id":"m","account":{account}}}}}}}"#
            ),
        ]
    }

    fn event(body: &str) -> Event {
        crate::provider::opentact::read(&Json::read(body).unwrap(), Timestamp::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn a_call_or_message_names_its_account_and_is_not_found_by_it() {
        for written in [r#"{"uuid":"a1","balance":8.5}"#, r#""a1""#] {
            for body in bodies(written) {
                let event = event(&body);
                assert_eq!(event.account.as_ref().unwrap().to_string(), "account:a1", "{body}");
                assert!(event.pairs().is_empty(), "{body}");
                assert!(pointer::pointers(&event, Shards::default(), None).is_empty(), "{body}");
            }
        }
        for none in ["null", "{}", r#""""#, "[]"] {
            assert!(bodies(none).iter().all(|body| event(body).account.is_none()), "{none}");
        }
    }

    #[test]
    fn a_balance_in_another_form_than_a_number_is_a_warning_that_does_not_repeat_it() {
        for (payload, amount) in [
            ("873.0604", Some("873.0604")),
            ("-1e2", Some("-1e2")),
            (r#"" 12.5 ""#, Some("12.5")),
            (r#""12,5""#, None),
            (r#""12.5 USD""#, None),
            (r#"" ""#, None),
            (r#"{"balance":12.5}"#, None),
            ("[12.5]", None),
            ("null", None),
        ] {
            let body = format!(r#"{{"type":"balance","payload":{payload}}}"#);
            assert_eq!(balance(&Json::read(&body).unwrap()), amount, "{payload}");
            let warnings = if amount.is_some() { vec![] } else { vec!["the balance is no number".to_owned()] };
            assert_eq!(event(&body).warnings, warnings, "{payload}");
        }
    }

    #[test]
    fn an_order_a_balance_and_a_sign_in_are_found_by_their_account() {
        for kind in ["tn_order", "balance", "auth"] {
            let event =
                event(&format!(r#"{{"type":"{kind}","payload":{{"state":"created"}},"account":{{"uuid":"a1"}}}}"#));
            assert_eq!(event.account, event.others.first().map(|pair| pair.entity.clone()), "{kind}");
            assert!(event.account.is_some(), "{kind}");
        }
    }
}
