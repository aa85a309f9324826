//! Whether an item names somebody, and what is to become of it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use shared::store::item::{self, Item};
use shared::store::nameless;

use super::written::Written;

/// What is to become of an item that names somebody.
#[derive(Debug, PartialEq)]
pub(super) enum Fate {
    /// It stays, in this form.
    Rewritten(Item),
    /// It goes: it says nothing else, or its key is what names somebody.
    Deleted,
}

impl Written {
    /// Whether an item names it, anywhere.
    pub(super) fn is_named(&self, item: &Item) -> bool {
        let body = || item::body(item).is_ok_and(|(body, _)| self.is_in(&String::from_utf8_lossy(&body)));
        item.values().any(|value| self.is_within(value)) || body()
    }

    fn is_within(&self, value: &AttributeValue) -> bool {
        match value {
            AttributeValue::S(text) => self.is_in(text),
            AttributeValue::Ss(texts) => texts.iter().any(|text| self.is_in(text)),
            AttributeValue::L(values) => values.iter().any(|value| self.is_within(value)),
            AttributeValue::M(members) => members.iter().any(|(name, value)| self.is_in(name) || self.is_within(value)),
            _ => false,
        }
    }

    /// What becomes of an item of the events table; None where it names nobody.
    pub(super) fn of_event(&self, item: &Item, now: Timestamp) -> Option<Fate> {
        let left = || nameless(item, now).filter(|left| !self.is_named(left));
        self.is_named(item).then(|| left().map_or(Fate::Deleted, Fate::Rewritten))
    }

    /// What becomes of an item of the alerts table: it may be about others too, so that something stands in the place of the name.
    pub(super) fn of_alert(&self, item: &Item, _: Timestamp) -> Option<Fate> {
        let key = item.get("pk").is_some_and(|key| self.is_within(key));
        let without = || item.iter().map(|(name, value)| (name.clone(), self.without(value))).collect();
        self.is_named(item).then(|| if key { Fate::Deleted } else { Fate::Rewritten(without()) })
    }

    fn without(&self, value: &AttributeValue) -> AttributeValue {
        let text = |text: &String| self.erased(text).unwrap_or_else(|| text.clone());
        match value {
            AttributeValue::S(of) => AttributeValue::S(text(of)),
            AttributeValue::Ss(of) => {
                let mut texts: Vec<_> = of.iter().map(text).collect();
                texts.sort();
                texts.dedup();
                AttributeValue::Ss(texts)
            }
            AttributeValue::L(values) => AttributeValue::L(values.iter().map(|value| self.without(value)).collect()),
            AttributeValue::M(members) => {
                let member = |(name, value): (&String, &AttributeValue)| (text(name), self.without(value));
                AttributeValue::M(members.iter().map(member).collect::<HashMap<_, _>>())
            }
            other => other.clone(),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test's own values")]
mod tests {
    use super::*;

    fn written() -> Written {
        Written::of(&"phone_number:12025550101".parse().unwrap()).unwrap()
    }

    fn item(attributes: &[(&str, AttributeValue)]) -> Item {
        attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    fn text(text: &str) -> AttributeValue {
        AttributeValue::S(text.to_owned())
    }

    #[test]
    fn what_an_alert_says_of_others_stays() {
        let both = AttributeValue::Ss(vec!["phone_number:12025550101".to_owned(), "account:1".to_owned()]);
        let alert = item(&[("pk", text("x")), ("text", text("+1 202-555-0101 was busy, 486")), ("entities", both)]);
        let others = AttributeValue::Ss(vec!["account:1".to_owned(), "phone_number:9999999".to_owned()]);
        let left = item(&[("pk", text("x")), ("text", text("+9999999 was busy, 486")), ("entities", others)]);
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(written().of_alert(&alert, now), Some(Fate::Rewritten(left.clone())));
        assert_eq!(written().of_alert(&left, now), None);
        let incident = item(&[("pk", text("incident#busy#call#call/phone_number:12025550101"))]);
        assert_eq!(written().of_alert(&incident, now), Some(Fate::Deleted));
    }

    #[test]
    fn an_event_that_only_its_key_would_name_goes() {
        let key =
            [("pk", text("onsip.call.12025550101")), ("sk", text("20260111T211058735641Z~aaaaaaaaaaaaaaaaaaaaaa"))];
        assert_eq!(written().of_event(&item(&key), Timestamp::UNIX_EPOCH), Some(Fate::Deleted));
        let counts = [("pk", text("counts")), ("n", AttributeValue::N("12025550101".to_owned()))];
        assert_eq!(written().of_event(&item(&counts), Timestamp::UNIX_EPOCH), None);
    }
}
