//! What each code of an ended leg means: ITU-T Q.850, FreeSWITCH's own above 127, and SIP's final responses.
//!
//! Sources: Q.850; FreeSWITCH's table of hangup causes; RFC 3261, 3398, 8197, 8688 and IANA's registry of SIP responses.
//! FreeSWITCH's own codes were 500 to 624 until 2022 and are 700 to 825 since, so as not to collide with SIP's.

use super::{Cause, FailureClass};

/// What a code says of the leg that ended with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// An end such as every call has, or none that is known: another code, or words, can still say more.
    Plain,
    /// An end that is ordinary for a reason of its own: transferred, ended by command.
    Ordinary,
    /// An ordinary end too: somebody answered elsewhere.
    Elsewhere,
    /// The caller gave up.
    GaveUp,
    /// A failure, where nobody had answered.
    Fails(FailureClass),
    /// A failure where nobody had answered, and the end of a talk that nobody ended where somebody had.
    Drops(FailureClass),
    /// A failure where nobody had answered, and an ordinary end where anyone had, the platform alone included.
    Limits(FailureClass),
}

/// A code's number, its name where it comes from, its name for a person and its meaning.
type Row = (u16, &'static str, &'static str, Meaning);

use FailureClass::{Busy, Congestion, InsufficientBalance, InvalidNumber, NoAnswer, NotPermitted, Rejected, Unknown};
use Meaning::{Drops, Elsewhere, Fails, GaveUp, Limits, Ordinary, Plain};

