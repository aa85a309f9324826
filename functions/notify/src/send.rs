//! Sending: alerts to SNS.

use jiff::{SignedDuration, Timestamp};
use shared::aws::{Aws, ServiceError};
use shared::log::chain;
use shared::metric::Gauges;
use shared::outbox::{Alert, Outbox, OutboxError, Pending, Taken, Transport};

use crate::metric;
use crate::state::{Decision, State, States};
use crate::topic::{Attribute, sdk_values};
use crate::words;

/// The two topics: no rule of one transport bends the other.
#[derive(Debug, Clone)]
pub(crate) struct Topics {
    client: aws_sdk_sns::Client,
    alerts: String,
    urgent: String,
}

impl Topics {
    pub(crate) fn new(aws: &Aws, alerts: String, urgent: String) -> Self {
        Self { client: aws_sdk_sns::Client::new(&aws.service("SNS")), alerts, urgent }
    }

    /// Publishes by e-mail.
    async fn mail(&self, alert: &Alert, text: String) -> Result<(), ServiceError> {
        let request = self.client.publish().topic_arn(&self.alerts).subject(&alert.subject).message(text);
        let attributes = sdk_values(&Attribute::of_alert(&alert.attributes));
        Ok(request.set_message_attributes(Some(attributes)).send().await.map(|_| ())?)
    }

    /// Publishes by SMS.
    async fn sms(&self, alert: &Alert) -> Result<(), ServiceError> {
        let text = alert.sms.as_ref().unwrap_or(&alert.subject);
        let request = self.client.publish().topic_arn(&self.urgent).message(text);
        let attributes = [vec![Attribute::transactional()], Attribute::of_alert(&alert.attributes)].concat();
        Ok(request.set_message_attributes(Some(sdk_values(&attributes))).send().await.map(|_| ())?)
    }
}

impl Topics {
    /// How many confirmed subscribers a way has, where SNS says it.
    pub(crate) async fn confirmed(&self, way: Transport) -> Result<Option<u32>, ServiceError> {
        let topic = match way {
            Transport::Email => &self.alerts,
            Transport::Sms => &self.urgent,
        };
        let told = self.client.get_topic_attributes().topic_arn(topic).send().await?;
        Ok(told.attributes().and_then(|attributes| attributes.get("SubscriptionsConfirmed")?.parse().ok()))
    }
}

/// Whether one more SMS may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    Free,
    Full,
}

/// The limit on SMS: so many within any hour.
#[derive(Debug)]
pub(crate) struct SmsLimit {
    pub(crate) per_hour: usize,
}

/// The key under which the SMS of the last hour are remembered, and the prefix of their attributes.
const SMS: &str = "sms";
const SENT: &str = "sent ";

impl SmsLimit {
    /// Reserves a place for an alert's SMS. Asking again for the same alert takes no second place.
    async fn room(&self, states: &States, alert: &str, now: Timestamp) -> Result<Room, OutboxError> {
        let mut room = Room::Full;
        let decide = |state: &mut State| {
            let decision;
            (room, decision) = self.take_place(state, &format!("{SENT}{alert}"), now);
            decision
        };
        states.update(SMS, "counting SMS", now, decide).await?;
        Ok(room)
    }

    fn take_place(&self, state: &mut State, name: &str, now: Timestamp) -> (Room, Decision) {
        if state.text(name).is_some() {
            return (Room::Free, Decision::Unchanged);
        }
        let hour_ago = now.checked_sub(SignedDuration::from_hours(1)).ok();
        for sent in state.names(SENT) {
            if state.time(&sent) < hour_ago {
                state.set(&sent, None);
            }
        }
        if state.names(SENT).len() >= self.per_hour {
            return (Room::Full, Decision::Unchanged);
        }
        state.set_time(name, Some(now));
        (Room::Free, Decision::Changed(None))
    }
}

/// What sending needs.
#[derive(Debug)]
pub(crate) struct Sender {
    pub(crate) topics: Topics,
    pub(crate) outbox: Outbox,
    pub(crate) states: States,
    pub(crate) limit: SmsLimit,
    pub(crate) gauges: Gauges,
}

impl Sender {
    async fn transmit(&self, transport: Transport, alert: &Alert, room: Room) -> Result<Taken, ServiceError> {
        match (transport, room) {
            (Transport::Email, _) => self.topics.mail(alert, mail(alert, room, self.limit.per_hour)).await?,
            (Transport::Sms, Room::Full) => return Ok(Taken::HeldBack),
            (Transport::Sms, Room::Free) => self.topics.sms(alert).await?,
        }
        Ok(Taken::Sent)
    }
}

/// The sending of one invocation. After the first refusal the rest stays pending, so that an invocation waits at most once
/// for an SNS that does not answer.
#[derive(Debug)]
pub(crate) struct Sending<'s> {
    sender: &'s Sender,
    now: Timestamp,
    refused: bool,
}

impl<'s> Sending<'s> {
    pub(crate) fn new(sender: &'s Sender, now: Timestamp) -> Self {
        Self { sender, now, refused: false }
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.refused
    }

    /// Sends alerts that were recorded a moment ago.
    ///
    /// # Errors
    /// As [`Sending::send`].
    pub(crate) async fn send_all(&mut self, alerts: &[Pending]) -> Result<(), OutboxError> {
        for pending in alerts {
            self.send(pending).await?;
        }
        Ok(())
    }

    /// Tries the transports still to send of a pending alert, and records the outcome.
    ///
    /// # Errors
    /// [`OutboxError`] when the outcome could not be recorded; the alert may then be sent again.
    pub(crate) async fn send(&mut self, pending: &Pending) -> Result<(), OutboxError> {
        let (sender, alert, now) = (self.sender, &pending.alert, self.now);
        // Asked before the e-mail is sent, which says when the SMS is held back.
        let room = match pending.transports.contains(&Transport::Sms) && !self.refused {
            true => sender.limit.room(&sender.states, &alert.id, now).await?,
            false => Room::Free,
        };
        let mut taken = Vec::new();
        for transport in pending.transports.iter().copied() {
            if self.refused {
                break;
            }
            match sender.transmit(transport, alert, room).await {
                Ok(became) => taken.push((transport, became)),
                Err(error) => {
                    tracing::error!(error = chain(&error), "SNS did not take an alert; it stays pending");
                    sender.gauges.tell(metric::REFUSALS, 1.0, now);
                    self.refused = true;
                }
            }
        }
        sender.outbox.sent(pending, &taken, now).await
    }
}

fn mail(alert: &Alert, room: Room, per_hour: usize) -> String {
    match room {
        Room::Free => alert.text.clone(),
        Room::Full => format!("{}\n{}\n", alert.text.trim_end(), words::held_back(per_hour)),
    }
}
