use serde_json::json;

use super::*;

const NOW: &str = "2026-11-02T16:31:00Z";

fn shown(call: Value, width: Option<usize>) -> String {
    drawn(&serde_json::from_value(call).unwrap(), NOW.parse().unwrap(), width)
}

#[test]
fn a_call_is_named_by_either_address_or_by_its_id_and_the_stacks() {
    let place = |call: &str, url: Option<&str>| {
        let showing = Showing { call: call.to_owned(), url: url.map(str::to_owned) };
        let (url, id) = showing.place();
        format!("{url} {id}")
    };
    for address in ["calls/onsip.call.1", "console/calls/onsip.call.1", "console/calls/onsip.call.1?event=x#legs"] {
        assert_eq!(
            place(&format!("https://a.example.com/v1/{address}"), None),
            "https://a.example.com/v1 onsip.call.1"
        );
    }
    assert_eq!(place("onsip.call.1", Some("https://b.example.com")), "https://b.example.com onsip.call.1");
}

fn leg(from: &str, to: &str, times: [Option<&str>; 3]) -> Value {
    let at = |second: Option<&str>| second.map(|second| format!("2026-11-02T16:30:{second}Z"));
    let [started, answered, ended] = times.map(at);
    json!({
        "state": "ended", "direction": null, "from": {"raw": "x", "entity": format!("sip_user:{from}")},
        "to": {"raw": to, "entity": null}, "startedAt": started, "rangAt": null, "answeredAt": answered,
        "endedAt": ended, "ringSeconds": null, "talkSeconds": null, "cause": null, "causeName": null, "failure": null,
    })
}

/// An answered call of those legs, from 16:30:00 to 16:30:59.
fn call(legs: &[Value]) -> Value {
    json!({
        "id": "opentact.call.1", "outcome": "answered", "startedAt": "2026-11-02T16:30:00Z",
        "endedAt": "2026-11-02T16:30:59Z", "endedBy": "caller", "failure": null, "warnings": [], "legs": legs,
        "menu": [], "recordings": [], "events": [], "alert": null, "leftOut": null,
    })
}

#[test]
fn legs_are_lines_on_one_axis_and_what_a_provider_wrote_steers_no_terminal() {
    let mut failed = leg("alice@example.com", "+1202\u{1b}[2J", [Some("00"), None, Some("24")]);
    failed["cause"] = json!("q850:34");
    failed["causeName"] = json!("no circuit available");
    failed["failure"] = json!({"class": "congestion", "reason": null});
    let mut talked = leg("alice@example.com", "bob", [Some("24"), Some("48"), Some("59")]);
    talked["direction"] = json!("out");
    talked["rangAt"] = json!("2026-11-02T16:30:36Z");
    talked["ringSeconds"] = json!(12.0);
    talked["talkSeconds"] = json!(11.0);
    let mut call = call(&[failed, talked]);
    call["menu"] = json!([{"type": "menu.entry", "at": "2026-11-02T16:30:00Z", "entry": "1"}]);
    call["recordings"] = json!([{"at": null}]);
    call["alert"] = json!({"subject": "12 calls failed", "recordedAt": NOW});
    call["events"] = json!([
        {"type": "referred", "family": "call", "status": "transferred", "occurredAt": "2026-11-02T16:30:59Z"}]);
    let lines = [
        "answered  opentact.call.1".to_owned(),
        "2026-11-02 16:30:00 UTC (1m ago)".to_owned(),
        "ended by the caller".to_owned(),
        "told: 12 calls failed (0s ago)".to_owned(),
        String::new(),
        "  0 s       10 s      20 s      30 s      40 s      50 s  59 s".to_owned(),
        "alice@example.com \u{2192} +1202\u{FFFD}[2J".to_owned(),
        format!("  {}|{}", ".".repeat(24), " ".repeat(35)).trim_end().to_owned(),
        "  ended: q850:34, no circuit available (congestion)".to_owned(),
        "out  alice@example.com \u{2192} bob".to_owned(),
        format!("  {}{}{}{}|", " ".repeat(24), ".".repeat(12), "~".repeat(12), "=".repeat(11)),
        "  rang 12 s, talked 11 s".to_owned(),
        format!("  {}  recording", " ".repeat(60)),
        format!("  ^{}  menu.entry \"1\"", " ".repeat(59)),
        format!("  {}^  referred", " ".repeat(59)),
    ];
    assert_eq!(shown(call, Some(80)), lines.join("\n"));
}

#[test]
fn words_stand_behind_a_bar_where_the_terminal_has_room_and_no_bar_is_wider_than_it() {
    let one = call(&[leg("alice@example.com", "bob", [Some("00"), None, Some("59")])]);
    let widest = |width| {
        let text = shown(one.clone(), width);
        text.lines().filter(|line| line.starts_with("  ")).map(str::len).max().unwrap()
    };
    assert!(shown(one.clone(), None).contains("|  ended"));
    assert_eq!([widest(Some(80)), widest(Some(40)), widest(Some(1))], [69, 40, 7]);
}

#[test]
fn a_call_in_progress_goes_on_and_an_end_of_which_nobody_told_is_marked() {
    let open = call(&[leg("a", "b", [Some("00"), Some("20"), None])]);
    assert!(shown(open.clone(), None).contains("==?  ended"), "{}", shown(open.clone(), None));
    let mut going = open;
    going["endedAt"] = json!(null);
    assert!(shown(going, None).contains("==>  ended"));
}

#[test]
fn a_long_talk_is_broken_and_says_how_long_it_was() {
    let mut long = call(&[leg("a", "b", [Some("00"), Some("10"), None])]);
    long["legs"][0]["endedAt"] = json!("2026-11-02T17:30:10Z");
    long["endedAt"] = json!("2026-11-02T17:30:10Z");
    let text = shown(long, None);
    assert!(text.contains("==//==") && text.ends_with("// 1:00:00 without a change, drawn shorter"), "{text}");
}

#[test]
fn a_name_stands_beside_its_entity_and_steers_no_terminal() {
    let mut named = call(&[leg("alice@example.com", "bob", [Some("00"), None, Some("59")])]);
    named["names"] = json!({"sip_user:alice@example.com": "Alice\u{1b}[2J", "sip_user:bob": "Bob"});
    let text = shown(named, None);
    assert!(text.contains("alice@example.com (Alice\u{FFFD}[2J) \u{2192} bob\n"), "{text}");
}
