//! Sending: alerts to SNS.

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use shared::aws::{Aws, ServiceError};
use shared::log::chain;
use shared::metric::Gauges;
use shared::outbox::{Alert, Outbox, OutboxError, Pending, Taken, Transport, Turn};

use crate::channel::Way;
use crate::metric;
use crate::state::{Decision, State, States};
use crate::topic::{Attribute, sdk_values};
use crate::words;

/// A topic for each transport: no rule of one bends another.
#[derive(Debug, Clone)]
pub(crate) struct Topics {
    client: aws_sdk_sns::Client,
    arns: TopicArns,
}

/// The ARNs of the topics.
#[derive(Debug, Clone)]
pub struct TopicArns {
    /// That of e-mails.
    pub alerts: String,
    /// That of SMS.
    pub urgent: String,
    /// That of chats.
    pub chat: String,
    /// That of on-call tools.
    pub pages: String,
}

impl Topics {
    pub(crate) fn new(aws: &Aws, arns: TopicArns) -> Self {
        Self { client: aws_sdk_sns::Client::new(&aws.service("SNS")), arns }
    }

    fn arn(&self, transport: Transport) -> &str {
        match transport {
            Transport::Email => &self.arns.alerts,
            Transport::Sms => &self.arns.urgent,
            Transport::Chat => &self.arns.chat,
            Transport::Pages => &self.arns.pages,
        }
    }

    /// Publishes an alert in the words of the transport.
    async fn publish(
        &self,
        transport: Transport,
        alert: &Alert,
        (subject, text): (Option<String>, String),
    ) -> Result<(), ServiceError> {
        let (topic, own) = (self.arn(transport), (transport == Transport::Sms).then(Attribute::transactional));
        let attributes: Vec<_> = own.into_iter().chain(Attribute::of_alert(&alert.attributes)).collect();
        let request = self.client.publish().topic_arn(topic).set_subject(subject).message(text);
        Ok(request.set_message_attributes(Some(sdk_values(&attributes))).send().await.map(|_| ())?)
    }

    /// How many confirmed subscribers a way has, where SNS says it.
    pub(crate) async fn confirmed(&self, way: Way) -> Result<Option<u32>, ServiceError> {
        let topic = match way {
            Way::Email => &self.arns.alerts,
            Way::Sms => &self.arns.urgent,
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
    async fn transmit(
        &self,
        transport: Transport,
        pending: &Pending,
        (room, turn): (Room, Turn),
        now: Timestamp,
    ) -> Result<Taken, ServiceError> {
        let alert = &pending.alert;
        let told = match transport {
            Transport::Email => (Some(alert.subject.clone()), mail(alert, room, self.limit.per_hour)),
            Transport::Sms if room == Room::Full => return Ok(Taken::HeldBack),
            Transport::Sms => (None, alert.sms.as_ref().unwrap_or(&alert.subject).clone()),
            Transport::Chat => (None, words::chat(alert)),
            Transport::Pages if turn == Turn::Never => return Ok(Taken::HeldBack),
            Transport::Pages => {
                let at = pending.recorded_at.unwrap_or(now);
                let (subject, text) = words::page(alert, self.topics.arn(transport), at);
                (Some(subject), text)
            }
        };
        self.topics.publish(transport, alert, told).await?;
        Ok(Taken::Sent)
    }
}

/// The sending of one invocation. What a topic did not take once is not tried there again, so that an invocation waits at most once
/// for a topic that does not answer; and no topic waits for another.
#[derive(Debug)]
pub(crate) struct Sending<'s> {
    sender: &'s Sender,
    now: Timestamp,
    refused: Vec<Transport>,
}

impl<'s> Sending<'s> {
    pub(crate) fn new(sender: &'s Sender, now: Timestamp) -> Self {
        Self { sender, now, refused: Vec::new() }
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
        let open: Vec<_> = pending.transports.iter().copied().filter(|way| !self.refused.contains(way)).collect();
        // Asked before the e-mail is sent, which says when the SMS is held back.
        let room = match open.contains(&Transport::Sms) {
            true => sender.limit.room(&sender.states, &alert.id, now).await?,
            false => Room::Free,
        };
        let turn = match open.contains(&Transport::Pages) {
            true => sender.outbox.page_turn(pending).await?,
            false => Turn::Never,
        };
        let open = open.into_iter().filter(|way| *way != Transport::Pages || turn != Turn::Later);
        let tried = join_all(open.map(async |way| (way, sender.transmit(way, pending, (room, turn), now).await))).await;
        let mut taken = Vec::new();
        for (transport, became) in tried {
            match became {
                Ok(became) => {
                    if became == Taken::HeldBack {
                        sender.gauges.tell(metric::HELD_BACK, 1.0, now);
                    }
                    taken.push((transport, became));
                }
                Err(error) => {
                    tracing::error!(%transport, error = chain(&error), "SNS did not take an alert; it stays pending");
                    sender.gauges.tell(metric::REFUSALS, 1.0, now);
                    self.refused.push(transport);
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