#[rustfmt::skip]
const Q850: &[Row] = &[
    (0, "NONE", "unspecified", Plain),
    (1, "UNALLOCATED_NUMBER", "unallocated number", Fails(InvalidNumber)),
    (2, "NO_ROUTE_TRANSIT_NET", "no route to transit network", Fails(InvalidNumber)),
    (3, "NO_ROUTE_DESTINATION", "no route to destination", Fails(InvalidNumber)),
    (4, "SEND_SPECIAL_INFORMATION_TONE", "special information tone", Fails(InvalidNumber)),
    (5, "MISDIALLED_TRUNK_PREFIX", "misdialled trunk prefix", Fails(InvalidNumber)),
    (6, "CHANNEL_UNACCEPTABLE", "channel unacceptable", Fails(Congestion)),
    (7, "CALL_AWARDED_DELIVERED", "call awarded and delivered", Ordinary),
    (8, "PREEMPTION", "pre-emption", Drops(Congestion)),
    (9, "PREEMPTION_CIRCUIT_RESERVED", "pre-emption, circuit reserved for reuse", Drops(Congestion)),
    (14, "QUERY_ON_RELEASE", "number was ported", Ordinary),
    (16, "NORMAL_CLEARING", "normal call clearing", Plain),
    (17, "USER_BUSY", "user busy", Fails(Busy)),
    (18, "NO_USER_RESPONSE", "no user responding", Fails(NoAnswer)),
    (19, "NO_ANSWER", "no answer from user", Fails(NoAnswer)),
    (20, "SUBSCRIBER_ABSENT", "subscriber absent", Fails(NoAnswer)),
    (21, "CALL_REJECTED", "call rejected", Fails(Rejected)),
    (22, "NUMBER_CHANGED", "number changed", Fails(InvalidNumber)),
    (23, "REDIRECTION_TO_NEW_DESTINATION", "redirection to new destination", Ordinary),
    (24, "REJECTED_BY_FEATURE", "call rejected by a feature at the destination", Fails(Rejected)),
    (25, "EXCHANGE_ROUTING_ERROR", "exchange routing error", Fails(Congestion)),
    (26, "NON_SELECTED_USER_CLEARING", "answered elsewhere", Elsewhere),
    (27, "DESTINATION_OUT_OF_ORDER", "destination out of order", Drops(Congestion)),
    (28, "INVALID_NUMBER_FORMAT", "invalid number format", Fails(InvalidNumber)),
    (29, "FACILITY_REJECTED", "facility rejected", Fails(Rejected)),
    (30, "RESPONSE_TO_STATUS_ENQUIRY", "response to status enquiry", Ordinary),
    (31, "NORMAL_UNSPECIFIED", "normal, unspecified", Plain),
    (34, "NORMAL_CIRCUIT_CONGESTION", "no circuit available", Fails(Congestion)),
    (38, "NETWORK_OUT_OF_ORDER", "network out of order", Drops(Congestion)),
    (39, "PERMANENT_CONNECTION_OUT_OF_SERVICE", "permanent connection out of service", Drops(Congestion)),
    (40, "PERMANENT_CONNECTION_OPERATIONAL", "permanent connection operational", Drops(Congestion)),
    (41, "NORMAL_TEMPORARY_FAILURE", "temporary failure", Drops(Congestion)),
    (42, "SWITCH_CONGESTION", "switching equipment congestion", Fails(Congestion)),
    (43, "ACCESS_INFO_DISCARDED", "access information discarded", Fails(Unknown)),
    (44, "REQUESTED_CHAN_UNAVAIL", "requested circuit not available", Fails(Congestion)),
    (45, "PRE_EMPTED", "pre-empted", Drops(Congestion)),
    (46, "PRECEDENCE_CALL_BLOCKED", "precedence call blocked", Drops(Congestion)),
    (47, "RESOURCE_UNAVAILABLE", "resource unavailable", Fails(Congestion)),
    (49, "QOS_UNAVAILABLE", "quality of service unavailable", Fails(Congestion)),
    (50, "FACILITY_NOT_SUBSCRIBED", "facility not subscribed", Fails(NotPermitted)),
    (52, "OUTGOING_CALL_BARRED", "outgoing calls barred", Fails(NotPermitted)),
    (53, "OUTGOING_CALL_BARRED_WITHIN_GROUP", "outgoing calls barred within the closed group", Fails(NotPermitted)),
    (54, "INCOMING_CALL_BARRED", "incoming calls barred", Fails(NotPermitted)),
    (55, "INCOMING_CALL_BARRED_WITHIN_GROUP", "incoming calls barred within the closed group", Fails(NotPermitted)),
    (57, "BEARERCAPABILITY_NOTAUTH", "bearer capability not authorised", Fails(NotPermitted)),
    (58, "BEARERCAPABILITY_NOTAVAIL", "bearer capability not available", Fails(Congestion)),
    (62, "INCONSISTENT_SUBSCRIPTION", "inconsistency in the subscribed information", Fails(NotPermitted)),
    (63, "SERVICE_UNAVAILABLE", "service or option not available", Fails(Congestion)),
    (65, "BEARERCAPABILITY_NOTIMPL", "bearer capability not implemented", Fails(Rejected)),
    (66, "CHAN_NOT_IMPLEMENTED", "channel type not implemented", Fails(Rejected)),
    (69, "FACILITY_NOT_IMPLEMENTED", "facility not implemented", Fails(Rejected)),
    (70, "RESTRICTED_DIGITAL_ONLY", "only restricted digital information available", Fails(Rejected)),
    (79, "SERVICE_NOT_IMPLEMENTED", "service or option not implemented", Fails(Rejected)),
    (81, "INVALID_CALL_REFERENCE", "invalid call reference", Fails(Unknown)),
    (82, "CHANNEL_DOES_NOT_EXIST", "identified channel does not exist", Fails(Unknown)),
    (83, "SUSPENDED_CALL_EXISTS", "a suspended call exists, but not under this identity", Fails(Unknown)),
    (84, "CALL_IDENTITY_IN_USE", "call identity in use", Fails(Unknown)),
    (85, "NO_CALL_SUSPENDED", "no call suspended", Fails(Unknown)),
    (86, "CALL_IDENTITY_CLEARED", "call of that identity has been cleared", Fails(Unknown)),
    (87, "NOT_MEMBER_OF_GROUP", "not a member of the closed group", Fails(NotPermitted)),
    (88, "INCOMPATIBLE_DESTINATION", "incompatible destination", Fails(Rejected)),
    (90, "NON_EXISTENT_GROUP", "non-existent closed group", Fails(InvalidNumber)),
    (91, "INVALID_TRANSIT_NETWORK", "invalid transit network", Fails(InvalidNumber)),
    (95, "INVALID_MSG_UNSPECIFIED", "invalid message, unspecified", Fails(Congestion)),
    (96, "MANDATORY_IE_MISSING", "mandatory information element missing", Fails(Congestion)),
    (97, "MESSAGE_TYPE_NONEXIST", "message type non-existent", Fails(Congestion)),
    (98, "WRONG_MESSAGE", "message not compatible with the call's state", Fails(Congestion)),
    (99, "IE_NONEXIST", "information element non-existent", Fails(Congestion)),
    (100, "INVALID_IE_CONTENTS", "invalid information element contents", Fails(Congestion)),
    (101, "WRONG_CALL_STATE", "message in the wrong call state", Fails(Congestion)),
    (102, "RECOVERY_ON_TIMER_EXPIRE", "the far side did not respond", Drops(Congestion)),
    (103, "MANDATORY_IE_LENGTH_ERROR", "parameter non-existent, passed on", Fails(Congestion)),
    (110, "UNRECOGNISED_PARAMETER", "message with unrecognised parameter discarded", Fails(Congestion)),
    (111, "PROTOCOL_ERROR", "protocol error", Fails(Congestion)),
    (127, "INTERWORKING", "interworking, unspecified", Fails(Unknown)),
];

