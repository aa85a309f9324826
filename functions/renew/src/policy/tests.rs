//! Lists, and what is done with them.

use jiff::Timestamp;

use super::*;

const URL: &str = "https://example.com/v1/webhooks/onsip/call";
const NAME: &str = "trunkline-us-east-1-123456789012-trunkline";

fn wanted() -> Wanted {
    Wanted { name: NAME.to_owned(), url: URL.to_owned(), token: Secret::new("t0ken") }
}

fn bare(id: &str) -> Subscription {
    Subscription { id: id.to_owned(), target: None, name: None }
}

fn to(id: &str, target: &str) -> Subscription {
    Subscription { target: Some(Secret::new(target)), ..bare(id) }
}

fn named(id: &str, name: &str) -> Subscription {
    Subscription { name: Some(name.to_owned()), ..bare(id) }
}

fn knowing(id: &str) -> Renewal {
    let target = Policy::new(&wanted()).digest().to_owned();
    Renewal { subscription: Some(Known { id: id.to_owned(), target }), ..Renewal::default() }
}

/// What an Add is found to have made, after those.
fn added(before: &[&str], listed: &[Subscription]) -> Option<Known> {
    let before = before.iter().map(|id| (*id).to_owned()).collect();
    Policy::new(&wanted()).added(listed, &Adding { before, target: "digest".to_owned() })
}

/// What is kept and what is dropped.
fn plan(listed: &[Subscription], known: &Renewal, refused: &[&str]) -> (Option<String>, Vec<String>) {
    let refused = refused.iter().map(|id| (*id).to_owned()).collect();
    let Plan { keep, drop } = Policy::new(&wanted()).plan(listed, known, &refused);
    (keep, drop)
}

fn expected(keep: &str, drop: &[&str]) -> (Option<String>, Vec<String>) {
    (Some(keep.to_owned()).filter(|id| !id.is_empty()), drop.iter().map(|id| (*id).to_owned()).collect())
}

#[test]
fn ours_is_what_we_remember_then_what_has_our_url_then_what_has_our_name() {
    let right = format!("{URL}?token=t0ken");
    let (other, masked) = ("https://example.org/hook?token=t0ken", format!("{URL}?token=******"));
    for (listed, known, keep, drop) in [
        (vec![], Renewal::default(), "", &[][..]),
        (vec![bare("1"), bare("2")], Renewal::default(), "", &[]),
        (vec![bare("1"), bare("2")], knowing("2"), "2", &[]),
        (vec![bare("1")], knowing("2"), "", &[]),
        (vec![to("1", other), to("2", &right)], Renewal::default(), "2", &[]),
        // Another token, or one that nobody shows: a new one must be added first.
        (vec![to("1", &format!("{URL}?token=old"))], Renewal::default(), "", &["1"]),
        (vec![to("1", &masked)], Renewal::default(), "", &["1"]),
        (vec![to("1", &masked)], knowing("1"), "1", &[]),
        (vec![to("1", URL)], knowing("1"), "1", &[]),
        (vec![to("1", &format!("{URL}/other?token=t0ken"))], Renewal::default(), "", &[]),
        (vec![named("1", NAME), named("2", "trunkline")], Renewal::default(), "", &["1"]),
        (vec![named("1", NAME)], knowing("1"), "1", &[]),
    ] {
        assert_eq!(plan(&listed, &known, &[]), expected(keep, drop), "{listed:?}");
    }
}

#[test]
fn of_the_one_that_we_remember_a_list_need_not_show_the_url_as_it_was_sent() {
    for shown in [
        format!("{URL}?token=t0***"),
        format!("{URL}?token=[FILTERED]"),
        format!("{URL}?token=%2A%2A%2A"),
        format!("{URL}?token=REDACTED"),
        format!("{URL}?token=…"),
        format!("{URL}?a=b&token=t0ken"),
        "https://EXAMPLE.com:443/v1/webhooks/onsip/call?token=t0ken".to_owned(),
    ] {
        assert_eq!(plan(&[to("1", &shown)], &knowing("1"), &[]), expected("1", &[]), "{shown}");
    }
    let shouted = "https://EXAMPLE.com:443/v1/webhooks/onsip/call?token=***";
    assert_eq!(added(&[], &[to("1", shouted)]).map(|known| known.id).as_deref(), Some("1"));
}

#[test]
fn of_two_of_ours_the_younger_is_kept() {
    let right = |id: &str| to(id, &format!("{URL}?token=t0ken"));
    assert_eq!(plan(&[right("9"), right("10")], &knowing("9"), &[]), expected("10", &["9"]));
    assert_eq!(plan(&[right("10"), right("9")], &knowing("9"), &[]), expected("10", &["9"]));
    assert_eq!(plan(&[right("b"), right("a")], &Renewal::default(), &[]), expected("a", &["b"]));
}

#[test]
fn what_was_refused_or_retired_is_kept_no_more() {
    let right = |id: &str| to(id, &format!("{URL}?token=t0ken"));
    assert_eq!(plan(&[right("1"), right("2")], &knowing("2"), &["2"]), expected("1", &["2"]));
    assert_eq!(plan(&[bare("1")], &knowing("1"), &["1"]), expected("", &["1"]));
    let retired = Renewal { retired: [("1".to_owned(), Timestamp::UNIX_EPOCH)].into(), ..knowing("2") };
    assert_eq!(plan(&[bare("1"), bare("2"), bare("3")], &retired, &[]), expected("2", &["1"]));
}

#[test]
fn an_add_that_told_no_id_made_the_one_that_was_not_there_before() {
    let known = |id: &str| Some(Known { id: id.to_owned(), target: "digest".to_owned() });
    assert_eq!(added(&["1"], &[bare("1"), bare("2")]), known("2"));
    assert_eq!(added(&["1"], &[bare("1")]), None);
    // Of two nobody knows which, and somebody else's is never touched.
    assert_eq!(added(&["1"], &[bare("1"), bare("2"), bare("3")]), None);
    assert_eq!(added(&["1"], &[bare("1"), named("2", "somebody's"), named("3", NAME)]), known("3"));
}

#[test]
fn a_changed_url_or_token_is_another_digest() {
    let old = Wanted { token: Secret::new("old"), ..wanted() };
    let known = Known { id: "1".to_owned(), target: Policy::new(&old).digest().to_owned() };
    let known = Renewal { subscription: Some(known), ..Renewal::default() };
    assert_eq!(plan(&[bare("1")], &known, &[]), expected("", &["1"]));
}
