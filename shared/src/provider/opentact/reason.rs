//! Where Opentact says why something failed. The field is not published: it is looked for wherever it was seen.

use crate::failure::{Cause, Channel, Evidence, FailureClass, written};
use crate::json::Json;
use crate::name::Status;
use crate::provider::kept;
use crate::provider::opentact::quoted;

/// The fields that give a reason in words, the most telling first.
const REASONS: [&str; 4] = ["reason", "failure_reason", "release_cause_from_protocol_stack", "q850_cause_string"];

/// What the levels of a call event show. Of a `message` (`CallSCA in +1… > +1… - failed: reason`) only what follows the
/// state counts, and only on a call that `failed`: before it the parties are quoted, and a stranger chooses his own name.
pub(super) fn of_call<'e>(levels: &[&'e Json<'_>], state: Status, channel: Channel) -> Evidence<'e> {
    let mut reasons = words(levels);
    let texts = |names: &'static [&'static str]| {
        levels.iter().flat_map(move |level| names.iter().filter_map(|name| level.text(name)))
    };
    let mut causes: Vec<Cause> =
        texts(&["sip_code", "code"]).flat_map(|text| written::read(text, Cause::Sip)).collect();
    causes.retain(|cause| !matches!(cause, Cause::Sip(0..300 | 700..)));
    causes.extend(texts(&REASONS[..3]).flat_map(|text| written::read(text, by_size)));
    let names = texts(&REASONS[3..]).flat_map(|text| written::read(text, by_table));
    let numbers = texts(&["q850_cause"]).flat_map(|text| written::read(text, by_table));
    let spoken: Vec<_> = texts(&REASONS[..3]).collect();
    let numbers = numbers.map(|number| status_or(number, &causes, &spoken)).collect();
    causes.extend(beside(numbers, names.collect()));
    let known = Evidence { causes: causes.clone(), reasons: reasons.clone() }.class(channel);
    let silent = known.is_none_or(|class| class == FailureClass::Unknown);
    let says = |part: &&str| {
        let class = Evidence { causes: Vec::new(), reasons: vec![part] }.class(Channel::Call);
        class == Some(FailureClass::InsufficientBalance) || (silent && class.is_some())
    };
    if state == Status::Failed {
        let parties: Vec<_> = texts(&["from", "to", "caller_name", "from_name", "to_name"]).collect();
        let spoken = texts(&["message"]).filter_map(|message| told(message, &parties)).filter(says);
        reasons.splice(0..0, spoken.collect::<Vec<_>>());
    }
    Evidence { causes, reasons }
}

/// What a description tells beside the parties: `reason` of `CallSCA in +1… > +1… - failed: reason`, or all of it where it
/// names none. A party with blanks in its name ends the search: what follows could be the name's own.
fn told<'t>(message: &'t str, parties: &[&str]) -> Option<&'t str> {
    let Some((_, rest)) = message.rsplit_once(" > ") else {
        let quotes = parties.iter().any(|party| !party.is_empty() && message.contains(party));
        return (!quotes && !message.contains('>')).then_some(message);
    };
    let (to, told) = rest.split_once(" - ")?;
    let (state, reason) = told.split_once(": ")?;
    (![to, state].iter().any(|text| text.contains([' ', '"', '<']))).then_some(reason)
}

/// The codes of `q850_cause` and of the names beside them. Above Q.850's own numbers the name decides: FreeSWITCH has had
/// two numberings, and a SIP status is put there too.
fn beside(mut numbers: Vec<Cause>, names: Vec<Cause>) -> Vec<Cause> {
    numbers.retain(|number| names.is_empty() || matches!(number, Cause::Q850(0..128)) || same(*number, &names));
    let further = names.into_iter().filter(|name| !numbers.iter().any(|number| number.name() == name.name()));
    let further: Vec<_> = further.collect();
    numbers.extend(further);
    numbers
}

/// The SIP status that a number in the place of Q.850's is where another field names that status; else what it was read as.
/// SIP's 487 says less.
fn status_or(number: Cause, causes: &[Cause], spoken: &[&str]) -> Cause {
    match number {
        Cause::Q850(code @ 128..) if code != 487 => {
            let status = Cause::Sip(code);
            let is_said = causes.contains(&status) || spoken.iter().any(|text| status.is_named(text));
            if is_said { status } else { number }
        }
        _ => number,
    }
}

/// A number alone in the place of Q.850's: a SIP status where it is nothing else.
fn by_table(number: u16) -> Cause {
    let (q850, sip) = (Cause::Q850(number), Cause::Sip(number));
    if q850.name().is_none() && sip.name().is_some() { sip } else { q850 }
}

/// What is to be said of a cause that nobody can read.
pub(super) fn unreadable(call: &Json<'_>) -> Option<String> {
    let text = call.text("q850_cause").filter(|text| !text.trim().is_empty())?;
    let is_known = written::read(text, by_table).iter().any(|cause| cause.is_known());
    (!is_known).then(|| format!("unknown q850_cause {}", kept(text)))
}

fn same(number: Cause, names: &[Cause]) -> bool {
    names.iter().any(|name| name.name() == number.name())
}

/// A number alone that is too small for a SIP status is Q.850's.
fn by_size(number: u16) -> Cause {
    if number < 128 { Cause::Q850(number) } else { Cause::Sip(number) }
}

/// What the levels of a message or an order show. `message` is the customer's own text there: never a reason.
pub(super) fn of_message<'e>(levels: &[&'e Json<'_>]) -> Evidence<'e> {
    let reasons = words(levels);
    let mut causes: Vec<_> =
        levels.iter().flat_map(|level| number(level, &["code", "error_code"])).map(Cause::Provider).collect();
    causes.extend(reasons.iter().flat_map(|text| statuses(text)));
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
    let all: Vec<_> = REASONS.iter().flat_map(|name| levels.iter().filter_map(|level| level.text(name))).collect();
    if all.is_empty() {
        return all;
    }
    let names = quoted::names(levels);
    all.into_iter().flat_map(|text| quoted::beside(text, &names)).filter(|text| !ordinary(text)).collect()
}

/// The numbers that those members begin with: `402`, `"402"`, `"402 Payment required"`.
fn number<'e>(level: &'e Json<'_>, names: &'static [&'static str]) -> impl Iterator<Item = u16> + 'e {
    let leading = |text: &str| text.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
    names.iter().filter_map(move |name| leading(level.text(name)?))
}

/// The SIP statuses that a text states.
fn statuses(text: &str) -> Vec<Cause> {
    let mut causes = written::read(text, Cause::Sip);
    causes.retain(|cause| matches!(cause, Cause::Sip(300..700)) && text.contains(|c: char| c.is_ascii_digit()));
    causes
}
