//! A receiver of webhooks as the documentation of the SDK and of `lambda_http` shows one: check the token, parse, put once,
//! answer. `tests/bench` measures Trunkline against it.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use lambda_http::{Body, Error, Request, RequestExt, Response, run, service_fn, tracing};
use serde_json::Value;
use sha2::{Digest, Sha256};

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let client = Client::new(&config);
    let table = std::env::var("EVENTS_TABLE")?;
    let digest = std::env::var("TOKEN_DIGEST")?;
    run(service_fn(|request: Request| receive(&client, &table, &digest, request))).await
}

async fn receive(client: &Client, table: &str, digest: &str, request: Request) -> Result<Response<Body>, Error> {
    let query = request.query_string_parameters();
    let token = query.first("token").unwrap_or_default();
    let shown: String = Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect();
    if shown != digest {
        return answer(401, r#"{"status":"refused"}"#.to_owned());
    }
    let event: Value = serde_json::from_slice(request.body())?;
    let text = |value: &Value| AttributeValue::S(value.as_str().unwrap_or_default().to_owned());
    // OnSIP's names, else Opentact's.
    let either = |onsip: &str, opentact: &str| event.pointer(onsip).or(event.pointer(opentact)).cloned().unwrap_or_default();
    let id = either("/id", "/uuid");
    let put = client
        .put_item()
        .table_name(table)
        .item("pk", text(&either("/payload/callId", "/call/uuid")))
        .item("sk", text(&id))
        .item("type", text(&either("/type", "/type")))
        .item("from", text(&either("/payload/fromUri", "/call/from")))
        .item("to", text(&either("/payload/toUri", "/call/to")))
        .item("occurred", text(&either("/createdAt", "/created_on")))
        .item("body", AttributeValue::B(Blob::new(request.body().as_ref())))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await;
    match put {
        Ok(_) => answer(200, format!(r#"{{"status":"stored","id":{id}}}"#)),
        Err(error) if error.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => {
            answer(200, format!(r#"{{"status":"duplicate","id":{id}}}"#))
        }
        Err(error) => Err(error.into()),
    }
}

fn answer(status: u16, body: String) -> Result<Response<Body>, Error> {
    Ok(Response::builder().status(status).header("content-type", "application/json").body(body.into())?)
}
