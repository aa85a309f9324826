//! What is watched beside failures: the balance, and whether the providers deliver at all.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared::event::Event;
use shared::name::Provider;
use shared::outbox::{OutboxError, Pending};
use shared::time;

use crate::balance::{self, Balance};
use crate::send::Delivery;
use crate::state::{Change, TRIES, pause};
use crate::stream::Stored;
use crate::{Error, Notify, silence};

impl Notify {
    /// Takes over the newest balance of each account among the events.
    pub(crate) async fn balances(&self, events: &[Stored], delivery: &mut Delivery) -> Result<(), Error> {
        let mut newest: BTreeMap<String, (&Event, &Balance)> = BTreeMap::new();
        for Stored { event, balance } in events {
            let Some(balance) = balance else { continue };
            let known = newest.entry(balance::key(event)).or_insert((event, balance));
            if known.1.at < balance.at {
                *known = (event, balance);
            }
        }
        for (key, (event, balance)) in newest {
            if let Some(pending) = self.balance(&key, event.provider(), balance).await? {
                delivery.send(&self.sender, &self.states, &pending).await?;
            }
        }
        Ok(())
    }

    async fn balance(&self, key: &str, provider: Provider, told: &Balance) -> Result<Option<Pending>, OutboxError> {
        for attempt in 0..TRIES {
            pause(attempt).await;
            let mut state = self.states.read(key).await?;
            let low = self.settings.low_balance;
            let Some(turn) = balance::update(&mut state, told, low) else { return Ok(None) };
            let id = format!("{key}#{}", time::stamp(Some(told.at)));
            let alert = turn.zip(low).map(|(turn, low)| self.words.balance(id, provider, turn, told, low));
            if let Change::Made(pending) = self.states.write(&state, alert.as_ref(), Timestamp::now()).await? {
                return Ok(pending);
            }
        }
        Err(OutboxError::Contended { doing: "taking over a balance" })
    }

    /// Notes that the providers of the events deliver, where silence is watched, and tells who does so again.
    pub(crate) async fn deliveries(&self, events: &[Stored], delivery: &mut Delivery) -> Result<(), Error> {
        if self.settings.silence.is_none() {
            return Ok(());
        }
        for (provider, at) in self.written.news(events.iter().map(|stored| &stored.event)) {
            if let Some(pending) = self.delivered(provider, at).await? {
                delivery.send(&self.sender, &self.states, &pending).await?;
            }
            self.written.wrote(provider, at);
        }
        Ok(())
    }

    async fn delivered(&self, provider: Provider, at: Timestamp) -> Result<Option<Pending>, OutboxError> {
        let key = silence::key(provider);
        for attempt in 0..TRIES {
            pause(attempt).await;
            let mut state = self.states.read(&key).await?;
            let Some(silent_since) = silence::delivered(&mut state, at) else { return Ok(None) };
            let id = format!("back#{provider}#{}", time::stamp(Some(at)));
            let alert = silent_since.map(|last| self.words.back(id, provider, last, at));
            if let Change::Made(pending) = self.states.write(&state, alert.as_ref(), Timestamp::now()).await? {
                return Ok(pending);
            }
        }
        Err(OutboxError::Contended { doing: "noting a delivery" })
    }

    /// Tells which provider has fallen silent. Where another was faster, the next tick looks again.
    pub(crate) async fn silences(&self, delivery: &mut Delivery) -> Result<(), Error> {
        let Some(after) = self.settings.silence else { return Ok(()) };
        for provider in Provider::ALL.iter().copied() {
            let now = Timestamp::now();
            let mut state = self.states.read(&silence::key(provider)).await?;
            let Some(last) = silence::falls_silent(&mut state, after, now) else { continue };
            let id = format!("silent#{provider}#{}", time::stamp(Some(last)));
            let alert = self.words.silent(id, provider, last, now);
            if let Change::Made(Some(pending)) = self.states.write(&state, Some(&alert), now).await? {
                delivery.send(&self.sender, &self.states, &pending).await?;
            }
        }
        Ok(())
    }
}
