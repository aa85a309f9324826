//! Why a letter stays in the queue, in words.

use shared::aws::ServiceError;
use shared::store::item::ItemError;

use super::stretch::Stretch;

/// Why a run ends before it is through.
#[derive(Debug, thiserror::Error)]
pub enum RedriveError {
    /// The queue can't be read.
    #[error("the dead-letter queue cannot be read")]
    Queue(#[source] ServiceError),
    /// There is no letter of that id.
    #[error("the queue shows no letter of that id; another run may be at it for five minutes")]
    NoLetter,
    /// It could not be deleted.
    #[error("the letter is still there")]
    Kept(#[source] Trouble),
    /// A step of a stretch could not be taken; those before it are done.
    #[error("stopped at {step}: begin there again")]
    Step {
        /// The step.
        step: Stretch,
        /// Why.
        #[source]
        trouble: Trouble,
    },
}

/// Why a letter is left.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The item is still what could not be read.
    #[error("it still can't be read")]
    Unreadable(#[source] ItemError),
    /// The item has a value that this SDK does not know.
    #[error("it holds a kind of value that this version does not know")]
    NewerForm,
    /// The events table did not give it.
    #[error("the events table did not answer")]
    Item(#[source] ServiceError),
    /// Too many letters of one item came in this run.
    #[error("too many letters of it came; the next run takes it")]
    Repeated,
    /// The stream has forgotten the records.
    #[error("the stream keeps records for 24 hours and has these no more")]
    Trimmed,
    /// The stream ends before the batch.
    #[error("the stream did not give all of its records")]
    EndedEarly,
    /// The letter is of another stack.
    #[error("its stream is not that of this events table")]
    OtherStream,
    /// The stream did not answer.
    #[error("the stream did not answer")]
    Stream(#[source] ServiceError),
    /// The reader stopped at a record.
    #[error("it could not be taken: a table or the dead-letter queue is not available")]
    NotTaken,
    /// `notify` failed.
    #[error("notify failed")]
    Notify(#[source] notify::Error),
    /// `index` failed.
    #[error("index failed")]
    Index(#[source] index::Error),
    /// It is done with, and would come again.
    #[error("it is done with, and could not be deleted")]
    Undeleted(#[source] ServiceError),
    /// Neither of ours nor of Lambda's.
    #[error("it names neither an item nor a stream batch")]
    Unknown,
}

/// What a call came to, with what the service said: the line is for the operator's terminal.
pub(super) fn told(error: impl Into<ServiceError>) -> ServiceError {
    error.into().with_message()
}
