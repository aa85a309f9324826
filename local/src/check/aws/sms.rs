//! What holds SMS back in a whole account: its sandbox, in which only verified numbers get any, and what it may spend a month, of which SNS
//! tells CloudWatch how much is spent.

use std::collections::BTreeSet;

use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::Statistic;
use aws_sdk_sns::types::SmsSandboxPhoneNumberVerificationStatus::Verified;
use jiff::Timestamp;
use notify::channel::Way;
use shared::aws::ServiceError;
use shared::log::chain;

use super::super::error::{CheckError, Stop};
use super::subscribers::phone;
use super::{StackAws, unseen};

/// The attribute that holds the limit, in US dollars.
const LIMIT: &str = "MonthlySpendLimit";
/// The metric of what was spent since the month began, in US dollars.
const SPENT: &str = "SMSMonthToDateSpentUSD";
/// So many seconds back: longer than SNS takes from one value to the next.
const LATELY: i64 = 86_400;

impl StackAws {
    /// Everybody who is subscribed by SMS can get some.
    pub(super) async fn sms(&self) -> Result<String, Stop> {
        if !self.sends_sms() {
            return Err(Stop::Skipped("AlertPhones names nobody".to_owned()));
        }
        let asked = self.sns.get_sms_sandbox_account_status().send().await;
        let status = asked.map_err(|error| unseen("sns:GetSMSSandboxAccountStatus", error))?;
        let place = if status.is_in_sandbox {
            self.all_are_verified().await?;
            "the account is in the sandbox, and all numbers are verified"
        } else {
            "the account is out of the sandbox"
        };
        let asked = self.sns.get_sms_attributes().attributes(LIMIT).send().await;
        let told = asked.map_err(|error| unseen("sns:GetSMSAttributes", error))?;
        // Without a limit of its own, an account has AWS's.
        let limit = told.attributes().and_then(|all| all.get(LIMIT)).map_or("1", String::as_str);
        let spent = self.spent(Timestamp::now()).await;
        Ok(format!("{place}; it may spend {limit} US dollars a month, and sends no more then; {spent}"))
    }

    /// What was spent this month, as far as that can be seen.
    async fn spent(&self, now: Timestamp) -> String {
        let (end, since) = (now.as_second(), now.as_second() - LATELY);
        let asked = self.cloudwatch.get_metric_statistics().namespace("AWS/SNS").metric_name(SPENT);
        let asked = asked.start_time(DateTime::from_secs(since)).end_time(DateTime::from_secs(end));
        let asked = asked.period(86_400).statistics(Statistic::Maximum).send().await;
        let told = match asked {
            Ok(told) => told,
            Err(error) => {
                let error = ServiceError::from(error).with_message();
                return format!(
                    "what it spent is not seen: cloudwatch:GetMetricStatistics was answered {}",
                    chain(&error)
                );
            }
        };
        let values = told.datapoints.unwrap_or_default().into_iter().filter_map(|point| point.maximum);
        values.reduce(f64::max).map_or_else(
            || "SNS told of no spending in the last day".to_owned(),
            |spent| format!("{spent:.2} are spent"),
        )
    }

    async fn all_are_verified(&self) -> Result<(), Stop> {
        let (mut verified, mut next) = (BTreeSet::new(), None);
        loop {
            let asked = self.sns.list_sms_sandbox_phone_numbers().set_next_token(next).send().await;
            let page = asked.map_err(|error| unseen("sns:ListSMSSandboxPhoneNumbers", error))?;
            let numbers = page.phone_numbers.into_iter().filter(|number| number.status == Some(Verified));
            verified.extend(numbers.filter_map(|number| number.phone_number));
            next = page.next_token;
            if next.is_none() {
                break;
            }
        }
        let subscriptions = self.subscriptions(Way::Sms).await?;
        let left_out = subscriptions.iter().filter_map(phone).filter(|number| !verified.contains(*number)).count();
        if left_out == 0 { Ok(()) } else { Err(CheckError::Sandbox { left_out }.into()) }
    }
}
