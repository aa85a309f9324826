//! What words say about a failure, where they stand in a field that carries a reason.

use super::FailureClass;

/// The class that a text shows.
pub(super) fn class(text: &str) -> Option<FailureClass> {
    use FailureClass as F;
    let text = text.to_lowercase().replace(['_', '-'], " ").replace("timeout", "time out");
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let lacking =
        ["insufficient", "not enough", "not sufficient", "out of", "lack of", "no more", "exhausted", "too low"];
    if has(&lacking) && has(&["balance", "fund", "credit"]) {
        return Some(F::InsufficientBalance);
    }
    if has(&["payment required"]) {
        return Some(F::InsufficientBalance);
    }
    if has(&["queue"]) && has(&["time out", "timed out", "expired"]) {
        return Some(F::Congestion);
    }
    let table: [(F, &[&str]); 7] = [
        (
            F::NotPermitted,
            &[
                "not permitted",
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
        (F::Congestion, &["congestion", "service unavailable", "no circuit", "out of order"]),
        (
            F::NoAnswer,
            &["no answer", "no user response", "not answered", "temporarily unavailable", "request time out"],
        ),
        (F::Rejected, &["rejected", "declined"]),
        (
            F::InvalidNumber,
            &["invalid number", "invalid destination", "unallocated", "address incomplete", "number not found"],
        ),
        (F::Undelivered, &["undelivered", "undeliverable", "not delivered", "delivery failed", "delivery failure"]),
    ];
    table.iter().find(|(_, words)| has(words)).map(|(class, _)| *class)
}
