//! Where Opentact says why something failed. The field is not published: it is looked for wherever it was seen.

use crate::failure::{Cause, Channel, Evidence, FailureClass};
use crate::json::Json;

/// The fields that give a reason in words, the most telling first.
const REASONS: [&str; 4] = ["reason", "failure_reason", "release_cause_from_protocol_stack", "q850_cause_string"];

/// What the levels of a call event show. Of a `message` (`CallSCA in +1… > +1… - failed: reason`) only that part counts
/// that names no parties, and only what it shows: it is mere description on every other event. On a call that `failed` it
/// is asked for any class, else for the balance alone.
pub(super) fn of_call<'e>(levels: &[&'e Json<'_>], failed: bool) -> Evidence<'e> {
    let mut reasons = words(levels);
    let codes = |names: &'static [&'static str]| levels.iter().flat_map(move |level| number(level, names));
    let mut causes: Vec<Cause> =
        codes(&["sip_code", "code"]).filter(|n| (300..700).contains(n)).map(Cause::Sip).collect();
    causes.extend(reasons.iter().filter_map(|text| leading_status(text)).map(Cause::Sip));
    causes.extend(codes(&["q850_cause"]).map(Cause::Q850));
    let known = Evidence { causes: causes.clone(), reasons: reasons.clone() }.class(Channel::Call);
    let says = |part: &&str| {
        let class = Evidence { causes: Vec::new(), reasons: vec![part] }.class(Channel::Call);
        class == Some(FailureClass::InsufficientBalance) || (failed && known.is_none() && class.is_some())
    };
    let messages = levels.iter().filter_map(|level| level.str("message"));
    let parts = messages.flat_map(|message| message.split(" - ")).filter(|part| !part.contains(" > "));
    let spoken: Vec<_> = parts.filter(says).collect();
    reasons.splice(0..0, spoken);
    Evidence { causes, reasons }
}

/// What the levels of a message or an order show. `message` is the customer's own text there: never a reason.
pub(super) fn of_message<'e>(levels: &[&'e Json<'_>]) -> Evidence<'e> {
    let reasons = words(levels);
    let mut causes: Vec<_> =
        levels.iter().flat_map(|level| number(level, &["code", "error_code"])).map(Cause::Provider).collect();
    causes.extend(reasons.iter().filter_map(|text| leading_status(text)).map(Cause::Sip));
    Evidence { causes, reasons }
}

/// What the result of a command shows.
pub(super) fn of_command<'e>(body: &'e Json<'_>) -> Evidence<'e> {
    let command = body.at(&["payload", "command"]).unwrap_or(&Json::Null);
    let errors = command.elements("error");
    let mut evidence = of_message(&[command, body]);
    for error in errors {
        let within = of_message(&[error]);
        evidence.causes.extend(within.causes);
        evidence.reasons.extend(within.reasons);
        evidence.reasons.extend(error.as_text().or_else(|| error.text("message")));
    }
    evidence
}

/// The texts that give a reason. What says of an ordinary end that it was one gives none.
fn words<'e>(levels: &[&'e Json<'_>]) -> Vec<&'e str> {
    let ordinary = |text: &str| {
        let text = text.to_lowercase().replace('_', " ");
        ["normal clearing", "normal unspecified", "none", "unspecified", "ok", "success"].contains(&text.as_str())
    };
    let all = REASONS.iter().flat_map(|name| levels.iter().filter_map(|level| level.text(name)));
    all.filter(|text| !ordinary(text)).collect()
}

/// The numbers that those members begin with: `402`, `"402"`, `"402 Payment required"`.
fn number<'e>(level: &'e Json<'_>, names: &'static [&'static str]) -> impl Iterator<Item = u16> + 'e {
    let leading = |text: &str| text.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
    names.iter().filter_map(move |name| leading(level.text(name)?))
}

/// The SIP status in a text such as `486 Busy here`, `SIP/2.0 486 Busy here` or `SIP;cause=486;text="Busy here"` (RFC 3326).
fn leading_status(text: &str) -> Option<u16> {
    let text = ["SIP/2.0 ", "SIP ;cause=", "SIP;cause=", "SIP "]
        .iter()
        .find_map(|name| text.strip_prefix(name))
        .unwrap_or(text);
    let digits = text.split(|c: char| !c.is_ascii_digit()).next().filter(|digits| digits.len() == 3)?;
    digits.parse().ok().filter(|status| (300..700).contains(status))
}
