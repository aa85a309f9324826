//! The types and steps that Trunkline's functions share.
//!
//! Data flows one way, and a module uses only those above it here; `tests/tests/layers.rs` holds it to that.

// Values and words, of nothing in particular.

// JSON as it was sent: exact numbers, repeated members, digests.
pub mod json;
// Which release this is.
pub mod version;
// Enums with one name a variant: provider, family, status, direction.
pub mod name;
// The reader of a function's environment.
pub mod settings;
// The log, a line of JSON an entry.
pub mod log;
// Texts within their bounds.
pub mod text;
// Times as keys hold them and as people read them.
pub mod time;

// What telephony is about.

// SIP URIs, hosts and phone numbers.
pub mod address;
// What events are found by: a SIP user, a number, an account.
pub mod entity;
// Why calls and messages fail, in one vocabulary.
pub mod failure;
// Ids that are keys: of partitions, calls and events.
pub mod key;

// What a delivery says, in the words that all providers share.
pub mod event;

// From a delivery to an event.

// Who may deliver: only what was verified has a body.
pub mod access;
// What each provider sends.
pub mod provider;

// A call, put together from the events of its legs.
pub mod call;
// What a call or a message came to.
pub mod record;

// What is kept.

// Clients of AWS, made once and connected ahead of the first request.
pub mod aws;
// The events table: written once, read by Query.
pub mod store;
// The alerts table: alerts until they are sent.
pub mod outbox;
// What people were told, and of what.
pub mod told;
// The subscription at OnSIP: until when it lives.
pub mod renewal;
// What people are not told of for a while.
pub mod mute;

// A delivery: read, and kept as an event or in quarantine.
pub mod intake;
// Deliveries that wait for the table.
pub mod spool;

// What reads the events table's stream.

// A batch of the stream, item by item.
pub mod stream;
// What could not be read of it.
pub mod dead_letters;

// A function's edges.

// Answers and problems.
pub mod answer;
// What became of deliveries, for CloudWatch.
pub mod metric;
// What is taken from an API Gateway request.
pub mod request;

// A delivery, step by step: the four ingest functions.
pub mod ingest;
