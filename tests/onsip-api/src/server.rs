//! The HTTP server: the API at `/api`, and beside it the control of the stand-in, for a test in another process.
//!
//! | request | does |
//! |---|---|
//! | `GET /knobs` | shows all knobs |
//! | `POST /knobs` | changes those in its JSON object, and shows all |
//! | `POST /advance` | lets so many seconds pass: a JSON number |
//! | `POST /subscriptions` | adds one of somebody's, without a probe: `{"name","target"}`, or an array of such |
//! | `POST /deliver` | delivers an event to all live subscriptions; shows each with the target's status |
//! | `GET /record` | shows what happened |

mod control;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Response, StatusCode};
use axum::routing::post;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::act;
use crate::action::Action;
use crate::form::Form;
use crate::knobs::{CarriedOut, Fault, Knobs};
use crate::record::{Call, Record};
use crate::reply::{Done, Established, Outcome, reply};
use crate::spoil::{self, Output};
use crate::subscriptions::NewSubscription;
use crate::target::{self, Sender, Target};
use crate::world::World;

/// A running stand-in. It ends when the handle is dropped.
pub struct OnsipApi {
    address: SocketAddr,
    shared: Shared,
    server: JoinHandle<io::Result<()>>,
}

/// What became of an event at one subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The subscription's id, which the event bears.
    pub subscription: String,
    /// Where it went, with the token.
    pub target: String,
    /// The answer's status; none if no answer came.
    pub status: Option<u16>,
}

#[derive(Clone)]
struct Shared {
    world: Arc<Mutex<World>>,
    sender: Sender,
}

impl OnsipApi {
    /// Serves on that port of the loopback address; 0 picks a free one.
    ///
    /// # Errors
    /// When the port can't be had.
    pub async fn start(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let shared = Shared { world: Arc::new(Mutex::new(World::new())), sender: Sender::new() };
        let app = Router::new().route("/api", post(api)).merge(control::routes());
        let app = app.fallback(stray).layer(DefaultBodyLimit::max(1024 * 1024)).with_state(shared.clone());
        let server = tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { address, shared, server })
    }

    /// The API's URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/api", self.address)
    }

    /// Turns knobs.
    pub fn turn(&self, change: impl FnOnce(&mut Knobs)) {
        change(&mut self.shared.world().knobs);
    }

    /// Lets time pass.
    pub fn advance(&self, time: Duration) {
        self.shared.world().clock.advance(time);
    }

    /// Adds a subscription of the first organization as somebody else would have, without a probe; its id.
    pub fn add(&self, name: &str, target: &str) -> String {
        self.shared.add(name, target)
    }

    /// Delivers an event to all that are live, each under its own `subscriptionId`. doc
    pub async fn deliver(&self, event: &Value) -> Vec<Delivery> {
        self.shared.deliver(event).await
    }

    /// What happened until now.
    #[must_use]
    pub fn record(&self) -> Record {
        self.shared.world().record()
    }

    /// Serves until the process ends.
    ///
    /// # Errors
    /// When the server fails.
    pub async fn serve(mut self) -> io::Result<()> {
        (&mut self.server).await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}

impl Drop for OnsipApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, name: &str, target: &str) -> String {
        let world = &mut *self.world();
        let organization = world.knobs.organization_ids.first().map(String::as_str).unwrap_or_default();
        let new = NewSubscription { organization, name, target };
        world.subscriptions.add(&new, &world.knobs, world.clock.now()).id
    }

    async fn deliver(&self, event: &Value) -> Vec<Delivery> {
        let live: Vec<_> = {
            let world = self.world();
            let now = world.now();
            let live = world.subscriptions.all().iter().filter(|one| one.is_live(now)).cloned();
            live.map(|one| (Target::of(&one.target, &world.knobs.hosts), one)).collect()
        };
        let mut deliveries = Vec::with_capacity(live.len());
        for (target, one) in live {
            let mut event = event.clone();
            event["subscriptionId"] = json!(one.id);
            let status = self.sender.post(&target, event.to_string()).await;
            deliveries.push(Delivery { subscription: one.id, target: one.target, status });
        }
        deliveries
    }

    async fn act(&self, form: &Form) -> Outcome {
        let (action, probe) = {
            let world = self.world();
            let action = act::admit(&world, form)?;
            (action, act::probe_of(&world, action, form)?)
        };
        if let Some(target) = probe {
            // doc: an empty JSON object
            let status = self.sender.post(&target, "{}".to_owned()).await;
            if !target::is_taken(status) {
                return Err(act::unreachable());
            }
        }
        self.world().perform(action, form)
    }

    /// Writes down what was asked for, and makes the reply.
    fn conclude(&self, form: &Form, outcome: &Outcome, fault: Option<Fault>) -> Value {
        let mut world = self.world();
        let opened = outcome.as_ref().ok().and_then(|done| done.opened.clone());
        let session_id = opened.or_else(|| world.session(form));
        let user_id = world.knobs.user_id.clone();
        let session = session_id.map(|session_id| Established { session_id, user_id });
        let error = outcome.as_ref().err().and_then(|refused| Some(refused.errors.first()?.code.clone()));
        let action = Action::named(form.text("Action"));
        let call = Call { at: world.now(), action, error, spoiled: fault.is_some() };
        world.calls.push(call);
        reply(form, outcome, session.as_ref(), &world.clock.date_time())
    }
}

async fn api(State(shared): State<Shared>, body: Bytes) -> Response<Body> {
    let form = Form::read(&body);
    let named = Action::named(form.text("Action"));
    let fault = named.and_then(|action| shared.world().knobs.faults.get(&action).copied());
    let outcome = match fault {
        Some(Fault { carried_out: CarriedOut::No, .. }) => Ok(Done::new(json!({}))),
        _ => shared.act(&form).await,
    };
    let reply = shared.conclude(&form, &outcome, fault);
    let output = if form.text("Output") == "json" { Output::Json } else { Output::Xml };
    match fault {
        Some(Fault { answer, .. }) => spoil::spoiled(reply, output, answer).await,
        None => spoil::right(&reply, output),
    }
}

async fn stray(State(shared): State<Shared>) -> Response<Body> {
    shared.world().strays += 1;
    spoil::with(StatusCode::NOT_FOUND, "text/plain", String::new())
}
