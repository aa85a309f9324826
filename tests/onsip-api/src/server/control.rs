//! The control of the stand-in over HTTP. Not part of OnSIP's API.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::Shared;
use crate::knobs::Knobs;
use crate::spoil;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/knobs", get(show).post(turn))
        .route("/advance", post(advance))
        .route("/subscriptions", post(add))
        .route("/deliver", post(deliver))
        .route("/record", get(record))
}

/// An answer, or what is wrong with the request.
type Controlled = Result<Response<Body>, Unreadable>;

struct Unreadable(serde_json::Error);

impl IntoResponse for Unreadable {
    fn into_response(self) -> Response<Body> {
        spoil::with(StatusCode::BAD_REQUEST, "text/plain", self.0.to_string())
    }
}

async fn show(State(shared): State<Shared>) -> Response<Body> {
    json_of(&json!(shared.world().knobs))
}

async fn turn(State(shared): State<Shared>, body: Bytes) -> Controlled {
    let changes: Map<String, Value> = read(&body)?;
    let mut world = shared.world();
    let mut knobs = json!(world.knobs);
    changes.into_iter().for_each(|(name, value)| knobs[name] = value);
    world.knobs = serde_json::from_value::<Knobs>(knobs).map_err(Unreadable)?;
    Ok(json_of(&json!(world.knobs)))
}

async fn advance(State(shared): State<Shared>, body: Bytes) -> Controlled {
    shared.world().clock.advance(Duration::from_secs(read(&body)?));
    Ok(json_of(&json!({})))
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Seeds {
    One(Seed),
    Many(Vec<Seed>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    name: String,
    target: String,
}

async fn add(State(shared): State<Shared>, body: Bytes) -> Controlled {
    let seeds = match read(&body)? {
        Seeds::One(seed) => vec![seed],
        Seeds::Many(seeds) => seeds,
    };
    let ids: Vec<_> = seeds.iter().map(|Seed { name, target }| shared.add(name, target)).collect();
    Ok(json_of(&json!(ids)))
}

async fn deliver(State(shared): State<Shared>, body: Bytes) -> Controlled {
    let event: Map<String, Value> = read(&body)?;
    Ok(json_of(&json!(shared.deliver(&Value::Object(event)).await)))
}

async fn record(State(shared): State<Shared>) -> Response<Body> {
    json_of(&shared.world().record().to_json())
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(body).map_err(Unreadable)
}

fn json_of(value: &Value) -> Response<Body> {
    spoil::with(StatusCode::OK, "application/json", value.to_string())
}
