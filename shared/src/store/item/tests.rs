//! Items and events, there and back.

use super::*;
use crate::access::tests::verified;
use crate::name::Provider;
use crate::provider::tests::samples;
use crate::provider::{Reading, read};

#[test]
fn every_sample_comes_back_from_its_item_as_it_was() {
    for (name, event, body) in samples() {
        let content = verified(event.provider(), &body).content().clone();
        let item = of_event(&event, &content, Shards::default(), Retention::Days(30));
        assert_eq!(super::event(&item).unwrap(), event, "{name}");
        assert_eq!(super::body(&item).unwrap().0, body, "{name}");
        assert!(!is_expired(&item, event.received_at), "{name}");
        let end = event.received_at + jiff::SignedDuration::from_hours(30 * 24);
        assert!(is_expired(&item, end), "{name}");
    }
}

#[test]
fn an_item_of_before_forms_is_of_the_first_and_one_of_a_later_form_is_not_read() {
    let (_, event, body) = samples().into_iter().next().unwrap();
    let content = verified(event.provider(), &body).content().clone();
    let mut item = of_event(&event, &content, Shards::default(), Retention::Forever);
    for (form, is_read) in [(Some("1"), true), (None, true), (Some("2"), false)] {
        let Some(AttributeValue::M(summary)) = item.get_mut(SUMMARY) else { panic!("no summary") };
        summary.remove(FORM);
        summary.extend(form.map(|form| (FORM.to_owned(), AttributeValue::S(form.to_owned()))));
        assert_eq!(super::event(&item).is_ok(), is_read, "{form:?}");
    }
}

#[test]
fn a_caller_who_is_not_named_at_all_is_withheld_also_after_it_was_stored() {
    for (provider, body) in [
        (
            Provider::Onsip,
            r#"{"id":"1","type":"call.dialog.created","payload":{"callId":"c","fromUri":"","toUri":"7001"}}"#,
        ),
        (
            Provider::Opentact,
            r#"{"uuid":"w","type":"call_state","call":{"uuid":"w-a","state":"init","from":"","to":"alice"}}"#,
        ),
    ] {
        let delivery = verified(provider, body.as_bytes());
        let Ok(Reading::Event(event)) = read(&delivery, &crate::provider::OwnDomains::default()) else {
            panic!("{body}")
        };
        assert!(event.from.as_ref().is_some_and(Party::is_withheld), "{event:?}");
        let item = of_event(&event, delivery.content(), Shards::default(), Retention::Forever);
        assert_eq!(super::event(&item).unwrap(), *event);
    }
}

#[test]
fn an_index_row_says_all_but_the_body() {
    for (name, event, body) in samples() {
        let content = verified(event.provider(), &body).content().clone();
        let mut row = of_event(&event, &content, Shards::default(), Retention::Forever);
        let named = |name: &str| ["pk", "sk", SEEN].contains(&name) || PROJECTED.contains(&name);
        row.retain(|name, _| named(name));
        let expected = Event { content: None, ..event };
        assert_eq!(super::event(&row).unwrap(), expected, "{name}");
        assert!(size(&row) <= 1024, "{name}: a row of {} bytes", size(&row));
    }
}

#[test]
fn an_onsip_event_is_one_write_unit_and_an_opentact_leg_at_most_two() {
    for (name, event, body) in samples() {
        // The samples are indented; the platforms send JSON without white space.
        let body = serde_json::to_vec(&serde_json::from_slice::<serde_json::Value>(&body).unwrap()).unwrap();
        let content = verified(event.provider(), &body).content().clone();
        let units = size(&of_event(&event, &content, Shards::default(), Retention::Days(30))).div_ceil(1024);
        let most = if name.starts_with("onsip") { 1 } else { 2 };
        assert!(units <= most, "{name}: {units}");
    }
}

#[test]
fn what_lists_show_of_details_takes_no_write_unit_more_but_where_much_is_said() {
    // Orders with numbers that were refused, each with its reason, and a message with a warning.
    let much = [
        "opentact-message.finalized-not-known",
        "opentact-tn_order-failed",
        "opentact-tn_order-failed-insufficient-balance",
        "opentact-tn_order-success-with-rejected",
    ];
    let mut detailed = 0;
    for (name, event, body) in samples() {
        let body = serde_json::to_vec(&serde_json::from_slice::<serde_json::Value>(&body).unwrap()).unwrap();
        let content = verified(event.provider(), &body).content().clone();
        let units =
            |event: &Event| size(&of_event(event, &content, Shards::default(), Retention::Days(30))).div_ceil(1024);
        let more = units(&event) - units(&Event { details: None, ..event.clone() });
        assert_eq!(more, usize::from(much.contains(&name.as_str())), "{name}");
        detailed += usize::from(event.details.is_some());
    }
    assert!(detailed > 20, "{detailed}");
}

#[test]
fn any_body_fits_into_an_item_and_comes_back_to_the_byte() {
    let (_, event, _) = samples().remove(0);
    let noise = |n: usize| (0..n as u64).map(|i| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8);
    for body in [vec![b'a'; MAX_BODY], noise(MAX_BODY).collect::<Vec<u8>>(), vec![0xff; 3000], noise(900).collect()] {
        let content = verified(event.provider(), &body).content().clone();
        let item = of_event(&event, &content, Shards::default(), Retention::Forever);
        assert!(size(&item) < 400 * 1024);
        assert_eq!(super::body(&item).unwrap().0, body);
    }
}

#[test]
fn an_item_of_another_form_is_told_by_its_attribute() {
    let (_, event, body) = samples().remove(0);
    let content = verified(event.provider(), &body).content().clone();
    for name in ["pk", "sk", SEEN, SUMMARY, "failure", "from_domain"] {
        let mut item = of_event(&event, &content, Shards::default(), Retention::Forever);
        item.insert(name.to_owned(), AttributeValue::S("?".to_owned()));
        assert!(super::event(&item).is_err(), "{name}");
    }
}
