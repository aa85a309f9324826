//! `replay`: events or calls that are stored, once more for a consumer that comes later, in the order of receipt and as the events topic
//! had them. Only that consumer gets them. A run that ends early says where it goes on: what was sent since then comes twice.

mod error;
mod flags;
mod place;
mod source;
mod target;

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use futures_util::future::try_join_all;
use serde_json::value::RawValue;
use shared::aws::Aws;
use tokio::time::Instant;

pub(crate) use self::error::ReplayError;
pub(crate) use self::flags::Replaying;
use self::flags::{Manner, Wanted};
use self::place::Place;
use self::source::Source;
use self::target::Sender;
use crate::listing::{Lists, Progress};
use crate::redrive::PATIENCE;
use crate::stop::Stop;
use crate::terminal::{Consent, Terminal};

/// What `replay --help` says behind the flags.
pub(crate) const HELP: &str = "\
Subscribe the consumer first, and two minutes later replay what came before: so nothing is missed, and what comes twice has the same id.
Each message has the text and the attributes that the events topic gave it, and an attribute `replayed`.
  trunkline replay events --url URL --from 7d --to sqs:https://sqs.us-east-1.amazonaws.com/123456789012/crm
  trunkline replay calls --url URL --ended-from 30d --to sns:arn:aws:sns:us-east-1:123456789012:crm
The URL may stand in TRUNKLINE_URL; TRUNKLINE_READ_TOKEN is a reader's token.
The region is that of the URL or ARN, else AWS_REGION; credentials come from the environment:
  eval \"$(aws configure export-credentials --format env)\"

How many there are is told first. A run that is interrupted or fails prints the command that goes on; up to 100 messages come twice then.

Exit status: 0 all is sent, 1 something is not, 2 wrong usage.";

/// How long a batch is tried again where the consumer's queue or topic is in trouble: a run takes hours.
const PERSEVERANCE: Duration = Duration::from_secs(300);

/// How many are sent together: what SNS and SQS take in a batch.
const TOGETHER: u32 = 10;

impl Replaying {
    /// Does it, with token and credentials of an environment.
    pub(crate) async fn run(
        self,
        lookup: &dyn Fn(&str) -> Option<String>,
        terminal: Terminal,
    ) -> Result<(), ReplayError> {
        let (wanted, manner) = self.read()?;
        let sender = match (&manner.to, manner.dry_run) {
            (Some(target), false) => {
                let aws = Aws::read(&|name| {
                    target.region().filter(|_| name == "AWS_REGION").map(str::to_owned).or_else(|| lookup(name))
                })?;
                Some(Sender::new(target, &aws.patient(PATIENCE.0, PERSEVERANCE)))
            }
            _ => None,
        };
        let source = Source::new(Lists::new(&manner.url, lookup)?, &wanted);
        let replay = Replay { source, wanted, manner, terminal };
        replay.run(sender).await
    }
}

/// One run.
struct Replay {
    source: Source,
    wanted: Wanted,
    manner: Manner,
    terminal: Terminal,
}

impl Replay {
    /// Tells what there is, asks, and sends it.
    async fn run(&self, sender: Option<Sender>) -> Result<(), ReplayError> {
        let mut place = Place { from: self.wanted.from, cursor: self.manner.cursor.clone() };
        let number = self.count(place.clone()).await?;
        let behind = place.cursor.as_ref().map_or("", |_| ", behind the cursor");
        let told = format!("{number} {} from {} to {}{behind}", self.wanted.what, self.wanted.from, self.wanted.to);
        let Some((sender, target)) = sender.zip(self.manner.to.as_ref()) else {
            self.terminal.say(&format!("{told}\nNothing was sent."));
            return Ok(());
        };
        self.terminal.say(&format!("{told}, to {target}, {} a second", self.manner.rate));
        if number > 0 && !self.manner.yes && self.terminal.ask("Send them?").await == Consent::Withheld {
            return Err(ReplayError::Withheld);
        }
        let mut sent = 0;
        let stop = Stop::listen().map_err(ReplayError::Signals)?;
        let ended = tokio::select! {
            ended = self.send(&sender, &mut place, (&mut sent, number)) => ended,
            () = stop.asked() => Err(ReplayError::Interrupted),
        };
        self.terminal.say(&format!("{sent} sent"));
        if ended.is_err() {
            self.terminal.say(&self.where_it_goes_on(&place));
        }
        ended
    }

    /// How many are to be sent.
    async fn count(&self, mut place: Place) -> Result<usize, ReplayError> {
        let (mut number, mut progress) = (0, Progress::default());
        while let Some(items) = self.source.next(&mut place, self.wanted.to).await? {
            number += self.source.number(&items)?;
            progress.show(&format!("{number} counted"));
        }
        Ok(number)
    }

    /// Sends what is behind the place, which follows page by page.
    async fn send(
        &self,
        sender: &Sender,
        place: &mut Place,
        (sent, number): (&mut usize, usize),
    ) -> Result<(), ReplayError> {
        let (begun, mut progress) = (Instant::now(), Progress::default());
        let rate = f64::from(self.manner.rate);
        let together = usize::try_from(self.manner.rate.min(TOGETHER)).unwrap_or(1);
        let mut next = place.clone();
        while let Some(items) = self.source.next(&mut next, self.wanted.to).await? {
            for some in items.chunks(together) {
                *sent += self.send_some(sender, some).await?;
                progress.show(&format!("{sent} of {number} sent"));
                #[expect(clippy::cast_precision_loss, reason = "nobody sends so many")]
                let due = Duration::from_secs_f64(*sent as f64 / rate);
                tokio::time::sleep_until(begun + due).await;
            }
            place.clone_from(&next);
            if !io::stderr().is_terminal() {
                // For who looks at a log: where it goes on, also if nobody can ask this process any more.
                let _ = writeln!(
                    io::stderr(),
                    "{sent} of {number} sent; the rest begins with {}",
                    place.told(&self.wanted)
                );
            }
        }
        Ok(())
    }

    /// Sends some of a page, in their order. One that has expired meanwhile is none.
    async fn send_some(&self, sender: &Sender, items: &[Box<RawValue>]) -> Result<usize, ReplayError> {
        let messages = try_join_all(items.iter().map(|item| self.source.message(item))).await?;
        let messages: Vec<_> = messages.into_iter().flatten().collect();
        let number = messages.len();
        sender.send(messages).await?;
        Ok(number)
    }

    fn where_it_goes_on(&self, place: &Place) -> String {
        let cursor = place.cursor.as_deref().unwrap_or("none: it goes on with the beginning of --from");
        format!("cursor: {cursor}\nIt goes on with:\n  {}", place.command(&program(), &self.wanted, &self.manner))
    }
}

/// This program, as it was called.
fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "trunkline".to_owned())
}
