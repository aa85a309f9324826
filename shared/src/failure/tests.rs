use super::*;
use FailureClass as F;

fn class(causes: &[Cause], reasons: &[&str], channel: Channel) -> Option<FailureClass> {
    Evidence { causes: causes.to_vec(), reasons: reasons.to_vec() }.class(channel)
}

#[test]
fn codes_show_their_class() {
    let rows: [(F, &[Cause]); 8] = [
        (F::InsufficientBalance, &[Cause::Sip(402), Cause::Provider(402)]),
        (F::NotPermitted, &[Cause::Sip(403), Cause::Provider(406)]),
        (F::Busy, &[Cause::Sip(486), Cause::Sip(600), Cause::Q850(17)]),
        (F::NoAnswer, &[Cause::Sip(408), Cause::Sip(480), Cause::Q850(18), Cause::Q850(19)]),
        (F::Rejected, &[Cause::Sip(603), Cause::Q850(21)]),
        (F::InvalidNumber, &[Cause::Sip(404), Cause::Sip(484), Cause::Sip(604), Cause::Q850(1), Cause::Q850(28)]),
        (F::Congestion, &[Cause::Sip(503), Cause::Q850(34), Cause::Q850(38), Cause::Q850(41), Cause::Q850(47)]),
        (F::Congestion, &[Cause::Q850(42), Cause::Q850(44)]),
    ];
    for (expected, causes) in rows {
        for cause in causes {
            assert_eq!(class(&[*cause], &[], Channel::Call), Some(expected), "{cause}");
        }
    }
}

#[test]
fn four_hundred_and_five_is_the_balance_only_on_messages() {
    assert_eq!(class(&[Cause::Provider(405)], &[], Channel::Message), Some(F::InsufficientBalance));
    assert_eq!(class(&[Cause::Provider(405)], &[], Channel::Call), None);
}

#[test]
fn a_messages_405_is_not_the_balance_where_words_name_something_else() {
    for (words, expected) in [
        ("Absent subscriber", F::Undelivered),
        ("Method not allowed", F::Rejected),
        ("METHOD_NOT_ALLOWED", F::Rejected),
        ("Blocked by carrier", F::NotPermitted),
        ("Invalid destination address", F::InvalidNumber),
        ("Delivery failed: handset unreachable", F::Undelivered),
        ("Insufficient balance", F::InsufficientBalance),
        ("Account is suspended, balance 0.00", F::InsufficientBalance),
        ("Message rejected", F::InsufficientBalance),
        ("Delivery failed", F::InsufficientBalance),
        ("ok", F::InsufficientBalance),
        ("error 17", F::InsufficientBalance),
    ] {
        assert_eq!(class(&[Cause::Provider(405)], &[words], Channel::Message), Some(expected), "{words}");
    }
    assert_eq!(class(&[Cause::Provider(402)], &["Absent subscriber"], Channel::Message), Some(F::InsufficientBalance));
}

#[test]
fn texts_show_their_class() {
    for (text, expected) in [
        ("Insufficient balance", F::InsufficientBalance),
        ("Not enough account balance", F::InsufficientBalance),
        ("INSUFFICIENT_FUNDS", F::InsufficientBalance),
        ("not enough prepaid credit left", F::InsufficientBalance),
        ("Country not permitted", F::NotPermitted),
        ("caller is blacklisted", F::NotPermitted),
        ("USER_BUSY", F::Busy),
        ("NO_USER_RESPONSE", F::NoAnswer),
        ("NO_ANSWER", F::NoAnswer),
        ("CALL_REJECTED", F::Rejected),
        ("UNALLOCATED_NUMBER", F::InvalidNumber),
        ("NORMAL_CIRCUIT_CONGESTION", F::Congestion),
        ("message dropped: queue timeout", F::Congestion),
        ("Time-out in queue", F::Congestion),
        ("Payment required", F::InsufficientBalance),
        ("no permission for this country", F::NotPermitted),
        ("Message undelivered", F::Undelivered),
    ] {
        assert_eq!(class(&[], &[text], Channel::Call), Some(expected), "{text}");
    }
}

#[test]
fn the_texts_of_success_are_no_failure() {
    for text in [
        "NORMAL_CLEARING",
        "Message sent",
        "delivered",
        "New balance is 873.0604",
        "OK",
        "sufficient balance",
        "permission verified",
    ] {
        assert_eq!(class(&[], &[text], Channel::Message), None, "{text}");
    }
    for code in [0, 16] {
        assert_eq!(class(&[Cause::Q850(code)], &[], Channel::Call), None);
    }
}

#[test]
fn a_message_that_finds_no_handset_is_undelivered() {
    for text in ["Delivery failed: handset unreachable", "Absent subscriber", "The phone is switched off"] {
        assert_eq!(class(&[], &[text], Channel::Message), Some(F::Undelivered), "{text}");
        assert_eq!(class(&[], &[text], Channel::Carrier), Some(F::NoAnswer), "{text}");
    }
}

#[test]
fn the_balance_wins_then_codes_then_text() {
    let balance = ["Insufficient balance"];
    assert_eq!(class(&[Cause::Q850(21)], &balance, Channel::Call), Some(F::InsufficientBalance));
    assert_eq!(class(&[Cause::Q850(17)], &["CALL_REJECTED"], Channel::Call), Some(F::Busy));
    assert_eq!(class(&[Cause::Q850(16)], &["CALL_REJECTED"], Channel::Call), Some(F::Rejected));
}

#[test]
fn the_providers_words_are_kept_within_bounds() {
    let long = "é".repeat(1000);
    let failure = Evidence { causes: vec![Cause::Q850(16), Cause::Sip(402)], reasons: vec![&long] }
        .failure(F::Unknown, Channel::Call);
    assert_eq!(failure.reason.as_deref().map(str::len), Some(MAX_REASON));
    assert_eq!(failure.code, Some(Cause::Sip(402)));
}

#[test]
fn a_cause_survives_being_written_and_read() {
    for cause in [Cause::Q850(16), Cause::Sip(402), Cause::Provider(405)] {
        assert_eq!(cause.to_string().parse(), Ok(cause));
    }
}
