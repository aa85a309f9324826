//! Valid events give no warning, and each single breach of a rule gives the one that names it.

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value, json};

use super::*;

fn warnings(body: &Value) -> Vec<String> {
    let text = body.to_string();
    crate::provider::onsip::read(&Json::read(&text).unwrap(), Timestamp::UNIX_EPOCH).unwrap().warnings
}

/// Any string, what a party looks like more often than chance has it.
fn string() -> impl Strategy<Value = String> {
    prop_oneof![
        r"\PC{0,30}",
        select(vec!["", "0*#", "sip:+12025550101@jnctn.net", "sip:menu@example.onsip.com", "anonymous"])
            .prop_map(str::to_owned),
    ]
}

fn time() -> impl Strategy<Value = String> {
    (0i64..253_000_000_000_000_000, any::<bool>()).prop_map(|(at, offset)| {
        let text = Timestamp::from_microsecond(at).unwrap().to_string();
        if offset { text.replace('Z', "+00:00") } else { text }
    })
}

/// Members that no rule names.
fn further() -> impl Strategy<Value = Vec<(String, Value)>> {
    let value = select(vec![json!(null), json!(7), json!(true), json!("text"), json!([1]), json!({"id": 1})]);
    prop::collection::vec(("x[a-z]{1,8}", value), 0..4)
}

/// A valid event, and the type it is of.
fn valid() -> impl Strategy<Value = (&'static Kind, Value)> {
    let strings = prop::collection::vec(string(), 8);
    let optional = prop::collection::vec(any::<bool>(), 2);
    let envelope = (r"\PC{1,40}", string(), string(), time());
    (0..KINDS.len(), envelope, strings, optional, further(), further()).prop_map(
        |(kind, (id, stream, subscription, time), strings, optional, around, within)| {
            let kind = Kind::named(KINDS[kind].name).unwrap();
            let optional = kind.optional.iter().zip(optional).filter_map(|(name, there)| there.then_some(name));
            let named = kind.required.iter().chain(optional).zip(strings);
            let named = named.map(|(name, text)| ((*name).to_owned(), json!(text)));
            let payload: Map<_, _> = named.chain(within).collect();
            let mut body = json!({"id": id, "streamId": stream, "subscriptionId": subscription, "createdAt": time,
                "type": kind.name, "payload": payload});
            body.as_object_mut().unwrap().extend(around);
            (kind, body)
        },
    )
}

/// The event with that member changed, or without it.
fn with(body: &Value, path: &str, value: Option<&Value>) -> Value {
    let mut body = body.clone();
    let (within, name) = path.split_once('.').map_or((None, path), |(within, name)| (Some(within), name));
    let object = if let Some(within) = within { &mut body[within] } else { &mut body };
    let members = object.as_object_mut().unwrap();
    match value {
        Some(value) => drop(members.insert(name.to_owned(), value.clone())),
        None => drop(members.remove(name)),
    }
    body
}

/// Every single change that breaks a rule, with the warning that names it.
fn broken(kind: &Kind, body: &Value) -> Vec<(Value, String)> {
    let within = |names: &[&str]| names.iter().map(|name| format!("payload.{name}")).collect::<Vec<_>>();
    let required: Vec<_> = ENVELOPE.iter().map(|name| (*name).to_owned()).chain(within(kind.required)).collect();
    let mut broken: Vec<_> = required
        .iter()
        .chain([&"payload".to_owned()])
        .map(|path| (with(body, path, None), format!("no {path}")))
        .collect();
    for path in required.iter().chain(&within(kind.optional)) {
        for value in [json!(null), json!(7), json!(false), json!(["text"]), json!({"text": "text"})] {
            broken.push((with(body, path, Some(&value)), format!("{path} is no string")));
        }
    }
    for value in [json!(null), json!(7), json!(false), json!([]), json!("")] {
        broken.push((with(body, "payload", Some(&value)), "payload is no object".to_owned()));
    }
    for (path, value, warning) in [
        ("type", "call.dialog.paused", "unknown type call.dialog.paused"),
        ("type", "", "no type"),
        ("createdAt", "soon", "createdAt is no time"),
        ("createdAt", "", "createdAt is no time"),
    ] {
        broken.push((with(body, path, Some(&json!(value))), warning.to_owned()));
    }
    broken
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(17), failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn a_valid_event_is_not_warned_of_and_each_breach_is_by_its_name((kind, body) in valid()) {
        prop_assert_eq!(warnings(&body), Vec::<String>::new(), "{}", body);
        for (body, warning) in broken(kind, &body) {
            prop_assert_eq!(warnings(&body), [warning], "{}", body);
        }
    }
}

#[test]
fn the_rules_are_those_of_the_reference() {
    for (types, required, optional) in [
        ("call.dialog. created requested confirmed answered referred terminated failed", "callId fromUri toUri", ""),
        ("call.recording. uploaded", "service", "bucket key"),
        ("app.attendant-menu. started abandoned", "fromUri toUri", "callId"),
        ("app.attendant-menu. transferred", "entry fromUri toUri referTo", "callId"),
        ("app.attendant-menu. invalid-dtmf", "entry fromUri toUri", "callId"),
    ] {
        let (prefix, names) = types.split_once(' ').unwrap();
        for name in names.split(' ') {
            let kind = Kind::named(&format!("{prefix}{name}")).unwrap();
            assert_eq!(
                (kind.required.join(" "), kind.optional.join(" ")),
                (required.to_owned(), optional.to_owned()),
                "{name}"
            );
        }
    }
}
