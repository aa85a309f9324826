//! One run: which letters were seen, what became of each, and a line for it.

use std::collections::{BTreeMap, BTreeSet};

use shared::log::chain;

use super::letter::{Key, Letter};
use super::queue::ReceivedMessage;
use super::trouble::Trouble;
use crate::terminal::{Terminal, printable};

/// What became of a letter.
pub(super) enum Fate {
    /// Its reader took it.
    Replayed,
    /// Its item has expired.
    Gone,
    /// It stays.
    Left(Trouble),
}

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Redriven {
    /// Letters that their readers took.
    pub replayed: usize,
    /// Letters that are still in the queue.
    pub left: usize,
}

/// The run so far.
pub(super) struct Run {
    terminal: Terminal,
    seen: BTreeSet<String>,
    tries: BTreeMap<Key, usize>,
    /// The letters that stay, with the receipts they were handed out by last.
    left: BTreeMap<String, String>,
    replayed: usize,
}

impl Run {
    pub(super) fn new(terminal: Terminal) -> Self {
        let (seen, tries, left) = (BTreeSet::new(), BTreeMap::new(), BTreeMap::new());
        Self { terminal, seen, tries, left, replayed: 0 }
    }

    /// Those that were not looked at before. A letter that is left comes again when its time is over.
    pub(super) fn new_of(&mut self, messages: Vec<ReceivedMessage>) -> Vec<ReceivedMessage> {
        for message in &messages {
            if let Some(receipt) = self.left.get_mut(&message.id) {
                receipt.clone_from(&message.receipt);
            }
        }
        messages.into_iter().filter(|message| self.seen.insert(message.id.clone())).collect()
    }

    /// How many letters named that item, this one counted.
    pub(super) fn tries(&mut self, key: &Key) -> usize {
        let tries = self.tries.entry(key.clone()).or_default();
        *tries += 1;
        *tries
    }

    /// Notes what became of a letter, and tells it.
    pub(super) fn tell(&mut self, message: ReceivedMessage, letter: &Letter, fate: Fate) {
        let line = match &fate {
            Fate::Replayed => format!("replayed  {letter}"),
            Fate::Gone => format!("gone      {letter}: it has expired"),
            Fate::Left(trouble) => format!("left      {letter}: {} (message {})", chain(trouble), message.id),
        };
        self.terminal.say(&printable(&line));
        match fate {
            Fate::Replayed => self.replayed += 1,
            Fate::Gone => {}
            Fate::Left(_) => drop(self.left.insert(message.id, message.receipt)),
        }
    }

    /// The receipts of what is left.
    pub(super) fn left(&self) -> impl Iterator<Item = &str> {
        self.left.values().map(String::as_str)
    }

    /// Tells the sum.
    pub(super) fn end(self) -> Redriven {
        let redriven = Redriven { replayed: self.replayed, left: self.left.len() };
        self.terminal.say(&format!("{} replayed, {} left", redriven.replayed, redriven.left));
        redriven
    }
}
