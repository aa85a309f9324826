//! Why a stack did not start.

use std::net::SocketAddr;

use crate::stack::database::DatabaseError;
use crate::stack::stream::ReadError;
use crate::stack::tables::TablesError;
use crate::stack::template::TemplateError;

/// Why a stack did not start. The text with its sources makes one line.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is taken, or not this machine's.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// An address that Opentact may deliver from is none.
    #[error("addresses of Opentact: {text:?} is not an address or a network in CIDR notation")]
    Network {
        /// What was given.
        text: String,
    },
    /// A token that was given is empty.
    #[error("a token must not be empty")]
    EmptyToken,
    /// The system has no randomness for the tokens.
    #[error("no random token to be had")]
    Random(#[from] getrandom::Error),
    /// The template lacks what the stack needs.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The embedded database did not open.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The tables are not there.
    #[error(transparent)]
    Tables(#[from] TablesError),
    /// No table of the template has a stream.
    #[error("template.yaml: no table has a stream, so nothing would feed notify and index")]
    NoStream,
    /// A function has no event of the stream.
    #[error("template.yaml: {function} has no event of type DynamoDB")]
    NotFed {
        /// The function's logical id.
        function: &'static str,
    },
    /// A function has no event of a queue.
    #[error("template.yaml: {function} has no event of type SQS")]
    NotPolled {
        /// The function's logical id.
        function: &'static str,
    },
    /// The stream is not there.
    #[error(transparent)]
    Stream(#[from] ReadError),
    /// The file with the stream's position cannot be read.
    #[error("the stream's position cannot be read")]
    Position(#[source] std::io::Error),
    /// The file with a queue's messages cannot be read.
    #[error("the queues of the data directory cannot be read")]
    Messages(#[source] std::io::Error),
    /// No loopback port for SNS, SQS or another service.
    #[error("cannot serve what stands in for AWS and OnSIP on loopback")]
    Endpoint(#[source] std::io::Error),
    /// The process cannot listen for the signals that end it.
    #[error("cannot listen for signals")]
    Signals(#[source] std::io::Error),
    /// The functions refuse their settings.
    #[error(transparent)]
    Settings(#[from] shared::settings::SettingsError),
    /// TLS can't be set up.
    #[error(transparent)]
    Tls(#[from] renew::api::RootsError),
}
