//! Who is subscribed to the alerts: SNS takes an alert for a topic that reaches nobody.

use aws_sdk_sns::types::Subscription;
use notify::channel::Way;
use shared::settings::Switch;

use super::super::error::{CheckError, Stop};
use super::{StackAws, missing, unseen};

/// What stands where a subscription's ARN would.
const PENDING: &str = "PendingConfirmation";
const DELETED: &str = "Deleted";
const LIST: &str = "sns:ListSubscriptionsByTopic";

/// The subscribers of a way.
#[derive(Default)]
struct Subscribers {
    confirmed: usize,
    pending: usize,
    lost: usize,
    opted_out: usize,
}

impl StackAws {
    /// Each way that is meant to reach people does, and nobody who was named is left out.
    pub(super) async fn subscribers(&self) -> Result<String, Stop> {
        let channel = &self.notify.channel;
        let ways = [(Way::Email, channel.email), (Way::Sms, channel.sms)];
        let mut told = Vec::new();
        for (way, _) in ways.into_iter().filter(|(_, watched)| *watched == Switch::On) {
            let found = self.subscribers_of(way).await?;
            let words = format!("{} {}", found.confirmed, name(way));
            if found.confirmed == 0 || found.pending + found.lost + found.opted_out > 0 {
                return Err(found.trouble(way).into());
            }
            told.push(words);
        }
        Ok(if told.is_empty() {
            "AlertEmails and AlertPhones name nobody; those that you subscribed yourself are not looked at".to_owned()
        } else {
            format!("all are confirmed: {}", told.join(", "))
        })
    }

    async fn subscribers_of(&self, way: Way) -> Result<Subscribers, Stop> {
        let mut found = Subscribers::default();
        for subscription in self.subscriptions(way).await? {
            match subscription.subscription_arn() {
                Some(PENDING) => found.pending += 1,
                Some(DELETED) => found.lost += 1,
                _ if self.has_opted_out(&subscription).await? => found.opted_out += 1,
                _ => found.confirmed += 1,
            }
        }
        Ok(found)
    }

    /// All that a topic lists.
    pub(super) async fn subscriptions(&self, way: Way) -> Result<Vec<Subscription>, Stop> {
        let topic = match way {
            Way::Email => &self.notify.topics.alerts,
            Way::Sms => &self.notify.topics.urgent,
        };
        let (mut all, mut next) = (Vec::new(), None);
        loop {
            let asked = self.sns.list_subscriptions_by_topic().topic_arn(topic).set_next_token(next).send().await;
            let gone = CheckError::NoTopic { topic: topic.clone() };
            let page = asked.map_err(|error| missing(LIST, error, &["NotFound", "NotFoundException"], gone))?;
            all.extend(page.subscriptions.unwrap_or_default());
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(all);
            }
        }
    }

    /// Whether a phone has told SNS to send it nothing. Where that can't be looked up, `sms` says so.
    async fn has_opted_out(&self, subscription: &Subscription) -> Result<bool, Stop> {
        let Some(number) = phone(subscription) else {
            return Ok(false);
        };
        let asked = self.sns.check_if_phone_number_is_opted_out().phone_number(number).send().await;
        match asked {
            Ok(told) => Ok(told.is_opted_out),
            Err(error) => Err(unseen("sns:CheckIfPhoneNumberIsOptedOut", error)),
        }
    }
}

impl Subscribers {
    fn trouble(&self, way: Way) -> CheckError {
        let counted = [
            (self.pending, "have not confirmed (AWS's first mail, or its spam folder)"),
            (self.lost, "have unsubscribed"),
            (self.opted_out, "have opted out by SMS"),
        ];
        let counted = counted.into_iter().filter(|(count, _)| *count > 0);
        let mut words: Vec<_> = counted.map(|(count, what)| format!("{count} {what}")).collect();
        words.push(format!("{} get alerts", self.confirmed));
        CheckError::Subscribers { way: name(way), words: words.join(", ") }
    }
}

/// The number of a subscription by SMS.
pub(super) fn phone(subscription: &Subscription) -> Option<&str> {
    subscription.endpoint().filter(|_| subscription.protocol() == Some("sms"))
}

fn name(way: Way) -> &'static str {
    match way {
        Way::Email => "by e-mail",
        Way::Sms => "by SMS",
    }
}
