//! The words of money and of lack.

pub(super) const MONEY: &[&str] =
    &["balance", "balances", "fund", "funds", "credit", "credits", "money", "prepaid", "wallet", "wallets"];

/// Money that is there or not; a balance is there always.
pub(super) const CASH: &[&str] = &["fund", "funds", "credit", "credits", "money"];

pub(super) const ACCOUNT: &[&str] = &["account", "accounts"];

/// What is billed.
pub(super) const BILLED: &[&str] = &["account", "accounts", "service", "profile", "line"];

/// What a word of money stands before where it is about something else.
#[rustfmt::skip]
pub(super) const COMPOUNDS: &[&str] = &[
    "score", "scores", "rating", "card", "cards", "check", "checks", "repair", "offer", "offers", "report", "union",
    "history", "note", "application", "bureau", "information", "info", "inquiry", "enquiry", "query", "sheet", "data", "transfer",
    "window", "control", "change", "changes",
];

/// What comes before a balance of another time.
pub(super) const PAST: &[&str] = &["previous", "former", "old", "prior", "earlier", "opening", "last"];

/// How words of lack begin.
#[rustfmt::skip]
const EMPTY: &[&str] = &[
    "insuffic", "inadequate", "low", "exhaust", "deplet", "empty", "negative", "lacking", "overdrawn", "exceeds",
];

/// Whether a word says that little or nothing is there.
pub(super) fn is_empty(word: &str) -> bool {
    EMPTY.iter().any(|empty| word == *empty || (empty.len() > 5 && word.starts_with(empty)))
}

/// States of an account that has no money.
pub(super) const ACCOUNT_STATES: &[&str] =
    &["empty", "exhausted", "depleted", "overdrawn", "arrears", "delinquent", "overdue", "insolvent"];

/// What a limit of money is of.
#[rustfmt::skip]
pub(super) const LIMITED: &[&str] = &[
    "credit", "balance", "funds", "prepaid", "spending", "spend", "expense", "expenditure", "overdraft", "debt", "budget",
];

pub(super) const REACHED: &[&str] = &[
    "reached",
    "exceeded",
    "exceeds",
    "exceed",
    "exceeding",
    "over",
    "hit",
    "exhausted",
    "surpassed",
    "above",
    "beyond",
];

/// Credit came or comes back: the failure's cause is another.
pub(super) const REFUNDS: &[&str] = &["refunded", "refund", "credited", "applied"];

/// What is said of money that was not taken, or that nobody asks for.
#[rustfmt::skip]
pub(super) const MOVED: &[&str] = &[
    "charged", "deducted", "debited", "billed", "taken", "spent", "used", "consumed", "withdrawn", "reserved", "required",
    "needed", "necessary", "transferred", "lost", "returned",
];

/// What an amount of money is where it is none that an account has.
pub(super) const PRICES: &[&str] = &["charge", "charges", "cost", "costs", "price", "fee"];

/// What a number counts that is no amount.
pub(super) const NUMBERED: &[&str] = &["code", "error", "status", "cause", "reason", "number", "result"];

/// How an account that is closed is told so.
#[rustfmt::skip]
pub(super) const CLOSED: &[&str] = &[
    "suspended", "suspension", "blocked", "disabled", "locked", "closed", "deactivated", "terminated", "barred", "restricted",
];

/// Why it is, where its owner owes.
#[rustfmt::skip]
pub(super) const UNPAID: &[&str] = &[
    "non payment", "nonpayment", "unpaid", "arrears", "overdue", "past due", "late payment", "outstanding invoice",
    "outstanding balance", "lack of payment", "not paid", "payment failure", "failed payment",
];

/// What is said of a payment that is asked for.
pub(super) const DUE: &[&str] = &["required", "needed", "due", "overdue"];

/// What comes before a request.
pub(super) const URGES: &[&str] = &["please", "must", "to", "should", "kindly"];

/// What a request without its object ends with.
pub(super) const ENDS: &[&str] = &["", "required", "needed", "first"];

/// Words that say nothing between those that do.
#[rustfmt::skip]
pub(super) const IDLE: &[&str] = &[
    "is", "are", "was", "were", "be", "been", "being", "has", "have", "had", "the", "a", "an", "this", "your", "you", "our",
    "my", "their", "its", "of", "in", "on", "to", "at", "and", "now", "only", "currently", "already", "too", "very", "so",
    "more", "some", "any", "left", "account", "prepaid", "remaining", "current", "available", "usable", "total", "usd", "eur",
    "gbp", "cad", "aud", "cents",
];

/// Words between a denial and what it denies.
#[rustfmt::skip]
pub(super) const LINKS: &[&str] = &[
    "too", "very", "so", "yet", "currently", "a", "an", "any", "the", "due", "to", "because", "of", "caused", "by", "for", "be",
    "been",
];
