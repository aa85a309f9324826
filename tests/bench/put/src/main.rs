//! A function that only stores: one conditional `PutItem` a request, with the product's own client, runtime and connection
//! ahead. No token, no parsing, no log. Its item has as many bytes as `ITEM_BYTES` says, in as few attributes as can be.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use lambda_http::{Body, Error, Request, Response, service_fn};
use shared::aws::{Aws, connect};
use shared::settings::environment;
use shared::store::item::{self, Item};

/// Where requests are stored, and how.
struct Storing {
    client: Client,
    table: String,
    bytes: usize,
    stored: AtomicU64,
}

#[tokio::main(flavor = "local")]
async fn main() -> Result<(), Error> {
    let (table, bytes) = (std::env::var("EVENTS_TABLE")?, std::env::var("ITEM_BYTES")?.parse()?);
    let client = Aws::read(&environment)?.dynamodb();
    connect(&client).await;
    let storing = Arc::new(Storing { client, table, bytes, stored: AtomicU64::new(0) });
    let handle = move |_: Request| {
        let storing = Arc::clone(&storing);
        async move { storing.put().await }
    };
    // As the product does: see `shared::ingest::run`.
    tokio::task::spawn_local(lambda_http::run(service_fn(handle))).await?
}

impl Storing {
    async fn put(&self) -> Result<Response<Body>, Error> {
        let key = format!("{}-{}", std::process::id(), self.stored.fetch_add(1, Ordering::Relaxed));
        let request = self.client.put_item().table_name(&self.table).set_item(Some(of_size(key, self.bytes)));
        let request = request.condition_expression("attribute_not_exists(pk)");
        let old = ReturnValuesOnConditionCheckFailure::AllOld;
        request.return_values_on_condition_check_failure(old).send().await?;
        Ok(Response::new(Body::from(r#"{"status":"stored"}"#)))
    }
}

/// An item of that many bytes, or of its keys alone where these have more.
fn of_size(key: String, bytes: usize) -> Item {
    let keys = [("pk", key), ("sk", "put".to_owned())];
    let mut item: Item = keys.map(|(name, value)| (name.to_owned(), AttributeValue::S(value))).into();
    let rest = bytes.saturating_sub(item::size(&item) + "body".len());
    item.insert("body".to_owned(), AttributeValue::S("x".repeat(rest)));
    item
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_has_the_bytes_that_it_is_told_whatever_its_key() {
        for (key, bytes) in [("1-0", 788), ("12345-67890", 788), ("1-0", 1552)] {
            assert_eq!(item::size(&of_size(key.to_owned(), bytes)), bytes, "{key}");
        }
    }
}
