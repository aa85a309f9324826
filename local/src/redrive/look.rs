//! Looking at the letters without replaying them, and deleting one that can never be read.

use std::collections::BTreeMap;

use super::Redrive;
use super::letter::Letter;
use super::queue::ReceivedMessage;
use super::trouble::RedriveError;
use crate::terminal::{Terminal, indented};

impl Redrive {
    /// Shows each letter with its id, and what it holds.
    ///
    /// # Errors
    /// [`RedriveError`] when the queue can't be read.
    pub async fn show(&self, terminal: Terminal) -> Result<(), RedriveError> {
        let letters = self.letters().await?;
        for letter in letters.values() {
            terminal.say(&format!("\n{}  {}\n{}", letter.id, Letter::read(&letter.body), indented(&letter.body)));
        }
        self.release(&letters).await;
        terminal.say(&format!("\n{} letters", letters.len()));
        Ok(())
    }

    /// Deletes the letter of that id. The events that it is about stay stored.
    ///
    /// # Errors
    /// [`RedriveError`] when the queue can't be read, holds no such letter, or does not delete it.
    pub async fn discard(&self, id: &str, terminal: Terminal) -> Result<(), RedriveError> {
        let mut letters = self.letters().await?;
        let letter = letters.remove(id);
        self.release(&letters).await;
        let letter = letter.ok_or(RedriveError::NoLetter)?;
        self.queue.delete(&letter).await.map_err(RedriveError::Kept)?;
        terminal.say(&format!("discarded {}", Letter::read(&letter.body)));
        Ok(())
    }

    /// All letters, by their ids, with the receipts that they were handed out by last.
    async fn letters(&self) -> Result<BTreeMap<String, ReceivedMessage>, RedriveError> {
        let mut letters = BTreeMap::new();
        loop {
            let (before, messages) = (letters.len(), self.queue.receive().await?);
            letters.extend(messages.into_iter().map(|message| (message.id.clone(), message)));
            if letters.len() == before {
                return Ok(letters);
            }
        }
    }

    async fn release(&self, letters: &BTreeMap<String, ReceivedMessage>) {
        for letter in letters.values() {
            self.queue.release(&letter.receipt).await;
        }
    }
}
