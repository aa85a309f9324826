//! `redrive`: replays the dead letters. What a reader of the stream could not handle is read again and given to that reader,
//! here in this process; a letter is deleted only after that. Each letter is looked at once in a run, so that the run ends, and what
//! still can't be read stays in the queue as it was.

mod batch;
mod item;
mod letter;
mod queue;
mod readers;
mod run;
mod settings;
mod trouble;

use std::time::Duration;

use serde_json::Value;

use self::batch::Batches;
use self::item::{Found, Items};
use self::letter::{Key, Letter};
use self::queue::{DeadLetterQueue, ReceivedMessage};
use self::readers::{Reader, Readers};
use self::run::{Fate, Run};
use self::settings::Settings;
use self::trouble::Trouble;
use crate::terminal::Terminal;

pub use self::queue::RedriveError;
pub use self::run::Redriven;
pub(crate) use self::settings::Variables;
pub use self::settings::VariablesError;

/// What `redrive --help` says beyond the flags.
pub(crate) const HELP: &str = "\
The settings are the environment of the function notify, as a JSON object:
  aws lambda get-function-configuration --function-name NAME --query Environment.Variables | trunkline redrive
  curl -s http://127.0.0.1:3000/local/notify | trunkline redrive         (the local stack)
What they do not hold comes from this process's environment: AWS_REGION and the credentials, which
  eval \"$(aws configure export-credentials --format env)\"
puts there.

A letter whose item can be read now is given to the function that left it, here in this process, and deleted. What can't be read yet stays in the queue.

Exit status: 0 no letter is left, 1 some are left or the queue can't be read, 2 wrong usage or settings.";

/// One attempt of a call from here, which may be far from the region, and all of them.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(30));

/// More letters of one item than this are left to the next run: a reader may be writing them itself.
const LETTERS_OF_AN_ITEM: usize = 5;

/// The dead letters of a stack, and what replays them.
#[derive(Debug)]
pub struct Redrive {
    readers: Readers,
    queue: DeadLetterQueue,
    items: Items,
    batches: Batches,
}

impl Redrive {
    /// For the stack whose `notify` has that environment.
    ///
    /// # Errors
    /// [`VariablesError`] with what is missing.
    pub fn new(lookup: shared::settings::Lookup<'_>) -> Result<Self, VariablesError> {
        let Settings { aws, notify, index } = Settings::read(lookup)?;
        let aws = aws.with_time(PATIENCE.0, PATIENCE.1);
        Ok(Self {
            queue: DeadLetterQueue::new(&aws, notify.dead_letter_queue.clone()),
            items: Items::new(&aws, notify.events_table.clone()),
            batches: Batches::new(&aws, notify.events_table.clone()),
            readers: Readers::new(notify, index, &aws),
        })
    }

    /// Takes every letter once, and tells of each.
    ///
    /// # Errors
    /// [`RedriveError`] when the queue can't be read.
    pub async fn run(&self, terminal: Terminal) -> Result<Redriven, RedriveError> {
        let mut run = Run::new(terminal);
        let drained = self.drain(&mut run).await;
        for receipt in run.left() {
            self.queue.release(receipt).await;
        }
        drained.map(|()| run.end())
    }

    /// Ends with the first look into the queue that brings nothing new.
    async fn drain(&self, run: &mut Run) -> Result<(), RedriveError> {
        loop {
            let messages = run.new_of(self.queue.receive().await?);
            if messages.is_empty() {
                return Ok(());
            }
            for message in messages {
                let letter = Letter::read(&message.body);
                let fate = match Box::pin(self.replay(&letter, run)).await {
                    Ok(fate) => self.delete(&message, fate).await,
                    Err(trouble) => Fate::Left(trouble),
                };
                run.tell(message, &letter, fate);
            }
        }
    }

    async fn replay(&self, letter: &Letter, run: &mut Run) -> Result<Fate, Trouble> {
        match letter {
            Letter::Item(reader, key) => self.item(*reader, key, run).await,
            Letter::Batch(reader, batch) => self.give(*reader, self.batches.read(batch).await?).await,
            Letter::Unknown => Err(Trouble::Unknown),
        }
    }

    async fn item(&self, reader: Reader, key: &Key, run: &mut Run) -> Result<Fate, Trouble> {
        if run.tries(key) > LETTERS_OF_AN_ITEM {
            return Err(Trouble::Repeated);
        }
        match self.items.read(key).await? {
            Found::Readable(event) => self.give(reader, event).await,
            Found::Gone => Ok(Fate::Gone),
        }
    }

    async fn give(&self, reader: Reader, event: Value) -> Result<Fate, Trouble> {
        self.readers.give(reader, event).await.map(|()| Fate::Replayed)
    }

    async fn delete(&self, message: &ReceivedMessage, fate: Fate) -> Fate {
        match self.queue.delete(message).await {
            Ok(()) => fate,
            Err(trouble) => Fate::Left(trouble),
        }
    }
}
