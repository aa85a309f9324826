//! Some hundred texts and their classes, in more than one wording each.

use super::*;
use FailureClass as F;

fn all_show(expected: Option<F>, texts: &[&str]) {
    for text in texts {
        assert_eq!(class(text), expected, "{text}");
        assert_eq!(class(&text.to_uppercase().replace(' ', "_")), expected, "{text} in upper case");
    }
}

#[test]
fn a_network_without_room_is_congested() {
    #[rustfmt::skip]
    all_show(Some(F::Congestion), &[
        "All circuits are busy", "all circuits busy", "all trunks busy", "All lines are busy now", "all channels in use",
        "All our circuits are busy now", "No circuit available", "no channel", "No free channel",
        "no trunks available", "circuit unavailable", "channel unavailable", "channel not available", "not enough channels",
        "trunk busy", "Network busy", "The network is busy", "network failure", "network congestion", "Network error",
        "Network out of order", "network unreachable", "congestion", "Switch congested", "Gateway timeout",
        "Gateway time-out", "gateway timed out", "gateway down", "gateway unavailable", "Gateway is unreachable",
        "carrier unavailable", "carrier error", "trunk out of service", "Service unavailable",
        "Service temporarily unavailable", "the service is not available", "server error", "Internal server error",
        "internal error", "System failure", "system overloaded", "temporary failure", "resource unavailable",
        "insufficient capacity", "Capacity exceeded", "channel limit exceeded", "call limit reached", "rate limit exceeded",
        "too many requests", "Too many calls", "request throttled", "destination out of order", "connection refused",
        "connection timed out", "queue timeout", "message dropped: queue timeout", "Time-out in queue", "expired in queue",
        "queue full", "no resources", "server not responding",
    ]);
}

#[test]
fn what_is_forbidden_is_not_permitted() {
    #[rustfmt::skip]
    all_show(Some(F::NotPermitted), &[
        "not permitted", "Call not permitted", "Country not permitted", "destination country is not allowed",
        "not allowed to call this number", "not authorised", "Not authorized", "unauthorized", "Caller not authorized",
        "forbidden", "Forbidden by carrier", "permission denied", "access denied", "no permission for this country",
        "insufficient permissions", "International calls are disabled", "international dialing not enabled",
        "Country restricted", "restricted country", "restricted destination", "Destination is restricted",
        "outgoing calls restricted", "service not available in your country", "country not supported", "region not enabled",
        "premium numbers not allowed", "prefix blocked", "number blocked", "Blocked", "blocked by carrier",
        "blocked destination", "Blocked by the recipient", "caller is blacklisted", "number on blacklist", "black listed",
        "on the block list", "denylisted", "on the do not call list", "barred", "Outgoing calls barred", "call barring active",
        "incoming call barred", "fraud", "Suspected fraud", "fraudulent traffic", "fraud risk too high", "prohibited content",
        "content out of policy", "policy violation", "violates the content policy", "recipient opted out", "opt-out",
        "recipient has unsubscribed", "account suspended", "Account is disabled", "account locked", "authentication failed",
        "authentication required", "Blocked as spam",
    ]);
}

#[test]
fn a_busy_party_is_busy() {
    #[rustfmt::skip]
    all_show(Some(F::Busy), &[
        "busy", "User busy", "Line is busy", "the line is busy", "subscriber busy", "destination busy", "called party busy",
        "Number busy", "The number you have dialed is busy", "callee is currently busy", "extension busy", "line engaged",
        "user is on another call", "phone busy",
    ]);
}

#[test]
fn a_party_that_is_not_there_does_not_answer() {
    #[rustfmt::skip]
    all_show(Some(F::NoAnswer), &[
        "no answer", "No answer from user", "no reply", "No response", "no user response", "not answering", "not answered",
        "unanswered", "the user did not answer", "Callee didn't answer", "called party is not responding", "did not pick up",
        "not picked up", "ring timeout", "Ringing timed out", "answer time-out", "no answer timeout", "request timeout",
        "not registered", "user not registered", "unregistered", "user is not logged in", "device offline", "unreachable",
        "User unreachable", "destination unreachable", "not reachable", "The subscriber cannot be reached",
        "could not be reached", "handset unreachable", "phone unreachable", "switched off", "The phone is switched off",
        "mobile turned off", "powered off", "power off", "absent", "Absent subscriber", "subscriber absent",
        "called party unavailable", "user unavailable", "Subscriber temporarily unavailable", "callee not available",
        "out of coverage", "handset out of coverage", "out of range", "handset out of service", "out of reach",
    ]);
}

#[test]
fn a_number_that_does_not_exist_is_invalid() {
    #[rustfmt::skip]
    all_show(Some(F::InvalidNumber), &[
        "invalid number", "number invalid", "The number is not valid", "not a valid number", "invalid destination",
        "Invalid destination address", "invalid phone number format", "destination number is invalid", "malformed number", "wrong number",
        "unallocated", "Unallocated number", "unassigned number", "number not assigned", "number no longer assigned",
        "unknown number", "Unknown subscriber", "unknown destination", "unknown recipient", "user unknown",
        "the number is unknown", "disconnected number", "number has been disconnected", "number changed", "changed number",
        "The number has changed", "the number you have dialed has been changed", "number not in service",
        "the number is no longer in service", "number out of service", "address incomplete", "incomplete number",
        "Number is incomplete", "incomplete address", "number not found", "user not found", "destination not found",
        "number does not exist", "The number doesn't exist", "nonexistent number", "non-existent extension",
        "no such number", "no route", "No route to destination", "no routes found", "number cannot be routed",
        "unroutable", "number too short", "number too long",
    ]);
}

#[test]
fn who_does_not_want_it_rejects() {
    #[rustfmt::skip]
    all_show(Some(F::Rejected), &[
        "rejected", "Call rejected", "rejected by user", "anonymous call rejected", "Rejected by the callee", "declined",
        "Callee declined", "decline", "call refused", "refused by destination", "spam", "Spam detected", "spam likely",
        "marked as spam", "filtered as spam", "unwanted", "unwanted call", "not acceptable here", "do not disturb",
        "incompatible destination",
    ]);
}

#[test]
fn a_message_that_did_not_arrive_is_undelivered() {
    #[rustfmt::skip]
    all_show(Some(F::Undelivered), &[
        "undelivered", "Message undelivered", "undeliverable", "not delivered", "could not be delivered", "unable to deliver",
        "delivery failed", "Delivery failure", "delivery error", "message expired", "validity period expired",
        "mailbox full", "memory capacity exceeded", "the inbox is full",
    ]);
}

#[test]
fn what_names_no_class_shows_none() {
    #[rustfmt::skip]
    all_show(None, &[
        "", "?", "ok", "success", "sent", "Message accepted", "unknown error", "unknown reason", "unknown error for destination",
        "time limit exceeded", "attempt limit reached", "Number of attempts exceeded", "maximum number of retries",
        "call disconnected", "user disconnected", "disconnected by user", "not busy", "not blocked", "no spam", "not rejected",
        "no fraud found", "permission verified", "number ported", "charge refunded", "credit applied", "balance is now 12",
        "user hung up", "answered", "delivered", "available", "call completed", "changed plan", "all good",
        "The number is no longer available", "The recipient server did not accept the message",
    ]);
}

#[test]
fn a_long_text_is_read_at_its_beginning() {
    let long = format!("user busy {}", "low credit ".repeat(100_000));
    assert!(class(&long).is_some());
}
