//! Whoever is woken is told the end: a state remembers the alert that woke somebody until that of its end, which names it. So an on-call
//! tool gets an OK for each ALARM, and none without one.

use shared::outbox::{Alert, Page};

use crate::incident::Incident;
use crate::signal::Severity;
use crate::state::State;

/// The attribute of a state that has the id of the alert that woke somebody.
const ALARM: &str = "alarm";

fn opening(alarm: &mut Option<String>, alert: Alert) -> Alert {
    if alarm.is_some() {
        return alert;
    }
    *alarm = Some(alert.id.clone());
    alert.paging(Page::Alarm)
}

fn ending(alarm: &mut Option<String>, alert: Alert) -> Alert {
    match alarm.take() {
        Some(of) => alert.paging(Page::Ok(of)),
        None => alert,
    }
}

impl State {
    /// The alert of something critical, which wakes somebody unless somebody is woken already.
    pub(crate) fn opening(&mut self, alert: Alert) -> Alert {
        let mut alarm = self.text(ALARM).map(str::to_owned);
        let alert = opening(&mut alarm, alert);
        self.set(ALARM, alarm);
        alert
    }

    /// The alert that all is well.
    pub(crate) fn ending(&mut self, alert: Alert) -> Alert {
        let mut alarm = self.text(ALARM).map(str::to_owned);
        let alert = ending(&mut alarm, alert);
        self.set(ALARM, alarm);
        alert
    }

    /// Where that alert is held back it woke nobody.
    pub(crate) fn held(&self, alert: &Alert) -> Self {
        let mut state = self.clone();
        if alert.page == Some(Page::Alarm) {
            state.set(ALARM, None);
        }
        state
    }
}

impl Incident {
    /// The alert of its opening, or that it has become critical.
    pub(crate) fn opening(&mut self, alert: Alert) -> Alert {
        match self.severity {
            Severity::Critical => opening(&mut self.alarm, alert),
            Severity::Warning => alert,
        }
    }

    /// The alert of its end.
    pub(crate) fn ending(&mut self, alert: Alert) -> Alert {
        ending(&mut self.alarm, alert)
    }
}