/// FreeSWITCH's own, by the number of today.
#[rustfmt::skip]
const FREESWITCH: &[Row] = &[
    (142, "SUCCESS", "success", Ordinary),
    (487, "ORIGINATOR_CANCEL", "the caller gave up", GaveUp),
    (700, "CRASH", "the platform crashed", Drops(Congestion)),
    (701, "SYSTEM_SHUTDOWN", "the platform was shut down", Drops(Congestion)),
    (702, "LOSE_RACE", "another telephone answered", Elsewhere),
    (703, "MANAGER_REQUEST", "ended by command", Ordinary),
    (800, "BLIND_TRANSFER", "blind transfer", Ordinary),
    (801, "ATTENDED_TRANSFER", "attended transfer", Ordinary),
    (802, "ALLOTTED_TIMEOUT", "ended by a limit of time", Limits(NoAnswer)),
    (803, "USER_CHALLENGE", "user challenged", Ordinary),
    (804, "MEDIA_TIMEOUT", "no media arrived any more", Drops(Congestion)),
    (805, "PICKED_OFF", "picked up elsewhere", Elsewhere),
    (806, "USER_NOT_REGISTERED", "user not registered", Fails(NoAnswer)),
    (807, "PROGRESS_TIMEOUT", "no progress in time", Fails(NoAnswer)),
    (808, "INVALID_GATEWAY", "invalid gateway", Fails(Congestion)),
    (809, "GATEWAY_DOWN", "gateway down", Fails(Congestion)),
    (810, "INVALID_URL", "invalid address", Fails(InvalidNumber)),
    (811, "INVALID_PROFILE", "invalid profile", Fails(Congestion)),
    (812, "NO_PICKUP", "not picked up", Fails(NoAnswer)),
    (813, "SRTP_READ_ERROR", "encrypted media could not be read", Drops(Congestion)),
    (814, "BOWOUT", "the platform left the path", Ordinary),
    (815, "BUSY_EVERYWHERE", "busy everywhere", Fails(Busy)),
    (816, "DECLINE", "decline", Fails(Rejected)),
    (817, "DOES_NOT_EXIST_ANYWHERE", "does not exist anywhere", Fails(InvalidNumber)),
    (818, "NOT_ACCEPTABLE", "not acceptable", Fails(Rejected)),
    (819, "UNWANTED", "unwanted", Fails(Rejected)),
    (820, "NO_IDENTITY", "no identity of the caller", Fails(NotPermitted)),
    (821, "BAD_IDENTITY_INFO", "bad identity information", Fails(NotPermitted)),
    (822, "UNSUPPORTED_CERTIFICATE", "unsupported certificate", Fails(NotPermitted)),
    (823, "INVALID_IDENTITY", "invalid identity of the caller", Fails(NotPermitted)),
    (824, "STALE_DATE", "stale date", Fails(NotPermitted)),
    (825, "REJECT_ALL", "rejected everywhere", Fails(Rejected)),
];

