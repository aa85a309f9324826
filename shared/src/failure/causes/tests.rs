use super::*;
use crate::failure::{Channel, Evidence, written};

const ORDINARY: Option<FailureClass> = None;

/// What nobody's table but the standards says: the codes of each class.
const Q850_CLASSES: &[(Option<FailureClass>, &[u16])] = &[
    (ORDINARY, &[0, 7, 14, 16, 23, 26, 30, 31, 142, 487, 502, 503, 600, 601, 603, 605, 614]),
    (ORDINARY, &[702, 703, 800, 801, 803, 805, 814]),
    (Some(InvalidNumber), &[1, 2, 3, 4, 5, 22, 28, 90, 91, 610, 617, 810, 817]),
    (Some(Busy), &[17, 615, 815]),
    (Some(NoAnswer), &[18, 19, 20, 602, 606, 607, 612, 802, 806, 807, 812]),
    (Some(Rejected), &[21, 24, 29, 65, 66, 69, 70, 79, 88, 616, 618, 619, 816, 818, 819, 825]),
    (Some(NotPermitted), &[50, 52, 53, 54, 55, 57, 62, 87, 620, 621, 622, 623, 624, 820, 821, 822, 823, 824]),
    (Some(Congestion), &[6, 8, 9, 25, 27, 34, 38, 39, 40, 41, 42, 44, 45, 46, 47, 49, 58, 63]),
    (Some(Congestion), &[95, 96, 97, 98, 99, 100, 101, 102, 103, 110, 111]),
    (Some(Congestion), &[500, 501, 604, 608, 609, 611, 613, 700, 701, 804, 808, 809, 811, 813]),
];

const Q850_DROPS: &[u16] = &[8, 9, 27, 38, 39, 40, 41, 45, 46, 102, 500, 501, 604, 613, 700, 701, 804, 813];

const SIP_CLASSES: &[(Option<FailureClass>, &[u16])] = &[
    (ORDINARY, &[487]),
    (Some(InsufficientBalance), &[402]),
    (Some(NotPermitted), &[401, 403, 407, 428, 429, 433, 436, 437, 438]),
    (Some(InvalidNumber), &[404, 410, 414, 416, 484, 485, 604]),
    (Some(Rejected), &[405, 406, 413, 415, 420, 421, 422, 423, 488, 489, 493, 501, 505, 513, 603, 606, 607, 608]),
    (Some(NoAnswer), &[408, 430, 480]),
    (Some(Busy), &[486, 600]),
    (
        Some(Congestion),
        &[400, 412, 417, 424, 425, 439, 440, 469, 470, 481, 482, 483, 494, 500, 502, 503, 504, 555, 580],
    ),
];

fn class(causes: Vec<Cause>, channel: Channel) -> Option<FailureClass> {
    Evidence { causes, reasons: Vec::new() }.class(channel)
}

fn expected(table: &[(Option<FailureClass>, &[u16])], number: u16) -> Option<FailureClass> {
    table.iter().find(|(_, codes)| codes.contains(&number)).map_or(Some(Unknown), |(class, _)| *class)
}

#[test]
fn every_number_means_what_the_standards_say() {
    for number in 0..1000 {
        let cause = Cause::Q850(number);
        assert_eq!(class(vec![cause], Channel::Call), expected(Q850_CLASSES, number), "{cause}");
        assert_eq!(cause.is_drop(), Q850_DROPS.contains(&number), "{cause}");
        assert_eq!(cause.is_given_up(), number == 487, "{cause}");
        assert_eq!(cause.is_elsewhere(), [26, 502, 605, 702, 805].contains(&number), "{cause}");
        assert_eq!(cause.is_limit(), [602, 802].contains(&number), "{cause}");
    }
    for number in 200..700 {
        let cause = Cause::Sip(number);
        let expected = if number < 400 { ORDINARY } else { expected(SIP_CLASSES, number) };
        assert_eq!(class(vec![cause], Channel::Call), expected, "{cause}");
        assert_eq!(cause.is_given_up(), number == 487, "{cause}");
    }
}

#[test]
fn a_carrier_that_wants_to_be_paid_rejects() {
    assert_eq!(class(vec![Cause::Sip(402)], Channel::Carrier), Some(Rejected));
}

