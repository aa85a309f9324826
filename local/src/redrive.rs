//! `redrive`: replays the dead letters. What a reader of the stream could not handle is read again and given to that reader,
//! here in this process; a letter is deleted only after that. Each letter is looked at once in a run, so that the run ends, and what
//! still can't be read stays in the queue as it was.

mod batch;
mod flags;
mod item;
mod letter;
mod look;
mod queue;
mod readers;
mod run;
mod settings;
mod stretch;
mod trouble;

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::log::chain;

use self::batch::Batches;
use self::item::{Found, Items};
use self::letter::{Key, Letter};
use self::queue::{DeadLetterQueue, ReceivedMessage};
use self::readers::Readers;
use self::run::{Fate, Run};
use self::settings::Settings;
use self::stretch::Days;
use crate::terminal::{Terminal, printable};

pub(crate) use self::flags::{RedriveFlags, Task};
pub use self::readers::Reader;
pub use self::run::Redriven;
pub(crate) use self::settings::Variables;
pub use self::settings::VariablesError;
pub use self::stretch::{Border, Stretch, StretchError};
pub use self::trouble::{RedriveError, Trouble};

/// What `redrive --help` says beyond the flags.
pub(crate) const HELP: &str = "\
The settings are the environment of the function notify, as a JSON object:
  aws lambda get-function-configuration --function-name NAME --query Environment.Variables | trunkline redrive
  curl -s http://127.0.0.1:3000/local/notify | trunkline redrive         (the local stack)
What they do not hold comes from this process's environment: AWS_REGION and the credentials, which
  eval \"$(aws configure export-credentials --format env)\"
puts there.

A letter whose item can be read now is given to the function that left it, here in this process, and deleted. What can't be
read yet stays in the queue.

--show shows the letters, and --discard ID deletes one that can never be read: its events are stored, and nobody is alerted to them.

With --from and --to, no letter is looked at. The events that were received between the two, days or times in UTC, are read
from the table and given to index and notify again. What was told of them is not told again; the events topic gets
them once more.

Exit status: 0 no letter is left, 1 some are left or the queue can't be read, 2 wrong usage or settings.";

/// One attempt of a call from here, which may be far from the region, and all of them.
pub(crate) const PATIENCE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(30));

/// More letters of one item than this are left to the next run: a reader may be writing them itself.
const LETTERS_OF_AN_ITEM: usize = 5;

/// How many events are read at the same time, each over a connection of its own, and given together.
const BATCH: usize = 25;

/// The dead letters of a stack, and what replays them.
#[derive(Debug)]
pub struct Redrive {
    readers: Readers,
    queue: DeadLetterQueue,
    items: Items,
    batches: Batches,
    days: Days,
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
            days: Days::new(&aws, notify.events_table.clone(), notify.shards),
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

    /// Gives the events of a stretch to the readers again, and tells of each step that has some.
    ///
    /// # Errors
    /// [`Trouble`] when a step could not be read or given: all steps before are done.
    pub async fn again(
        &self,
        stretch: Stretch,
        readers: &[Reader],
        terminal: Terminal,
    ) -> Result<Redriven, RedriveError> {
        let mut all = Redriven::default();
        for step in stretch.steps() {
            let done = Box::pin(self.step(step, readers, terminal))
                .await
                .map_err(|trouble| RedriveError::Step { step, trouble })?;
            if done != Redriven::default() {
                terminal.say(&format!("{step}: {} given, {} left", done.replayed, done.left));
            }
            all = Redriven { replayed: all.replayed + done.replayed, left: all.left + done.left };
        }
        terminal.say(&format!("in all: {} given, {} left", all.replayed, all.left));
        Ok(all)
    }

    async fn step(&self, step: Stretch, readers: &[Reader], terminal: Terminal) -> Result<Redriven, Trouble> {
        let mut done = Redriven::default();
        for keys in self.days.keys(step).await?.chunks(BATCH) {
            let mut records = Vec::new();
            for (key, found) in keys.iter().zip(join_all(keys.iter().map(|key| self.items.read(key))).await) {
                match found {
                    Ok(Found::Readable(event)) => records.extend(records_of(event)),
                    Ok(Found::Gone) => {}
                    Err(trouble @ Trouble::Item(_)) => return Err(trouble),
                    Err(trouble) => {
                        done.left += 1;
                        terminal.say(&printable(&format!("left      {key}: {}", chain(&trouble))));
                    }
                }
            }
            done.replayed += records.len();
            let batch = json!({ "Records": records });
            for reader in readers {
                self.readers.give(*reader, batch.clone()).await?;
            }
        }
        Ok(done)
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

fn records_of(mut event: Value) -> Vec<Value> {
    event.get_mut("Records").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default()
}