#[rustfmt::skip]
const SIP: &[Row] = &[
    (200, "OK", "ok", Plain),
    (202, "ACCEPTED", "accepted", Plain),
    (204, "NO_NOTIFICATION", "no notification", Plain),
    (300, "MULTIPLE_CHOICES", "multiple choices", Plain),
    (301, "MOVED_PERMANENTLY", "moved permanently", Plain),
    (302, "MOVED_TEMPORARILY", "moved temporarily", Plain),
    (305, "USE_PROXY", "use proxy", Plain),
    (380, "ALTERNATIVE_SERVICE", "alternative service", Plain),
    (400, "BAD_REQUEST", "bad request", Fails(Congestion)),
    (401, "UNAUTHORIZED", "unauthorized", Fails(NotPermitted)),
    // On the way to a carrier it is the platform's own debt: see `Cause::meaning`.
    (402, "PAYMENT_REQUIRED", "payment required", Fails(InsufficientBalance)),
    (403, "FORBIDDEN", "forbidden", Fails(NotPermitted)),
    (404, "NOT_FOUND", "not found", Fails(InvalidNumber)),
    (405, "METHOD_NOT_ALLOWED", "method not allowed", Fails(Rejected)),
    (406, "NOT_ACCEPTABLE", "not acceptable", Fails(Rejected)),
    (407, "PROXY_AUTHENTICATION_REQUIRED", "proxy authentication required", Fails(NotPermitted)),
    (408, "REQUEST_TIMEOUT", "request timeout", Fails(NoAnswer)),
    (410, "GONE", "gone", Fails(InvalidNumber)),
    (412, "CONDITIONAL_REQUEST_FAILED", "conditional request failed", Fails(Congestion)),
    (413, "REQUEST_ENTITY_TOO_LARGE", "request entity too large", Fails(Rejected)),
    (414, "REQUEST_URI_TOO_LONG", "request URI too long", Fails(InvalidNumber)),
    (415, "UNSUPPORTED_MEDIA_TYPE", "unsupported media type", Fails(Rejected)),
    (416, "UNSUPPORTED_URI_SCHEME", "unsupported URI scheme", Fails(InvalidNumber)),
    (417, "UNKNOWN_RESOURCE_PRIORITY", "unknown resource priority", Fails(Congestion)),
    (420, "BAD_EXTENSION", "bad extension", Fails(Rejected)),
    (421, "EXTENSION_REQUIRED", "extension required", Fails(Rejected)),
    (422, "SESSION_INTERVAL_TOO_SMALL", "session interval too small", Fails(Rejected)),
    (423, "INTERVAL_TOO_BRIEF", "interval too brief", Fails(Rejected)),
    (424, "BAD_LOCATION_INFORMATION", "bad location information", Fails(Congestion)),
    (425, "BAD_ALERT_MESSAGE", "bad alert message", Fails(Congestion)),
    (428, "USE_IDENTITY_HEADER", "use identity header", Fails(NotPermitted)),
    (429, "PROVIDE_REFERRER_IDENTITY", "provide referrer identity", Fails(NotPermitted)),
    (430, "FLOW_FAILED", "flow failed", Fails(NoAnswer)),
    (433, "ANONYMITY_DISALLOWED", "anonymity disallowed", Fails(NotPermitted)),
    (436, "BAD_IDENTITY_INFO", "bad identity info", Fails(NotPermitted)),
    (437, "UNSUPPORTED_CREDENTIAL", "unsupported credential", Fails(NotPermitted)),
    (438, "INVALID_IDENTITY_HEADER", "invalid identity header", Fails(NotPermitted)),
    (439, "FIRST_HOP_LACKS_OUTBOUND_SUPPORT", "first hop lacks outbound support", Fails(Congestion)),
    (440, "MAX_BREADTH_EXCEEDED", "max-breadth exceeded", Fails(Congestion)),
    (469, "BAD_INFO_PACKAGE", "bad info package", Fails(Congestion)),
    (470, "CONSENT_NEEDED", "consent needed", Fails(Congestion)),
    (480, "TEMPORARILY_UNAVAILABLE", "temporarily unavailable", Fails(NoAnswer)),
    (481, "CALL_TRANSACTION_DOES_NOT_EXIST", "call or transaction does not exist", Fails(Congestion)),
    (482, "LOOP_DETECTED", "loop detected", Fails(Congestion)),
    (483, "TOO_MANY_HOPS", "too many hops", Fails(Congestion)),
    (484, "ADDRESS_INCOMPLETE", "address incomplete", Fails(InvalidNumber)),
    (485, "AMBIGUOUS", "ambiguous", Fails(InvalidNumber)),
    (486, "BUSY_HERE", "busy here", Fails(Busy)),
    (487, "REQUEST_TERMINATED", "request terminated", GaveUp),
    (488, "NOT_ACCEPTABLE_HERE", "not acceptable here", Fails(Rejected)),
    (489, "BAD_EVENT", "bad event", Fails(Rejected)),
    (491, "REQUEST_PENDING", "request pending", Fails(Unknown)),
    (493, "UNDECIPHERABLE", "undecipherable", Fails(Rejected)),
    (494, "SECURITY_AGREEMENT_REQUIRED", "security agreement required", Fails(Congestion)),
    (500, "SERVER_INTERNAL_ERROR", "server internal error", Fails(Congestion)),
    (501, "NOT_IMPLEMENTED", "not implemented", Fails(Rejected)),
    (502, "BAD_GATEWAY", "bad gateway", Fails(Congestion)),
    (503, "SERVICE_UNAVAILABLE", "service unavailable", Fails(Congestion)),
    (504, "SERVER_TIME_OUT", "server time-out", Fails(Congestion)),
    (505, "VERSION_NOT_SUPPORTED", "version not supported", Fails(Rejected)),
    (513, "MESSAGE_TOO_LARGE", "message too large", Fails(Rejected)),
    (555, "PUSH_NOTIFICATION_SERVICE_NOT_SUPPORTED", "push notification service not supported", Fails(Congestion)),
    (580, "PRECONDITION_FAILURE", "precondition failure", Fails(Congestion)),
    (600, "BUSY_EVERYWHERE", "busy everywhere", Fails(Busy)),
    (603, "DECLINE", "decline", Fails(Rejected)),
    (604, "DOES_NOT_EXIST_ANYWHERE", "does not exist anywhere", Fails(InvalidNumber)),
    (606, "NOT_ACCEPTABLE", "not acceptable", Fails(Rejected)),
    (607, "UNWANTED", "unwanted", Fails(Rejected)),
    (608, "REJECTED", "rejected", Fails(Rejected)),
];