#[test]
fn every_name_is_read_as_its_code_however_it_is_written() {
    for (rows, code) in [(Q850, Cause::Q850 as fn(u16) -> Cause), (FREESWITCH, Cause::Q850)] {
        for (number, name, words, _) in rows {
            let spaced = name.to_lowercase().replace('_', " ");
            for text in [*name, &spaced, &spaced.replace(' ', "-"), words] {
                assert_eq!(named(text), Some(code(*number)), "{text}");
            }
        }
    }
    // Some of SIP's names are FreeSWITCH's too, and mean the same.
    for (number, name, words, meaning) in SIP {
        for text in [*name, words] {
            let cause = named(text).unwrap_or(Cause::Provider(0));
            assert!(cause == Cause::Sip(*number) || super::meaning(cause) == Some(*meaning), "{text}: {cause}");
        }
    }
    assert_eq!(named("UNSPECIFIED"), Some(Cause::Q850(0)));
    assert_eq!(named("LOW_BALANCE"), None);
}

#[test]
fn a_number_of_each_numbering_has_the_same_name() {
    for (old, new) in (500..=503).chain(600..=624).map(|old| (old, old + 200)) {
        assert_eq!(name(Cause::Q850(old)), name(Cause::Q850(new)), "{old}");
        assert!(name(Cause::Q850(old)).is_some(), "{old}");
    }
}

#[test]
fn a_code_is_read_in_every_form_in_which_it_is_written() {
    let (q850, sip) = (Cause::Q850, Cause::Sip);
    for (text, expected) in [
        ("Q.850;cause=34", vec![q850(34)]),
        ("Q.850 ;cause=18", vec![q850(18)]),
        ("q.850; Cause = 17 ; text=\"User busy\"", vec![q850(17)]),
        ("Q850;cause=34;text=\"a, b;cause=16\"", vec![q850(34)]),
        ("sip;cause=503", vec![sip(503)]),
        ("SIP;text=\"Decline\";cause=603", vec![sip(603)]),
        ("SIP;cause=\"486\"", vec![sip(486)]),
        ("SIP;text=\"say \\\"hi\\\";cause=402\";cause=480", vec![sip(480)]),
        ("SIP;cause=480, Q.850;cause=18;text=\"No, sorry\"", vec![sip(480), q850(18)]),
        ("FreeSWITCH;cause=600;text=\"BLIND_TRANSFER\"", vec![q850(600)]),
        ("SIP;cause=200;text=\"Call completed elsewhere\"", vec![q850(26)]),
        ("sip ; text = \"call completed elsewhere\" ; cause = 200", vec![q850(26)]),
        ("SIP;cause=200;text=\"OK\"", vec![sip(200)]),
        ("SIP;cause=480;text=\"Call completed elsewhere\"", vec![sip(480)]),
        ("SIP/2.0 200 Call completed elsewhere", vec![q850(26)]),
        ("200:Call completed elsewhere", vec![q850(26)]),
        ("CALL_COMPLETED_ELSEWHERE", vec![q850(26)]),
        ("completed elsewhere", vec![q850(26)]),
        ("LOSE_RACE", vec![q850(702)]),
        ("SIP;text=\"none\"", vec![]),
        ("sip:486", vec![sip(486)]),
        ("SIP:486", vec![sip(486)]),
        ("q850:17", vec![q850(17)]),
        ("486:Busy Here", vec![sip(486)]),
        ("486 Busy Here", vec![sip(486)]),
        ("SIP/2.0 486 Busy", vec![sip(486)]),
        ("sip 503", vec![sip(503)]),
        ("16 Normal Clearing", vec![q850(16)]),
        ("602 ALLOTTED_TIMEOUT", vec![q850(602)]),
        ("34", vec![q850(34)]),
        ("999", vec![q850(999)]),
        ("normal clearing", vec![q850(16)]),
        ("Busy Here", vec![sip(486)]),
        ("3 attempts made", vec![]),
        ("insufficient balance", vec![]),
        ("99999999", vec![]),
        ("SIP;cause=x", vec![]),
        ("é;cause=34", vec![]),
        ("", vec![]),
    ] {
        assert_eq!(written::read(text, Cause::Q850), expected, "{text:?}");
    }
}

