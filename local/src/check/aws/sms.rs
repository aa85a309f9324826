//! What holds SMS back in a whole account: its sandbox, in which only verified numbers get any, and what it may spend a month.

use std::collections::BTreeSet;

use aws_sdk_sns::types::SmsSandboxPhoneNumberVerificationStatus::Verified;
use shared::outbox::Transport;

use super::super::error::{CheckError, Stop};
use super::subscribers::phone;
use super::{StackAws, unseen};

/// The attribute that holds the limit, in US dollars.
const LIMIT: &str = "MonthlySpendLimit";

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
        Ok(format!("{place}; it may spend {limit} US dollars a month, and sends no more then"))
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
        let subscriptions = self.subscriptions(Transport::Sms).await?;
        let left_out = subscriptions.iter().filter_map(phone).filter(|number| !verified.contains(*number)).count();
        if left_out == 0 { Ok(()) } else { Err(CheckError::Sandbox { left_out }.into()) }
    }
}
