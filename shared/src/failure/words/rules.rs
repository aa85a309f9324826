//! Which words mean which class. A word stands for all that begin with it: `block` is `blocked` and `blocking` too. They
//! are met as `tokens` writes them: `unavailable` and `no longer available` are `not-available`, `out of order` is
//! `not-order`, and words that say nothing are gone.

use crate::failure::FailureClass as F;

/// A class, and the words that show it: one of the first, and beside it one of the second where there are any.
pub(super) type Rule = (F, &'static [&'static str], &'static [&'static str]);

/// What belongs to a network, and not to a party.
#[rustfmt::skip]
const NETWORK: &[&str] = &[
    "network", "switch", "server", "system", "gateway", "carrier", "service", "trunk", "circuit", "channel",
    "resource", "platform", "provider", "bandwidth", "port", "host",
];

/// Whom a call or a message is for.
#[rustfmt::skip]
const PARTY: &[&str] = &[
    "user", "party", "callee", "subscriber", "phone", "telephone", "handset", "device", "terminal", "mobile",
    "destination", "person", "recipient", "extension", "endpoint", "contact",
];

/// What is dialled.
#[rustfmt::skip]
const NUMBER: &[&str] = &[
    "number", "destination", "recipient", "address", "extension", "subscriber", "user", "callee", "party", "msisdn",
    "uri", "digits",
];

/// Where a call or a message goes, or whence it comes, that can be closed to it.
const REGION: &[&str] = &["country", "countries", "international", "region", "premium", "roaming", "prefix"];

/// In the order in which they are tried: what is said of a network before what is said of a party, and what tells more
/// before what tells less.
#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    (F::NotPermitted, REGION, &["not-permi", "not-allow", "not-enabled", "not-available", "not-support", "restrict", "not-open"]),
    (F::Undelivered, &["mailbox", "inbox", "memory"], &["full", "exceed", "capacity"]),
    (F::Congestion, &["queue"], &["timeout", "expire", "full"]),
    (F::Congestion, NETWORK, &["busy", "fail", "error", "not-available", "down", "timeout", "not-reach", "not-service",
        "overload", "exceed", "exhaust", "not-respon", "full"]),
    (F::Congestion, &["all"], &["circuit", "trunk", "lines", "channel", "ports"]),
    (F::Congestion, &["not-enough", "insufficient"], NETWORK),
    (F::Congestion, &["not-enough", "insufficient"], &["capacity"]),
    (F::Congestion, &["capacity", "rate", "channel", "concurren", "cps", "traffic", "throughput"], &["limit", "exceed", "reached", "full"]),
    (F::Congestion, &["temporary"], &["fail"]),
    (F::Congestion, &["internal"], &["error"]),
    (F::Congestion, &["connection"], &["refus", "fail", "timeout", "reset", "lost"]),
    (F::Congestion, &["call", "calls"], &["limit"]),
    (F::Congestion, &["many"], &["requests", "calls"]),
    (F::Congestion, &["congest", "overload", "throttl", "not-circuit", "not-channel", "not-trunk", "not-lines", "not-capacity",
        "not-resource", "not-order"], &[]),
    (F::NotPermitted, &["insufficient", "not-enough"], &["permission", "privilege", "rights"]),
    (F::NotPermitted, &["destination", "number", "route", "account", "call", "area", "caller", "subscriber", "outbound",
        "outgoing", "incoming", "inbound", "service", "dialing", "dialling"], &["restrict"]),
    (F::NotPermitted, &["calls", "calling", "dialing", "dialling"], &["not-enabled"]),
    (F::NotPermitted, &["account", "profile"], &["suspend", "not-enabled", "not-active", "closed", "locked", "terminated"]),
    (F::NotPermitted, &["policy", "policies"], &["violat", "content"]),
    (F::NotPermitted, &["opt", "opted"], &["out"]),
    (F::NotPermitted, &["authentication", "authorization", "authorisation"], &["fail", "required"]),
    (F::NotPermitted, &["black", "deny", "block", "dnc", "not-call"], &["list"]),
    (F::NotPermitted, &["not-permi", "not-allow", "not-authori", "not-entitled", "not-policy", "forbid", "denied", "block",
        "blacklist", "denylist", "barred", "barring", "prohibit", "fraud", "unsubscribed"], &[]),
    (F::Busy, &["busy", "engaged"], &[]),
    (F::Busy, &["another"], &["call"]),
    (F::InvalidNumber, NUMBER, &["not-valid", "unknown", "not-found", "not-exist", "not-complete", "not-recogni", "wrong",
        "malformed", "vacant", "short"]),
    (F::InvalidNumber, &["number", "numbers", "msisdn"], &["not-service", "not-active", "not-connect", "not-use",
        "not-working", "disconnected", "changed", "long"]),
    (F::InvalidNumber, &["not-allocated", "not-assigned", "not-route", "not-routable", "unroutable"], &[]),
    (F::InvalidNumber, &["not-such"], NUMBER),
    (F::NoAnswer, &["ring", "answer", "alert", "request", "progress", "pickup"], &["timeout"]),
    (F::NoAnswer, PARTY, &["not-available", "not-service", "not-connect"]),
    (F::NoAnswer, &["switched", "turned", "power"], &["off"]),
    (F::NoAnswer, &["not-user"], &["respon"]),
    (F::NoAnswer, &["not-answer", "not-reply", "not-replies", "not-respon", "not-pick", "not-register", "not-logged", "not-reach",
        "not-coverage", "not-range", "not-online", "absent", "offline"], &[]),
    (F::Rejected, &["reject", "declin", "refus", "spam", "unwanted", "not-acceptab", "incompatib", "not-disturb"], &[]),
    (F::Undelivered, &["deliver"], &["fail", "expire", "exhaust", "error", "timeout"]),
    (F::Undelivered, &["validity", "period", "message"], &["expire"]),
    (F::Undelivered, &["not-deliver"], &[]),
];

