//! What words say about a failure, where they stand in a field that carries a reason.

use super::FailureClass;

/// The class that a text shows.
pub(super) fn class(text: &str) -> Option<FailureClass> {
    use FailureClass as F;
    let text = text.to_lowercase().replace(['_', '-'], " ").replace("timeout", "time out");
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if is_empty_balance(&text) {
        return Some(F::InsufficientBalance);
    }
    if has(&["queue"]) && has(&["time out", "timed out", "expired"]) {
        return Some(F::Congestion);
    }
    if has(&["all circuits", "all trunks", "all lines", "all channels", "network busy", "network is busy"]) {
        return Some(F::Congestion);
    }
    let table: [(F, &[&str]); 7] = [
        (
            F::NotPermitted,
            &[
                "not permitted",
                "not authorised",
                "not authorized",
                "not allowed",
                "forbidden",
                "blocked",
                "blacklist",
                "barred",
                "permission denied",
                "no permission",
                "country permission",
            ],
        ),
        (F::Busy, &["busy"]),
        (
            F::Congestion,
            &[
                "congestion",
                "service unavailable",
                "no circuit",
                "no channel",
                "channel unavailable",
                "channel not available",
                "network failure",
                "gateway time out",
                "out of order",
            ],
        ),
        (
            F::NoAnswer,
            &[
                "no answer",
                "no user response",
                "not answering",
                "not registered",
                "unreachable",
                "switched off",
                "absent",
                "not answered",
                "temporarily unavailable",
                "request time out",
            ],
        ),
        (F::Rejected, &["rejected", "declined", "refused", "spam", "unwanted"]),
        (
            F::InvalidNumber,
            &[
                "invalid number",
                "invalid destination",
                "unallocated",
                "unassigned",
                "unknown number",
                "disconnected number",
                "no route",
                "address incomplete",
                "number not found",
            ],
        ),
        (F::Undelivered, &["undelivered", "undeliverable", "not delivered", "delivery failed", "delivery failure"]),
    ];
    table.iter().find(|(_, words)| has(words)).map(|(class, _)| *class)
}

/// How many words apart a word of money and one of lack may stand and still be about each other.
const NEAR: usize = 4;

/// Whether words of money and of lack are about each other. That both stand somewhere is not enough: all attempts can be
/// exhausted and their charge go back to the balance.
fn is_empty_balance(text: &str) -> bool {
    let clauses = text.split([';', ',', '.', ':', '!', '(', ')', '/']);
    clauses.map(|clause| clause.split_whitespace().collect::<Vec<_>>()).any(|words| lacks_money(&words))
}

fn lacks_money(words: &[&str]) -> bool {
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let follows = |first: &str, second: &str| words.windows(2).any(|pair| pair == [first, second]);
    if has(&["refunded", "refund", "credited", "applied"]) {
        return false;
    }
    let unpaid = follows("non", "payment") || has(&["nonpayment", "unpaid"]);
    if follows("payment", "required") || (unpaid && has(&["suspended", "blocked", "disabled"])) {
        return true;
    }
    let places = |is: fn(&[&str], usize) -> bool| (0..words.len()).filter(move |place| is(words, *place));
    let money: Vec<_> = places(|words, place| words.get(place).is_some_and(|word| MONEY.contains(word))).collect();
    let near = |lack: usize, reach: usize| money.iter().any(|money| (lack..=lack + reach).contains(money));
    let after = |lack: usize| money.iter().any(|money| (*money..*money + NEAR).contains(&lack));
    let lack = places(is_lack).any(|place| near(place, NEAR - 1) || after(place));
    // What is run out of follows at once: `out of credit`, not `credit repair is out of policy`.
    lack || places(is_out_of).any(|place| near(place, NEAR - 1))
}

const MONEY: [&str; 9] = ["balance", "balances", "fund", "funds", "credit", "credits", "money", "prepaid", "wallet"];

fn is_lack(words: &[&str], place: usize) -> bool {
    let before = words.get(place.saturating_sub(NEAR - 1)..place).unwrap_or_default();
    let denied = before.iter().any(|word| ["not", "no", "without", "never"].contains(word) || word.ends_with("n't"));
    match words.get(place) {
        Some(&("enough" | "sufficient")) => denied,
        Some(&("insufficient" | "low" | "exhausted" | "depleted" | "empty" | "zero" | "negative" | "exceeded"))
        | Some(&("top" | "recharge" | "exhausts" | "lacking")) => !denied,
        _ => false,
    }
}

fn is_out_of(words: &[&str], place: usize) -> bool {
    let pair = (words.get(place).copied(), words.get(place + 1).copied());
    matches!(pair, (Some("out" | "lack"), Some("of")) | (Some("no"), Some("more" | "credit" | "funds" | "money")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_balance(text: &str) -> bool {
        class(text) == Some(FailureClass::InsufficientBalance)
    }

    #[test]
    fn a_balance_is_empty_where_money_and_lack_are_about_each_other() {
        for text in [
            "You do not have enough credit",
            "You don't have enough funds",
            "Credit limit exceeded",
            "LOW_BALANCE",
            "Account suspended for non-payment",
            "Insufficient account balance",
            "balance too low",
            "Balance is too low",
            "Balance is insufficient",
            "balance is not sufficient",
            "Funds exhausted",
            "Prepaid credit exhausted",
            "account balance has been exhausted",
            "Out of credit",
            "out of prepaid credit",
            "no more money",
            "No credit left",
            "Negative balance",
            "zero balance",
            "Please top up your balance",
            "Recharge your credit",
            "402: Payment required",
            "Account blocked for non payment",
            "Your wallet is empty",
            "no funds",
            "not enough prepaid credit left",
            "Call failed: insufficient funds",
            "credit depleted",
        ] {
            assert!(is_balance(text), "{text}");
        }
    }

    #[test]
    fn a_balance_is_not_empty_because_both_words_stand_somewhere() {
        for text in [
            "All delivery attempts exhausted; charge refunded to balance",
            "Handset out of coverage, no charge to balance",
            "Destination out of service, message refunded",
            "Blocked by carrier: credit repair content out of policy",
            "credit applied",
            "Balance is now 12.5",
            "Time limit exceeded",
            "Number of attempts exceeded",
            "All attempts exhausted, amount credited to balance",
            "sufficient balance",
            "Balance is sufficient",
            "charge refunded to balance",
            "low priority route",
            "Attempts exhausted and charge refunded to balance",
            "insufficient permissions",
            "not enough channels",
            "Fundamental error, queue empty",
        ] {
            assert!(!is_balance(text), "{text}");
        }
    }

    #[test]
    fn a_busy_network_is_no_busy_party() {
        for text in [
            "All circuits are busy",
            "all trunks busy",
            "All lines are busy now",
            "No circuit available",
            "no channel",
            "channel unavailable",
            "CHANNEL_NOT_AVAILABLE",
            "Network busy",
            "network failure",
            "Gateway timeout",
        ] {
            assert_eq!(class(text), Some(FailureClass::Congestion), "{text}");
        }
        for text in ["User busy", "Line is busy", "subscriber busy", "destination busy"] {
            assert_eq!(class(text), Some(FailureClass::Busy), "{text}");
        }
    }
}
