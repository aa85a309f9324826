//! The caller's own words in a reason. A stranger chooses his own name: where a reason quotes it, it is none.

use crate::json::Json;

/// Where a caller's name stands.
const PLACES: [&str; 5] = ["from", "caller_name", "from_name", "caller_id_name", "display_name"];

/// The names that a caller gives itself: as they stand, and within an address.
pub(super) fn names<'e>(levels: &[&'e Json<'_>]) -> Vec<&'e str> {
    let texts = PLACES.iter().flat_map(|place| levels.iter().filter_map(|level| level.str(place)));
    let within = |text: &'e str| {
        let display = text.split('<').next().unwrap_or(text).trim_matches(['"', ' ']);
        let user = text.split_once("sip:").map_or("", |(_, uri)| uri.split('@').next().unwrap_or(uri));
        [text, display, user]
    };
    // Digits are a number, which a reason may well name.
    let is_name = |text: &&str| text.chars().filter(|c| c.is_alphabetic()).count() >= 3;
    let mut names: Vec<_> = texts.flat_map(within).filter(is_name).collect();
    names.sort_unstable_by_key(|name| std::cmp::Reverse(name.len()));
    names.dedup();
    names
}

/// What a text says beside those names.
pub(super) fn beside<'t>(text: &'t str, names: &[&str]) -> Vec<&'t str> {
    let lower = text.to_ascii_lowercase();
    let quoted = names.iter().find_map(|name| Some((lower.find(&name.to_ascii_lowercase())?, name.len())));
    let Some((start, length)) = quoted else { return vec![text] };
    let (before, after) = (text.get(..start).unwrap_or_default(), text.get(start + length..).unwrap_or_default());
    let parts = [before.trim(), after.trim()].into_iter().filter(|part| !part.is_empty());
    parts.flat_map(|part| beside(part, names)).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::failure::FailureClass;

    #[test]
    fn a_name_is_taken_out_of_what_quotes_it() {
        let names = ["Low Balance Inc", "Empty"];
        assert_eq!(beside("Rejected: call from LOW BALANCE INC today", &names), ["Rejected: call from", "today"]);
        assert_eq!(beside("empty empty é Low Balance Inc", &names), ["é"]);
        assert_eq!(beside("Insufficient balance", &names), ["Insufficient balance"]);
    }

    #[test]
    fn a_callers_name_never_makes_an_empty_balance_and_his_number_hides_none() {
        let class = |from: &str, reason: &str| {
            let call =
                serde_json::json!({"uuid": "l", "direction": "in", "state": "failed", "from": from, "reason": reason});
            let body = serde_json::json!({"uuid": "e", "type": "call_state", "call": call}).to_string();
            let event = crate::provider::opentact::read(&Json::read(&body).unwrap(), Timestamp::UNIX_EPOCH).unwrap();
            event.failure.map(|failure| failure.class)
        };
        for from in
            ["Low Balance Inc", "\"Low Balance Inc\" <sip:+12025550111@example.net>", "sip:low balance inc@example.net"]
        {
            for reason in
                ["Rejected: call from Low Balance Inc", "480 low balance inc is unavailable", "Low Balance Inc"]
            {
                assert_ne!(class(from, reason), Some(FailureClass::InsufficientBalance), "{from}: {reason}");
            }
            assert_eq!(class(from, "Insufficient balance"), Some(FailureClass::InsufficientBalance), "{from}");
        }
        let numbered = class("+12025550111", "Insufficient balance for +12025550111");
        assert_eq!(numbered, Some(FailureClass::InsufficientBalance));
    }
}
