//! What can be wrong with a stack, in words, each with what to do about it.

use hyper::StatusCode;
use shared::version::VERSION;

use crate::client::{Answer, ClientError};
use crate::holder::{Missing, TokenHolder};

/// Why a step did not hold.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// It was not taken; that is no failure.
    #[error("{0}")]
    Skipped(String),
    /// Something is wrong.
    #[error(transparent)]
    Failed(#[from] CheckError),
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckError {
    /// No answer.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// An answer that no Trunkline gives.
    #[error("GET /events was answered {answer}: {words}")]
    Stranger {
        /// What it was.
        answer: String,
        /// Whose it may be, and what to do.
        words: &'static str,
    },
    /// The stack is of another release.
    #[error(
        "the stack is {}, and this program {VERSION}: deploy that, or check with the program of the release that is deployed",
        deployed.as_deref().unwrap_or("of a release that tells none")
    )]
    Version {
        /// Which, where it tells.
        deployed: Option<String>,
    },
    /// Anybody may deliver.
    #[error(
        "a made-up token is let in ({answer}): what answers here does not verify; remove what stands between, or deploy again"
    )]
    Open {
        /// What it was answered.
        answer: String,
    },
    /// A token is not among those of the stack.
    #[error(
        "{variable} is refused: its digest is not in the parameter {parameter}; make it with `printf %s \"${variable}\" | sha256sum` and deploy with it",
        variable = .0.variable(), parameter = .0.parameter()
    )]
    Token(TokenHolder),
    /// Another answer than the design's.
    #[error("{doing} was answered {answer}; {advice}")]
    Answer {
        /// What was asked.
        doing: &'static str,
        /// What it was answered.
        answer: String,
        /// What to do.
        advice: String,
    },
    /// Something changed the bytes.
    #[error(
        "the body read back ({read} bytes) is not what was sent ({sent} bytes): does the API declare all media types binary (BinaryMediaTypes in template.yaml)?"
    )]
    Body {
        /// Bytes sent.
        sent: usize,
        /// Bytes read back.
        read: usize,
    },
    /// Variables can't be read.
    #[error("notify can't read {faults}; it goes on with the defaults: correct the parameters and deploy")]
    Settings {
        /// Each with the reason.
        faults: String,
    },
    /// No such table.
    #[error("there is no table {table}: see RUNBOOK.md, The events table is lost")]
    NoTable {
        /// Its name.
        table: String,
    },
    /// The table has no stream.
    #[error("the events table has no stream, so nobody is alerted: see RUNBOOK.md, The events table is lost")]
    NoStream,
    /// A reader does not follow the stream.
    #[error(
        "{name} {state}, so nobody follows the events table's stream for it: deploy with EventsStreamArn={stream}, or see RUNBOOK.md, A stream that is not followed"
    )]
    Unfollowed {
        /// The reader's function, by its logical id in the template.
        name: &'static str,
        /// What it does instead.
        state: String,
        /// The stream.
        stream: String,
    },
    /// No such topic.
    #[error(
        "there is no topic {topic}, so alerts wait: deploy again under another stack name, or make it again under its name"
    )]
    NoTopic {
        /// Its ARN.
        topic: String,
    },
    /// People who were named get nothing.
    #[error("{way}, {words}: see RUNBOOK.md, Nobody is subscribed")]
    Subscribers {
        /// How they are told.
        way: &'static str,
        /// How many of which.
        words: String,
    },
    /// Numbers that get no SMS.
    #[error(
        "the account is in SNS's sandbox for SMS, and {left_out} of the numbers are not verified: verify them, or ask for production access, in the SNS console (Text messaging)"
    )]
    Sandbox {
        /// How many.
        left_out: usize,
    },
    /// Alerts that nobody got.
    #[error("{count} alerts wait, for {minutes} minutes already: see RUNBOOK.md, Alerts that wait")]
    Waiting {
        /// How many.
        count: usize,
        /// For how long the oldest waits.
        minutes: i64,
    },
}

impl CheckError {
    /// An answer that was not expected from that function, by its logical id in the template.
    pub(crate) fn answer(doing: &'static str, function: &str, answer: &Answer) -> Self {
        let advice = match answer.status {
            StatusCode::FORBIDDEN => "a policy or a firewall in front of the API refuses this address".to_owned(),
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
                "what is deployed is not of this version: deploy again".to_owned()
            }
            _ => format!("{function}'s log in CloudWatch tells why"),
        };
        Self::Answer { doing, answer: answer.to_string(), advice }
    }

    /// A refusal of the holder's token, or else an answer that was not expected.
    pub(crate) fn refusal(holder: TokenHolder, doing: &'static str, function: &str, answer: &Answer) -> Self {
        match answer.status {
            StatusCode::UNAUTHORIZED => Self::Token(holder),
            _ => Self::answer(doing, function, answer),
        }
    }
}

impl From<Missing> for Stop {
    fn from(missing: Missing) -> Self {
        Self::Skipped(missing.to_string())
    }
}

impl From<ClientError> for Stop {
    fn from(error: ClientError) -> Self {
        Self::Failed(error.into())
    }
}