#[test]
fn the_code_that_says_most_counts() {
    for (causes, expected) in [
        // The platform cancels the leg when nobody picks up in time, and the telephone answers 487.
        (vec![Cause::Sip(487), Cause::Q850(19)], Some(NoAnswer)),
        (vec![Cause::Sip(480), Cause::Q850(487)], ORDINARY),
        (vec![Cause::Sip(487), Cause::Q850(16)], ORDINARY),
        (vec![Cause::Sip(486), Cause::Q850(16)], Some(Busy)),
        (vec![Cause::Q850(18), Cause::Q850(805)], ORDINARY),
        (vec![Cause::Q850(127), Cause::Sip(503)], Some(Congestion)),
        (vec![Cause::Q850(21), Cause::Sip(402)], Some(InsufficientBalance)),
    ] {
        assert_eq!(class(causes.clone(), Channel::Call), expected, "{causes:?}");
    }
}

#[test]
fn a_status_that_the_platform_or_a_gateway_made_gives_way_to_the_cause_beside_it() {
    use Cause::{Q850, Sip};
    for (causes, expected) in [
        (vec![Sip(408), Q850(102)], Congestion),
        (vec![Sip(408)], NoAnswer),
        (vec![Sip(408), Q850(18)], NoAnswer),
        (vec![Sip(503), Q850(17)], Busy),
        (vec![Sip(500), Q850(1)], InvalidNumber),
        (vec![Sip(504), Q850(19)], NoAnswer),
        (vec![Sip(502), Q850(27)], Congestion),
        (vec![Sip(503), Q850(3)], InvalidNumber),
        (vec![Sip(503), Q850(20)], NoAnswer),
        (vec![Sip(500), Q850(21)], Rejected),
        (vec![Sip(500), Q850(22)], InvalidNumber),
        (vec![Sip(504), Q850(28)], InvalidNumber),
        (vec![Sip(503), Q850(52)], NotPermitted),
        (vec![Sip(500), Q850(88)], Rejected),
        (vec![Sip(503), Q850(806)], NoAnswer),
        (vec![Sip(503), Q850(38)], Congestion),
        (vec![Sip(503), Q850(127)], Congestion),
        (vec![Sip(504), Q850(102)], Congestion),
        (vec![Sip(503), Q850(34)], Congestion),
        (vec![Sip(503), Q850(41)], Congestion),
        (vec![Sip(503), Q850(16)], Congestion),
        (vec![Sip(503), Q850(31)], Congestion),
        (vec![Sip(403), Q850(21)], NotPermitted),
        (vec![Sip(407), Q850(21)], NotPermitted),
    ] {
        assert_eq!(class(causes.clone(), Channel::Call), Some(expected), "{causes:?}");
    }
}

#[test]
fn further_forms_of_one_code_are_read() {
    for text in [
        "USER_BUSY (17)",
        "User busy (17)",
        "USER_BUSY 17",
        "USER_BUSY:17",
        "user-busy/17",
        "cause=17",
        "Cause: 17",
        "cause 17",
        "0x11",
        "17",
        "0X11",
        "0x0011",
        "17.0",
        "Q850_17",
        "Q.850 17",
        "Q.850 cause 17",
        "q850_cause=17",
        "Q.850;cause=0x11",
        "Cause code: 17",
        "cause_code=17",
        "cause = 17",
        "17 (USER_BUSY)",
        "reason : q.850 ; cause=17",
        "Reason: Q.850;cause=17",
    ] {
        assert_eq!(written::read(text, Cause::Q850), [Cause::Q850(17)], "{text}");
    }
    for text in [
        "Reason: SIP;cause=486",
        "SIP_486",
        "SIP-486",
        "SIP=486",
        "SIP486",
        "sip 486",
        "SIP cause 486",
        "Busy Here (486)",
        "486 (Busy Here)",
        "Reason: SIP/2.0 486 Busy Here",
        "reason: 486 Busy Here",
    ] {
        assert_eq!(written::read(text, Cause::Sip), [Cause::Sip(486)], "{text}");
    }
    for text in [
        "",
        "99999",
        "-1",
        "because",
        "cause",
        "0xZZ",
        "reason:",
        "(17)",
        "0x",
        "17.5",
        ".",
        "sip",
        "sips:17",
        "reasonable: 17 of 20",
        "cause code",
    ] {
        assert_eq!(written::read(text, Cause::Q850), [], "{text}");
    }
}