/// Words that say nothing.
#[rustfmt::skip]
pub(super) const IDLE: &[&str] = &[
    "is", "are", "was", "were", "be", "been", "being", "has", "have", "had", "do", "does", "did", "can", "could",
    "will", "would", "may", "the", "a", "an", "this", "that", "your", "you", "our", "to", "of", "in", "at", "by",
    "for", "with", "now", "yet", "currently", "temporarily", "permanently", "dialed", "dialled", "called", "please",
    "free", "it", "its", "longer", "any", "more", "too", "still", "on",
];

/// Words that deny the next one.
#[rustfmt::skip]
pub(super) const NOT: &[&str] = &[
    "not", "no", "non", "never", "without", "cannot", "cant", "couldnt", "isnt", "arent", "wasnt", "werent", "dont",
    "doesnt", "didnt", "wont", "hasnt", "havent", "unable",
];

/// Words that deny what they say of themselves.
pub(super) const DENIED: &[(&str, &str)] = &[
    ("unavailable", "not-available"),
    ("unavail", "not-available"),
    ("unreachable", "not-reachable"),
    ("unanswered", "not-answered"),
    ("unregistered", "not-registered"),
    ("unauthorized", "not-authorized"),
    ("unauthorised", "not-authorised"),
    ("undelivered", "not-delivered"),
    ("undeliverable", "not-deliverable"),
    ("unassigned", "not-assigned"),
    ("unallocated", "not-allocated"),
    ("unrecognized", "not-recognized"),
    ("unrecognised", "not-recognised"),
    ("unsupported", "not-supported"),
    ("invalid", "not-valid"),
    ("inactive", "not-active"),
    ("incomplete", "not-complete"),
    ("disabled", "not-enabled"),
    ("deactivated", "not-active"),
    ("disallowed", "not-allowed"),
    ("nonexistent", "not-existent"),
    ("unacceptable", "not-acceptable"),
];
