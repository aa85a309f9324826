//! The front door, in API Gateway's place: reads each request whole, makes the proxy event, lets the very handler that
//! is deployed answer it, and turns the answer back into HTTP.

mod event;
mod problem;
mod route;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use console::Console;
use http_body_util::BodyExt as _;
use query::Query;
use serde_json::Value;
use shared::ingest::Ingest;
use tokio::net::TcpListener;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;

use self::event::proxy_event;
use self::problem::problem;
use self::route::{MatchedRoute, Target};
use crate::random;
use crate::stack::shutdown::Shutdown;
use crate::stack::sns::Published;

/// API Gateway's limit on a request's body.
const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// What is longer goes out in gzip to whoever takes that: `MinimumCompressionSize` of the template.
const COMPRESSED: u16 = 1024;

/// How much of a body that is too large is read and dropped, so that the client has sent all and listens for the 413.
const DRAIN_LIMIT: usize = 10 * BODY_LIMIT;

/// What answers.
pub(crate) struct Gateway {
    pub(crate) ingest: Ingest,
    pub(crate) query: Query,
    pub(crate) console: Console,
    pub(crate) published: Arc<Published>,
    /// The environment of `notify`, for who runs it elsewhere. Nothing secret: its credentials open only what is here.
    pub(crate) notify: BTreeMap<String, String>,
}

/// Serves until the signal, then lets running requests finish.
pub(crate) async fn serve(listener: TcpListener, gateway: Gateway, shutdown: Shutdown) {
    let gzip = CompressionLayer::new().compress_when(SizeAbove::new(COMPRESSED));
    let app = Router::new().fallback(answer).layer(gzip).with_state(Arc::new(gateway));
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    if let Err(error) = axum::serve(listener, service).with_graceful_shutdown(shutdown.requested()).await {
        tracing::error!(%error, "the gateway stopped");
    }
}

async fn answer(
    State(gateway): State<Arc<Gateway>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = match read(body).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let event = |route: &MatchedRoute| proxy_event(&parts, &body, peer.ip(), route, &random::uuid());
    match Target::of(parts.uri.path()) {
        Target::Ingest(route) => invoke(gateway, Handler::Ingest, event(&route)).await,
        Target::Query(route) => invoke(gateway, Handler::Query, event(&route)).await,
        Target::Console(route) => invoke(gateway, Handler::Console, event(&route)).await,
        Target::Published => json(gateway.published.to_json()),
        Target::Notify => json(serde_json::json!(gateway.notify).to_string()),
        Target::Unknown => problem(StatusCode::NOT_FOUND, "There is nothing at this path."),
    }
}

/// Reads the body to its end, also when it is too large to keep.
async fn read(mut body: Body) -> Result<Bytes, Response<Body>> {
    let (mut kept, mut seen) = (Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| problem(StatusCode::BAD_REQUEST, "The body ended too early."))?;
        let Ok(data) = frame.into_data() else { continue };
        seen += data.len();
        if seen <= BODY_LIMIT {
            kept.extend_from_slice(&data);
        } else if seen > DRAIN_LIMIT {
            break;
        }
    }
    if seen > BODY_LIMIT {
        return Err(problem(StatusCode::PAYLOAD_TOO_LARGE, "A body holds at most 10 MB."));
    }
    Ok(Bytes::from(kept))
}

#[derive(Clone, Copy)]
enum Handler {
    Ingest,
    Query,
    Console,
}

/// Runs the handler in a task of its own: like Lambda, a panic is that request's 502 and nobody else's.
async fn invoke(gateway: Arc<Gateway>, handler: Handler, event: Value) -> Response<Body> {
    let answered = tokio::spawn(async move {
        let request = lambda_http::request::from_str(&event.to_string())?;
        Ok::<_, serde_json::Error>(match handler {
            Handler::Ingest => gateway.ingest.handle(request).await,
            Handler::Query => gateway.query.handle(request).await,
            Handler::Console => gateway.console.handle(request).await,
        })
    });
    match answered.await {
        Ok(Ok(response)) => response.map(into_body),
        Ok(Err(error)) => {
            tracing::warn!(%error, "a request that no function can be given");
            problem(StatusCode::BAD_REQUEST, "The request cannot be passed on.")
        }
        Err(error) => {
            tracing::error!(%error, "a handler died");
            problem(StatusCode::BAD_GATEWAY, "The function failed.")
        }
    }
}

fn into_body(body: lambda_http::Body) -> Body {
    match body {
        lambda_http::Body::Empty => Body::empty(),
        lambda_http::Body::Text(text) => Body::from(text),
        lambda_http::Body::Binary(bytes) => Body::from(bytes),
        // The enum may grow; whatever it grows by can be had as bytes.
        other => Body::from(other.to_vec()),
    }
}

fn json(text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
