//! A function that is called with events, as Lambda calls it.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;

/// Why a call failed.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

type Called = Pin<Box<dyn Future<Output = Result<Value, Failure>> + Send>>;

/// A function by its name.
#[derive(Clone)]
pub(crate) struct Function {
    name: &'static str,
    call: Arc<dyn Fn(Value) -> Called + Send + Sync>,
}

impl Function {
    /// The function of that name, which each event is given to.
    pub(crate) fn new<F, E>(name: &'static str, call: impl Fn(Value) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Value, E>> + Send + 'static,
        E: Into<Failure>,
    {
        let call = move |event| -> Called {
            let called = call(event);
            Box::pin(async move { called.await.map_err(Into::into) })
        };
        Self { name, call: Arc::new(call) }
    }

    /// Calls it, in a task of its own: a panic fails the call, as in Lambda, and nothing else.
    ///
    /// # Errors
    /// What the function threw.
    pub(crate) async fn invoke(&self, event: Value) -> Result<Value, Failure> {
        tokio::spawn((self.call)(event)).await?
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