/// The row of a code, whichever of FreeSWITCH's numberings it is in.
fn row(cause: Cause) -> Option<&'static Row> {
    let find = |rows: &'static [Row], number: u16| rows.iter().find(|(known, ..)| *known == number);
    match cause {
        Cause::Q850(number @ (500..=503 | 600..=624)) => find(FREESWITCH, number + 200),
        Cause::Q850(number) => find(Q850, number).or_else(|| find(FREESWITCH, number)),
        Cause::Sip(number) => find(SIP, number),
        Cause::Provider(_) => None,
    }
}

/// What the code is called for a person.
pub(super) fn name(cause: Cause) -> Option<&'static str> {
    row(cause).map(|(_, _, words, _)| *words)
}

/// What the code says, towards the platform; None for codes that nobody knows. A proxy takes a SIP status that it does not
/// know for its class's x00 (RFC 3261, 8.1.3.2); a person is to see that it is not known.
pub(super) fn meaning(cause: Cause) -> Option<Meaning> {
    match cause {
        Cause::Sip(200..=399) => Some(Plain),
        _ => row(cause).map(|(.., meaning)| *meaning),
    }
}

/// Further names of Q.850's codes. The second is RFC 3326's, which writes it with SIP's 200.
const FURTHER: [(&str, u16); 4] = [
    ("UNSPECIFIED", 0),
    ("Call completed elsewhere", ELSEWHERE),
    ("Completed elsewhere", ELSEWHERE),
    ("Call answered elsewhere", ELSEWHERE),
];

/// Q.850's code of what somebody answered elsewhere.
pub(super) const ELSEWHERE: u16 = 26;

/// The code of that name, however it is written: `NORMAL_CLEARING`, `normal clearing`, `Busy Here`.
pub(super) fn named(text: &str) -> Option<Cause> {
    let find = |rows: &'static [Row]| {
        let found = rows.iter().find(|(_, name, words, _)| alike(text, name) || alike(text, words));
        found.map(|(number, ..)| *number)
    };
    let further = || FURTHER.iter().find(|(name, _)| alike(text, name)).map(|(_, number)| *number);
    find(Q850).or_else(|| find(FREESWITCH)).or_else(further).map(Cause::Q850).or_else(|| find(SIP).map(Cause::Sip))
}

/// Whether that is a code's name.
pub(super) fn is_named(cause: Cause, text: &str) -> bool {
    row(cause).is_some_and(|(_, name, words, _)| alike(text, name) || alike(text, words))
}

/// Whether two names differ by case and by what stands between the words alone.
fn alike(a: &str, b: &str) -> bool {
    letters(a).eq(letters(b))
}

fn letters(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
