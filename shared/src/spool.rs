//! The spool: a queue in which verified deliveries wait that the events table did not take.

use std::sync::OnceLock;
use std::time::Duration;

use aws_sdk_sqs::Client;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::access::{Carrier, Content, Verified};
use crate::aws::{Aws, ServiceError};
use crate::name::Provider;

/// All attempts of putting a delivery into the queue: after three seconds for the table, the provider still gets its answer
/// within five.
const SPOOLING: Duration = Duration::from_millis(1500);

/// The queue, as a receiver has it.
#[derive(Debug)]
pub struct Spool {
    aws: Aws,
    url: String,
    /// Made when it is needed: a cold start must not wait for it.
    client: OnceLock<Client>,
}

/// The queue did not take a delivery.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// It could not be written as a message.
    #[error("a delivery could not be written as a message")]
    Form(#[from] serde_json::Error),
    /// It could not be sent.
    #[error("the spool is not available")]
    Unavailable(#[from] ServiceError),
}

/// A message that holds no delivery. What it holds is not shown: it may be anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message of the spool holds no delivery")]
pub struct NoDelivery;

/// A delivery in the queue: what its reading needs, and how it came. Never its token.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    provider: String,
    path: String,
    request_id: String,
    carrier: Way,
    content_type: Option<String>,
    received_at: Timestamp,
    /// In base64.
    body: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Way {
    Body,
    Query,
}

impl Spool {
    /// The queue of that URL.
    #[must_use]
    pub fn new(aws: &Aws, url: String) -> Self {
        Self { aws: aws.clone().persistent(SPOOLING), url, client: OnceLock::new() }
    }

    /// Puts a delivery into the queue.
    ///
    /// # Errors
    /// [`SpoolError`] when the queue does not have it.
    pub async fn put_delivery(&self, delivery: &Verified) -> Result<(), SpoolError> {
        let client = self.client.get_or_init(|| self.aws.sqs());
        let sent = client.send_message().queue_url(&self.url).message_body(written(delivery)?).send().await;
        sent.map(|_| ()).map_err(|error| SpoolError::Unavailable(error.into()))
    }
}

/// A delivery as the text of a message.
///
/// # Errors
/// When JSON can't hold it.
pub fn written(delivery: &Verified) -> Result<String, serde_json::Error> {
    let content = delivery.content();
    serde_json::to_string(&Message {
        provider: delivery.provider().to_string(),
        path: content.path.clone(),
        request_id: content.request_id.clone(),
        carrier: match content.carrier {
            Carrier::Body => Way::Body,
            Carrier::QueryString => Way::Query,
        },
        content_type: content.content_type.clone(),
        received_at: content.received_at,
        body: STANDARD.encode(&content.body),
    })
}

/// The delivery of a message, verified when it came.
///
/// # Errors
/// [`NoDelivery`] for any other text.
pub fn read(text: &str) -> Result<Verified, NoDelivery> {
    let message: Message = serde_json::from_str(text).map_err(|_| NoDelivery)?;
    let provider: Provider = message.provider.parse().map_err(|_| NoDelivery)?;
    let content = Content {
        path: message.path,
        request_id: message.request_id,
        carrier: match message.carrier {
            Way::Body => Carrier::Body,
            Way::Query => Carrier::QueryString,
        },
        content_type: message.content_type,
        body: STANDARD.decode(message.body).map_err(|_| NoDelivery)?,
        received_at: message.received_at,
    };
    Ok(Verified::before(provider, content))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::access::MAX_BODY;
    use crate::access::tests::verified;

    /// SQS's limit on a message, in bytes.
    const LARGEST: usize = 1024 * 1024;

    proptest! {
        #[test]
        fn a_delivery_comes_out_as_it_went_in(
            body in proptest::collection::vec(any::<u8>(), 0..300),
            content_type in proptest::option::of("[ -~]{0,40}"),
            is_query in any::<bool>(),
            second in 0_i64..4_000_000_000,
            nth in 0..Provider::ALL.len(),
        ) {
            let provider = *Provider::ALL.get(nth).unwrap();
            let content = Content {
                content_type,
                carrier: if is_query { Carrier::QueryString } else { Carrier::Body },
                received_at: Timestamp::new(second, 123_456_000).unwrap(),
                ..verified(provider, &body).content().clone()
            };
            let delivery = Verified::before(provider, content);
            let again = read(&written(&delivery).unwrap()).unwrap();
            prop_assert_eq!(format!("{again:?}"), format!("{delivery:?}"));
        }
    }

    #[test]
    fn the_largest_delivery_with_the_longest_headers_fits_into_a_message() {
        let content = Content {
            // API Gateway takes 10,240 bytes of headers in all; in JSON each may take two.
            content_type: Some("\"".repeat(10_240)),
            ..verified(Provider::Opentact, &vec![255; MAX_BODY]).content().clone()
        };
        assert!(written(&Verified::before(Provider::Opentact, content)).unwrap().len() < LARGEST);
    }

    #[test]
    fn what_is_no_message_of_the_spool_is_told_without_being_shown() {
        let good = written(&verified(Provider::Onsip, b"{}")).unwrap();
        assert!(read(&good).is_ok());
        for bad in [
            String::new(),
            "hello".to_owned(),
            "{}".to_owned(),
            good.replace("onsip\"", "another\""),
            good.replace("\"e30=\"", "\"%\""),
            good.replace("2026-01-12", "yesterday"),
        ] {
            assert_eq!(read(&bad).err(), Some(NoDelivery), "{bad}");
        }
    }
}
