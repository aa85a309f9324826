//! The environment variables that the functions would have in the deployment, with this process's own addresses, names
//! and tokens.

use std::cell::RefCell;
use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use shared::ingest::{addresses_variable, tokens_variable};
use shared::name::Provider;
use shared::settings::Lookup;

use crate::random;
use crate::stack::sns::topic_arn;
use crate::stack::sqs::queue_url;
use crate::stack::template::Template;
use crate::stack::{Options, Tokens};

/// Where the parts of the stack listen.
pub(crate) struct Endpoints {
    pub(crate) gateway: String,
    pub(crate) dynamodb: String,
    pub(crate) sns: String,
    pub(crate) sqs: String,
}

impl Endpoints {
    /// Those of a database with nothing around it.
    pub(crate) fn of_database(dynamodb: String) -> Self {
        Self { gateway: String::new(), dynamodb, sns: String::new(), sqs: String::new() }
    }
}

/// The addresses that a provider may deliver from, where they are listed.
fn allowed(provider: Provider, options: &Options) -> Option<&[String]> {
    match provider {
        Provider::Onsip => None,
        Provider::Opentact => Some(&options.opentact_allow),
    }
}

/// What `!Ref` comes to: a table's name, a topic's ARN, a queue's URL.
fn referred(template: &Template, endpoints: &Endpoints, id: &String) -> String {
    if template.topics.contains(id) {
        topic_arn(id)
    } else if template.queues.contains(id) {
        queue_url(&endpoints.sqs, id)
    } else {
        id.clone()
    }
}

/// A function's environment.
pub(crate) struct Environment(BTreeMap<String, String>);

impl Environment {
    /// What the deployed functions get from the template, and what Lambda itself sets.
    pub(crate) fn new(template: &Template, endpoints: &Endpoints, tokens: &Tokens, options: &Options) -> Self {
        let mut all = Self::sdk(endpoints).0;
        all.extend(template.references.iter().map(|(name, id)| (name.clone(), referred(template, endpoints, id))));
        let digest = |token: &str| random::hex(&Sha256::digest(token));
        let ours = [
            ("READ_TOKEN_DIGESTS", digest(&tokens.read)),
            ("OPERATOR_TOKEN_DIGESTS", digest(&tokens.operator)),
            ("API_URL", endpoints.gateway.clone()),
            ("ALERT_AFTER", options.alert_after.to_string()),
            ("ALERT_WINDOW_SECONDS", options.alert_window.as_secs().to_string()),
            ("LOW_BALANCE", options.low_balance.clone()),
        ];
        all.extend(ours.map(|(name, value)| (name.to_owned(), value)));
        for provider in Provider::ALL.iter().copied() {
            all.insert(tokens_variable(provider), digest(&tokens.provider));
            all.extend(allowed(provider, options).map(|networks| (addresses_variable(provider), networks.join(","))));
        }
        all.extend(options.environment.clone());
        Self(all)
    }

    /// What an SDK client needs to reach the stack's own parts, past anything that a test placed between.
    pub(crate) fn sdk(endpoints: &Endpoints) -> Self {
        let variables = [
            ("AWS_REGION", crate::place::REGION),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            // What is not here is asked for here, and not in AWS.
            ("AWS_ENDPOINT_URL", &endpoints.gateway),
            ("AWS_ENDPOINT_URL_DYNAMODB", &endpoints.dynamodb),
            ("AWS_ENDPOINT_URL_SNS", &endpoints.sns),
            ("AWS_ENDPOINT_URL_SQS", &endpoints.sqs),
        ];
        Self(variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    }

    /// The variable's value.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    /// The variables that some code asks for, with their values, and no others.
    pub(crate) fn asked(&self, read: impl FnOnce(Lookup<'_>)) -> BTreeMap<String, String> {
        let asked = RefCell::new(BTreeMap::new());
        read(&|name| {
            let value = self.get(name)?;
            asked.borrow_mut().insert(name.to_owned(), value.clone());
            Some(value)
        });
        asked.into_inner()
    }
}
