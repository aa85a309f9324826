//! Settings that can't be read. Each has its default meanwhile, an alarm rings, and people are told once: a slip of the hand
//! must not silence everything else.

use jiff::Timestamp;
use shared::metric::Gauges;
use shared::outbox::{OutboxError, Pending};
use shared::settings::Fault;
use shared::text::digest;

use crate::state::{Decision, State, States};
use crate::words::Words;

/// The faults, and who is told of them.
#[derive(Debug)]
pub(crate) struct Faults {
    states: States,
    words: Words,
    gauges: Gauges,
    faults: Vec<Fault>,
}

impl Faults {
    pub(crate) fn new(states: States, words: Words, gauges: Gauges, faults: Vec<Fault>) -> Self {
        Self { states, words, gauges, faults }
    }

    /// Alerts each wrong value once.
    pub(crate) async fn look(&self, now: Timestamp, alerts: &mut Vec<Pending>) -> Result<(), OutboxError> {
        self.gauges.tell_faults([&self.faults, &[]], now);
        for fault in &self.faults {
            let id = format!("setting-{}", digest(&[&fault.name, &fault.value]));
            let decide = |state: &mut State| self.decide(state, &id, fault);
            alerts.extend(self.states.update(&format!("told#{id}"), "noting a wrong setting", now, decide).await?);
        }
        Ok(())
    }

    fn decide(&self, state: &mut State, id: &str, fault: &Fault) -> Decision {
        if state.text("told").is_some() {
            return Decision::Unchanged;
        }
        state.set("told", Some("yes".to_owned()));
        Decision::Changed(Some(self.words.wrong_setting(id.to_owned(), fault)))
    }
}
