//! Where Opentact says why something failed. The field is not published: it is looked for wherever it was seen.

use crate::failure::{Cause, Channel, Evidence};
use crate::json::Json;

/// The fields that give a reason in words, the most telling first.
const REASONS: [&str; 4] = ["reason", "failure_reason", "release_cause_from_protocol_stack", "q850_cause_string"];

/// What the levels of a call event show. `message` is looked at only if the call `failed`: on other events it holds
/// names and numbers of the parties, and those are no reason.
pub(super) fn of_call<'e>(levels: &[&'e Json<'_>], failed: bool) -> Evidence<'e> {
    let reasons = words(levels);
    let codes = |names: &'static [&'static str]| levels.iter().flat_map(move |level| number(level, names));
    let mut causes: Vec<Cause> =
        codes(&["sip_code", "code"]).filter(|n| (300..700).contains(n)).map(Cause::Sip).collect();
    causes.extend(reasons.iter().filter_map(|text| leading_status(text)).map(Cause::Sip));
    causes.extend(codes(&["q850_cause"]).map(Cause::Q850));
    let mut evidence = Evidence { causes, reasons };
    if failed && evidence.reasons.is_empty() {
        // `CallSCA in +1… > +1… - failed: reason`
        let said =
            levels.iter().rev().find_map(|level| level.str("message")).and_then(|text| text.rsplit(" - ").next());
        let spoken = Evidence { causes: Vec::new(), reasons: said.into_iter().collect() };
        if spoken.class(Channel::Call).is_some() {
            evidence.reasons = spoken.reasons;
        }
    }
    evidence
}

/// What the levels of a message or an order show. `message` is the customer's own text there: never a reason.
pub(super) fn of_message<'e>(levels: &[&'e Json<'_>]) -> Evidence<'e> {
    let causes = levels.iter().flat_map(|level| number(level, &["code", "error_code"])).map(Cause::Provider).collect();
    Evidence { causes, reasons: words(levels) }
}

/// What the result of a command shows.
pub(super) fn of_command<'e>(body: &'e Json<'_>) -> Evidence<'e> {
    let command = body.at(&["payload", "command"]).unwrap_or(&Json::Null);
    let errors = command.elements("error").iter().filter_map(|error| error.as_text().or_else(|| error.text("message")));
    Evidence { causes: Vec::new(), reasons: words(&[command, body]).into_iter().chain(errors).collect() }
}

fn words<'e>(levels: &[&'e Json<'_>]) -> Vec<&'e str> {
    REASONS.iter().flat_map(|name| levels.iter().filter_map(|level| level.text(name))).collect()
}

fn number<'e>(level: &'e Json<'_>, names: &'static [&'static str]) -> impl Iterator<Item = u16> + 'e {
    names.iter().filter_map(|name| level.text(name)?.parse().ok())
}

/// The SIP status that a text such as `486 Busy here` or `SIP/2.0 486 Busy here` begins with.
fn leading_status(text: &str) -> Option<u16> {
    let text = text.strip_prefix("SIP/2.0 ").or_else(|| text.strip_prefix("SIP ")).unwrap_or(text);
    let digits = text.split(|c: char| !c.is_ascii_digit()).next().filter(|digits| digits.len() == 3)?;
    digits.parse().ok().filter(|status| (300..700).contains(status))
}
